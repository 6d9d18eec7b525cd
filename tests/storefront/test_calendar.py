"""One's own calendar, read by a program that has nothing but the address."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar

from server.circulation.commands import choose_collection, follow_up_loan, return_by_code
from server.circulation.types import ChooseCollection, Collection, ReturnByCode
from server.identity.commands import DisablePerson, EndPost, disable_person, end_post, make_feed_key
from server.identity.roles import Role
from server.kernel.actor import system_actor
from server.kernel.clock import ShiftedClock
from server.kernel.errors import Forbidden
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.settings import Settings
from tests.factories.circulation import Hall, day, make_borrowing
from tests.factories.identity import actor_of, make_actor, make_person, make_post
from tests.storefront.visitor import Visitor


async def address_of(visitor: Visitor) -> str:
    """The path of a new calendar address, as the page shows it."""
    page = await visitor.get("/me/calendar")
    form = next(form for form in page.forms if form.action == "/me/calendar")
    shown = await visitor.send("POST", "/me/calendar", data=form.values)
    found = re.search(r'value="[^"]*(/calendar/[\w-]+/gongwucang\.ics)"', shown.answer.text)
    assert shown.status == 200 and found is not None, shown.answer.text
    return found[1]


async def read(client: httpx.AsyncClient, address: str) -> dict[str, tuple[str, date, date]]:
    """UID → summary, first day and the day after the last, of what a calendar program reads."""
    client.cookies.clear()
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar = Calendar.from_ical(answer.content)
    return {
        str(event["uid"]): (str(event["summary"]), event.decoded("dtstart"), event.decoded("dtend"))
        for event in calendar.walk("VEVENT")
    }


async def test_calendar_shows_what_is_next_when_a_loan_goes_on(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    address = await address_of(borrower)
    assert await read(client, address) == {}
    loan = await make_borrowing(hall, 1, 3, until="approved")
    collect = f"{loan.id}.collect@gongwucang"
    summary, first, after = (await read(client, address))[collect]
    assert (summary.startswith("领取："), first, after) == (True, day(1), day(4))
    await choose_collection(hall.borrower, ChooseCollection(loan.id, Collection("pickup", day(2), "morning")))
    assert (await read(client, address))[collect][1:] == (day(2), day(3))


async def test_return_keeps_its_uid_and_is_gone_when_everything_is_back(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    address = await address_of(borrower)
    loan = await make_borrowing(hall, 0, 3, until="issued")
    due = {f"{loan.id}.return@gongwucang": (f"归还：{hall.projector.name}", day(3), day(4))}
    assert await read(client, address) == due
    assert await read(client, address) == due
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    assert await read(client, address) == {}


async def test_desk_hands_out_and_takes_back_when_it_is_the_lenders(client: httpx.AsyncClient, hall: Hall) -> None:
    lender = await address_of(await Visitor.of(client, hall.lender))
    approver = await address_of(await Visitor.of(client, hall.approver))
    elsewhere = await make_actor("周海", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    foreign = await address_of(await Visitor.of(client, elsewhere))
    first = await make_borrowing(hall, 0, 3, until="approved")
    assert list(await read(client, lender)) == [f"{first.id}.hand_out@gongwucang"]
    # The borrower's manager has no desk for it, and another unit sees nothing of it.
    assert await read(client, approver) == {} and await read(client, foreign) == {}


async def test_late_return_is_for_today(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor, go_on: Callable[[int], None]
) -> None:
    address = await address_of(borrower)
    loan = await make_borrowing(hall, 0, 2, until="issued")
    go_on(5)
    await follow_up_loan(system_actor("circulation"), loan.id)
    ((summary, first, after),) = (await read(client, address)).values()
    assert (summary, first, after) == (f"已逾期 · 归还：{hall.projector.name}", day(-3), day(1))


async def test_same_answer_is_not_sent_twice_when_nothing_changed(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    address = await address_of(borrower)
    client.cookies.clear()
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, first.headers["cache-control"]) == (304, b"", "private, no-cache")
    await make_borrowing(hall, until="issued")
    changed = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_address_ends_when_it_is_replaced_or_switched_off(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    old = await address_of(borrower)
    new = await address_of(borrower)
    assert (await client.get(old)).status_code == 404 and await read(client, new) == {}
    page = await borrower.get("/me/calendar")
    assert new not in page.answer.text
    await borrower.submit(page, "/me/calendar/end")
    gone = await client.get(new)
    assert gone.status_code == 404 and gone.text.count("日历地址") >= 1
    async with reading() as rows:
        assert await rows.fetch_all("SELECT * FROM feed_key") == []


async def test_only_the_hash_is_stored(client: httpx.AsyncClient, hall: Hall, borrower: Visitor) -> None:
    key = (await address_of(borrower)).split("/")[2]
    async with reading() as rows:
        for table in ("feed_key", "audit_event", "idempotency_key", "outbox_event"):
            assert key not in repr(await rows.fetch_all(f"SELECT * FROM {table}")), table


async def test_address_ends_with_the_person_or_the_post(client: httpx.AsyncClient, hall: Hall) -> None:
    city = hall.ledger.city
    security = await make_actor("安全员", city.linping, Role.SECURITY_ADMIN, is_subtree=True)
    system = await make_actor("系统员", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    leaver = await make_person("徐静", city.culture, Role.BORROWER)
    address = await address_of(await Visitor.of(client, await actor_of(leaver, city.culture)))
    assert await read(client, address) == {}
    await disable_person(security, DisablePerson(leaver.id, "调离"))
    assert (await client.get(address)).status_code == 404
    with pytest.raises(Forbidden, match=r"role\.required"):
        await make_feed_key(await actor_of(leaver, city.culture))
    mover = await make_person("何静", city.culture, Role.BORROWER)
    await make_post(mover, city.health, Role.BORROWER)
    address = await address_of(await Visitor.of(client, await actor_of(mover, city.culture)))
    post = next(each for each in mover.posts if each.unit_id == city.culture.id)
    await end_post(system, EndPost(post.post_id, "调离"))
    assert (await client.get(address)).status_code == 404


async def test_reading_is_limited_when_it_comes_too_often(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor, settings: Settings
) -> None:
    address = await address_of(borrower)
    client.cookies.clear()
    for _ in range(settings.calendar_reads_per_minute):
        last = await client.get(address)
    assert last.status_code == 200
    assert (await client.get(address)).status_code == 429


@pytest.fixture
def go_on(client: httpx.AsyncClient, tmp_path: Path) -> Callable[[int], None]:
    """Let it be so many days later."""
    clock = ShiftedClock(tmp_path / "offset")
    current_runtime().clock = clock
    return lambda days: clock.move_to(timedelta(days=days))
