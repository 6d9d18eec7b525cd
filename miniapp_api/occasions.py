"""Events and temporary bodies: which there are, which an application can name, and the recall list of one."""

from datetime import date
from typing import Literal

import msgspec
from sanic import HTTPResponse, Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, Paging, RequiredText
from miniapp_api.papers import paper, site_of
from server.circulation.occasions.commands import close_occasion, create_occasion, prolong_occasion
from server.circulation.occasions.papers import recall_pdf
from server.circulation.occasions.queries import choosable_occasions, list_occasions, occasion_view
from server.circulation.occasions.types import (
    CloseOccasion,
    CreateOccasion,
    OccasionChoice,
    OccasionRow,
    OccasionView,
    ProlongOccasion,
)
from server.kernel.paging import Page
from server.web.sessions import actor_of

TAG = "活动与临时机构"


class OccasionQuery(Paging, frozen=True, kw_only=True):
    """Those that go on, or those that ended."""

    state: Literal["open", "closed"] = "open"


class OccasionBody(msgspec.Struct, frozen=True, kw_only=True):
    """An event of my unit. `responsible_id`: a colleague."""

    name: Key
    starts_on: date
    ends_on: date
    responsible_id: Key


class ProlongingBody(msgspec.Struct, frozen=True, kw_only=True):
    """Until when, and why."""

    ends_on: date
    reason: RequiredText


class ClosingBody(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    note: RequiredText


@api.get("/occasions", answer=Page[OccasionRow], query=OccasionQuery, summary="活动与临时机构列表", tag=TAG)
async def get_occasions(request: Request, query: OccasionQuery) -> Page[OccasionRow]:
    return await list_occasions(actor_of(request), query.state, query.cursor)


@api.get("/occasion-choices", answer=list[OccasionChoice], summary="申请时可选的活动与临时机构", tag=TAG)
async def get_occasion_choices(request: Request) -> list[OccasionChoice]:
    return await choosable_occasions(actor_of(request))


@api.get("/occasions/<occasion_id>", answer=OccasionView, summary="收回清单", tag=TAG)
async def get_occasion(request: Request, occasion_id: str) -> OccasionView:
    return await occasion_view(actor_of(request), occasion_id)


@api.get("/occasions/<occasion_id>/recall-list", answer=bytes, summary="收回清单 PDF", tag=TAG)
async def get_recall_list(request: Request, occasion_id: str) -> HTTPResponse:
    content = await recall_pdf(actor_of(request), occasion_id, site_of(request))
    return paper(content, f"收回清单-{occasion_id}.pdf")


@api.write("POST", "/occasions", body=OccasionBody, answer=OccasionView, summary="登记活动", tag=TAG, status=201)
async def post_occasion(request: Request, body: OccasionBody) -> OccasionView:
    return await create_occasion(actor_of(request), CreateOccasion(**msgspec.structs.asdict(body)))


@api.write(
    "POST",
    "/occasions/<occasion_id>/prolonging",
    body=ProlongingBody,
    answer=OccasionView,
    summary="活动延期",
    tag=TAG,
    status=201,
)
async def post_prolonging(request: Request, occasion_id: str, body: ProlongingBody) -> OccasionView:
    wanted = ProlongOccasion(occasion_id=occasion_id, ends_on=body.ends_on, reason=body.reason)
    return await prolong_occasion(actor_of(request), wanted)


@api.write(
    "POST",
    "/occasions/<occasion_id>/closing",
    body=ClosingBody,
    answer=OccasionView,
    summary="活动办结",
    tag=TAG,
    status=201,
)
async def post_closing_of_occasion(request: Request, occasion_id: str, body: ClosingBody) -> OccasionView:
    return await close_occasion(actor_of(request), CloseOccasion(occasion_id=occasion_id, note=body.note))
