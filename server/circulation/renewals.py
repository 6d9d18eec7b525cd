"""The states of a renewal, and its further days: held from its submission, given back when nothing comes of it."""

from datetime import date
from enum import StrEnum

from server.circulation.days import give_back_later
from server.circulation.models import Borrowing, BorrowingRenewal
from server.circulation.progress import add_event
from server.kernel.clock import today
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


class RenewalState(StrEnum):
    """Of a renewal, from its submission to its end."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


RENEWAL_STATE_NAMES: dict[str, str] = {
    RenewalState.PENDING: "续借审批中",
    RenewalState.APPROVED: "已续借",
    RenewalState.REJECTED: "续借未通过",
    RenewalState.WITHDRAWN: "续借已撤回",
    RenewalState.LAPSED: "续借已失效",
}
SUBJECT = "renewal"


def renewal_state_name(state: str, correct_by: object) -> str:
    """What the state is called. `correct_by`: until when a renewal that was sent back may be corrected, or None."""
    is_sent_back = state == RenewalState.PENDING and correct_by is not None
    return "续借退回修改" if is_sent_back else RENEWAL_STATE_NAMES[state]


async def pending_renewal(uow: UnitOfWork, borrowing_id: str) -> BorrowingRenewal | None:
    """The renewal of a borrowing that waits for its decision, without a lock."""
    return await uow.find(BorrowingRenewal, open_key=borrowing_id)


async def held_until(uow: UnitOfWork, borrowing: Borrowing) -> date:
    """The last day that is held of what is not back: that of the loan, or of the renewal that is asked for."""
    renewal = await pending_renewal(uow, borrowing.id)
    return borrowing.to_day if renewal is None else renewal.to_day


async def end_renewal(
    uow: UnitOfWork, borrowing: Borrowing, renewal: BorrowingRenewal, state: RenewalState, note: str
) -> None:
    """Write the end of a pending renewal under its borrowing's lock; unless it was approved, its days are free again.

    Raises StateConflict `record.changed` where it is no longer pending.
    """
    await uow.change_one(
        BorrowingRenewal,
        {"id": renewal.id, "state": RenewalState.PENDING.value},
        otherwise=StateConflict("record.changed"),
        state=state.value,
        open_key=None,
        decided_at=await uow.now(),
    )
    if state is not RenewalState.APPROVED:
        # What is still out past its last day stays shown as taken, up to today.
        await give_back_later(uow, borrowing.id, max(borrowing.to_day, await today(uow)))
    await add_event(uow, borrowing.id, f"renewal_{state.value}", note)
