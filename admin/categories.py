"""分类: the catalogue as a tree, and a search over it."""

from sanic import HTTPResponse, Request

from admin.door import door
from server.classification.queries import list_ancestors, list_children, search_categories
from server.classification.types import KIND_NAMES
from server.web.parts import Link


@door.get("/categories", summary="分类")
async def show_categories(request: Request) -> HTTPResponse:
    """What stands below `code` (the tops without one), or what `q` finds."""
    code, text = request.args.get("code") or "", (request.args.get("q") or "").strip()[:60]
    above = await list_ancestors(code) if code else []
    shown = await search_categories(text, limit=50) if text else await list_children(code or None)
    crumbs = (Link("分类", "/admin/categories"), *(Link(each.name, f"?code={each.code}") for each in above))
    return await door.draw(
        request,
        "admin/categories.html",
        crumbs=crumbs,
        here=above[-1] if above else None,
        shown=shown,
        text=text,
        kinds=KIND_NAMES,
    )
