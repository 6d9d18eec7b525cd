"""Following up a loan that is out: reminders around its last day, and the mark of being overdue."""

from datetime import date

from server.assets.ops import lock_assets
from server.circulation.access import require_system
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.days import hold_while_out
from server.circulation.lines import LineState, line_state, title_of
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import change
from server.circulation.promises import has_ended
from server.circulation.reminders import due_reminder
from server.circulation.states import BorrowingState
from server.identity.queries import people_with_role
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.instants import shanghai_day, to_day_number
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify
from server.policies.queries import borrowing_policy, policy_by_id


@command("borrowing.follow_up", is_audited=False)
async def follow_up_loan(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> bool:
    """Do what a loan needs today; False where nothing was to be done.

    Past its last day it is overdue while anything of it is out, and today is shown as taken, unless somebody else was
    promised today: that one keeps the promise and is refused at the desk until the thing is back. Reminders go out once
    each, about what is still out; from the first day after the last one the unit's asset managers and the lender's get
    them too.
    """
    require_system(actor)
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is None or borrowing.state != BorrowingState.ISSUED:
        return False
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    out = [line for line in lines if line_state(line) is LineState.OUT]
    if not out:
        # What is back waits for the rest to be collected: nobody is late.
        return False
    day = await today(uow)
    is_late = has_ended(borrowing, await uow.now())
    is_held = False
    if borrowing.to_day < day:
        for card in await lock_assets(uow, [line.asset_id for line in out]):
            is_held = await hold_while_out(uow, card.id, borrowing.id, day) or is_held
    reminder = await _due_reminder(uow, borrowing, day)
    is_new = is_late and not borrowing.is_overdue
    if not (is_new or is_held or reminder is not None):
        return False
    await change(uow, borrowing, is_overdue=is_late, reminded=borrowing.reminded if reminder is None else reminder)
    if reminder is not None:
        await _remind(uow, borrowing, title_of([line.asset_name for line in out]), reminder, day)
    if is_new:
        await uow.record("borrowing.overdue", "borrowing", borrowing.id, number=borrowing.number)
    for line in out:
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    return True


async def _due_reminder(uow: UnitOfWork, borrowing: Borrowing, day: date) -> int | None:
    content = borrowing_policy(await policy_by_id(uow, borrowing.policy_version_id))
    assert borrowing.issued_at is not None
    issued_on = shanghai_day(borrowing.issued_at)
    return due_reminder(content.reminder_days, borrowing.to_day, issued_on, borrowing.reminded, day)


async def _remind(uow: UnitOfWork, borrowing: Borrowing, thing: str, step: int, day: date) -> None:
    left = (borrowing.to_day - day).days
    told = {"link_kind": "borrowing", "link_id": borrowing.id, "dedupe_key": _cause(borrowing, step)}
    what, where = f"{borrowing.number}“{thing}”", f"归还地点：{borrowing.place_name}。"
    if left >= 0:
        title, words = (
            ("借用即将到期", f"还有 {left} 天到期，请按时归还。") if left else ("借用今天到期", "今天到期，请归还。")
        )
        await notify(uow, [borrowing.applicant_id], title, f"{what}{words}{where}", **told)
        return
    managers = await people_with_role(uow, Role.ASSET_MANAGER, borrowing.borrower_unit_path)
    words = f"已逾期 {-left} 天，请尽快归还。"
    await notify(uow, [borrowing.applicant_id, *managers], "借用已逾期", f"{what}{words}{where}", **told)
    lenders = await people_with_role(uow, Role.ASSET_MANAGER, borrowing.holder_unit_path)
    words = f"已逾期 {-left} 天未还，请与借用人 {borrowing.applicant_name} 联系。"
    await notify(uow, lenders, "借出逾期未还", f"{what}（{borrowing.borrower_unit_name}）{words}", **told)


def _cause(borrowing: Borrowing, step: int) -> str:
    """Each step once for each last day: a renewal sets another, and is reminded of anew."""
    return f"borrowing.reminder.{step}.{to_day_number(borrowing.to_day)}.{borrowing.id}"
