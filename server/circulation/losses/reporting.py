"""Reporting what is lost, and what was found again."""

from server.approvals.ops import cancel_chain
from server.assets.ops import lose, regain
from server.circulation.access import is_at_desk, is_withdrawer, lock_line
from server.circulation.access import require_visible as require_loan_visible
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_TEXT
from server.circulation.commands.desk import settle_without
from server.circulation.lines import LineState, line_state
from server.circulation.losses.access import SUBJECT, get_case_for_desk, require_state
from server.circulation.losses.models import LossCase
from server.circulation.losses.progress import add_step, advance, lock_loan, open_case, tell_both
from server.circulation.losses.queries import read_loss
from server.circulation.losses.states import FINDABLE, LossState
from server.circulation.losses.types import LossView, ReportFound, ReportLoss
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import add_event, settle
from server.circulation.promises import give_back_rest
from server.files.ops import require_own_picture, share_file
from server.identity.access import require_person
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.money import format_yuan
from server.kernel.unit_of_work import UnitOfWork

_CONDITIONS = frozenset({"new", "good", "usable", "damaged"})


@command("loss.report")
async def report_loss(uow: UnitOfWork, actor: Actor, request: ReportLoss) -> LossView:
    """Say that a thing which is out is lost: nobody waits for it any more, its later days are free, and the holder
    decides who answers for it.

    For the applicant, the borrowing unit's asset manager, and the desk. Raises InvalidInput (`file.unknown`); NotFound
    `borrowing.not_found`; Forbidden `role.required`; StateConflict `borrowing.asset_not_on_it`, `loss.not_out`.
    """
    person_id = require_person(actor)
    explanation = _text("explanation", request.explanation)
    borrowing = await _loan_for_report(uow, actor, request.borrowing_id)
    line = await lock_line(uow, borrowing, request.asset_id)
    if line_state(line) is not LineState.OUT:
        raise StateConflict("loss.not_out")
    if request.picture_id is not None:
        await require_own_picture(uow, actor, request.picture_id)
        await share_file(uow, request.picture_id, borrowing.borrower_unit_id, borrowing.holder_unit_id)
    instant = await uow.now()
    await lose(uow, line.asset_id, document_no=borrowing.number, reason=explanation[:200])
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "returned_at": None, "lost_at": None},
        otherwise=StateConflict("record.changed"),
        lost_at=instant,
    )
    await give_back_rest(uow, borrowing, line.asset_id, instant)
    await add_event(uow, borrowing.id, "lost", f"{line.asset_name} {line.asset_code}：{explanation}"[:LONGEST_TEXT])
    await settle_without(uow, borrowing)
    uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    case = await open_case(
        uow,
        borrowing,
        line,
        "loss",
        state=LossState.REPORTED.value,
        reported_by=person_id,
        reported_by_name=actor.person_name,
        reported_at=instant,
        explanation=explanation,
        picture_id=request.picture_id,
    )
    await add_step(uow, case, LossState.REPORTED, explanation)
    await tell_both(uow, case, f"{borrowing.number} 报遗失", f"{case.asset_name}：{explanation}", "reported")
    await uow.record("loss.report", "loss", case.id, document_no=case.number, asset_code=case.asset_code)
    return await read_loss(uow, actor, case.id)


@command("loss.found")
async def report_found(uow: UnitOfWork, actor: Actor, request: ReportFound) -> LossView:
    """Say that a lost thing is back, before it was written off: it goes home, and whoever was asked to write it off
    need not answer. What was still owed is owed no more; what was paid stays paid until its repayment is recorded.

    For the keeper of its place or the holder's asset manager. Raises InvalidInput; NotFound `loss.not_found`; Forbidden
    `role.required`; StateConflict `loss.wrong_state`, `loss.not_lost`.
    """
    note = _text("note", request.note, shortest=0)
    seen = await uow.find(LossCase, id=request.loss_id)
    if seen is not None and seen.state == LossState.WRITING_OFF:
        await cancel_chain(uow, SUBJECT, seen.write_off_id or "")
    case = await get_case_for_desk(uow, actor, request.loss_id)
    if case.kind != "loss":
        raise StateConflict("loss.not_lost")
    require_state(case, *FINDABLE)
    if seen is None or (case.state == LossState.WRITING_OFF) != (seen.state == LossState.WRITING_OFF):
        # Asked for or answered between our two looks: what was just cancelled must not stay so.
        raise StateConflict("record.changed")
    borrowing, line = await lock_loan(uow, case)
    await regain(
        uow, case.asset_id, condition=request.condition, document_no=case.number, reason=(note or "找回")[:200]
    )
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "found_at": None},
        otherwise=StateConflict("record.changed"),
        found_at=await uow.now(),
    )
    said = f"{case.asset_name} {case.asset_code}" + (f"：{note}" if note else "")
    await add_event(uow, borrowing.id, "found", said[:LONGEST_TEXT])
    await settle(uow, borrowing, note=f"{case.asset_code} 找回")
    await advance(uow, case, LossState.FOUND, ended_at=await uow.now())
    await add_step(uow, case, LossState.FOUND, note)
    await tell_both(uow, case, f"{case.number} 已找回", f"{said}。{_money_said(case)}", "found")
    await uow.record("loss.found", "loss", case.id, document_no=case.number, asset_code=case.asset_code)
    uow.publish_after_commit(BOARD_CHANNEL, case.asset_id)
    return await read_loss(uow, actor, case.id)


async def _loan_for_report(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> Borrowing:
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is not None:
        is_desk = await is_at_desk(uow, actor, borrowing.holder_unit_path, borrowing.place_path)
        if is_desk or is_withdrawer(actor, borrowing):
            return borrowing
    await require_loan_visible(uow, actor, borrowing_id)
    raise Forbidden("role.required")


def _money_said(case: LossCase) -> str:
    """What becomes of the compensation, for both units."""
    left = case.amount_fen - case.paid_fen - case.waived_fen
    lapsed = f"未付的赔偿 {format_yuan(left)} 元不再收取。" if left else ""
    paid = f"已付的赔偿 {format_yuan(case.paid_fen)} 元由双方商定退还。" if case.paid_fen else ""
    return lapsed + paid


def _text(field: str, value: str, shortest: int = 1) -> str:
    checks = Checks()
    text = checks.text(field, value, longest=LONGEST_TEXT, shortest=shortest)
    checks.finish()
    return text
