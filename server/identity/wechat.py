"""The WeChat gateway that logins go through, and the ticket by which somebody not yet bound comes back.

WeChat's login code works once, so what it was exchanged for is kept five minutes under a ticket: whoever mistypes
an invitation, or whose answer got lost, need not start again. Only the ticket's hash and the sealed openid are kept.
"""

import hashlib
import secrets

from server.gateways.wechat import WechatGateway
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.runtime import current_runtime

OPENID_FIELD = "person.wechat"
_TICKET_SECONDS = 300
_gateways: list[WechatGateway] = []


def use_gateway(gateway: WechatGateway) -> None:
    """Let logins go through this gateway: called once by the composition root."""
    _gateways[:] = [gateway]


def current_gateway() -> WechatGateway:
    """The gateway in use; having none is a programming error."""
    if not _gateways:
        raise RuntimeError("no WeChat gateway is in use")
    return _gateways[0]


async def keep_openid(openid: str) -> str:
    """A ticket for five minutes."""
    ticket = secrets.token_urlsafe(24)
    runtime = current_runtime()
    await runtime.cache.set(_key(ticket), runtime.cipher.encrypt("ticket.wechat", openid).encode(), _TICKET_SECONDS)
    return ticket


async def openid_of_ticket(ticket: str) -> str:
    """The openid behind a ticket; StateConflict `wechat.ticket_expired`."""
    runtime = current_runtime()
    sealed = await runtime.cache.get(_key(ticket))
    if sealed is None:
        raise StateConflict("wechat.ticket_expired")
    return runtime.cipher.decrypt("ticket.wechat", sealed.decode())


def index_of(openid: str) -> str:
    """The blind index by which a bound person is found."""
    return current_runtime().cipher.blind_index(OPENID_FIELD, openid)


async def openid_of(rows: RowSource, person_id: str) -> str | None:
    """The WeChat user bound to a person who may still act; None where there is none."""
    row = await rows.fetch_one("SELECT wechat_sealed FROM person WHERE id = ? AND is_active = 1", person_id)
    if row is None or row["wechat_sealed"] is None:
        return None
    return current_runtime().cipher.decrypt(OPENID_FIELD, row["wechat_sealed"])


def _key(ticket: str) -> str:
    return "wechat-ticket:" + hashlib.sha256(ticket.encode()).hexdigest()
