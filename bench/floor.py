"""The floors over HTTP: a bare Sanic JSON handler, and a bare handler that runs the same SQL on the same driver."""

import asyncio
import os
from datetime import date
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from server.circulation.queries.board_sql import board_page
from server.circulation.types import ListingFilter
from server.kernel.paging import decode_cursor
from server.kernel.runtime import current_runtime
from server.opening import opened
from server.settings import Settings

_PREFIXES = ["330000/", "330000/330100/", "330000/330100/330113/"]


def create_floor() -> "Sanic[Any, Any]":
    """The bare application."""
    app = Sanic("floor", configure_logging=False)
    app.config.AUTO_EXTEND = False

    @app.listener("before_server_start")
    async def start(app: "Sanic[Any, Any]") -> None:
        app.ctx.opened = opened(Settings.from_environment())
        await app.ctx.opened.__aenter__()

    @app.listener("after_server_stop")
    async def stop(app: "Sanic[Any, Any]") -> None:
        await asyncio.shield(app.ctx.opened.__aexit__(None, None, None))

    @app.get("/json")
    async def bare(request: Request) -> HTTPResponse:
        return json({"code": "ok"})

    @app.get("/board")
    async def board(request: Request) -> HTTPResponse:
        after = decode_cursor(request.args.get("cursor"), int, str)
        sql, values = board_page(_PREFIXES, ListingFilter(), after, date.today(), 20)  # noqa: DTZ011 - a floor
        async with current_runtime().database.reading() as reader:
            rows = await reader.fetch_all(sql, *values)
        return json(rows)

    @app.get("/listing/<listing_id:str>")
    async def listing(request: Request, listing_id: str) -> HTTPResponse:
        async with current_runtime().database.reading() as reader:
            row = await reader.fetch_one(
                "SELECT l.*, u.path AS holder_unit_path FROM asset_listing l JOIN unit u ON u.id = l.holder_unit_id"
                " WHERE l.id = ? AND l.is_open = 1",
                listing_id,
            )
        return json(row)

    return app


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    create_floor().run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)
