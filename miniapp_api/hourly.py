"""Borrowing by the hour: which hours of a day are free, and the application."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, RequiredText
from server.circulation.commands import submit_hours
from server.circulation.queries import hours_of_day
from server.circulation.types import BorrowingView, HoursView, SubmitHours
from server.web.sessions import actor_of

TAG = "借用"
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class DayOfHours(msgspec.Struct, frozen=True, kw_only=True):
    """Which day."""

    day: date


class HoursBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which thing, from when until when of one day, for what."""

    asset_id: Key
    starts_at: Instant
    ends_at: Instant
    purpose: RequiredText
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None


@api.get("/assets/<asset_id>/hours", answer=HoursView, query=DayOfHours, summary="一天的可借时段", tag=TAG)
async def get_hours(request: Request, asset_id: str, query: DayOfHours) -> HoursView:
    return await hours_of_day(actor_of(request), asset_id, query.day)


@api.write("POST", "/hourly-borrowings", body=HoursBody, answer=BorrowingView, summary="按小时借", tag=TAG, status=201)
async def post_hours(request: Request, body: HoursBody) -> BorrowingView:
    wanted = SubmitHours(body.asset_id, body.starts_at, body.ends_at, body.purpose, body.phone)
    return await submit_hours(actor_of(request), wanted)
