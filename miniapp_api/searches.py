"""Saved searches, and where the board's things are."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.listings import BoundedFilter
from server.circulation.commands import remove_search, save_search
from server.circulation.finding_types import SavedSearchView, SaveSearch, Whereabouts
from server.circulation.queries import list_saved_searches, whereabouts
from server.web.sessions import actor_of

TAG = "共享大厅"


class Kept(BoundedFilter, frozen=True, forbid_unknown_fields=True):
    """What the search narrows the board to; a word of another name would be kept for nothing."""


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """A search to keep, and whether to tell when something new fits."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    wanted: Kept
    wants_notice: bool = True


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Which region, and which unit in it."""

    region_code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    unit_id: Annotated[str, msgspec.Meta(max_length=20)] = ""


@api.get("/searches", answer=list[SavedSearchView], summary="保存的搜索", tag=TAG)
async def get_searches(request: Request) -> list[SavedSearchView]:
    return await list_saved_searches(actor_of(request))


@api.write("POST", "/searches", body=Saving, answer=SavedSearchView, summary="保存搜索", tag=TAG, status=201)
async def post_search(request: Request, body: Saving) -> SavedSearchView:
    return await save_search(actor_of(request), SaveSearch(body.name, body.wanted, body.wants_notice))


@api.write("DELETE", "/searches/<search_id>", answer=None, summary="删除保存的搜索", tag=TAG)
async def delete_search(request: Request, search_id: str) -> None:
    await remove_search(actor_of(request), search_id)


@api.get("/whereabouts", answer=Whereabouts, query=Spot, summary="公物分布", tag=TAG)
async def get_whereabouts(request: Request, query: Spot) -> Whereabouts:
    return await whereabouts(actor_of(request), query.region_code, query.unit_id)
