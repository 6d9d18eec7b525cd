"""How often one address may try to log in: the growing delay of each name does not stop one that tries many names."""

from sanic import Request

from server.kernel.errors import LimitReached
from server.kernel.runtime import current_runtime
from server.settings import Settings
from server.web.guard import client_address


async def check_login_rate(request: Request) -> None:
    """Count one attempt of the client's address; raises LimitReached `request.too_often` beyond the setting."""
    settings: Settings = request.app.ctx.settings
    address = client_address(request, is_behind_proxy=settings.is_behind_proxy)
    wait = await current_runtime().rate_limiter.take(f"login:{address}", settings.login_attempts_per_minute, 60)
    if wait:
        raise LimitReached("request.too_often", retry_after=wait)
