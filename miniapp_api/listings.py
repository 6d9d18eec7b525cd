"""The sharing board: what is offered, when it is free, and offering or withdrawing a thing."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.board import Board
from miniapp_api.bodies import Reason
from server.circulation.commands import close_listing, open_listing
from server.circulation.finding_types import Finds
from server.circulation.queries import availability, find_listings, list_listings, listing_view
from server.circulation.types import DayView, ListingDetail, ListingFilter, ListingRow, ListingView, OpenListing
from server.kernel.paging import Page
from server.web.api import Encoded
from server.web.sessions import actor_of

TAG = "共享大厅"
board = Board()
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class BoundedFilter(ListingFilter, frozen=True):
    """What the board is narrowed to, no longer than anything can be."""

    text: Annotated[str, msgspec.Meta(max_length=64)] = ""
    category_prefix: Annotated[str, msgspec.Meta(max_length=32)] = ""
    region_code: Annotated[str, msgspec.Meta(max_length=32)] = ""
    holder_unit_id: Annotated[str, msgspec.Meta(max_length=32)] = ""
    place_id: Annotated[str, msgspec.Meta(max_length=32)] = ""
    value_from: Fen | None = None
    value_to: Fen | None = None


class ListingQuery(BoundedFilter, frozen=True):
    """What the board is narrowed to, and where its next page begins."""

    cursor: str | None = None


class Month(msgspec.Struct, frozen=True):
    """A calendar month, `2026-11`."""

    month: Annotated[str, msgspec.Meta(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


@api.get("/listings", answer=Page[ListingRow], query=ListingQuery, summary="共享大厅列表", tag=TAG)
async def get_listings(request: Request, query: ListingQuery) -> Encoded:
    actor = actor_of(request)
    return await board.page(
        f"{actor.region_path}?{request.query_string}", lambda: list_listings(actor, query, query.cursor)
    )


@api.get("/listings/search", answer=Finds, query=ListingQuery, summary="共享大厅查找（附分项计数）", tag=TAG)
async def search_listings(request: Request, query: ListingQuery) -> Encoded:
    actor, wanted = actor_of(request), msgspec.structs.replace(query, is_loose=True)
    return await board.page(
        f"{actor.region_path}?search&{request.query_string}", lambda: find_listings(actor, wanted, query.cursor)
    )


@api.get("/listings/<listing_id>", answer=ListingDetail, summary="共享资产详情", tag=TAG)
async def get_listing(request: Request, listing_id: str) -> ListingDetail:
    return await listing_view(actor_of(request), listing_id)


@api.get("/assets/<asset_id>/availability", answer=list[DayView], query=Month, summary="按月看哪天可借", tag=TAG)
async def get_availability(request: Request, asset_id: str, query: Month) -> list[DayView]:
    return await availability(actor_of(request), asset_id, date.fromisoformat(f"{query.month}-01"))


@api.write("POST", "/listings", body=OpenListing, answer=ListingView, summary="发布闲置资产", tag=TAG, status=201)
async def post_listing(request: Request, body: OpenListing) -> ListingView:
    return await open_listing(actor_of(request), body)


@api.write(
    "POST", "/listings/<listing_id>/closure", body=Reason, answer=ListingView, summary="下架", tag=TAG, status=201
)
async def post_closure(request: Request, listing_id: str, body: Reason) -> ListingView:
    return await close_listing(actor_of(request), listing_id, body.reason)
