"""Several people about one lost thing at once, and what `verify ledger` says of it: no fen and no thing goes astray."""

import asyncio

import pytest

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import return_by_code
from server.circulation.losses.commands import ask_write_off, decide_loss, record_payment, report_found, report_loss
from server.circulation.losses.queries import loss_view
from server.circulation.losses.types import AskWriteOff, ReportFound
from server.circulation.types import ReturnByCode
from server.circulation.verification import verify_promises
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.test_losses import lost, make_loss, receipt, settled, state_of, verdict
from tests.circulation.test_race import outcomes
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import SYSTEM
from tests.support.meanwhile import while_finishing


async def test_one_of_several_reports_counts_when_a_thing_is_lost_and_returned_at_once(hall: Hall):
    loan = await make_borrowing(hall, until="issued")
    found = await outcomes(
        report_loss(hall.borrower, lost(loan.id, hall.projector.id)),
        report_loss(hall.lender, lost(loan.id, hall.projector.id)),
        return_by_code(hall.lender, ReturnByCode(hall.projector.code)),
    )
    assert found["done"] == 1, found
    assert set(found) <= {"done", "loss.not_out", "borrowing.nothing_to_return"}
    assert await verify_promises() == []


async def test_one_decision_counts_when_two_managers_decide_at_once(hall: Hall):
    loss = await make_loss(hall)
    found = await outcomes(
        decide_loss(loss.judge, verdict(loss.view.id, 100)),
        decide_loss(hall.lender, verdict(loss.view.id, 200)),
        report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good")),
    )
    # Decided first, it can still be found; found first, there is nothing to decide.
    assert found in (
        {"done": 2, "loss.wrong_state": 1},
        {"done": 1, "loss.wrong_state": 2},
    ), found
    assert await verify_promises() == []


async def test_no_fen_is_lost_or_counted_twice_when_many_receipts_arrive_at_once(hall: Hall):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id, 1_000))
    found = await outcomes(
        *(record_payment(hall.lender, receipt(loss.view.id, 300, f"浙财{number:04d}")) for number in range(8))
    )
    assert found["done"] == 3, found
    view = await loss_view(hall.lender, loss.view.id)
    assert (view.paid_fen, view.left_fen, len(view.payments)) == (900, 100, 3)
    answers = await asyncio.gather(
        *(record_payment(replace_key(hall.lender), receipt(loss.view.id, 100, "浙财0100")) for _ in range(3))
    )
    assert {answer.state for answer in answers} == {"settled"}
    assert (await loss_view(hall.lender, loss.view.id)).paid_fen == 1_000
    assert await verify_promises() == []


def replace_key(actor: Actor) -> Actor:
    return actor.with_key("the-same-receipt-01")


async def test_nobody_is_left_asked_when_a_thing_is_found_as_its_write_off_is_asked_for(hall: Hall, settings: Settings):
    loss = await make_loss(hall)
    await settled(loss)
    wanted = AskWriteOff(loss_id=loss.view.id, reason="已缴清")
    found = ReportFound(loss_id=loss.view.id, condition="good")
    asked = await while_finishing(
        settings, lambda: ask_write_off(hall.lender, wanted), lambda: report_found(hall.lender, found)
    )
    # Where the second looked before the first had committed, it is refused and may be tried again.
    assert asked in (("done", "done"), ("done", "record.changed"))
    assert await verify_promises() == []


async def test_write_off_or_finding_counts_when_both_happen_at_once(hall: Hall):
    loss = await make_loss(hall)
    await settled(loss)
    await ask_write_off(hall.lender, AskWriteOff(loss_id=loss.view.id, reason="已缴清"))
    async with reading() as db:
        row = await db.fetch_one("SELECT write_off_id FROM loss_case")
    assert row is not None
    task = await waiting_task_for(loss.finance, "write_off", row["write_off_id"])
    assert task is not None
    found = await outcomes(
        decide(loss.finance, Decide(task_id=task.id, is_approved=True, opinion="同意")),
        report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good")),
    )
    assert found["done"] == 1, found
    assert await state_of(hall) in {"disposed", "in_use"}
    assert await verify_promises() == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM loss_case WHERE kind = 'loss'", "却没有登记处理"),
        ("UPDATE borrowing_line SET lost_at = NULL", "与借用单上的遗失不一致"),
        ("UPDATE asset_card SET state = 'in_store' WHERE state = 'lost'", "状态与遗失处理不一致"),
        ("UPDATE loss_payment SET amount_fen = amount_fen + 1", "合计不一致"),
        ("UPDATE loss_case SET paid_fen = paid_fen - 1", "合计不一致"),
        ("UPDATE loss_case SET state = 'writing_off'", "核销审批与记录不一致"),
        ("UPDATE borrowing_line SET lost_at = lost_at - 864000000000", "已报遗失，仍占用以后的日期"),
    ],
)
async def test_verification_finds_what_does_not_add_up(hall: Hall, statement: str, sentence: str):
    await settled(await make_loss(hall))
    assert await verify_promises() == []
    async with unit_of_work(SYSTEM) as uow:
        assert await uow.execute(statement) >= 1
    found = await verify_promises()
    assert any(sentence in fault for fault in found), found
