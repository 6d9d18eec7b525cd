"""The wanted board: what units look for, answering, closing."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, Paging, RequiredText, Text
from server.circulation.types import Reach
from server.circulation.wanted.commands import close_wanted, offer_thing, post_wanted
from server.circulation.wanted.queries import list_wanted, wanted_view
from server.circulation.wanted.types import CloseWanted, OfferThing, PostWanted, WantedDetail, WantedRow, WantedView
from server.kernel.paging import Page
from server.web.sessions import actor_of

TAG = "需求广场"


class WantedQuery(Paging, frozen=True, kw_only=True):
    """The open posts that my region sees, or all of my unit's; `text` is looked for in their titles."""

    view: WantedView = "board"
    text: Annotated[str, msgspec.Meta(max_length=64)] = ""


class WantedBody(msgspec.Struct, frozen=True, kw_only=True):
    """What my unit looks for. `days`: absent where it is to stay."""

    title: Key
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    note: Text = ""
    category_code: Annotated[str, msgspec.Meta(max_length=12)] = ""
    is_permanent: bool = False
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    reach: Reach = "city"


class OfferBody(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, perhaps with a thing that my unit has on the board."""

    words: RequiredText
    listing_id: Key | None = None


class ClosingBody(msgspec.Struct, frozen=True, kw_only=True):
    """How the post ends."""

    is_met: bool
    note: RequiredText


@api.get("/wanted", answer=Page[WantedRow], query=WantedQuery, summary="需求广场列表", tag=TAG)
async def get_wanted_posts(request: Request, query: WantedQuery) -> Page[WantedRow]:
    return await list_wanted(actor_of(request), query.view, query.text, query.cursor)


@api.get("/wanted/<wanted_id>", answer=WantedDetail, summary="需求详情", tag=TAG)
async def get_wanted_post(request: Request, wanted_id: str) -> WantedDetail:
    return await wanted_view(actor_of(request), wanted_id)


@api.write("POST", "/wanted", body=WantedBody, answer=WantedDetail, summary="发布需求", tag=TAG, status=201)
async def post_wanted_post(request: Request, body: WantedBody) -> WantedDetail:
    return await post_wanted(actor_of(request), PostWanted(**msgspec.structs.asdict(body)))


@api.write(
    "POST", "/wanted/<wanted_id>/offers", body=OfferBody, answer=WantedDetail, summary="应答需求", tag=TAG, status=201
)
async def post_wanted_offer(request: Request, wanted_id: str, body: OfferBody) -> WantedDetail:
    wanted = OfferThing(wanted_id=wanted_id, words=body.words, listing_id=body.listing_id)
    return await offer_thing(actor_of(request), wanted)


@api.write(
    "POST",
    "/wanted/<wanted_id>/closing",
    body=ClosingBody,
    answer=WantedDetail,
    summary="关闭需求",
    tag=TAG,
    status=201,
)
async def post_wanted_closing(request: Request, wanted_id: str, body: ClosingBody) -> WantedDetail:
    return await close_wanted(actor_of(request), CloseWanted(wanted_id=wanted_id, is_met=body.is_met, note=body.note))
