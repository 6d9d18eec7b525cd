"""The one way a borrowing goes on: its state changes where it still is what we saw, and one event says who and when."""

from typing import Any

from server.circulation.lines import line_state, state_of_issued
from server.circulation.models import Borrowing, BorrowingEvent, BorrowingLine
from server.circulation.states import TRANSITIONS, BorrowingState
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify


async def advance(
    uow: UnitOfWork, borrowing: Borrowing, state: BorrowingState, *, note: str = "", **changes: Any
) -> Borrowing:
    """Bring a locked borrowing into `state` with its other `changes`; returns it as it is now.

    Raises StateConflict `record.changed` when it is not as it was read.
    """
    if state not in TRANSITIONS[BorrowingState(borrowing.state)]:
        raise RuntimeError(f"a borrowing never goes from {borrowing.state} to {state}")
    await change(uow, borrowing, state=state.value, **changes)
    await add_event(uow, borrowing.id, state.value, note)
    return borrowing


async def change(uow: UnitOfWork, borrowing: Borrowing, **changes: Any) -> None:
    """Write `changes` to a locked borrowing; raises StateConflict `record.changed`."""
    await uow.change_one(
        Borrowing,
        {"id": borrowing.id, "state": borrowing.state, "version": borrowing.version},
        otherwise=StateConflict("record.changed"),
        version=borrowing.version + 1,
        **changes,
    )
    borrowing.update_from_dict({**changes, "version": borrowing.version + 1})


async def settle(uow: UnitOfWork, borrowing: Borrowing, *, note: str = "", **changes: Any) -> Borrowing:
    """Bring a locked borrowing of which something was issued to the state that its lines are in by now.

    One event says that it got there; where its state stays what it was, its other `changes` are written alone.
    """
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    state = state_of_issued(line_state(line) for line in lines)
    if state == borrowing.state:
        await change(uow, borrowing, **changes)
        return borrowing
    closed = {"closed_at": await uow.now()} if state is BorrowingState.CLOSED else {}
    return await advance(uow, borrowing, state, note=note, **changes, **closed)


async def add_event(uow: UnitOfWork, borrowing_id: str, kind: str, note: str) -> None:
    """One step on the borrowing's line of steps, by whoever acts."""
    await uow.add(
        BorrowingEvent(
            borrowing_id=borrowing_id,
            kind=kind,
            at=await uow.now(),
            actor_id=uow.actor.person_id,
            actor_name=uow.actor.person_name,
            note=note,
        )
    )


async def tell_applicant(uow: UnitOfWork, borrowing: Borrowing, title: str, body: str, *, about: str = "") -> None:
    """Put a notice about the borrowing's present state into the applicant's inbox: one for each state, or one for each
    thing that it is `about` (a line's id)."""
    await notify(
        uow,
        person_ids=[borrowing.applicant_id],
        title=title,
        body=body,
        link_kind="borrowing",
        link_id=borrowing.id,
        dedupe_key=f"borrowing.{borrowing.state}.{about or borrowing.id}",
    )
