"""A renewal that was sent back: corrected by its applicant, and sent again."""

from collections.abc import Collection
from datetime import date, timedelta

from server.approvals.rounds import lock_returned, restart_chain
from server.approvals.types import Change, Restart
from server.circulation.access import find_for_withdrawal
from server.circulation.checks import LONGEST_TEXT, fault
from server.circulation.commands.renewal import (
    check_day,
    lock_with_movable,
    steps_of_renewal,
    take_further_days,
    title_of_renewal,
)
from server.circulation.days import give_back_later
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine, BorrowingRenewal
from server.circulation.occasions.ops import occasion_of
from server.circulation.progress import add_event, change
from server.circulation.queries.detail import read_borrowing, stored_row
from server.circulation.renewals import SUBJECT, RenewalState, pending_renewal
from server.circulation.rules import rules_of_version, until_of
from server.circulation.types import BorrowingView, CorrectRenewal
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


@command("borrowing.correct_renewal")
async def correct_renewal(uow: UnitOfWork, actor: Actor, request: CorrectRenewal) -> BorrowingView:
    """Send a renewal again that was sent back, until another day or for another reason. For its applicant alone.

    Raises what `renew_borrowing` raises of days; StateConflict `borrowing.no_renewal`, `approval.not_returned`;
    Forbidden `role.required`, `approval.not_applicant`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_TEXT)
    note = checks.text("note", request.note, longest=LONGEST_TEXT, shortest=0)
    checks.finish()
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    renewal = await pending_renewal(uow, seen.id)
    if renewal is None:
        raise StateConflict("borrowing.no_renewal")
    chain = await lock_returned(uow, actor, SUBJECT, renewal.id)
    loans = await lock_with_movable(uow, seen.id, renewal.to_day, request.to_day)
    borrowing = await uow.lock(Borrowing, seen.id)
    assert borrowing is not None
    rules = await rules_of_version(uow, chain.policy_version_id)
    borrower = await unit_facts(uow, borrowing.borrower_unit_id)
    holder = await unit_facts(uow, borrowing.holder_unit_id)
    await _require_later(uow, borrowing, request.to_day)
    check_day(borrowing, request.to_day, until_of(borrower, await occasion_of(uow, stored_row(borrowing))), rules)
    lines = await _still_lent(uow, borrowing)
    await _hold_until(uow, borrowing, renewal, lines, request.to_day, loans)
    changes = _changes(renewal, request.to_day, reason, note)
    await _store(uow, borrowing, renewal, request.to_day, reason)
    steps = await steps_of_renewal(uow, rules, borrower, holder, lines)
    title = title_of_renewal(borrowing, request.to_day)
    await restart_chain(uow, chain, Restart(title=title, steps=steps, changes=changes))
    fields = [each.name for each in changes]
    await add_event(uow, borrowing.id, "renewal_corrected", "、".join(fields) or "没有改动")
    await uow.record(
        "borrowing.correct_renewal",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        fields=fields,
        to_day=request.to_day.isoformat(),
    )
    return await read_borrowing(uow, actor, borrowing.id)


async def _require_later(uow: UnitOfWork, borrowing: Borrowing, to_day: date) -> None:
    """The loan's last day may have passed while the renewal waited: what is asked for must still lie ahead."""
    yesterday = await today(uow) - timedelta(days=1)
    if to_day <= yesterday:
        raise fault("to_day", "borrowing.renewal_not_later", to_day=max(borrowing.to_day, yesterday).isoformat())


async def _still_lent(uow: UnitOfWork, borrowing: Borrowing) -> list[BorrowingLine]:
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    if not any(line_state(line) is LineState.OUT for line in lines):
        raise StateConflict("borrowing.nothing_to_renew")
    return [line for line in lines if line_state(line) in {LineState.OUT, LineState.WAITING}]


async def _hold_until(
    uow: UnitOfWork,
    borrowing: Borrowing,
    renewal: BorrowingRenewal,
    lines: list[BorrowingLine],
    to_day: date,
    loans: Collection[str],
) -> None:
    """Hold the days that are wanted beyond those of the renewal as it was, or give back those that are not."""
    if to_day > renewal.to_day:
        await take_further_days(uow, borrowing, lines, renewal.to_day, to_day, loans)
    elif to_day < renewal.to_day:
        await give_back_later(uow, borrowing.id, to_day)


async def _store(uow: UnitOfWork, borrowing: Borrowing, renewal: BorrowingRenewal, to_day: date, reason: str) -> None:
    await uow.change_one(
        BorrowingRenewal,
        {"id": renewal.id, "state": RenewalState.PENDING.value},
        otherwise=StateConflict("record.changed"),
        to_day=to_day,
        reason=reason,
        correct_by=None,
    )
    await change(uow, borrowing)


def _changes(renewal: BorrowingRenewal, to_day: date, reason: str, note: str) -> list[Change]:
    pairs = (
        ("续借到", renewal.to_day.isoformat(), to_day.isoformat()),
        ("续借原因", renewal.reason, reason),
        ("补充说明", "", note),
    )
    return [Change(name=name, before=before, after=after) for name, before, after in pairs if before != after]
