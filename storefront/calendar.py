"""One's own calendar, for the calendar program on one's phone or computer."""

import hashlib

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.queries import list_duties
from server.identity.commands import end_feed_key, make_feed_key
from server.identity.queries import actor_for_feed, my_feed_key
from server.identity.types import NewFeedKey
from server.kernel.errors import LimitReached, NotFound
from server.kernel.runtime import current_runtime
from server.settings import Settings
from server.web.forms import TypedForm
from server.web.guard import client_address
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.routes import Access
from server.web.sessions import actor_for_write, actor_of
from storefront.calendar_text import calendar_text
from storefront.form_state import FormState
from storefront.surround import door


class Nothing(msgspec.Struct, frozen=True):
    """What a form that only confirms sends."""


@door.get("/calendar/<key>/gongwucang.ics", summary="日历订阅", access=Access.PUBLIC)
async def feed(request: Request, key: str) -> HTTPResponse:
    # The address is the secret: it stands in no log line of ours.
    request.ctx.path_for_log = "/calendar/…"
    settings: Settings = request.app.ctx.settings
    await _check_rate(request, settings)
    actor = await actor_for_feed(key)
    name = f"公物仓 · {actor.unit_name}"
    return _answer(request, calendar_text(await list_duties(actor), name, settings.public_url))


@door.get("/me/calendar", summary="日历订阅设置")
async def show_calendar(request: Request) -> HTTPResponse:
    return await _draw(request)


@door.post("/me/calendar", summary="取新的日历地址")
async def submit_calendar(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    form.read(Nothing)
    # Drawn at once, not after a redirect: the key is kept nowhere from which another page could show it.
    return await _draw(request, await make_feed_key(actor_for_write(request, form.key)))


@door.post("/me/calendar/end", summary="停用日历地址")
async def submit_calendar_end(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    form.read(Nothing)
    try:
        await end_feed_key(actor_for_write(request, form.key))
    except NotFound:
        return redirect_with(request, "/me/calendar", Flash("info", "日历地址本来就没有开通。"))
    return redirect_with(request, "/me/calendar", Flash("ok", "日历地址已停用，旧地址读不到任何内容。"))


async def _draw(request: Request, made: NewFeedKey | None = None) -> HTTPResponse:
    settings: Settings = request.app.ctx.settings
    return await door.draw(
        request,
        "storefront/calendar.html",
        f=FormState.blank({}),
        key=await my_feed_key(actor_of(request)),
        address="" if made is None else f"{settings.public_url}/calendar/{made.key}/gongwucang.ics",
    )


async def _check_rate(request: Request, settings: Settings) -> None:
    address = client_address(request, is_behind_proxy=settings.is_behind_proxy)
    wait = await current_runtime().rate_limiter.take(f"calendar:{address}", settings.calendar_reads_per_minute, 60)
    if wait:
        raise LimitReached("request.too_often", retry_after=wait)


def _answer(request: Request, text: bytes) -> HTTPResponse:
    tag = f'"{hashlib.sha256(text).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    offered = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in offered:
        return HTTPResponse(status=304, headers=headers)
    return HTTPResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
