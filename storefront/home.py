"""The first page: for the public what this is; for whoever is signed in search first, then what is theirs to do."""

import asyncio
from datetime import datetime

from sanic import HTTPResponse, Request

from server.circulation.queries import list_borrowings, list_listings, waiting_for
from server.circulation.states import SENT_BACK_NAME, BorrowingState
from server.circulation.types import BorrowingRow, ListingFilter
from server.kernel.actor import Actor
from server.kernel.instants import SHANGHAI
from server.kernel.reading import present, present_day
from server.web.formats import day
from server.web.pages import Flash
from server.web.parts import Stat
from server.web.routes import Access
from server.web.sessions import actor_of
from storefront.shelves import SHELVES
from storefront.surround import DECIDING, door, has_desk, is_signed_in
from storefront.things import card_of

NEWEST = 8
_MOST_COUNTED = 100
_GREETINGS = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


@door.get("/", summary="首页", access=Access.PUBLIC)
async def home(request: Request) -> HTTPResponse:
    if not is_signed_in(request):
        return await door.draw(request, "storefront/welcome.html")
    actor, today = actor_of(request), present_day()
    page, mine = await asyncio.gather(
        list_listings(actor, ListingFilter(), None, NEWEST),
        list_borrowings(actor, "mine", "open", None, _MOST_COUNTED),
    )
    return await door.draw(
        request,
        "storefront/home.html",
        greeting=greeting(present()),
        stats=await _stats(actor, mine.items),
        overdue=_overdue(mine.items),
        shelves=SHELVES,
        cards=[card_of(row, today) for row in page.items],
        has_desk=has_desk(actor),
    )


def greeting(moment: datetime) -> str:
    """What one says at this hour in Shanghai."""
    hour = moment.astimezone(SHANGHAI).hour
    return next(words for end, words in _GREETINGS if hour < end)


async def _stats(actor: Actor, mine: list[BorrowingRow]) -> list[Stat]:
    waiting = await waiting_for(actor)
    soonest = min((row.to_day for row in mine if row.state == BorrowingState.ISSUED), default=None)
    nearest = f"最近 {day(soonest)}" if soonest else ""
    stats = [
        Stat("待我领取", str(waiting.to_collect), "件", "", "package-open", "/borrowings"),
        Stat("待我归还", str(waiting.to_return), "件", nearest, "undo-2", "/borrowings"),
        Stat(
            "审批中",
            str(sum(row.state == BorrowingState.SUBMITTED and row.state_name != SENT_BACK_NAME for row in mine)),
            "件",
            "",
            "hourglass",
            "/borrowings",
        ),
    ]
    if waiting.to_correct:
        stats.insert(0, Stat("退回我修改", str(waiting.to_correct), "件", "", "pencil", "/borrowings"))
    if actor.has_role(*DECIDING):
        return [Stat("待我审批", str(waiting.to_approve), "件", "", "stamp", "/approvals"), *stats]
    return [*stats, Stat("未读消息", str(waiting.unread), "条", "", "bell", "/messages")]


def _overdue(mine: list[BorrowingRow]) -> Flash | None:
    late = [row for row in mine if row.is_overdue]
    if not late:
        return None
    return Flash(
        "warn", f"{late[0].thing} 应在 {day(late[0].to_day)} 归还，请尽快归还。", "去看看", f"/borrowings/{late[0].id}"
    )
