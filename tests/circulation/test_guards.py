"""What the locks, counts and scopes of circulation are for, one by one."""

import pytest
from tortoise.exceptions import IntegrityError

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.assets.commands import correct_asset
from server.assets.queries import card_view
from server.assets.types import CorrectAsset
from server.circulation.commands import (
    close_listing,
    follow_up_loan,
    inspect_return,
    issue_by_code,
    mark_ready,
    open_listing,
    open_listings,
    resolve_damage,
    return_by_code,
    submit_borrowing,
    withdraw_borrowing,
)
from server.circulation.jobs import refresh_listing
from server.circulation.queries import borrowing_view, list_borrowings, listing_view
from server.circulation.types import (
    InspectReturn,
    IssueByCode,
    OpenListing,
    ResolveDamage,
    ReturnByCode,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.commands import HandOver, hand_over
from server.identity.roles import Role
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.instants import to_day_number
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, application, approve, make_borrowing, make_photograph
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import pause_at, while_finishing


async def damaged_return(hall):
    view = await make_borrowing(hall, until="returned")
    picture = await make_photograph(hall.lender)
    found = InspectReturn(view.id, hall.projector.id, "damaged", "镜头有裂纹", picture)
    return await inspect_return(hall.lender, found)


async def correct(hall, **changes: object) -> None:
    card = await card_view(hall.lender, hall.projector.id)
    await correct_asset(hall.lender, CorrectAsset(asset_id=card.id, version=card.version, reason="登记更正", **changes))


# Who comes second hears how it stands by then


async def test_listing_is_closed_once_when_two_close_it(hall, settings):
    answers = await while_finishing(
        settings,
        lambda: close_listing(hall.lender, hall.listing.id, "收回自用"),
        lambda: close_listing(hall.lender, hall.listing.id, "收回自用"),
    )
    assert answers == ("done", "listing.closed")


async def test_closed_listing_is_not_found_by_search_when_its_card_changed_meanwhile(hall, settings):
    await correct(hall, brand="明基")

    async def refresh() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await refresh_listing(uow, {"asset_id": hall.projector.id})

    answers = await while_finishing(settings, lambda: close_listing(hall.lender, hall.listing.id, "收回自用"), refresh)
    assert answers == ("done", "done")
    async with reading() as db:
        assert await db.fetch_all("SELECT id FROM search_document WHERE id = ?", hall.listing.id) == []


async def test_ready_is_said_once_when_two_say_it(hall, settings):
    view = await make_borrowing(hall, until="approved")
    answers = await while_finishing(
        settings, lambda: mark_ready(hall.lender, view.id), lambda: mark_ready(hall.lender, view.id)
    )
    assert answers == ("done", "borrowing.wrong_state")


async def test_thing_is_handed_out_once_when_two_scan_it(hall, settings):
    view = await make_borrowing(hall, until="approved")
    request = IssueByCode(view.id, hall.projector.code, "李晓梅")
    answers = await while_finishing(
        settings, lambda: issue_by_code(hall.lender, request), lambda: issue_by_code(hall.lender, request)
    )
    assert answers == ("done", "borrowing.already_issued")


async def test_thing_is_taken_back_once_when_two_scan_it(hall, settings):
    await make_borrowing(hall, until="issued")
    request = ReturnByCode(hall.projector.code)
    answers = await while_finishing(
        settings, lambda: return_by_code(hall.lender, request), lambda: return_by_code(hall.lender, request)
    )
    assert answers == ("done", "borrowing.nothing_to_return")


async def test_damage_is_resolved_once_when_two_decide(hall, settings):
    view = await damaged_return(hall)
    answers = await while_finishing(
        settings,
        lambda: resolve_damage(hall.lender, ResolveDamage(view.id, "由借用单位承担维修费", "repair", "双方确认")),
        lambda: resolve_damage(hall.lender, ResolveDamage(view.id, "自然损耗，不追究", "back_to_use", "")),
    )
    assert answers == ("done", "borrowing.wrong_state")


async def test_borrowing_is_withdrawn_once_when_two_withdraw_it(hall, settings):
    view = await make_borrowing(hall, until="approved")
    request = WithdrawBorrowing(view.id, "会议取消")
    answers = await while_finishing(
        settings,
        lambda: withdraw_borrowing(hall.borrower, request),
        lambda: withdraw_borrowing(hall.approver, request),
    )
    assert answers == ("done", "borrowing.wrong_state")
    assert await verify_promises() == []


async def test_loan_is_not_followed_up_when_it_is_being_returned(hall, settings, go_to_day):
    view = await make_borrowing(hall, until="issued")
    go_to_day(5)
    answers = await while_finishing(
        settings,
        lambda: return_by_code(hall.lender, ReturnByCode(hall.projector.code)),
        lambda: follow_up_loan(SYSTEM, view.id),
    )
    assert answers == ("done", "done")
    assert not (await borrowing_view(hall.borrower, view.id)).is_overdue


async def colleague_of(hall):
    return await make_actor("冯雨", hall.ledger.city.culture, Role.BORROWER)


async def test_handover_goes_through_when_a_borrowing_is_being_withdrawn(hall, settings):
    view = await make_borrowing(hall, until="approved")
    request = HandOver(hall.borrower.person_id, (await colleague_of(hall)).person_id, "岗位调整")
    answers = await while_finishing(
        settings,
        lambda: withdraw_borrowing(hall.approver, WithdrawBorrowing(view.id, "会议取消")),
        lambda: hand_over(hall.borrower, request),
    )
    # Where there is one writer, nothing is left to hand over by then.
    assert answers in {("done", "done"), ("done", "handover.nothing_held")}


async def test_handover_goes_through_when_an_application_is_being_refused(hall, settings):
    view = await make_borrowing(hall)
    task = (await borrowing_view(hall.approver, view.id)).chain.steps[0].task_id
    request = HandOver(hall.borrower.person_id, (await colleague_of(hall)).person_id, "岗位调整")
    answers = await while_finishing(
        settings,
        lambda: decide(hall.approver, Decide(task_id=task, is_approved=False, opinion="本周另有安排")),
        lambda: hand_over(hall.borrower, request),
    )
    assert answers in {("done", "done"), ("done", "handover.nothing_held")}


# What was promised holds


async def test_issue_refused_when_its_days_are_gone(hall, runtime):
    view = await make_borrowing(hall, until="approved")
    assert await rewrite(
        "DELETE FROM asset_day WHERE borrowing_id = ? AND day = ?", view.id, to_day_number(view.from_day)
    )
    with expect_refusal(StateConflict, "asset.not_available"):
        await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))


async def test_withdrawal_refused_as_a_whole_when_its_days_are_not_as_stored(hall, runtime):
    view = await make_borrowing(hall)
    assert (
        await rewrite("DELETE FROM asset_day WHERE borrowing_id = ? AND day = ?", view.id, to_day_number(view.from_day))
        == 1
    )
    with expect_refusal(StateConflict, "record.changed"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议取消"))
    async with reading() as db:
        rows = await db.fetch_all("SELECT id FROM asset_day WHERE borrowing_id = ?", view.id)
    assert len(rows) == 2
    assert (await borrowing_view(hall.borrower, view.id)).state == "submitted"


async def test_application_refused_when_the_thing_was_classified_a_moment_ago(hall):
    await correct(hall, is_classified=True)
    with expect_refusal(StateConflict, "borrowing.asset_not_lendable"):
        await submit_borrowing(hall.borrower, application(hall.projector.id))


# Out of scope


async def test_operations_of_another_unit_offers_nothing_of_a_warehouse(hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    stock = await make_card(manager, ledger.shelf)
    stranger = await make_actor("严明", ledger.city.operator, Role.OPERATIONS)
    with expect_refusal(NotFound, "asset.not_found"):
        await open_listing(stranger, OpenListing(stock.id, "自取自还", 30))


async def test_listing_of_another_unit_is_not_found_when_a_manager_closes_it(hall):
    with expect_refusal(NotFound, "listing.not_found"):
        await close_listing(hall.approver, hall.listing.id, "收回自用")


async def test_damage_is_decided_by_the_holder_alone(hall):
    view = await damaged_return(hall)
    request = ResolveDamage(view.id, "由借用单位承担维修费", "repair", "双方确认")
    with expect_refusal(Forbidden, "role.required"):
        await resolve_damage(hall.approver, request)
    stranger = await make_actor("何静", hall.ledger.city.school, Role.ASSET_MANAGER)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await resolve_damage(stranger, request)


async def test_whoever_lacks_the_role_never_hears_whether_it_is_there(hall):
    for actor, error, listing, asset in (
        (hall.borrower, Forbidden, "role.required", "role.required"),
        (hall.lender, NotFound, "listing.not_found", "asset.not_found"),
    ):
        with expect_refusal(error, listing):
            await close_listing(actor, "0000000000000000", "收回自用")
        with expect_refusal(error, asset):
            await open_listing(actor, OpenListing("0000000000000000", "自取自还", 30))
        with expect_refusal(error, asset):
            await issue_by_code(actor, IssueByCode(None, "A02020200-330113001-2026-9999", "李晓梅"))


# Each day, each number, each card's place on the board is one borrowing's


async def test_second_promise_of_a_day_is_refused_by_the_storage_whatever_its_name(hall, runtime):
    await make_borrowing(hall)
    sql = "INSERT INTO asset_day (id, asset_id, day, next_day, borrowing_id) SELECT ?, asset_id, day, next_day, ?"
    with pytest.raises(IntegrityError):
        await rewrite(f"{sql} FROM asset_day LIMIT 1", new_id(), new_id())


async def test_number_is_never_given_twice_when_its_series_is_set_back(hall, runtime):
    await make_borrowing(hall, 0, 1)
    assert await rewrite("UPDATE counter SET value = value - 1 WHERE series LIKE 'borrowing:%'") == 1
    with pytest.raises(IntegrityError):
        await make_borrowing(hall, 3, 4)


# Who may borrow (上海市机关运行保障条例 14), and until when


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("kind = 'enterprise'", "borrowing.unit_may_not_borrow"),
        ("kind = 'temporary_body'", "borrowing.unit_without_lead"),
        ("is_active = 0", "borrowing.unit_inactive"),
    ],
)
async def test_application_refused_when_the_unit_may_not_borrow(hall, runtime, change, code):
    assert await rewrite(f"UPDATE unit SET {change} WHERE id = ?", hall.borrower.unit_id) == 1
    with expect_refusal(Forbidden, code):
        await submit_borrowing(hall.borrower, application(hall.projector.id))


async def test_application_refused_when_the_thing_is_to_be_scrapped(hall, runtime):
    assert await rewrite("UPDATE asset_card SET state = 'scrap_proposed' WHERE id = ?", hall.projector.id) == 1
    with expect_refusal(StateConflict, "borrowing.asset_not_lendable"):
        await submit_borrowing(hall.borrower, application(hall.projector.id))


async def last_task(hall, view) -> str:
    """The lender's step, the last one, as it waits."""
    await approve(view.id, hall.approver)
    task = await waiting_task_for(hall.lender, "borrowing", view.id)
    assert task is not None
    return task.id


async def test_agreement_refused_when_the_last_day_has_passed(hall, go_to_day):
    task = await last_task(hall, await make_borrowing(hall, 0, 1))
    go_to_day(2)
    with expect_refusal(StateConflict, "borrowing.too_late"):
        await decide(hall.lender, Decide(task_id=task, is_approved=True))


async def test_agreement_refused_when_the_days_are_gone(hall, runtime):
    view = await make_borrowing(hall)
    task = await last_task(hall, view)
    assert await rewrite("DELETE FROM asset_day WHERE borrowing_id = ?", view.id) == 3
    with expect_refusal(StateConflict, "asset.not_available"):
        await decide(hall.lender, Decide(task_id=task, is_approved=True))


async def test_decision_refused_when_the_borrowing_waits_for_none(hall, runtime):
    view = await make_borrowing(hall)
    task = await last_task(hall, view)
    assert await rewrite("UPDATE borrowing SET state = 'ready' WHERE id = ?", view.id) == 1
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await decide(hall.lender, Decide(task_id=task, is_approved=True))


# What is shown, and what is offered to do


async def test_only_the_desk_is_shown_the_telephone_and_the_desk_s_buttons(hall):
    view = await make_borrowing(hall, until="approved")
    lender, approver = await borrowing_view(hall.lender, view.id), await borrowing_view(hall.approver, view.id)
    assert (lender.applicant_phone, lender.can_issue, lender.can_withdraw) == ("13805710001", True, False)
    assert (approver.applicant_phone, approver.can_issue, approver.can_withdraw) == (None, False, True)


async def test_only_the_holder_is_offered_to_decide_about_damage(hall):
    view = await damaged_return(hall)
    assert (await borrowing_view(hall.lender, view.id)).can_resolve
    assert not (await borrowing_view(hall.approver, view.id)).can_resolve


async def test_nothing_of_another_unit_s_desk_is_listed(hall):
    view = await make_borrowing(hall, until="approved")
    assert [row.id for row in (await list_borrowings(hall.lender, "desk")).items] == [view.id]
    assert (await list_borrowings(hall.approver, "desk")).items == []


async def test_only_the_lister_is_offered_to_close_a_listing(hall):
    ledger = hall.ledger
    assert (await listing_view(hall.lender, hall.listing.id)).can_close
    assert not (await listing_view(hall.approver, hall.listing.id)).can_close
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    stock = await make_card(manager, ledger.shelf)
    listing = await open_listing(ledger.operator, OpenListing(stock.id, "自取自还", 30))
    stranger = await make_actor("严明", ledger.city.operator, Role.OPERATIONS)
    assert (await listing_view(ledger.operator, listing.id)).can_close
    assert not (await listing_view(stranger, listing.id)).can_close


async def test_board_says_what_the_card_says_when_two_bring_it_in_step_at_once(
    hall: Hall, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    async def in_step() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await refresh_listing(uow, {"asset_id": hall.projector.id})

    async def correct_and_say() -> None:
        await correct(hall, brand="索尼")
        await in_step()

    await correct(hall, brand="爱普声")
    came = pause_at(monkeypatch, settings, "server.circulation.jobs.copied_fields", correct_and_say)
    await in_step()
    assert await came[0] == "done"
    async with reading() as rows:
        found = await rows.fetch_all("SELECT brand FROM asset_listing WHERE asset_id = ?", hall.projector.id)
    assert [row["brand"] for row in found] == ["索尼"]


async def test_several_listings_are_for_those_who_lend(hall: Hall):
    with expect_refusal(Forbidden, "role.required"):
        await open_listings(hall.borrower, [OpenListing(hall.projector.id, "自取", 30)])
