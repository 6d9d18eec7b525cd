"""Sent back to be corrected: the days stay held, the applicant changes what may be changed, and it begins again."""

from collections.abc import Callable

import pytest

from server.approvals.commands import return_task
from server.approvals.queries import waiting_task_for
from server.approvals.types import ReturnTask
from server.circulation.commands import (
    choose_collection,
    close_listing,
    correct_borrowing,
    correct_renewal,
    renew_borrowing,
    return_by_code,
    submit_basket,
    submit_borrowing,
    withdraw_borrowing,
)
from server.circulation.jobs import expire_uncollected, lapse_renewals
from server.circulation.queries import borrowing_view, list_borrowings
from server.circulation.types import (
    BorrowingView,
    ChooseCollection,
    Collection,
    CorrectBorrowing,
    CorrectRenewal,
    KeptLine,
    RenewBorrowing,
    ReturnByCode,
    SubmitBasket,
    WantedLine,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.commands import HandOver, hand_over
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.instants import to_day_number
from server.kernel.reading import reading
from server.notices.queries import list_notices
from server.policies.calendar import add_working_days
from server.settings import Settings
from tests.factories.circulation import Hall, application, approve, day, make_borrowing, make_chairs
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import while_changing, while_finishing

WHY = "请写清楚用在哪个会场"


async def send_back(approver: Actor, subject_id: str, kind: str = "borrowing", why: str = WHY) -> None:
    task = await waiting_task_for(approver, kind, subject_id)
    assert task is not None
    await return_task(approver, ReturnTask(task.id, why))


def correction(view: BorrowingView, first: int = 0, last: int = 2, **changes: object) -> CorrectBorrowing:
    fields: dict[str, object] = {"purpose": view.purpose, "phone": "13805710001", **changes}
    return CorrectBorrowing(view.id, day(first), day(last), **fields)  # type: ignore[arg-type]


async def held(borrowing_id: str) -> list[tuple[str, int]]:
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT asset_id, day FROM asset_day WHERE borrowing_id = ? ORDER BY asset_id, day", borrowing_id
        )
    return [(row["asset_id"], row["day"]) for row in rows]


def run(asset_id: str, first: int, last: int) -> list[tuple[str, int]]:
    return [(asset_id, to_day_number(day(offset))) for offset in range(first, last + 1)]


async def returned(hall: Hall) -> BorrowingView:
    view = await make_borrowing(hall)
    await send_back(hall.approver, view.id)
    return await borrowing_view(hall.borrower, view.id)


async def test_days_stay_held_when_it_is_sent_back(hall: Hall):
    view = await returned(hall)
    assert (view.state, view.state_name, view.can_correct) == ("submitted", "退回修改", True)
    async with reading() as db:
        assert view.correct_by == await add_working_days(db, "330000/330100/330113/", day(0), 3)
    assert await held(view.id) == run(hall.projector.id, 0, 2)
    [row] = (await list_borrowings(hall.borrower, "mine", "open")).items
    assert row.state_name == "退回修改"
    assert [(event.name, event.note) for event in view.events][1:] == [("退回修改", WHY)]
    notice = (await list_notices(hall.borrower)).items[0]
    assert notice.title == "借用申请被退回修改" and WHY in notice.body and str(view.correct_by) in notice.body
    assert await verify_promises() == []


async def test_it_begins_again_with_what_was_changed(hall: Hall):
    before = await returned(hall)
    await correct_borrowing(hall.borrower, correction(before, 1, 4, purpose="培训班放映", note="改在二楼会议室"))
    view = await borrowing_view(hall.approver, before.id)
    assert (view.state_name, view.correct_by, view.can_correct) == ("审批中", None, False)
    assert (view.purpose, view.from_day, view.to_day) == ("培训班放映", day(1), day(4))
    assert await held(view.id) == run(hall.projector.id, 1, 4)
    [first] = view.chain.rounds
    assert view.chain.round == 2 and view.chain.policy_version_id == before.chain.policy_version_id
    assert [(each.name, each.after) for each in first.changes] == [
        ("借用日期", f"{day(1)} 至 {day(4)}"),
        ("借用事由", "培训班放映"),
        ("补充说明", "改在二楼会议室"),
    ]
    assert await verify_promises() == []
    await approve(view.id, hall.approver, hall.lender)
    assert (await borrowing_view(hall.borrower, view.id)).state == "approved"


async def test_new_telephone_is_kept_sealed_and_told_nobody(hall: Hall):
    before = await returned(hall)
    view = await correct_borrowing(hall.borrower, correction(before, phone="13805710002"))
    assert view.applicant_phone == "13805710002"
    [change] = view.chain.rounds[0].changes
    assert (change.name, change.before, change.after) == ("联系电话", "原号码", "新号码")
    async with reading() as db:
        row = await db.fetch_one("SELECT facts FROM audit_event WHERE action = 'borrowing.correct'")
    assert row and "138057" not in row["facts"] and "联系电话" in row["facts"]


async def test_correction_is_refused_and_holds_what_it_held_when_the_days_are_taken(hall: Hall):
    view = await returned(hall)
    await submit_borrowing(hall.borrower, application(hall.projector.id, 5, 6))
    with pytest.raises(StateConflict, match=r"asset.not_available"):
        await correct_borrowing(hall.borrower, correction(view, 4, 5))
    assert await held(view.id) == run(hall.projector.id, 0, 2)
    assert (await borrowing_view(hall.borrower, view.id)).can_correct


async def test_fewer_pieces_are_kept_and_the_rest_is_free(hall: Hall):
    chairs = await make_chairs(hall.ledger, 4)
    lines = [WantedLine(chairs[0].id, 3), WantedLine(hall.projector.id)]
    wanted = SubmitBasket(lines, day(0), day(1), "全区文化工作会议")
    [view] = (await submit_basket(hall.borrower, wanted)).borrowings
    await send_back(hall.approver, view.id, why="两把就够，投影仪会场已有")
    view = await correct_borrowing(hall.borrower, correction(view, 0, 1, kept=(KeptLine(1, 2), KeptLine(2, 0))))
    assert (view.piece_count, view.title) == (2, "会议椅 震旦 CB-32 2 件")
    assert {asset for asset, _ in await held(view.id)} == {line.asset_id for line in view.lines}
    assert await verify_promises() == []
    # The third chair and the projector can be had by others.
    await submit_borrowing(hall.borrower, application(hall.projector.id, 0, 1))
    # And for other days equal ones stand in where the first are taken.
    await submit_borrowing(hall.borrower, application(view.lines[0].asset_id, 5, 6))
    await send_back(hall.approver, view.id)
    moved = await correct_borrowing(hall.borrower, correction(view, 5, 6))
    assert moved.piece_count == 2 and view.lines[0].asset_id not in {line.asset_id for line in moved.lines}
    assert len(await held(view.id)) == 4 and await verify_promises() == []


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ((KeptLine(1, 4),), "borrowing.only_fewer"),
        ((KeptLine(1, -1),), "borrowing.only_fewer"),
        ((KeptLine(9, 0),), "borrowing.only_fewer"),
        ((KeptLine(1, 1), KeptLine(1, 2)), "borrowing.only_fewer"),
        ((KeptLine(1, 0),), "borrowing.nothing_left"),
    ],
)
async def test_correction_is_refused_for_more_than_was_asked_for_or_nothing(hall: Hall, kept, code):
    chairs = await make_chairs(hall.ledger, 4)
    view = await submit_borrowing(hall.borrower, application(chairs[0].id, quantity=3))
    await send_back(hall.approver, view.id)
    with pytest.raises(InvalidInput) as refused:
        await correct_borrowing(hall.borrower, correction(view, kept=kept))
    assert refused.value.fields[0].code == code
    assert len(await held(view.id)) == 9


async def test_days_that_the_rules_forbid_are_refused(hall: Hall):
    view = await returned(hall)
    for first, last, code in (
        (-1, 2, "borrowing.from_in_past"),
        (3, 2, "borrowing.to_before_from"),
        (0, 40, "borrowing.too_long"),
        (900, 901, "borrowing.too_far_ahead"),
    ):
        with pytest.raises(InvalidInput, match=code):
            await correct_borrowing(hall.borrower, correction(view, first, last))
    await close_listing(hall.lender, hall.listing.id, "本单位要用")
    with pytest.raises(StateConflict, match=r"listing.closed"):
        await correct_borrowing(hall.borrower, correction(view, 1, 3))
    # What it holds already it keeps.
    assert (await correct_borrowing(hall.borrower, correction(view, purpose="培训班"))).chain.round == 2


async def test_day_for_collecting_is_chosen_again_when_it_lies_outside(hall: Hall):
    view = await make_borrowing(hall)
    await choose_collection(hall.borrower, ChooseCollection(view.id, Collection("pickup", day(0), "morning")))
    await send_back(hall.approver, view.id)
    moved = await correct_borrowing(hall.borrower, correction(view, 1, 3))
    assert moved.collection is None
    assert "领取方式" in [each.name for each in moved.chain.rounds[0].changes]


async def test_only_the_applicant_corrects(hall: Hall):
    view = await returned(hall)
    assert not (await borrowing_view(hall.approver, view.id)).can_correct
    with pytest.raises(Forbidden, match=r"approval.not_applicant"):
        await correct_borrowing(hall.approver, correction(view))
    with pytest.raises(Forbidden, match=r"role.required"):
        await correct_borrowing(hall.lender, correction(view))
    stranger = await make_actor("路人", hall.ledger.city.education, Role.BORROWER)
    with pytest.raises(NotFound, match=r"borrowing.not_found"):
        await correct_borrowing(stranger, correction(view))


async def test_it_expires_when_it_is_not_corrected_in_time(hall: Hall, go_to_day: Callable[[int], None]):
    view = await make_borrowing(hall, 0, 20)
    await send_back(hall.approver, view.id)
    view = await borrowing_view(hall.borrower, view.id)
    assert view.correct_by is not None
    left = (view.correct_by - day(0)).days
    go_to_day(left)
    await expire_uncollected()
    assert (await borrowing_view(hall.borrower, view.id)).state == "submitted"
    go_to_day(left + 1)
    await expire_uncollected()
    ended = await borrowing_view(hall.borrower, view.id)
    assert ended.state == "expired" and "没有在" in str(ended.end_reason)
    assert (ended.chain.state, await held(view.id)) == ("cancelled", [])
    assert await verify_promises() == []


async def test_withdrawal_frees_the_days_of_what_was_sent_back(hall: Hall):
    view = await returned(hall)
    ended = await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议取消"))
    assert (ended.state, ended.can_correct, await held(view.id)) == ("withdrawn", False, [])
    assert await verify_promises() == []


async def test_who_takes_over_corrects_it(hall: Hall):
    view = await returned(hall)
    colleague = await make_actor("周小兰", hall.ledger.city.culture, Role.BORROWER)
    assert hall.borrower.person_id and colleague.person_id
    await hand_over(
        await make_actor("安全员", hall.ledger.city.culture, Role.SYSTEM_ADMIN),
        HandOver(hall.borrower.person_id, colleague.person_id, "调离"),
    )
    with pytest.raises((Forbidden, NotFound)):
        await correct_borrowing(hall.borrower, correction(view))
    again = await correct_borrowing(colleague, correction(view, purpose="培训班"))
    assert again.chain.rounds[0].corrected_by_name == "周小兰"


# Renewals


async def renewal_returned(hall: Hall) -> BorrowingView:
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(6), "展期延长"))
    await send_back(hall.lender, asked.renewals[0].id, "renewal")
    return await borrowing_view(hall.borrower, view.id)


async def test_renewal_is_corrected_to_fewer_days_or_more(hall: Hall):
    view = await renewal_returned(hall)
    assert view.renewals[0].state_name == "续借退回修改" and view.can_correct_renewal
    assert await held(view.id) == run(hall.projector.id, 0, 6)
    for last in (4, 9):
        view = await correct_renewal(hall.borrower, CorrectRenewal(view.id, day(last), "展期延长", "已与贵单位说好"))
        assert (view.renewals[0].to_day, view.renewals[0].state_name) == (day(last), "续借审批中")
        assert await held(view.id) == run(hall.projector.id, 0, last)
        assert await verify_promises() == []
        await send_back(hall.lender, view.renewals[0].id, "renewal")
    assert [each.number for each in (await borrowing_view(hall.borrower, view.id)).renewals[0].chain.rounds] == [1, 2]


async def test_renewal_is_not_corrected_by_others_or_to_what_is_no_renewal(hall: Hall):
    view = await renewal_returned(hall)
    with pytest.raises(Forbidden, match=r"approval.not_applicant"):
        await correct_renewal(hall.approver, CorrectRenewal(view.id, day(5), "展期延长"))
    with pytest.raises(Forbidden, match=r"role.required"):
        await correct_renewal(hall.lender, CorrectRenewal(view.id, day(5), "展期延长"))
    for last, code in ((2, "borrowing.renewal_not_later"), (300, "borrowing.renewal_too_long")):
        with pytest.raises(InvalidInput, match=code):
            await correct_renewal(hall.borrower, CorrectRenewal(view.id, day(last), "展期延长"))
    assert await held(view.id) == run(hall.projector.id, 0, 6)


async def test_renewal_lapses_when_it_is_not_corrected_in_time(hall: Hall, go_to_day: Callable[[int], None]):
    view = await make_borrowing(hall, 0, 20, until="issued")
    asked = await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(28), "展期延长"))
    await send_back(hall.lender, asked.renewals[0].id, "renewal")
    correct_by = (await borrowing_view(hall.borrower, view.id)).renewals[0].correct_by
    assert correct_by is not None
    left = (correct_by - day(0)).days
    go_to_day(left)
    await lapse_renewals()
    assert (await borrowing_view(hall.borrower, view.id)).renewals[0].state == "pending"
    go_to_day(left + 1)
    await lapse_renewals()
    assert (await borrowing_view(hall.borrower, view.id)).renewals[0].state == "lapsed"
    assert await held(view.id) == run(hall.projector.id, -left - 1, 20 - left - 1)


async def test_system_never_corrects(hall: Hall):
    view = await returned(hall)
    with pytest.raises(Forbidden):
        await correct_borrowing(SYSTEM, correction(view))


async def test_correction_is_refused_when_the_loan_no_longer_waits(hall: Hall):
    view = await returned(hall)
    await rewrite("UPDATE borrowing SET state = 'withdrawn' WHERE id = ?", view.id)
    with pytest.raises(StateConflict, match=r"borrowing.wrong_state"):
        await correct_borrowing(hall.borrower, correction(view))


async def test_fewer_pieces_are_refused_when_the_days_have_passed_or_one_is_out(hall: Hall):
    chairs = await make_chairs(hall.ledger, 3)
    wanted = SubmitBasket([WantedLine(chairs[0].id, 3)], day(0), day(1), "全区文化工作会议")
    [view] = (await submit_basket(hall.borrower, wanted)).borrowings
    await send_back(hall.approver, view.id)
    fewer = (KeptLine(1, 2),)
    await rewrite("UPDATE borrowing_line SET issued_at = 1 WHERE borrowing_id = ?", view.id)
    with pytest.raises(StateConflict, match=r"record.changed"):
        await correct_borrowing(hall.borrower, correction(view, 0, 1, kept=fewer))
    await rewrite("UPDATE borrowing_line SET issued_at = NULL WHERE borrowing_id = ?", view.id)
    await rewrite("UPDATE borrowing SET from_day = from_day - 9, to_day = to_day - 9 WHERE id = ?", view.id)
    with pytest.raises(StateConflict, match=r"borrowing.too_late"):
        await correct_borrowing(hall.borrower, correction(view, -9, -8, kept=fewer))


async def test_correction_goes_through_when_the_thing_is_moved_meanwhile(hall: Hall, settings: Settings):
    view = await make_borrowing(hall)
    await send_back(hall.approver, view.id)
    moved = "UPDATE borrowing SET version = version + 1, place_name = ? WHERE id = ?"
    done = await while_changing(
        settings, lambda: correct_borrowing(hall.borrower, correction(view)), moved, "区公物仓", view.id
    )
    assert done == "done"


async def test_renewal_is_not_corrected_to_a_day_that_has_passed_or_once_it_has_ended(hall: Hall):
    view = await renewal_returned(hall)
    await rewrite("UPDATE borrowing_renewal SET state = 'lapsed' WHERE borrowing_id = ?", view.id)
    with pytest.raises(StateConflict, match=r"record.changed"):
        await correct_renewal(hall.borrower, CorrectRenewal(view.id, day(9), "展期延长"))
    await rewrite("UPDATE borrowing_renewal SET state = 'pending' WHERE borrowing_id = ?", view.id)
    await rewrite("UPDATE borrowing SET from_day = from_day - 9, to_day = to_day - 9 WHERE id = ?", view.id)
    with pytest.raises(InvalidInput) as refused:
        await correct_renewal(hall.borrower, CorrectRenewal(view.id, day(-1), "展期延长"))
    assert [(fault.field, fault.code) for fault in refused.value.fields] == [("to_day", "borrowing.renewal_not_later")]


async def test_renewal_is_not_corrected_when_the_thing_is_being_returned(hall: Hall, settings: Settings):
    view = await renewal_returned(hall)
    found = await while_finishing(
        settings,
        lambda: return_by_code(hall.lender, ReturnByCode(hall.projector.code)),
        lambda: correct_renewal(hall.borrower, CorrectRenewal(view.id, day(9), "展期延长")),
    )
    assert found == ("done", "borrowing.nothing_to_renew")
    assert await verify_promises() == []
