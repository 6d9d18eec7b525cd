"""Several things of one borrowing: each goes out, comes back and is inspected by its own code, an equal one will do."""

import asyncio
from collections import Counter

from server.assets.commands import move_asset
from server.assets.types import MoveAsset
from server.circulation.commands import (
    expire_borrowing,
    follow_up_loan,
    inspect_rest,
    inspect_return,
    issue_by_code,
    resolve_damage,
    return_by_code,
    submit_borrowing,
    withdraw_borrowing,
)
from server.circulation.jobs import expire_uncollected
from server.circulation.queries import borrowing_view, desk_borrowing_of, list_borrowings
from server.circulation.types import (
    BorrowingView,
    InspectReturn,
    IssueByCode,
    ResolveDamage,
    ReturnByCode,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.errors import InvalidInput, StateConflict
from server.kernel.instants import to_day_number
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.places.types import PlaceKind
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_place
from tests.factories.circulation import (
    Hall,
    application,
    approve,
    day,
    make_chairs,
    make_listed,
    make_photograph,
)
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing


async def approved(hall: Hall, pieces: int = 3, spare: int = 1, last: int = 4) -> tuple[BorrowingView, list]:
    """An approved borrowing of so many chairs, and the chairs of that kind that it did not take."""
    made = await make_chairs(hall.ledger, pieces + spare)
    view = await submit_borrowing(hall.borrower, application(made[0].id, 0, last, quantity=pieces))
    await approve(view.id, hall.approver, hall.lender)
    taken = {line.asset_id for line in view.lines}
    return view, [card for card in made if card.id not in taken]


async def issue(hall: Hall, view: BorrowingView, *codes: str) -> BorrowingView:
    for code in codes:
        view = await issue_by_code(hall.lender, IssueByCode(view.id, code, "李晓梅"))
    return view


async def take_back(hall: Hall, *codes: str) -> BorrowingView:
    for code in codes:
        view = await return_by_code(hall.lender, ReturnByCode(code))
    return view


def states(view: BorrowingView) -> list[str]:
    return [line.state for line in view.lines]


async def held_of(asset_id: str) -> list[int]:
    async with reading() as db:
        rows = await db.fetch_all("SELECT day FROM asset_day WHERE asset_id = ? ORDER BY day", asset_id)
    return [row["day"] for row in rows]


async def test_each_thing_goes_its_own_way_when_there_are_several(hall: Hall):
    view, _ = await approved(hall)
    first, second, third = (line.asset_code for line in view.lines)
    view = await issue(hall, view, first)
    assert (view.state, view.progress, view.can_issue, view.can_return) == (
        "issued",
        "待领 2 件，在借 1 件",
        True,
        True,
    )
    view = await issue(hall, view, second)
    view = await take_back(hall, first)
    assert (view.state, view.progress) == ("issued", "待领 1 件，在借 1 件，已还 1 件")
    assert states(view) == ["returned", "out", "waiting"]
    row = (await list_borrowings(hall.lender, "holder")).items[0]
    assert (row.progress, row.waiting_count, row.out_count) == (view.progress, 1, 1)
    view = await inspect_return(hall.lender, InspectReturn(view.id, view.lines[0].asset_id, "worn"))
    assert (view.state, view.can_inspect) == ("issued", False)
    view = await issue(hall, view, third)
    view = await take_back(hall, second, third)
    assert (view.state, view.can_inspect, view.can_issue, view.can_return) == ("returned", True, False, False)
    assert await verify_promises() == []
    view = await inspect_rest(hall.lender, view.id)
    assert (view.state, states(view), view.progress) == ("closed", ["done"] * 3, "")
    assert [event.kind for event in view.events] == ["submitted", "approved", "issued", "returned", "closed"]
    assert await verify_promises() == []


async def test_days_after_the_return_are_free_for_the_thing_that_came_back_when_others_are_out(hall: Hall):
    view, _ = await approved(hall, 2, 0)
    await issue(hall, view, *(line.asset_code for line in view.lines))
    await take_back(hall, view.lines[0].asset_code)
    assert await held_of(view.lines[0].asset_id) == [to_day_number(day(0))]
    assert len(await held_of(view.lines[1].asset_id)) == 5


async def test_an_equal_thing_goes_out_and_the_promise_moves_when_any_was_asked_for(hall: Hall):
    view, [spare] = await approved(hall)
    view = await issue(hall, view, spare.code)
    [line] = [line for line in view.lines if line.state == "out"]
    assert (line.asset_id, line.asset_code, line.instead_of_code) == (
        spare.id,
        spare.code,
        view.lines[0].instead_of_code,
    )
    assert set(await taken_codes(view)) == {each.asset_code for each in view.lines}
    assert line.instead_of_code is not None
    assert [event.note for event in view.events if event.kind == "substituted"] == [
        f"{line.instead_of_code} 换成同款 {spare.code}"
    ]
    async with reading() as db:
        freed_card = await db.fetch_one("SELECT id FROM asset_card WHERE code = ?", line.instead_of_code)
    assert freed_card is not None
    assert await held_of(freed_card["id"]) == []
    assert len(await held_of(spare.id)) == 5
    # What was freed can be promised to somebody else at once.
    await submit_borrowing(hall.borrower, application(freed_card["id"], 0, 4))
    assert await verify_promises() == []


async def taken_codes(view: BorrowingView) -> list[str]:
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT DISTINCT c.code FROM asset_day d JOIN asset_card c ON c.id = d.asset_id WHERE d.borrowing_id = ?",
            view.id,
        )
    return [row["code"] for row in rows]


async def test_what_is_still_out_elsewhere_is_replaced_first_when_an_equal_thing_is_scanned(hall: Hall, go_to_day):
    made = await make_chairs(hall.ledger, 3)
    late = await submit_borrowing(hall.borrower, application(made[1].id, 0, 0))
    await approve(late.id, hall.approver, hall.lender)
    await issue(hall, late, made[1].code)
    # What is out is chosen last: only while nothing better is free.
    meanwhile = await submit_borrowing(hall.borrower, application(made[2].id, 1, 2))
    view = await submit_borrowing(hall.borrower, application(made[0].id, 1, 2, quantity=2))
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(meanwhile.id, "不用了"))
    await approve(view.id, hall.approver, hall.lender)
    assert {line.asset_id for line in view.lines} == {made[0].id, made[1].id}
    go_to_day(1)
    with expect_refusal(StateConflict, "borrowing.asset_not_back"):
        await issue(hall, view, made[1].code)
    view = await issue(hall, view, made[2].code)
    assert {line.instead_of_code for line in view.lines} == {None, made[1].code}


async def test_an_equal_thing_is_refused_when_it_is_promised_to_somebody_else(hall: Hall):
    view, [spare] = await approved(hall)
    await submit_borrowing(hall.borrower, application(spare.id, 3, 3))
    with expect_refusal(StateConflict, "asset.not_available"):
        await issue(hall, view, spare.code)
    assert len(await held_of(view.lines[0].asset_id)) == 5


async def test_an_unlike_thing_is_refused_when_any_chair_was_asked_for(hall: Hall):
    view, _ = await approved(hall)
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue(hall, view, hall.projector.code)


async def test_an_equal_thing_is_refused_when_this_very_one_was_asked_for(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    view = await submit_borrowing(hall.borrower, application(made[0].id))
    await approve(view.id, hall.approver, hall.lender)
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue(hall, view, made[1].code)


async def test_no_more_goes_out_than_was_asked_for_when_all_were_issued(hall: Hall):
    view, [spare] = await approved(hall, 2)
    await issue(hall, view, *(line.asset_code for line in view.lines))
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue(hall, view, spare.code)
    with expect_refusal(StateConflict, "borrowing.already_issued"):
        await issue(hall, view, view.lines[0].asset_code)


async def test_each_keeper_hands_out_another_one_when_two_scan_equal_things_at_once(hall: Hall):
    view, spare = await approved(hall, 2, 3)
    answers = await asyncio.gather(
        *(issue_by_code(hall.lender, IssueByCode(view.id, card.code, "李晓梅")) for card in spare),
        return_exceptions=True,
    )
    found = Counter(getattr(answer, "code", "done") for answer in answers)
    assert found == {"done": 2, "borrowing.asset_not_on_it": 1}
    assert await verify_promises() == []


async def test_no_more_goes_out_than_was_asked_for_when_two_scan_the_last_one(hall: Hall, settings: Settings):
    view, [one, other] = await approved(hall, 1, 2)
    answers = await while_finishing(
        settings, lambda: issue(hall, view, one.code), lambda: issue(hall, view, other.code)
    )
    assert answers == ("done", "borrowing.asset_not_on_it")
    assert await verify_promises() == []


async def test_the_rest_is_given_up_once_when_two_give_it_up(hall: Hall, settings: Settings):
    view, _ = await approved(hall, 2, 0)
    await issue(hall, view, view.lines[0].asset_code)
    request = WithdrawBorrowing(view.id, "人数减少")
    answers = await while_finishing(
        settings,
        lambda: withdraw_borrowing(hall.borrower, request),
        lambda: withdraw_borrowing(hall.approver, request),
    )
    assert answers == ("done", "borrowing.wrong_state")
    assert await verify_promises() == []


async def test_the_rest_is_inspected_once_when_two_inspect_it(hall: Hall, settings: Settings):
    view, _ = await approved(hall, 2, 0)
    codes = [line.asset_code for line in view.lines]
    await issue(hall, view, *codes)
    await take_back(hall, *codes)
    answers = await while_finishing(
        settings, lambda: inspect_rest(hall.lender, view.id), lambda: inspect_rest(hall.lender, view.id)
    )
    assert answers == ("done", "borrowing.wrong_state")


async def test_the_rest_is_not_given_up_when_its_days_are_not_as_stored(hall: Hall, runtime: Runtime):
    view, _ = await approved(hall, 2, 0)
    await issue(hall, view, view.lines[0].asset_code)
    await rewrite("DELETE FROM asset_day WHERE asset_id = ?", view.lines[1].asset_id)
    with expect_refusal(StateConflict, "record.changed"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "人数减少"))
    assert states(await borrowing_view(hall.borrower, view.id)) == ["out", "waiting"]


async def test_nothing_goes_out_on_a_borrowing_of_another_holder(hall: Hall, runtime: Runtime):
    view, _ = await approved(hall)
    await rewrite("UPDATE borrowing SET holder_unit_id = ? WHERE id = ?", hall.ledger.city.school.id, view.id)
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue(hall, view, view.lines[0].asset_code)


async def test_nothing_is_inspected_before_it_went_out(hall: Hall):
    view, _ = await approved(hall)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await inspect_return(hall.lender, InspectReturn(view.id, view.lines[0].asset_id, "intact"))


async def test_only_what_was_not_collected_expires_when_part_is_out(hall: Hall, go_to_day):
    view, _ = await approved(hall, 3, 0, last=9)
    await issue(hall, view, view.lines[0].asset_code)
    go_to_day(9)
    await expire_uncollected()
    view = await borrowing_view(hall.borrower, view.id)
    assert (view.state, states(view), view.can_withdraw) == ("issued", ["out", "released", "released"], False)
    assert await held_of(view.lines[1].asset_id) == []
    assert next(event.note for event in view.events if event.kind == "released").startswith("2 件没有领取")
    assert not await expire_borrowing(SYSTEM, view.id)
    assert await verify_promises() == []
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue(hall, view, hall.projector.code)
    with expect_refusal(StateConflict, "borrowing.already_issued"):
        await issue(hall, view, view.lines[1].asset_code)
    view = await take_back(hall, view.lines[0].asset_code)
    assert view.state == "returned"
    assert (await inspect_rest(hall.lender, view.id)).state == "closed"
    assert await verify_promises() == []


async def test_the_loan_is_closed_when_the_rest_expires_after_all_came_back(hall: Hall, go_to_day):
    view, _ = await approved(hall, 2, 0, last=9)
    await issue(hall, view, view.lines[0].asset_code)
    await take_back(hall, view.lines[0].asset_code)
    view = await inspect_return(hall.lender, InspectReturn(view.id, view.lines[0].asset_id, "intact"))
    assert (view.state, view.progress) == ("issued", "待领 1 件，已还 1 件")
    go_to_day(9)
    assert not await follow_up_loan(SYSTEM, view.id)
    assert await expire_borrowing(SYSTEM, view.id)
    assert (await borrowing_view(hall.borrower, view.id)).state == "closed"
    assert await verify_promises() == []


async def test_the_rest_is_given_up_when_part_is_out(hall: Hall):
    view, _ = await approved(hall, 3, 0)
    view = await issue(hall, view, view.lines[0].asset_code)
    assert (await borrowing_view(hall.borrower, view.id)).can_withdraw
    left = await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "人数减少"))
    assert (left.state, left.progress, left.waiting_count) == ("issued", "在借 1 件，未领 2 件", 0)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "再撤一次"))
    assert await held_of(view.lines[2].asset_id) == []
    assert await verify_promises() == []


async def test_loan_is_overdue_until_the_last_thing_is_back(hall: Hall, go_to_day):
    view, _ = await approved(hall, 3, 0, last=1)
    await issue(hall, view, *(line.asset_code for line in view.lines))
    go_to_day(3)
    assert await follow_up_loan(SYSTEM, view.id)
    today = to_day_number(day(0))
    assert [(await held_of(line.asset_id))[-1] for line in view.lines] == [today] * 3
    view = await take_back(hall, view.lines[0].asset_code)
    assert (view.state, view.is_overdue) == ("issued", True)
    view = await take_back(hall, *(line.asset_code for line in view.lines[1:]))
    assert (view.state, view.is_overdue, view.events[-1].note) == ("returned", False, "逾期 2 天归还")


async def test_each_damage_is_decided_by_itself_when_there_are_two(hall: Hall):
    view, _ = await approved(hall, 3, 0)
    codes = [line.asset_code for line in view.lines]
    await issue(hall, view, *codes)
    await take_back(hall, *codes)
    picture = await make_photograph(hall.lender)
    for line in view.lines[:2]:
        found = await inspect_return(hall.lender, InspectReturn(view.id, line.asset_id, "damaged", "断腿", picture))
    assert (found.state, found.can_resolve, found.can_inspect) == ("returned", True, True)
    found = await inspect_rest(hall.lender, view.id)
    assert (found.state, states(found)) == ("inspected", ["damaged", "damaged", "done"])
    with expect_refusal(InvalidInput, "borrowing.which_damaged"):
        await resolve_damage(hall.lender, ResolveDamage(view.id, "送修", "repair"))
    with expect_refusal(StateConflict, "borrowing.not_damaged"):
        await resolve_damage(hall.lender, ResolveDamage(view.id, "送修", "repair", asset_id=view.lines[2].asset_id))
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await resolve_damage(hall.lender, ResolveDamage(view.id, "送修", "repair", asset_id=hall.projector.id))
    wanted = ResolveDamage(view.id, "送修", "repair", asset_id=view.lines[1].asset_id)
    assert (await resolve_damage(hall.lender, wanted)).state == "inspected"
    assert (await resolve_damage(hall.lender, ResolveDamage(view.id, "自然损耗", "back_to_use"))).state == "closed"
    assert await verify_promises() == []


async def test_inspecting_the_rest_is_refused_when_nothing_waits_for_it(hall: Hall):
    view, _ = await approved(hall, 2, 0)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await inspect_rest(hall.lender, view.id)
    await issue(hall, view, view.lines[0].asset_code)
    with expect_refusal(StateConflict, "borrowing.not_to_inspect"):
        await inspect_rest(hall.lender, view.id)


async def test_the_desk_is_told_the_next_step_when_a_thing_is_on_two_borrowings(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    now = await submit_borrowing(hall.borrower, application(made[0].id, 0, 1, quantity=2))
    later = await submit_borrowing(hall.borrower, application(made[0].id, 2, 3, quantity=2))
    for view in (now, later):
        await approve(view.id, hall.approver, hall.lender)
    found = await desk_borrowing_of(hall.lender, made[0].id)
    assert found is not None
    assert (found.kind, found.borrowing_id) == ("issue", now.id)
    await issue(hall, now, made[0].code)
    found = await desk_borrowing_of(hall.lender, made[0].id)
    assert found is not None
    assert (found.kind, found.borrowing_id) == ("return", now.id)
    stranger = await make_actor("外单位管理员", hall.ledger.city.school, Role.ASSET_MANAGER)
    assert await desk_borrowing_of(stranger, made[0].id) is None


async def test_things_are_collected_where_all_of_them_stand_when_they_are_in_several_places(hall: Hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    second = await make_place(ledger.city.district_operator, "B 区", PlaceKind.ZONE, ledger.store)
    cards = [(await make_listed(manager, place))[0] for place in (ledger.shelf, second)]
    view = await submit_borrowing(hall.borrower, application(cards[0].id, quantity=2))
    assert view.place_name == ledger.store.full_name
    await move_asset(manager, MoveAsset(asset_id=cards[1].id, place_id=ledger.shelf.id, reason="归并"))
    await deliver_due()
    assert (await borrowing_view(hall.borrower, view.id)).place_name == ledger.shelf.full_name
    elsewhere = await make_place(ledger.city.district_operator, "分仓", PlaceKind.WAREHOUSE)
    await move_asset(manager, MoveAsset(asset_id=cards[1].id, place_id=elsewhere.id, reason="腾库"))
    await deliver_due()
    # In two buildings at once: it is collected where it was said to be.
    assert (await borrowing_view(hall.borrower, view.id)).place_name == ledger.shelf.full_name
