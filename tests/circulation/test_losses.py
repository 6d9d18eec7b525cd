"""What is lost on loan: who answers, what is paid to the fen, what is written off, and what is found again."""

from dataclasses import dataclass

import pytest

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.assets.queries import card_view
from server.circulation import unit_columns as loans_follow
from server.circulation.commands import inspect_return, issue_by_code, resolve_damage, return_by_code, submit_borrowing
from server.circulation.losses import handlers, unit_columns
from server.circulation.losses.commands import (
    ask_write_off,
    decide_loss,
    record_payment,
    report_found,
    report_loss,
    waive_loss,
)
from server.circulation.losses.compensation import MOST_FEN
from server.circulation.losses.queries import count_losses, list_losses, loss_view
from server.circulation.losses.types import (
    AskWriteOff,
    DecideLoss,
    LossView,
    RecordPayment,
    ReportFound,
    ReportLoss,
    WaiveLoss,
)
from server.circulation.occasions.commands import close_occasion
from server.circulation.occasions.queries import list_occasions, occasion_view
from server.circulation.occasions.types import CloseOccasion
from server.circulation.queries import borrowing_view, list_borrowings
from server.circulation.types import InspectReturn, IssueByCode, ResolveDamage, ReturnByCode
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.reading import reading
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_occasions import loan_for, make_event
from tests.factories.circulation import Hall, application, approve, day, make_borrowing, make_chairs, make_photograph
from tests.factories.identity import make_actor

REGISTERED = (handlers, unit_columns, loans_follow)
FEN = 123_457


@dataclass(frozen=True)
class Loss:
    """A case and who may decide about it: not the lender, who manages the desk that reports."""

    hall: Hall
    view: LossView
    judge: Actor
    finance: Actor


async def make_loss(hall: Hall, *, by: Actor | None = None) -> Loss:
    view = await make_borrowing(hall, until="issued")
    case = await report_loss(by or hall.borrower, lost(view.id, hall.projector.id))
    city = hall.ledger.city
    return Loss(
        hall,
        case,
        await make_actor("卫健二", city.health, Role.ASSET_MANAGER),
        await make_actor("财政审核", city.district_finance, Role.FINANCE_REVIEWER),
    )


def lost(borrowing_id: str, asset_id: str, **changes: object) -> ReportLoss:
    fields: dict[str, object] = {
        "borrowing_id": borrowing_id,
        "asset_id": asset_id,
        "explanation": "撤展后清点时发现不在",
    }
    return ReportLoss(**{**fields, **changes})  # type: ignore[arg-type]


def verdict(loss_id: str, amount_fen: int = FEN) -> DecideLoss:
    return DecideLoss(loss_id=loss_id, decision="借用单位保管不当", amount_fen=amount_fen)


def receipt(loss_id: str, amount_fen: int, number: str = "浙财0001", on: int = 0) -> RecordPayment:
    return RecordPayment(loss_id=loss_id, receipt_no=number, paid_on=day(on), amount_fen=amount_fen)


async def settled(loss: Loss) -> LossView:
    await decide_loss(loss.judge, verdict(loss.view.id))
    return await record_payment(loss.hall.lender, receipt(loss.view.id, FEN))


async def write_off(loss: Loss, *, is_approved: bool = True) -> LossView:
    asked = await ask_write_off(loss.hall.lender, AskWriteOff(loss_id=loss.view.id, reason="赔偿已缴清"))
    async with reading() as db:
        row = await db.fetch_one("SELECT write_off_id FROM loss_case WHERE id = ?", asked.id)
    assert row is not None
    task = await waiting_task_for(loss.finance, "write_off", row["write_off_id"])
    assert task is not None
    opinion = "同意" if is_approved else "请补报案材料"
    await decide(loss.finance, Decide(task_id=task.id, is_approved=is_approved, opinion=opinion))
    return await loss_view(loss.finance, row["write_off_id"])


async def state_of(hall: Hall) -> str:
    return (await card_view(hall.lender, hall.projector.id)).state


async def test_nobody_waits_for_it_any_more_when_it_is_reported_lost(hall: Hall):
    picture = await make_photograph(hall.borrower)
    loan = await make_borrowing(hall, until="issued")
    case = await report_loss(hall.borrower, lost(loan.id, hall.projector.id, picture_id=picture))
    assert (case.state_name, case.amount_fen, case.picture_id, case.can_decide) == ("待认定责任", None, picture, False)
    assert case.number.endswith("1号") and "损" in case.number
    seen = await borrowing_view(hall.lender, loan.id)
    assert (seen.state, seen.lines[0].state_name, seen.out_count, seen.can_report_loss) == (
        "inspected",
        "遗失待认定",
        0,
        False,
    )
    assert [event.kind for event in seen.events][-2:] == ["lost", "inspected"]
    assert await state_of(hall) == "lost"
    async with reading() as db:
        held = await db.fetch_all("SELECT day FROM asset_day WHERE asset_id = ?", hall.projector.id)
    assert len(held) == 1
    assert await verify_promises() == []
    with expect_refusal(StateConflict, "loss.not_out"):
        await report_loss(hall.lender, lost(loan.id, hall.projector.id))
    with expect_refusal(StateConflict, "borrowing.nothing_to_return"):
        await return_by_code(hall.lender, ReturnByCode(hall.projector.code))


async def test_case_runs_from_decision_over_payments_to_the_write_off(hall: Hall):
    loss = await make_loss(hall)
    decided = await decide_loss(loss.judge, verdict(loss.view.id))
    assert (decided.state, decided.amount_fen, decided.left_fen, decided.due_on) == ("decided", FEN, FEN, day(30))
    assert (await borrowing_view(hall.borrower, decided.borrowing_id)).state == "closed"
    part = await record_payment(hall.lender, receipt(decided.id, 23_457))
    assert (part.state, part.paid_fen, part.left_fen) == ("decided", 23_457, 100_000)
    with expect_refusal(InvalidInput, "loss.overpaid"):
        await record_payment(hall.lender, receipt(decided.id, 100_001, "浙财0002"))
    with expect_refusal(StateConflict, "loss.receipt_twice"):
        await record_payment(hall.lender, receipt(decided.id, 1))
    with expect_refusal(StateConflict, "loss.wrong_state"):
        await ask_write_off(hall.lender, AskWriteOff(loss_id=decided.id, reason="尚未付清"))
    paid = await record_payment(hall.lender, receipt(decided.id, 100_000, "浙财0002"))
    assert (paid.state, paid.left_fen, [each.amount_fen for each in paid.payments]) == (
        "settled",
        0,
        [23_457, 100_000],
    )
    done = await write_off(loss)
    assert (done.state_name, done.chain and done.chain.state, await state_of(hall)) == (
        "已核销",
        "approved",
        "disposed",
    )
    assert [step.kind for step in done.steps] == [
        "reported",
        "decided",
        "paid",
        "paid",
        "settled",
        "writing_off",
        "written_off",
    ]
    assert await verify_promises() == []
    while await deliver_due():
        pass
    with expect_refusal(StateConflict, "loss.wrong_state"):
        await report_found(hall.lender, ReportFound(loss_id=done.id, condition="good"))


async def test_write_off_asks_the_department_too_from_the_policy_value(hall: Hall):
    dear = await make_chairs(hall.ledger, 1, value_fen=2_000_000)
    loan = await submit_borrowing(hall.borrower, application(dear[0].id))
    above = await make_actor("区府办", hall.ledger.city.linping, Role.COMPETENT_REVIEWER)
    await approve(loan.id, hall.approver, hall.lender, above)
    await issue_by_code(hall.lender, IssueByCode(loan.id, dear[0].code, "李晓梅"))
    case = await report_loss(hall.lender, lost(loan.id, dear[0].id))
    judge = await make_actor("卫健二", hall.ledger.city.health, Role.ASSET_MANAGER)
    await decide_loss(judge, verdict(case.id, 0))
    asked = await ask_write_off(judge, AskWriteOff(loss_id=case.id, reason="失窃，公安立案"))
    assert asked.chain is not None
    assert [step.name for step in asked.chain.steps] == ["主管部门审核", "财政部门审核"]


async def test_refused_write_off_leaves_the_case_and_can_be_asked_for_again(hall: Hall):
    loss = await make_loss(hall)
    await settled(loss)
    refused = await write_off(loss, is_approved=False)
    assert (refused.state, refused.steps[-1].note, await state_of(hall)) == ("settled", "请补报案材料", "lost")
    assert await verify_promises() == []
    assert (await write_off(loss)).state == "written_off"


@pytest.mark.parametrize("until", ["reported", "decided", "settled", "writing_off"])
async def test_thing_goes_home_when_it_is_found_before_the_write_off(hall: Hall, until: str):
    loss = await make_loss(hall)
    if until == "decided":
        await decide_loss(loss.judge, verdict(loss.view.id))
    if until in {"settled", "writing_off"}:
        await settled(loss)
    if until == "writing_off":
        await ask_write_off(hall.lender, AskWriteOff(loss_id=loss.view.id, reason="已缴清"))
    found = await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="usable", note="保洁找到"))
    card = await card_view(hall.lender, hall.projector.id)
    assert (found.state, card.state, card.condition) == ("found", "in_use", "usable")
    seen = await borrowing_view(hall.borrower, found.borrowing_id)
    assert (seen.state, seen.lines[0].state) == ("closed", "done")
    assert await verify_promises() == []
    assert (await make_borrowing(hall, 1, 2)).state == "submitted"


async def test_rest_of_the_loan_goes_on_when_one_of_many_is_lost(hall: Hall):
    chairs = await make_chairs(hall.ledger, 3)
    loan = await submit_borrowing(hall.borrower, application(chairs[0].id, quantity=3))
    await approve(loan.id, hall.approver, hall.lender)
    for chair in chairs:
        await issue_by_code(hall.lender, IssueByCode(loan.id, chair.code, "李晓梅"))
    case = await report_loss(hall.borrower, lost(loan.id, chairs[0].id))
    view = await borrowing_view(hall.borrower, loan.id)
    assert (view.state, view.progress) == ("issued", "在借 2 件，遗失 1 件")
    [row] = (await list_borrowings(hall.borrower, "mine")).items
    assert (row.progress, row.out_count) == ("在借 2 件，遗失 1 件", 2)
    for chair in chairs[1:]:
        await return_by_code(hall.lender, ReturnByCode(chair.code))
        await inspect_return(hall.lender, InspectReturn(loan.id, chair.id, "intact"))
    assert (await borrowing_view(hall.borrower, loan.id)).state == "inspected"
    judge = await make_actor("卫健二", hall.ledger.city.health, Role.ASSET_MANAGER)
    await decide_loss(judge, verdict(case.id))
    assert (await borrowing_view(hall.borrower, loan.id)).state == "closed"
    assert await verify_promises() == []


async def test_decision_is_refused_to_whoever_reported_and_to_others(hall: Hall):
    loss = await make_loss(hall, by=hall.lender)
    with expect_refusal(Forbidden, "loss.own_report"):
        await decide_loss(hall.lender, verdict(loss.view.id))
    with expect_refusal(Forbidden, "role.required"):
        await decide_loss(hall.borrower, verdict(loss.view.id))
    stranger = await make_actor("外单位", hall.ledger.city.school, Role.ASSET_MANAGER)
    for attempt in (
        decide_loss(stranger, verdict(loss.view.id)),
        record_payment(stranger, receipt(loss.view.id, 1)),
        waive_loss(stranger, WaiveLoss(loss_id=loss.view.id, reason="免")),
        ask_write_off(stranger, AskWriteOff(loss_id=loss.view.id, reason="销")),
        report_found(stranger, ReportFound(loss_id=loss.view.id, condition="good")),
        loss_view(stranger, loss.view.id),
    ):
        with expect_refusal(NotFound, "loss.not_found"):
            await attempt
    with expect_refusal(NotFound, "borrowing.not_found"):
        await report_loss(stranger, lost(loss.view.borrowing_id, hall.projector.id))
    assert (await list_losses(stranger)).items == []
    await decide_loss(loss.judge, verdict(loss.view.id))
    with expect_refusal(Forbidden, "loss.own_report"):
        await waive_loss(hall.lender, WaiveLoss(loss_id=loss.view.id, reason="免了"))
    with expect_refusal(Forbidden, "role.required"):
        await record_payment(hall.borrower, receipt(loss.view.id, FEN))
    waived = await waive_loss(loss.judge, WaiveLoss(loss_id=loss.view.id, reason="不可抗力"))
    assert (waived.state, waived.waived_fen, waived.left_fen) == ("settled", FEN, 0)
    assert await verify_promises() == []


async def test_rest_is_waived_to_the_fen_when_a_part_was_paid(hall: Hall):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id))
    await record_payment(hall.lender, receipt(loss.view.id, 1))
    waived = await waive_loss(loss.judge, WaiveLoss(loss_id=loss.view.id, reason="困难群体活动"))
    assert (waived.paid_fen, waived.waived_fen, waived.left_fen) == (1, FEN - 1, 0)
    assert await verify_promises() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_fen": 0}, "input.too_small"),
        ({"amount_fen": MOST_FEN + 1}, "input.too_large"),
        ({"receipt_no": " "}, "input.required"),
        ({"on": 1}, "loss.paid_in_future"),
        ({"on": -1}, "loss.paid_before_decision"),
    ],
)
async def test_payment_is_refused_when_it_says_something_wrong(hall: Hall, changes, code):
    loss = await make_loss(hall)
    await decide_loss(loss.judge, verdict(loss.view.id))
    number, on = changes.pop("receipt_no", "浙财0001"), changes.pop("on", 0)
    with expect_refusal(InvalidInput, code):
        await record_payment(hall.lender, receipt(loss.view.id, changes.get("amount_fen", 1), number, on))


async def test_report_and_decision_are_refused_when_they_say_too_little(hall: Hall):
    loan = await make_borrowing(hall, until="issued")
    with expect_refusal(InvalidInput, "input.required"):
        await report_loss(hall.borrower, lost(loan.id, hall.projector.id, explanation=" "))
    with expect_refusal(InvalidInput, "file.unknown"):
        await report_loss(hall.borrower, lost(loan.id, hall.projector.id, picture_id="0000000000000000"))
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await report_loss(hall.borrower, lost(loan.id, "0000000000000000"))
    case = await report_loss(hall.borrower, lost(loan.id, hall.projector.id))
    for wrong, code in ((-1, "input.too_small"), (MOST_FEN + 1, "input.too_large")):
        with expect_refusal(InvalidInput, code):
            await decide_loss(hall.lender, verdict(case.id, wrong))
    with expect_refusal(InvalidInput, "input.required"):
        await decide_loss(hall.lender, DecideLoss(loss_id=case.id, decision="", amount_fen=1))
    with expect_refusal(InvalidInput, "input.not_a_choice"):
        await list_losses(hall.lender, "anywhere")


async def test_damage_is_paid_for_by_the_same_way_when_somebody_else_decides(hall: Hall):
    loan = await make_borrowing(hall, until="returned")
    picture = await make_photograph(hall.lender)
    found = InspectReturn(loan.id, hall.projector.id, "damaged", "镜头有裂纹", picture)
    await inspect_return(hall.lender, found)
    wanted = ResolveDamage(loan.id, "借用单位赔偿维修费", "repair", compensation_fen=88_001)
    with expect_refusal(Forbidden, "loss.own_report"):
        await resolve_damage(hall.lender, wanted)
    with expect_refusal(InvalidInput, "input.too_small"):
        await resolve_damage(hall.lender, ResolveDamage(loan.id, "赔", "repair", compensation_fen=-1))
    judge = await make_actor("卫健二", hall.ledger.city.health, Role.ASSET_MANAGER)
    closed = await resolve_damage(judge, wanted)
    [case] = closed.losses
    assert (closed.state, case.kind_name, case.amount_fen, case.left_fen) == ("closed", "损坏", 88_001, 88_001)
    paid = await record_payment(hall.lender, receipt(case.id, 88_001))
    assert (paid.state, paid.explanation, paid.picture_id, paid.can_write_off) == (
        "settled",
        "镜头有裂纹",
        picture,
        False,
    )
    for attempt in (
        ask_write_off(judge, AskWriteOff(loss_id=case.id, reason="销")),
        report_found(judge, ReportFound(loss_id=case.id, condition="good")),
    ):
        with expect_refusal(StateConflict, "loss.not_lost"):
            await attempt
    assert await verify_promises() == []


async def test_lists_count_by_state_and_page(hall: Hall):
    loss = await make_loss(hall)
    assert await count_losses(hall.lender) == {"reported": 1} == await count_losses(hall.borrower)
    await settled(loss)
    [row] = (await list_losses(hall.approver, "settled")).items
    assert (row.amount_fen, row.left_fen, row.state_name) == (FEN, 0, "赔偿已了结")
    assert (await list_losses(hall.lender, "reported")).items == []
    assert (await list_losses(hall.lender, size=1)).next_cursor is None


async def test_event_ends_when_what_was_lost_for_it_is_paid(hall: Hall):
    event = await make_event(hall)
    loan = await loan_for(hall, event.id)
    case = await report_loss(hall.borrower, lost(loan.id, hall.projector.id))
    judge = await make_actor("卫健二", hall.ledger.city.health, Role.ASSET_MANAGER)
    await decide_loss(judge, verdict(case.id))
    [item] = (await occasion_view(hall.approver, event.id)).items
    assert (item.state_name, item.way, item.is_resolved) == ("遗失已认定", "赔偿付清或免除", False)
    assert [row.unresolved_count for row in (await list_occasions(hall.approver)).items] == [1]
    with expect_refusal(StateConflict, "occasion.unresolved"):
        await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束"))
    await record_payment(hall.lender, receipt(case.id, FEN))
    assert [row.unresolved_count for row in (await list_occasions(hall.approver)).items] == [0]
    closed = await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束"))
    assert (closed.state, closed.items[0].way) == ("closed", "赔偿已了结")
    assert await verify_promises() == []
