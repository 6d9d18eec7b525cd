"""Serves one web process: from a first moment at which it may already be asked to end, to an orderly end.

Sanic's own `run` takes the signals only after it listens and forgets one that comes before its loop runs for good:
the process answers, is asked to end, and goes on. It also turns a failed start into an exit code of 0.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from sanic import Sanic
from sanic.server import try_use_uvloop

_log = logging.getLogger("server.web")
_BACKLOG = 512
_LOOK_SECONDS = 0.05


class _Server(Protocol):
    """What we use of Sanic's `AsyncioServer`, which names no types."""

    connections: set[Any]

    def startup(self) -> Awaitable[None]: ...
    def before_start(self) -> Awaitable[None]: ...
    def start_serving(self) -> Awaitable[None]: ...
    def after_start(self) -> Awaitable[None]: ...
    def before_stop(self) -> Awaitable[None]: ...
    def after_stop(self) -> Awaitable[None]: ...
    def close(self) -> Awaitable[None]: ...


def serve_over(app: "Sanic[Any, Any]", listening: socket.socket) -> None:
    """Serve over a socket that listens already, until SIGTERM or SIGINT."""
    try_use_uvloop()
    asyncio.run(_serve(app, listening))


async def _serve(app: "Sanic[Any, Any]", listening: socket.socket) -> None:
    # First of all: asked to end while it still opens, it closes what is open.
    ending = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ending.set)
    made = await app.create_server(
        sock=listening, backlog=_BACKLOG, access_log=False, asyncio_server_kwargs={"start_serving": False}
    )
    server = cast("_Server", made)
    await server.startup()
    try:
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        _log.info("web process is serving")
        await ending.wait()
        await server.before_stop()
        await _drain(server, app.config.GRACEFUL_SHUTDOWN_TIMEOUT)
    finally:
        await server.after_stop()


async def _drain(server: _Server, seconds: float) -> None:
    """Take no new connection, let what is being answered be answered for `seconds`, and cut the rest."""
    closed = server.close()
    clock = asyncio.get_running_loop()
    until = clock.time() + seconds
    while server.connections and clock.time() < until:
        for connection in tuple(server.connections):
            connection.close_if_idle()
        await asyncio.sleep(_LOOK_SECONDS)
    for connection in tuple(server.connections):
        connection.abort()
    await closed
