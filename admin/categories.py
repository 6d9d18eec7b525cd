"""分类: the catalogue as a tree, and a search over it."""

from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.lists import query_of
from server.classification.queries import list_ancestors, list_children, search_categories
from server.classification.types import KIND_NAMES, CategoryFacts
from server.web.downloads import list_links
from server.web.parts import Link

# More than anybody reads; whoever takes them along gets all.
_MOST_SHOWN = 50
MOST_TAKEN = 10_000


class CategoryQuery(msgspec.Struct, frozen=True):
    """Below which category, or what is searched for."""

    code: Annotated[str, msgspec.Meta(max_length=16)] = ""
    q: Annotated[str, msgspec.Meta(max_length=60)] = ""


@door.get("/categories", summary="分类")
async def show_categories(request: Request) -> HTTPResponse:
    """What stands below `code` (the tops without one), or what `q` finds."""
    query = query_of(request, CategoryQuery)
    above = await list_ancestors(query.code) if query.code else []
    shown = await found_categories(query, _MOST_SHOWN + 1)
    crumbs = (Link("分类", "/admin/categories"), *(Link(each.name, f"?code={each.code}") for each in above))
    is_searched = bool(query.q.strip())
    return await door.draw(
        request,
        "admin/categories.html",
        crumbs=crumbs,
        here=above[-1] if above else None,
        shown=shown[:_MOST_SHOWN] if is_searched else shown,
        most=_MOST_SHOWN if is_searched and len(shown) > _MOST_SHOWN else 0,
        text=query.q.strip(),
        kinds=KIND_NAMES,
        exports=list_links("/admin/categories", query),
    )


async def found_categories(query: CategoryQuery, most: int) -> list[CategoryFacts]:
    """Up to `most` of what is searched for, else what stands below. NotFound `category.not_found`."""
    if text := query.q.strip():
        return await search_categories(text, limit=most)
    if query.code:
        await list_ancestors(query.code)
    return await list_children(query.code or None)
