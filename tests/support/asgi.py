"""A Sanic application spoken to in this process: httpx over ASGI, with Sanic's own start and stop around it.

Sanic finishes its routes and runs its listeners only on the lifespan messages that a server would send, and httpx
sends none; hence this shim.
"""

import ast
import asyncio
import functools
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sanic import Sanic
from sanic_routing import router

Message = MutableMapping[str, Any]


class RoutingCode:
    """`ast` for Sanic's router, which parses, prints and compiles the same thousand lines for each application: once a
    process is enough, and saves each test a tenth of a second."""

    parse = staticmethod(functools.cache(ast.parse))
    unparse = staticmethod(functools.cache(ast.unparse))
    fix_missing_locations = staticmethod(functools.cache(ast.fix_missing_locations))


setattr(router, "ast", RoutingCode)  # noqa: B010 - the module says nothing of it to type checkers
setattr(router, "compile", functools.cache(compile))  # noqa: B010


@asynccontextmanager
async def asgi_client(
    app: "Sanic[Any, Any]", base_url: str = "http://gongwucang.test"
) -> AsyncIterator[httpx.AsyncClient]:
    """The application started, and a client on it; a fault in a handler is answered as Sanic would answer it."""
    # Sanic rewrites its own class once a process; a second application in the process would fail on what it left.
    app.config.TOUCHUP = False
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
    life = asyncio.create_task(app(scope, inbox.get, outbox.put))
    try:
        await exchange(life, inbox, outbox, "lifespan.startup")
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
            yield client
        await exchange(life, inbox, outbox, "lifespan.shutdown")
    finally:
        life.cancel()
        Sanic.unregister_app(app)


async def exchange(
    life: "asyncio.Task[None]", inbox: "asyncio.Queue[Message]", outbox: "asyncio.Queue[Message]", name: str
) -> None:
    """Send one lifespan message and await its completion; what a listener raised is raised here."""
    await inbox.put({"type": name})
    answer = asyncio.create_task(outbox.get())
    await asyncio.wait({life, answer}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        answer.cancel()
        life.result()
        raise RuntimeError(f"the application ended before {name} was complete")
    assert answer.result()["type"] == f"{name}.complete", answer.result()
