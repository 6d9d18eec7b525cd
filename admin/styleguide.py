"""The living page of components, outside production only."""

from sanic import HTTPResponse, Request
from sanic.response import html

from admin.door import door
from server.web.pages import Theme, render
from server.web.routes import Access
from server.web.styleguide import styleguide_context


@door.get("/styleguide", summary="组件", access=Access.PUBLIC)
async def show_styleguide(request: Request) -> HTTPResponse:
    """Every component in every state; `?theme=dark` and `?elder=1` show the variants."""
    theme: Theme = "dark" if request.args.get("theme") == "dark" else "light"
    context = styleguide_context(theme=theme, is_elder=request.args.get("elder") == "1")
    return html(render("styleguide.html", **context))
