"""One's own calendar address, for the calendar program on the phone."""

from datetime import datetime

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.identity.commands import end_feed_key, make_feed_key
from server.identity.queries import my_feed_key
from server.settings import Settings
from server.web.sessions import actor_of

TAG = "我的"


class CalendarState(msgspec.Struct, frozen=True):
    """Whether the calendar can be subscribed to, for which unit and since when."""

    is_on: bool
    unit_name: str = ""
    made_at: datetime | None = None


class CalendarAddress(msgspec.Struct, frozen=True):
    """The address to subscribe to, told this once."""

    address: str
    unit_name: str


@api.get("/me/calendar", answer=CalendarState, summary="日历订阅", tag=TAG)
async def get_calendar(request: Request) -> CalendarState:
    key = await my_feed_key(actor_of(request))
    return CalendarState(False) if key is None else CalendarState(True, key.unit_name, key.made_at)


@api.write("POST", "/me/calendar", answer=CalendarAddress, summary="取新的日历地址", tag=TAG, status=201)
async def post_calendar(request: Request) -> CalendarAddress:
    settings: Settings = request.app.ctx.settings
    made = await make_feed_key(actor_of(request))
    return CalendarAddress(f"{settings.public_url}/calendar/{made.key}/gongwucang.ics", made.unit_name)


@api.write("DELETE", "/me/calendar", answer=None, summary="停用日历地址", tag=TAG)
async def delete_calendar(request: Request) -> None:
    await end_feed_key(actor_of(request))
