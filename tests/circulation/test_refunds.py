"""What was paid for a lost thing that is found again: what is owed no more, and what is paid back, to the fen."""

import asyncio

import pytest

from server.circulation.losses.commands import decide_loss, record_payment, refund_loss, report_found
from server.circulation.losses.compensation import MOST_FEN
from server.circulation.losses.queries import list_losses, loss_view
from server.circulation.losses.types import LossView, RefundLoss, ReportFound
from server.circulation.queries import borrowing_view
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_losses import Loss, make_loss, receipt, settled, verdict
from tests.circulation.test_race import outcomes
from tests.factories.circulation import Hall, day
from tests.factories.identity import SYSTEM, make_actor
from tests.identity.asking import stored
from tests.support.meanwhile import while_finishing

DECIDED, PAID = 30_002, 20_002


async def found(hall: Hall) -> tuple[Loss, LossView]:
    """A case that was decided at 300.02 yuan, of which 200.02 were paid before the thing was found."""
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id, DECIDED))
    await record_payment(hall.lender, receipt(loss.view.id, PAID))
    return loss, await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good"))


def repayment(loss_id: str, amount_fen: int, number: str = "退0001", on: int = 0) -> RefundLoss:
    return RefundLoss(loss_id=loss_id, document_no=number, refunded_on=day(on), amount_fen=amount_fen)


async def test_nothing_is_owed_any_more_when_it_is_found(hall: Hall):
    loss, case = await found(hall)
    assert (case.left_fen, case.lapsed_fen, case.paid_fen, case.refundable_fen) == (0, DECIDED - PAID, PAID, PAID)
    assert (case.can_refund, (await loss_view(hall.borrower, case.id)).can_refund) == (True, False)
    for reader in (hall.borrower, hall.lender):
        [of_loan] = (await borrowing_view(reader, case.borrowing_id)).losses
        [row] = (await list_losses(reader)).items
        assert (of_loan.state_name, of_loan.left_fen, row.left_fen) == ("已找回", 0, 0)
    told = await stored("SELECT body FROM notice WHERE link_id = ? AND title LIKE '%已找回'", case.id)
    assert "未付的赔偿 100.00 元不再收取。已付的赔偿 200.02 元由双方商定退还。" in told[0]["body"]
    with expect_refusal(StateConflict, "loss.wrong_state"):
        await record_payment(hall.lender, receipt(loss.view.id, 1, "浙财0002"))
    assert await verify_promises() == []


async def test_what_was_paid_is_paid_back_in_parts_to_the_fen(hall: Hall):
    _, case = await found(hall)
    with expect_refusal(InvalidInput, "loss.over_refunded"):
        await refund_loss(hall.lender, repayment(case.id, PAID + 1))
    part = await refund_loss(hall.lender, repayment(case.id, 5_001))
    assert (part.refunded_fen, part.refundable_fen, part.can_refund) == (5_001, PAID - 5_001, True)
    with expect_refusal(StateConflict, "loss.refund_twice"):
        await refund_loss(hall.lender, repayment(case.id, 1))
    with expect_refusal(InvalidInput, "loss.over_refunded"):
        await refund_loss(hall.lender, repayment(case.id, PAID - 5_000, "退0002"))
    done = await refund_loss(hall.lender, repayment(case.id, PAID - 5_001, "退0002"))
    assert (done.refunded_fen, done.refundable_fen, done.can_refund, done.paid_fen) == (PAID, 0, False, PAID)
    assert [(each.document_no, each.refunded_on, each.amount_fen) for each in done.refunds] == [
        ("退0001", day(0), 5_001),
        ("退0002", day(0), PAID - 5_001),
    ]
    assert [(step.name, step.note) for step in done.steps][-2:] == [
        ("退还赔偿", "50.01 元，凭证 退0001"),
        ("退还赔偿", "150.01 元，凭证 退0002"),
    ]
    with expect_refusal(StateConflict, "loss.nothing_to_refund"):
        await refund_loss(hall.lender, repayment(case.id, 1, "退0003"))
    audited = await stored("SELECT action FROM audit_event WHERE subject_id = ? AND action = 'loss.refund'", case.id)
    told = await stored("SELECT body FROM notice WHERE link_id = ? AND title LIKE '%退还赔偿' ORDER BY id", case.id)
    assert (len(audited), "退还赔偿 50.01 元，凭证 退0001" in told[0]["body"]) == (2, True)
    assert await verify_promises() == []


async def test_only_a_found_case_is_paid_back_and_only_by_the_holders_managers(hall: Hall):
    loss = await make_loss(hall)
    await settled(loss)
    with expect_refusal(StateConflict, "loss.wrong_state"):
        await refund_loss(hall.lender, repayment(loss.view.id, 1))
    await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good"))
    stranger = await make_actor("外单位", hall.ledger.city.school, Role.ASSET_MANAGER)
    with expect_refusal(NotFound, "loss.not_found"):
        await refund_loss(stranger, repayment(loss.view.id, 1))
    above = await make_actor("区府办", hall.ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    for other in (hall.borrower, above):
        with expect_refusal(Forbidden, "role.required"):
            await refund_loss(other, repayment(loss.view.id, 1))
    assert (await refund_loss(loss.judge, repayment(loss.view.id, 1))).refunded_fen == 1


async def test_found_case_is_not_paid_back_when_nothing_was_paid(hall: Hall):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id))
    case = await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good"))
    assert (case.can_refund, case.refundable_fen, case.left_fen) == (False, 0, 0)
    with expect_refusal(StateConflict, "loss.nothing_to_refund"):
        await refund_loss(hall.lender, repayment(case.id, 1))


@pytest.mark.parametrize(
    ("amount_fen", "number", "on", "code"),
    [
        (0, "退0001", 0, "input.too_small"),
        (MOST_FEN + 1, "退0001", 0, "input.too_large"),
        (1, " ", 0, "input.required"),
        (1, "退0001", 1, "loss.refunded_in_future"),
        (1, "退0001", -1, "loss.refunded_before_found"),
    ],
)
async def test_repayment_is_refused_when_it_says_something_wrong(hall: Hall, amount_fen, number, on, code):
    _, case = await found(hall)
    with expect_refusal(InvalidInput, code):
        await refund_loss(hall.lender, repayment(case.id, amount_fen, number, on))


async def test_repayment_counts_once_when_it_is_sent_again(hall: Hall):
    _, case = await found(hall)
    again = [refund_loss(hall.lender.with_key("the-same-refund-01"), repayment(case.id, 300)) for _ in range(3)]
    assert {answer.refunded_fen for answer in await asyncio.gather(*again)} == {300}
    assert (await loss_view(hall.lender, case.id)).refunded_fen == 300


async def test_no_more_is_paid_back_than_was_received_when_many_arrive_at_once(hall: Hall):
    _, case = await found(hall)
    many = (refund_loss(hall.lender, repayment(case.id, 6_000, f"退{number:04d}")) for number in range(6))
    done = await outcomes(*many)
    assert done["done"] == 3, done
    view = await loss_view(hall.lender, case.id)
    assert (view.refunded_fen, view.refundable_fen, len(view.refunds)) == (18_000, 2_002, 3)
    assert await verify_promises() == []


async def test_second_repayment_waits_and_is_refused_when_both_are_recorded(hall: Hall, settings: Settings):
    _, case = await found(hall)
    seen = await while_finishing(
        settings,
        lambda: refund_loss(hall.lender, repayment(case.id, 15_000)),
        lambda: refund_loss(hall.lender, repayment(case.id, 15_000, "退0002")),
    )
    assert seen == ("done", "loss.over_refunded")
    assert await verify_promises() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loss_refund SET amount_fen = amount_fen + 1",
        "UPDATE loss_case SET refunded_fen = refunded_fen - 1",
        "DELETE FROM loss_refund",
    ],
)
async def test_verification_finds_repayments_that_do_not_add_up(hall: Hall, statement: str):
    _, case = await found(hall)
    await refund_loss(hall.lender, repayment(case.id, 300))
    assert await verify_promises() == []
    async with unit_of_work(SYSTEM) as uow:
        assert await uow.execute(statement) >= 1
    faults = await verify_promises()
    assert any("退还的赔偿与凭证的合计不一致" in fault for fault in faults), faults
