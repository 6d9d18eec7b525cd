"""The composition root: joins the core, the doors and the jobs into one application."""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from sanic import Sanic
from sanic.config import Config

import admin
import miniapp_api
import storefront
from server import wiring
from server.jobs.loop import BackgroundLoops
from server.migrations.runner import check_schema
from server.opening import opened
from server.settings import Settings, load_secrets
from server.web import assets, pages
from server.web.failures import install_failures
from server.web.guard import install_guard
from server.web.health import install_health
from server.web.openapi_pages import install_openapi

_DOORS = (miniapp_api, storefront, admin)


def create_app(settings: Settings, name: str = "gwc") -> "Sanic[Any, Any]":
    """The application with every door open; it opens its storage when a worker starts."""
    app = Sanic(name, config=Config(), configure_logging=False)
    app.config.update(
        REQUEST_MAX_SIZE=settings.upload_bytes + 100_000,
        REQUEST_TIMEOUT=30,
        # Longer than any command's deadline: the client hears our sentence, not a cut connection.
        RESPONSE_TIMEOUT=settings.command_seconds + 10,
        KEEP_ALIVE_TIMEOUT=65,
        GRACEFUL_SHUTDOWN_TIMEOUT=settings.command_seconds + 2,
        ACCESS_LOG=False,
        MOTD=False,
        AUTO_EXTEND=False,
        FALLBACK_ERROR_FORMAT="json",
    )
    app.ctx.settings = settings
    app.ctx.settings_is_secure = settings.is_secure
    wiring.wire(settings)
    pages.configure([door.TEMPLATES for door in _DOORS if hasattr(door, "TEMPLATES")])
    install_guard(app, settings)
    install_failures(app)
    install_health(app, settings)
    install_openapi(app)
    assets.mount_assets(app)
    for door in _DOORS:
        door.install(app, settings)
    _install_lifespan(app, settings)
    return app


async def _to_its_end(closing: Coroutine[Any, Any, None]) -> None:
    """Wait for `closing`, whoever cancels the wait: closed half way, database threads keep the interpreter alive."""
    task = asyncio.ensure_future(closing)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


def _install_lifespan(app: "Sanic[Any, Any]", settings: Settings) -> None:
    async def start(app: "Sanic[Any, Any]") -> None:
        stack = AsyncExitStack()
        app.ctx.stack = stack
        runtime = await stack.enter_async_context(opened(settings))
        await check_schema(runtime.database)
        keys = load_secrets(settings)
        app.ctx.form_key = hmac.new(keys.main, b"forms", hashlib.sha256).digest()
        await wiring.open_gateways(settings, stack)
        if settings.has_jobs:
            loops = BackgroundLoops(keys.audit)
            loops.start()
            stack.push_async_callback(loops.stop)

    async def stop(app: "Sanic[Any, Any]") -> None:
        await _to_its_end(app.ctx.stack.aclose())

    app.register_listener(start, "before_server_start")
    app.register_listener(stop, "after_server_stop")
