"""What the locks of lost things and of events are for: of two at once, the second sees what the first has done."""

import msgspec
import pytest

from server.circulation.commands import return_by_code, submit_borrowing
from server.circulation.losses.commands import (
    ask_write_off,
    decide_loss,
    record_payment,
    report_found,
    report_loss,
    waive_loss,
)
from server.circulation.losses.handlers import take_decision
from server.circulation.losses.models import LossCase
from server.circulation.losses.progress import change
from server.circulation.losses.queries import count_losses, loss_view
from server.circulation.losses.types import AskWriteOff, ReportFound, WaiveLoss
from server.circulation.occasions.commands import close_occasion, prolong_occasion
from server.circulation.occasions.handlers import move_occasions
from server.circulation.occasions.models import Occasion
from server.circulation.occasions.types import CloseOccasion, ProlongOccasion
from server.circulation.types import ReturnByCode
from server.circulation.verification import verify_promises
from server.identity.commands import HandOver, hand_over
from server.identity.ops import HeldItem
from server.identity.roles import Role
from server.kernel.errors import NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_losses import lost, make_loss, receipt, settled, verdict
from tests.circulation.test_occasions import make_event
from tests.factories.circulation import Hall, application, day, make_borrowing
from tests.factories.identity import SYSTEM, make_actor
from tests.identity.asking import stored
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing


async def test_thing_is_lost_once_when_two_report_it(hall: Hall, settings: Settings):
    loan = await make_borrowing(hall, until="issued")
    wanted = lost(loan.id, hall.projector.id)
    found = await while_finishing(
        settings, lambda: report_loss(hall.borrower, wanted), lambda: report_loss(hall.lender, wanted)
    )
    assert found == ("done", "loss.not_out")
    assert await verify_promises() == []


async def test_lost_thing_is_not_taken_back_when_it_is_scanned_at_once(hall: Hall, settings: Settings):
    loan = await make_borrowing(hall, until="issued")
    found = await while_finishing(
        settings,
        lambda: report_loss(hall.borrower, lost(loan.id, hall.projector.id)),
        lambda: return_by_code(hall.lender, ReturnByCode(hall.projector.code)),
    )
    assert found == ("done", "borrowing.nothing_to_return")
    assert await verify_promises() == []


async def test_loss_is_decided_once_when_two_decide(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    found = await while_finishing(
        settings,
        lambda: decide_loss(loss.judge, verdict(loss.view.id, 100)),
        lambda: decide_loss(hall.lender, verdict(loss.view.id, 200)),
    )
    assert found == ("done", "loss.wrong_state")
    assert await verify_promises() == []


async def test_found_thing_is_not_decided_about_when_both_happen(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    found = await while_finishing(
        settings,
        lambda: report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good")),
        lambda: decide_loss(loss.judge, verdict(loss.view.id)),
    )
    assert found == ("done", "loss.wrong_state")
    assert await verify_promises() == []


async def test_no_more_is_paid_than_is_owed_when_two_receipts_arrive(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id, 500))
    found = await while_finishing(
        settings,
        lambda: record_payment(hall.lender, receipt(loss.view.id, 300, "浙财0001")),
        lambda: record_payment(hall.lender, receipt(loss.view.id, 300, "浙财0002")),
    )
    assert found == ("done", "loss.overpaid")
    assert await verify_promises() == []


async def test_what_was_paid_is_not_waived_when_both_happen(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id, 500))
    found = await while_finishing(
        settings,
        lambda: record_payment(hall.lender, receipt(loss.view.id, 500)),
        lambda: waive_loss(loss.judge, WaiveLoss(loss_id=loss.view.id, reason="不可抗力")),
    )
    assert found == ("done", "loss.wrong_state")
    assert await verify_promises() == []


async def test_case_is_not_changed_when_it_is_not_as_it_was_read(hall: Hall):
    await make_loss(hall)
    for stale in ({"version": 7}, {"state": "decided"}):
        with expect_refusal(StateConflict, "record.changed"):
            async with unit_of_work(SYSTEM) as uow:
                [case] = await uow.find_all(LossCase)
                case.update_from_dict(stale)
                await change(uow, case, decision="改了")


@pytest.mark.parametrize(
    ("statement", "is_found"),
    [("loss_decided_at = 1", False), ("found_at = 1", True)],
)
async def test_line_is_resolved_once_when_its_case_says_otherwise(hall: Hall, statement: str, is_found: bool):
    loss = await make_loss(hall)
    async with unit_of_work(SYSTEM) as uow:
        assert await uow.execute(f"UPDATE borrowing_line SET {statement} WHERE lost_at IS NOT NULL") == 1
    with expect_refusal(StateConflict, "record.changed"):
        if is_found:
            await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good"))
        else:
            await decide_loss(loss.judge, verdict(loss.view.id))


async def test_event_is_handed_over_once_when_it_went_to_another_meanwhile(hall: Hall):
    event = await make_event(hall)
    colleague = await make_actor("周小兰", hall.ledger.city.culture, Role.BORROWER)
    assert hall.lender.person_id and colleague.person_id
    item = HeldItem("occasion", event.id, "", "")
    with expect_refusal(StateConflict, "record.changed"):
        async with unit_of_work(SYSTEM) as uow:
            await move_occasions(uow, hall.lender.person_id, colleague.person_id, [item])


async def test_event_is_prolonged_once_when_two_do_it(hall: Hall, settings: Settings):
    event = await make_event(hall)
    wanted = ProlongOccasion(occasion_id=event.id, ends_on=day(30), reason="顺延")
    found = await while_finishing(
        settings, lambda: prolong_occasion(hall.approver, wanted), lambda: prolong_occasion(hall.approver, wanted)
    )
    assert found == ("done", "occasion.not_later")


async def test_closed_event_is_not_prolonged_when_both_happen(hall: Hall, settings: Settings):
    event = await make_event(hall)
    found = await while_finishing(
        settings,
        lambda: close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束")),
        lambda: prolong_occasion(hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(30), reason="顺延")),
    )
    assert found == ("done", "occasion.closed")


async def test_event_is_handed_over_when_it_is_being_prolonged(hall: Hall, settings: Settings):
    event = await make_event(hall)
    colleague = await make_actor("周小兰", hall.ledger.city.culture, Role.BORROWER)
    assert hall.borrower.person_id and colleague.person_id
    leaving = HandOver(hall.borrower.person_id, colleague.person_id, "调离")
    found = await while_finishing(
        settings,
        lambda: prolong_occasion(hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(30), reason="顺延")),
        lambda: hand_over(hall.approver, leaving),
    )
    assert found == ("done", "done")
    async with unit_of_work(SYSTEM) as uow:
        after = await uow.find(Occasion, id=event.id)
    assert after is not None and (after.responsible_id, after.ends_on) == (colleague.person_id, day(30))


async def test_nothing_is_borrowed_for_an_event_that_is_being_closed(hall: Hall, settings: Settings):
    event = await make_event(hall)
    wanted = msgspec.structs.replace(application(hall.projector.id), occasion_id=event.id)
    found = await while_finishing(
        settings,
        lambda: close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束")),
        lambda: submit_borrowing(hall.borrower, wanted),
    )
    assert found == ("done", "occasion.closed")


async def test_decision_about_a_write_off_counts_only_while_it_is_asked_for(hall: Hall):
    loss = await make_loss(hall)
    await settled(loss)
    await ask_write_off(hall.lender, AskWriteOff(loss_id=loss.view.id, reason="赔偿已缴清"))
    [asked] = await stored("SELECT write_off_id FROM loss_case WHERE id = ?", loss.view.id)
    await rewrite("UPDATE loss_case SET state = 'found' WHERE id = ?", loss.view.id)
    for write_off_id, kind, code in (
        (new_id(), NotFound, "loss.not_found"),
        (asked["write_off_id"], StateConflict, "loss.wrong_state"),
    ):
        with expect_refusal(kind, code):
            async with unit_of_work(SYSTEM) as uow:
                await take_decision(uow, SYSTEM, write_off_id, "approved", "同意")


async def test_case_offers_each_reader_only_what_is_theirs_to_do(hall: Hall):
    loss = await make_loss(hall)
    may = {}
    for reader in (loss.judge, hall.borrower, hall.approver):
        view = await loss_view(reader, loss.view.id)
        may[reader.person_name] = (view.can_decide, view.can_report_found)
    assert may == {
        loss.judge.person_name: (True, True),
        hall.borrower.person_name: (False, False),
        hall.approver.person_name: (False, False),
    }


async def test_cases_are_counted_only_for_those_who_see_them(hall: Hall):
    await make_loss(hall)
    stranger = await make_actor("外单位", hall.ledger.city.school, Role.ASSET_MANAGER)
    assert (await count_losses(hall.lender), await count_losses(stranger)) == ({"reported": 1}, {})


async def test_nobody_is_asked_to_write_off_what_is_found_while_that_is_being_asked_for(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    await settled(loss)
    found = await while_finishing(
        settings,
        lambda: ask_write_off(hall.lender, AskWriteOff(loss_id=loss.view.id, reason="赔偿已缴清")),
        lambda: report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good")),
    )
    # Where it waited for the one writer it saw what was asked for, and called it off.
    is_found = found == ("done", "done")
    assert is_found or found == ("done", "record.changed")
    chains = await stored("SELECT state FROM approval_chain WHERE subject_kind = 'write_off'")
    assert [row["state"] for row in chains] == ["cancelled" if is_found else "pending"]
