"""`/openapi.json` and a page to read it, which loads nothing from elsewhere."""

from typing import Any

import msgspec
from sanic import HTTPResponse, Request, Sanic
from sanic.response import html

from server.web.openapi import build_document
from server.web.pages import PageContext, render
from server.web.routes import Access, Route, methods_of, register_route

_TITLE = "公物仓小程序接口"
_VERSION = "1.0.0"


def install_openapi(app: "Sanic[Any, Any]") -> None:
    """Add both addresses; the document is built once, when first asked for."""
    built: dict[str, bytes] = {}

    def document() -> dict[str, Any]:
        return build_document("mini", _TITLE, _VERSION)

    async def as_json(request: Request) -> HTTPResponse:
        if "json" not in built:
            built["json"] = msgspec.json.encode(document())
        return HTTPResponse(built["json"], content_type="application/json; charset=utf-8")

    async def as_page(request: Request) -> HTTPResponse:
        page = PageContext(request_id=request.ctx.request_id, here="/openapi")
        return html(render("openapi.html", page=page, document=document()))

    for path, handler, summary in (("/openapi.json", as_json, "接口文档"), ("/openapi", as_page, "接口文档阅读页")):
        register_route(Route("GET", path, "web", Access.PUBLIC, summary, "运维"))
        app.add_route(handler, path, methods=methods_of("GET"), name=handler.__name__)
