"""Joins the domains where a call would run against the arrows: handlers, jobs, messages and gateways.

Imported by the app, the worker and the command line, so that each process knows every handler.
"""

import importlib
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis

from server.gateways.wechat import RedisTokenStore, WechatConfig, build_wechat_gateway
from server.identity.wechat import use_gateway
from server.notices.wechat.templates import SANDBOX_TEMPLATES, use_templates
from server.settings import Settings

_SERVER = Path(__file__).parent
# What a domain registers by being imported: its sentences, outbox handlers and scheduled jobs, hooks, what of it
# follows a unit, its words for the auditor, and what it holds about a person.
_REGISTERING = ("messages", "jobs", "handlers", "unit_columns", "auditing", "personal_data")


def wire(settings: Settings) -> None:
    """Register everything that the domains offer to each other."""
    for name in _REGISTERING:
        for path in sorted(_SERVER.glob(f"*/**/{name}.py")):
            importlib.import_module(".".join(("server", *path.relative_to(_SERVER).with_suffix("").parts)))


async def open_gateways(settings: Settings, stack: AsyncExitStack) -> None:
    """Open the ways to the outside world; they close with `stack`."""
    config = WechatConfig(
        mode="real" if settings.wechat_mode == "real" else "sandbox",
        app_id=settings.wechat_app_id,
        app_secret=settings.wechat_app_secret,
        is_production=settings.is_production,
    )
    gateway = build_wechat_gateway(config, token_store=_token_store(settings, stack))
    stack.push_async_callback(gateway.close)
    use_gateway(gateway)
    use_templates(settings.wechat_templates or (SANDBOX_TEMPLATES if config.mode == "sandbox" else ()))


def _token_store(settings: Settings, stack: AsyncExitStack) -> RedisTokenStore | None:
    # WeChat ends a token when another is made, so all processes share one.
    if not settings.redis_url:
        return None
    redis = Redis.from_url(settings.redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
    stack.push_async_callback(redis.aclose)
    return RedisTokenStore(redis)
