"""Serves an ASGI app on a real TCP socket: one request per connection, enough for a gateway's test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import h11

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


@asynccontextmanager
async def serve(app: AsgiApp) -> AsyncIterator[str]:
    """Listen on a free port of 127.0.0.1 and yield the base address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _answer_one(app, reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def _answer_one(app: AsgiApp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = h11.Connection(h11.SERVER)
    request: h11.Request | None = None
    body = b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        else:
            return  # the client went away
    assert request is not None
    path, _, query = bytes(request.target).partition(b"?")
    scope = {"type": "http", "method": request.method.decode(), "path": path.decode(), "query_string": query}

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"connection", b"close")]
            writer.write(connection.send(h11.Response(status_code=message["status"], headers=headers)) or b"")
        else:
            writer.write(connection.send(h11.Data(data=message["body"])) or b"")
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            await writer.drain()

    await app(scope, receive, send)
