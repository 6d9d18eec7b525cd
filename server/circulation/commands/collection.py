"""How the borrower's side wants to get what it borrows: fetched or brought, and when."""

from datetime import date
from typing import Any

from server.circulation.access import find_for_withdrawal, require_state
from server.circulation.checks import fault
from server.circulation.models import Borrowing
from server.circulation.progress import change
from server.circulation.queries.detail import read_borrowing
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, ChooseCollection, Collection
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork

_LONGEST_ADDRESS = 200
CHOSEN_IN = (BorrowingState.SUBMITTED, BorrowingState.APPROVED, BorrowingState.READY)


@command("borrowing.choose_collection")
async def choose_collection(uow: UnitOfWork, actor: Actor, request: ChooseCollection) -> BorrowingView:
    """Say, or say anew, whether the things are fetched or brought, on which day and half-day; the desk sees it.

    For the applicant or the unit's asset manager, until something is issued. Raises InvalidInput
    (`borrowing.collection_outside`); NotFound `borrowing.not_found`; Forbidden `role.required`; StateConflict
    `borrowing.wrong_state`.
    """
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    borrowing = await uow.lock(Borrowing, seen.id)
    assert borrowing is not None
    require_state(borrowing, *CHOSEN_IN)
    last = borrowing.to_day if borrowing.collect_by is None else min(borrowing.collect_by, borrowing.to_day)
    wanted = request.collection
    await change(uow, borrowing, **checked_collection(wanted, max(borrowing.from_day, await today(uow)), last))
    await uow.record(
        "borrowing.choose_collection",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        way=wanted.way,
        day=wanted.day.isoformat(),
        half=wanted.half,
    )
    return await read_borrowing(uow, actor, borrowing.id)


def checked_collection(wanted: Collection | None, first: date, last: date) -> dict[str, Any]:
    """The columns of `borrowing`, between the first and the last day on which it can be collected. Raises
    InvalidInput."""
    if wanted is None:
        return {}
    checks = Checks()
    is_brought = wanted.way == "delivery"
    address = checks.text("address", wanted.address, longest=_LONGEST_ADDRESS, shortest=1 if is_brought else 0)
    checks.finish()
    if not first <= wanted.day <= last:
        raise fault("day", "borrowing.collection_outside", first=first.isoformat(), last=last.isoformat())
    return {
        "collection_way": wanted.way,
        "collection_day": wanted.day,
        "collection_half": wanted.half,
        "delivery_address": address if is_brought else None,
    }
