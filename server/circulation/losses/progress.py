"""The one way a case goes on: its state changes where it still is what we saw, and one step says who and when."""

from typing import Any

from server.circulation.access import lock_line
from server.circulation.losses.models import LossCase, LossStep
from server.circulation.losses.states import TRANSITIONS, LossState
from server.circulation.models import Borrowing, BorrowingLine
from server.identity.queries import people_with_role
from server.identity.roles import Role
from server.kernel.clock import today
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify


async def open_case(uow: UnitOfWork, borrowing: Borrowing, line: BorrowingLine, kind: str, **facts: Any) -> LossCase:
    """Store a new case of a line whose borrowing is locked; its number comes last, so nothing is locked after this."""
    case = LossCase(
        id=new_id(),
        kind=kind,
        borrowing_id=borrowing.id,
        line_id=line.id,
        asset_id=line.asset_id,
        asset_code=line.asset_code,
        asset_name=line.asset_name,
        value_fen=line.value_fen,
        borrower_unit_id=borrowing.borrower_unit_id,
        borrower_unit_name=borrowing.borrower_unit_name,
        borrower_unit_path=borrowing.borrower_unit_path,
        holder_unit_id=borrowing.holder_unit_id,
        holder_unit_name=borrowing.holder_unit_name,
        holder_unit_path=borrowing.holder_unit_path,
        **facts,
    )
    year = (await today(uow)).year
    unit = await uow.fetch_one("SELECT short_name FROM unit WHERE id = ?", case.holder_unit_id)
    assert unit is not None
    case.number = f"{unit['short_name']}损〔{year}〕{await uow.next_number(f'loss:{case.holder_unit_id}:{year}')}号"
    await uow.add(case)
    return case


async def advance(uow: UnitOfWork, case: LossCase, state: LossState, **changes: Any) -> None:
    """Bring a locked case into `state` with its other `changes`; raises StateConflict `record.changed`."""
    if state not in TRANSITIONS[LossState(case.state)]:
        raise RuntimeError(f"a case never goes from {case.state} to {state}")
    await change(uow, case, state=state.value, **changes)


async def change(uow: UnitOfWork, case: LossCase, **changes: Any) -> None:
    """Write `changes` to a locked case; raises StateConflict `record.changed`."""
    await uow.change_one(
        LossCase,
        {"id": case.id, "state": case.state, "version": case.version},
        otherwise=StateConflict("record.changed"),
        version=case.version + 1,
        **changes,
    )
    case.update_from_dict({**changes, "version": case.version + 1})


async def add_step(uow: UnitOfWork, case: LossCase, kind: str, note: str, step_id: str = "") -> None:
    """One step of the case, by whoever acts. `step_id`: where something else is already called by it."""
    await uow.add(
        LossStep(
            id=step_id or new_id(),
            case_id=case.id,
            kind=kind,
            at=await uow.now(),
            actor_id=uow.actor.person_id,
            actor_name=uow.actor.person_name,
            note=note[:500],
        )
    )


async def tell_both(uow: UnitOfWork, case: LossCase, title: str, body: str, about: str) -> None:
    """Tell the applicant, and the managers of both units but whoever acts: a loss concerns the unit, not one person."""
    borrowing = await uow.find(Borrowing, id=case.borrowing_id)
    people = set() if borrowing is None else {borrowing.applicant_id}
    for path in (case.borrower_unit_path, case.holder_unit_path):
        people.update(await people_with_role(uow, Role.ASSET_MANAGER, path))
    await notify(
        uow,
        person_ids=people - {uow.actor.person_id or ""},
        title=title,
        body=body,
        link_kind="loss",
        link_id=case.id,
        dedupe_key=f"loss.{case.id}.{about}",
    )


async def lock_loan(uow: UnitOfWork, case: LossCase) -> tuple[Borrowing, BorrowingLine]:
    """The borrowing and the line of a locked case, locked."""
    borrowing = await uow.lock(Borrowing, case.borrowing_id)
    assert borrowing is not None
    return borrowing, await lock_line(uow, borrowing, case.asset_id)
