"""What forms choose from: categories, places, colleagues."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.classification.queries import list_children, search_categories
from server.classification.types import CategoryFacts
from server.identity.queries import PersonFilter, list_people
from server.identity.types import PersonView
from server.kernel.paging import Page
from server.places.queries import list_places
from server.places.types import PlaceFilter, PlaceView
from server.web.sessions import actor_of

TAG = "选项"
Words = Annotated[str, msgspec.Meta(max_length=64)]


class CategoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`text`: words of a name; without it what stands right below `parent_code` (absent: the tops)."""

    text: Words = ""
    parent_code: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class PlaceQuery(PlaceFilter, frozen=True, kw_only=True):
    """Which places, and where the next page begins."""

    text: Words = ""
    cursor: str | None = None


class PersonQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a name, or a login name; and where the next page begins."""

    text: Words = ""
    cursor: str | None = None


@api.get("/categories", answer=list[CategoryFacts], query=CategoryQuery, summary="资产分类", tag=TAG)
async def get_categories(request: Request, query: CategoryQuery) -> list[CategoryFacts]:
    return await search_categories(query.text) if query.text else await list_children(query.parent_code)


@api.get("/places", answer=Page[PlaceView], query=PlaceQuery, summary="存放地点", tag=TAG)
async def get_places(request: Request, query: PlaceQuery) -> Page[PlaceView]:
    return await list_places(actor_of(request), query, query.cursor)


@api.get("/people", answer=Page[PersonView], query=PersonQuery, summary="本单位人员", tag=TAG)
async def get_people(request: Request, query: PersonQuery) -> Page[PersonView]:
    return await list_people(actor_of(request), PersonFilter(text=query.text), query.cursor)
