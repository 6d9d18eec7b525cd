"""Lending by the hour: slots held by the database, apart from each other and from whole days."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.assets.types import AssetView
from server.circulation.commands import (
    correct_borrowing,
    follow_up_loan,
    issue_by_code,
    open_listing,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
    submit_hours,
    withdraw_borrowing,
)
from server.circulation.jobs import expire_uncollected, follow_up_loans
from server.circulation.queries import availability, borrowing_view, hours_of_day, list_duties
from server.circulation.types import (
    BorrowingView,
    CorrectBorrowing,
    IssueByCode,
    OpeningHours,
    OpenListing,
    RenewBorrowing,
    ReturnByCode,
    SubmitHours,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.clock import ShiftedClock
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.instants import start_of_day
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_correction import send_back
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, application, approve, day, make_borrowing, make_listed
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite

RACERS = 40
EIGHT_TO_SIX = OpeningHours(60, 8 * 60, 18 * 60)


@pytest.fixture
async def terminal(hall: Hall) -> AssetView:
    """A conference terminal of the health office, lent by the hour from 8 to 18."""
    card = await make_card(hall.lender, hall.ledger.health_room, item_name="视频会议终端")
    await open_listing(hall.lender, OpenListing(card.id, "会议室自取", 30, "city", EIGHT_TO_SIX))
    return card


@pytest.fixture
def go_to(runtime: Runtime, tmp_path: Path) -> Callable[[datetime], None]:
    """Let it be this instant."""
    clock = ShiftedClock(tmp_path / "offset")
    runtime.clock = clock
    return lambda instant: clock.move_to(instant - datetime.now(UTC))


def at(clock: float, offset: int = 1) -> datetime:
    """So many hours of the day after today, or of another."""
    return start_of_day(day(offset)) + timedelta(hours=clock)


async def ask(hall: Hall, card: AssetView, begins: float, ends: float, who: Actor | None = None) -> BorrowingView:
    return await submit_hours(who or hall.borrower, SubmitHours(card.id, at(begins), at(ends), "视频会议"))


async def approved(hall: Hall, card: AssetView, begins: float, ends: float) -> BorrowingView:
    view = await ask(hall, card, begins, ends)
    await approve(view.id, hall.approver, hall.lender)
    return await borrowing_view(hall.borrower, view.id)


async def free_hours(hall: Hall, card: AssetView) -> list[int]:
    view = await hours_of_day(hall.borrower, card.id, day(1))
    return [round((slot.starts_at - at(0)).total_seconds() / 3600) for slot in view.slots if slot.state == "free"]


async def held(table: str) -> int:
    async with reading() as db:
        row = await db.fetch_one(f"SELECT COUNT(*) AS number FROM {table}")
    assert row is not None
    return int(row["number"])


async def test_hours_beside_each_other_are_had_and_the_same_ones_are_not(hall: Hall, terminal: AssetView):
    first = await ask(hall, terminal, 9, 11)
    assert (first.from_day, first.to_day, first.starts_at, first.ends_at) == (day(1), day(1), at(9), at(11))
    assert "09:00—11:00" in first.title
    await ask(hall, terminal, 11, 12)
    for begins, ends in ((8, 10), (10, 11), (9, 11), (8, 18)):
        with expect_refusal(StateConflict, "asset.not_available"):
            await ask(hall, terminal, begins, ends)
    assert await free_hours(hall, terminal) == [8, 12, 13, 14, 15, 16, 17]
    assert (await held("asset_slot"), await held("asset_day")) == (6, 1)
    assert await verify_promises() == []


async def test_hours_and_the_whole_day_exclude_each_other(hall: Hall, terminal: AssetView):
    hours = await ask(hall, terminal, 9, 10)
    with expect_refusal(StateConflict, "asset.not_available"):
        await submit_borrowing(hall.borrower, application(terminal.id, 0, 2))
    assert [view.state for view in await availability(hall.borrower, terminal.id, day(1)) if view.day == day(1)] == [
        "held"
    ]
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(hours.id, "会议取消"))
    assert (await held("asset_slot"), await held("asset_day")) == (0, 0)
    days = await submit_borrowing(hall.borrower, application(terminal.id, 0, 2))
    with expect_refusal(StateConflict, "asset.not_available"):
        await ask(hall, terminal, 15, 16)
    assert (await hours_of_day(hall.borrower, terminal.id, day(1))).is_lent_by_day
    assert await free_hours(hall, terminal) == []
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(days.id, "会议取消"))
    await ask(hall, terminal, 15, 16)
    assert await verify_promises() == []


async def test_day_stays_taken_until_the_last_of_its_hours_is_given_back(hall: Hall, terminal: AssetView):
    first, second = await ask(hall, terminal, 9, 11), await ask(hall, terminal, 13, 14)
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(first.id, "会议取消"))
    assert (await held("asset_slot"), await held("asset_day")) == (2, 1)
    task = await waiting_task_for(hall.approver, "borrowing", second.id)
    assert task is not None
    await decide(hall.approver, Decide(task_id=task.id, is_approved=False, opinion="改期"))
    assert (await held("asset_slot"), await held("asset_day")) == (0, 0)
    assert await verify_promises() == []


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (11, 10, "borrowing.hours_one_day"),
        (10, 34, "borrowing.hours_one_day"),
        (9.5, 11, "borrowing.hours_not_slots"),
        (9, 10.5, "borrowing.hours_not_slots"),
        (7, 9, "borrowing.hours_not_slots"),
        (17, 19, "borrowing.hours_not_slots"),
        (-24, -23, "borrowing.from_in_past"),
    ],
)
async def test_hours_are_refused_when_they_are_no_slots(
    hall: Hall, terminal: AssetView, begins: float, ends: float, code: str
):
    with pytest.raises(InvalidInput) as caught:
        await ask(hall, terminal, begins, ends)
    codes = {fault.code for fault in caught.value.fields}
    assert codes <= {code, "borrowing.hours_in_past", "borrowing.hours_not_slots"} and codes
    assert await held("asset_slot") == 0


async def test_slot_that_has_begun_is_not_had(hall: Hall, terminal: AssetView, go_to: Callable[[datetime], None]):
    noon = at(12)
    go_to(noon + timedelta(minutes=5))
    with expect_refusal(InvalidInput, "borrowing.hours_in_past"):
        await submit_hours(hall.borrower, SubmitHours(terminal.id, noon, noon + timedelta(hours=1), "会议"))
    states = [slot.state for slot in (await hours_of_day(hall.borrower, terminal.id, day(0))).slots]
    assert states == ["past"] * 5 + ["free"] * 5


async def test_thing_lent_by_the_day_alone_is_not_lent_by_the_hour(hall: Hall):
    with expect_refusal(StateConflict, "listing.not_by_the_hour"):
        await ask(hall, hall.projector, 9, 10)
    with expect_refusal(NotFound, "listing.not_found"):
        await hours_of_day(hall.borrower, hall.projector.id, day(1))


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (OpeningHours(45, 480, 1080), "slot_minutes"),
        (OpeningHours(60, 485, 1080), "opens"),
        (OpeningHours(60, -30, 1080), "opens"),
        (OpeningHours(60, 480, 1470), "closes"),
        (OpeningHours(60, 480, 510), "closes"),
    ],
)
async def test_opening_hours_are_half_hours_that_hold_a_slot(hall: Hall, hours: OpeningHours, field: str):
    card = await make_card(hall.lender, hall.ledger.health_room)
    with pytest.raises(InvalidInput) as caught:
        await open_listing(hall.lender, OpenListing(card.id, "自取", 30, "city", hours))
    assert field in {fault.field for fault in caught.value.fields}


async def test_loan_by_the_hour_goes_out_and_comes_back(
    hall: Hall, terminal: AssetView, go_to: Callable[[datetime], None]
):
    view = await approved(hall, terminal, 9, 12)
    nine, issue = at(9), IssueByCode(view.id, terminal.code, "李晓梅")
    go_to(nine - timedelta(minutes=40))
    with expect_refusal(StateConflict, "borrowing.too_early"):
        await issue_by_code(hall.lender, issue)
    go_to(nine - timedelta(minutes=20))
    assert (await issue_by_code(hall.lender, issue)).state == "issued"
    assert [(duty.kind, duty.ends_at) for duty in await list_duties(hall.borrower)] == [
        ("return", nine + timedelta(hours=3))
    ]
    with expect_refusal(StateConflict, "borrowing.hours_not_renewable"):
        await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(1), "延长"))
    assert not (await borrowing_view(hall.borrower, view.id)).can_renew
    assert await verify_promises() == []
    go_to(nine + timedelta(minutes=70))
    back = await return_by_code(hall.lender, ReturnByCode(terminal.code))
    assert (back.state, back.is_overdue) == ("returned", False)
    # The hour that has begun stays as a record, the last one is free again: half hours from 9:00 to 10:30.
    assert await held("asset_slot") == 3
    assert await verify_promises() == []


async def test_loan_by_the_hour_is_late_when_its_last_hour_has_passed(
    hall: Hall, terminal: AssetView, go_to: Callable[[datetime], None]
):
    view = await approved(hall, terminal, 9, 10)
    following = await approved(hall, terminal, 10, 11)
    nine, next_day = at(9), at(9, 2)
    go_to(nine)
    await issue_by_code(hall.lender, IssueByCode(view.id, terminal.code, "李晓梅"))
    go_to(nine + timedelta(minutes=59))
    await follow_up_loans()
    assert not (await borrowing_view(hall.borrower, view.id)).is_overdue
    go_to(nine + timedelta(minutes=61))
    await follow_up_loans()
    assert (await borrowing_view(hall.borrower, view.id)).is_overdue
    assert not await follow_up_loan(SYSTEM, view.id)
    with expect_refusal(StateConflict, "borrowing.asset_not_back"):
        await issue_by_code(hall.lender, IssueByCode(following.id, terminal.code, "李晓梅"))
    go_to(next_day)
    await follow_up_loans()
    assert await verify_promises() == []
    assert (await return_by_code(hall.lender, ReturnByCode(terminal.code))).events[-1].note == "逾期 1 天归还"
    assert await verify_promises() == []


@pytest.mark.parametrize("until", ["submitted", "approved"])
async def test_hours_are_free_again_when_nobody_came(
    hall: Hall, terminal: AssetView, go_to: Callable[[datetime], None], until: str
):
    view = await ask(hall, terminal, 9, 10)
    if until == "approved":
        await approve(view.id, hall.approver, hall.lender)
    ten = at(10)
    go_to(ten - timedelta(minutes=1))
    await expire_uncollected()
    assert (await borrowing_view(hall.borrower, view.id)).state == until
    go_to(ten + timedelta(seconds=5))
    if until == "submitted":
        task = await waiting_task_for(hall.approver, "borrowing", view.id)
        assert task is not None
        await decide(hall.approver, Decide(task_id=task.id, is_approved=True, opinion="同意"))
        last = await waiting_task_for(hall.lender, "borrowing", view.id)
        assert last is not None
        with expect_refusal(StateConflict, "borrowing.too_late"):
            await decide(hall.lender, Decide(task_id=last.id, is_approved=True, opinion="同意"))
    else:
        with expect_refusal(StateConflict, "borrowing.too_late"):
            await issue_by_code(hall.lender, IssueByCode(view.id, terminal.code, "李晓梅"))
    await expire_uncollected()
    assert (await borrowing_view(hall.borrower, view.id)).state == "expired"
    assert (await held("asset_slot"), await held("asset_day")) == (0, 0)
    assert await verify_promises() == []


async def test_one_of_forty_gets_the_hours_when_all_overlap(hall: Hall, terminal: AssetView):
    city = hall.ledger.city
    units = [city.culture, city.school, city.hospital, city.xihu_education]
    people = [await make_actor(f"借用人{n}", units[n % len(units)], Role.BORROWER) for n in range(RACERS)]
    calls = [ask(hall, terminal, 8 + n % 2, 11 + n % 5, who) for n, who in enumerate(people[:-4])]
    calls += [submit_borrowing(who, application(terminal.id, 1, 2)) for who in people[-4:]]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    found = Counter(getattr(answer, "code", "done") for answer in answers)
    assert found == {"done": 1, "asset.not_available": RACERS - 1}
    assert await verify_promises() == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM asset_slot WHERE starts_at = (SELECT MIN(starts_at) FROM (SELECT starts_at FROM asset_slot) s)",
        "UPDATE asset_day SET slots = slots + 1",
        "DELETE FROM asset_day",
        "UPDATE asset_slot SET borrowing_id = 'nobody'",
    ],
)
async def test_damage_to_hours_is_found_by_the_verification(
    runtime: Runtime, hall: Hall, terminal: AssetView, damage: str
):
    await ask(hall, terminal, 9, 11)
    async with runtime.database.transaction() as transaction:
        await transaction.execute(damage)
        await transaction.commit()
    assert await verify_promises() != []


async def test_lost_hours_are_neither_approved_nor_handed_out(
    runtime: Runtime, hall: Hall, terminal: AssetView, go_to: Callable[[datetime], None]
):
    view, other = await approved(hall, terminal, 9, 10), await ask(hall, terminal, 11, 12)
    await rewrite("DELETE FROM asset_slot")
    with expect_refusal(StateConflict, "asset.not_available"):
        await approve(other.id, hall.approver, hall.lender)
    with expect_refusal(StateConflict, "record.changed"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议取消"))
    go_to(at(9))
    with expect_refusal(StateConflict, "asset.not_available"):
        await issue_by_code(hall.lender, IssueByCode(view.id, terminal.code, "李晓梅"))


async def test_hours_are_kept_when_their_day_counts_fewer(runtime: Runtime, hall: Hall, terminal: AssetView):
    view = await ask(hall, terminal, 9, 11)
    await rewrite("UPDATE asset_day SET slots = 1")
    with expect_refusal(StateConflict, "record.changed"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议取消"))
    assert await held("asset_slot") == 4


async def test_second_promise_of_an_hour_is_refused_by_the_storage_whatever_its_name(
    runtime: Runtime, hall: Hall, terminal: AssetView
):
    await ask(hall, terminal, 9, 10)
    sql = "INSERT INTO asset_slot (id, asset_id, starts_at, borrowing_id) SELECT 'other', asset_id, starts_at, 'b'"
    with pytest.raises(IntegrityError):
        await rewrite(f"{sql} FROM asset_slot LIMIT 1")


async def test_duties_are_a_persons_and_a_keepers_are_of_the_kept_place(hall: Hall):
    with expect_refusal(Forbidden, "role.required"):
        await list_duties(SYSTEM)
    ledger = hall.ledger
    operator = ledger.city.district_operator
    manager = await make_actor("主管", operator, Role.ASSET_MANAGER)
    card, _ = await make_listed(manager, ledger.shelf)
    view = await submit_borrowing(hall.borrower, application(card.id))
    await approve(view.id, hall.approver, ledger.operator)
    # What waits elsewhere is not the keeper's, and a keeper of nothing sees nothing of the unit's warehouse.
    await make_borrowing(hall, until="approved")
    idle = await make_actor("仓管员小李", operator, Role.WAREHOUSE_KEEPER)
    kept = [[duty.borrowing_id for duty in await list_duties(who)] for who in (ledger.keeper, idle)]
    assert kept == [[view.id], []]


async def test_half_hours_are_held_when_slots_are_longer(hall: Hall, terminal: AssetView):
    await ask(hall, terminal, 9, 10)
    async with reading() as db:
        rows = await db.fetch_all("SELECT starts_at FROM asset_slot ORDER BY starts_at")
    # Whatever the slot, half hours are what is held.
    assert [row["starts_at"] for row in rows] == [int(at(hour).timestamp()) * 1_000_000 for hour in (9, 9.5)]


async def test_reason_is_corrected_and_the_hours_stay_when_it_is_sent_back(hall: Hall, terminal: AssetView):
    view = await ask(hall, terminal, 9, 11)
    await send_back(hall.approver, view.id)
    with expect_refusal(StateConflict, "borrowing.hours_not_changed"):
        await correct_borrowing(hall.borrower, CorrectBorrowing(view.id, day(2), day(2), "全区视频会议"))
    await rewrite("UPDATE borrowing SET ends_at = ends_at - 100000000000000 WHERE id = ?", view.id)
    with expect_refusal(StateConflict, "borrowing.too_late"):
        await correct_borrowing(hall.borrower, CorrectBorrowing(view.id, day(1), day(1), "全区视频会议"))
    await rewrite("UPDATE borrowing SET ends_at = ends_at + 100000000000000 WHERE id = ?", view.id)
    done = await correct_borrowing(hall.borrower, CorrectBorrowing(view.id, day(1), day(1), "全区视频会议"))
    assert (done.purpose, done.title, done.starts_at) == ("全区视频会议", view.title, view.starts_at)
    assert await held("asset_slot") == 4
    assert await verify_promises() == []
