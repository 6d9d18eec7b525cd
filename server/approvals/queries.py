"""What waits for an approver, what was decided, and the line of steps that people read."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

import msgspec

from server.approvals.access import waiting_clause
from server.approvals.ops import is_returnable
from server.approvals.types import (
    ROUND_STRIDE,
    STATE_NAMES,
    WAITING,
    WAITING_NAME,
    ChainView,
    Change,
    RoundView,
    State,
    Step,
    StepView,
    TaskView,
)
from server.identity.roles import ROLE_NAMES
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.instants import from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Row

_SELECT = (
    "SELECT t.id, t.chain_id, t.step, t.name, t.role, t.unit_id, t.unit_name, t.state, t.opinion, t.decided_by_name,"
    " t.on_behalf_of_name, t.created_at, t.decided_at, c.subject_kind, c.subject_id, c.subject_title,"
    " c.applicant_name, c.applicant_unit_name, COALESCE(r.steps, c.steps) AS steps"
    " FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id"
    # The plan of the round that the task belongs to, where that round is over.
    f" LEFT JOIN approval_round r ON r.chain_id = t.chain_id"
    f" AND (r.round - 1) * {ROUND_STRIDE} = t.step - t.step % {ROUND_STRIDE}"
)


async def list_tasks(
    actor: Actor, state: str = "pending", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[TaskView]:
    """`pending`: what waits for the actor, oldest first; `decided`: what the actor decided, newest first. Empty for
    somebody without a fitting role. InvalidInput for another `state`."""
    if state == "pending":
        waiting, order = waiting_clause(actor), "t.id"
    elif state == "decided":
        waiting, order = (("t.decided_by = ?", (actor.person_id,)) if actor.person_id else None), "t.id DESC"
    else:
        raise InvalidInput("input.not_a_choice")
    if waiting is None:
        return Page([])
    sql, values = f"{_SELECT} WHERE {waiting[0]}", [*waiting[1]]
    if (position := decode_cursor(cursor, str)) is not None:
        sql += " AND t.id > ?" if state == "pending" else " AND t.id < ?"
        values += position
    async with reading() as db:
        rows = await db.fetch_all(f"{sql} ORDER BY {order} LIMIT ?", *values, size + 1)
    views = [_task(row, can_decide=state == "pending") for row in rows]
    return page_of(views, size, lambda view: encode_cursor(view.id))


async def count_pending(actor: Actor) -> int:
    """How many tasks wait for the actor."""
    waiting = waiting_clause(actor)
    if waiting is None:
        return 0
    async with reading() as db:
        row = await db.fetch_one(
            "SELECT COUNT(*) AS waiting FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id"
            f" WHERE {waiting[0]}",
            *waiting[1],
        )
    assert row is not None
    return int(row["waiting"])


async def task_view(actor: Actor, task_id: str) -> TaskView:
    """A task that waits for the actor, or that the actor decided. NotFound `approval.task_not_found` for any other."""
    waiting = waiting_clause(actor)
    async with reading() as db:
        if waiting is not None:
            row = await db.fetch_one(f"{_SELECT} WHERE t.id = ? AND {waiting[0]}", task_id, *waiting[1])
            if row is not None:
                return _task(row, can_decide=True)
        row = await db.fetch_one(f"{_SELECT} WHERE t.id = ? AND t.decided_by = ?", task_id, actor.person_id)
    if row is None:
        raise NotFound("approval.task_not_found")
    return _task(row, can_decide=False)


async def decided_task(reader: RowSource, task_id: str) -> TaskView:
    """A task just decided, for whoever did."""
    row = await reader.fetch_one(f"{_SELECT} WHERE t.id = ?", task_id)
    assert row is not None
    return _task(row, can_decide=False)


async def chain_view(reader: RowSource, subject_kind: str, subject_id: str) -> ChainView | None:
    """The approvals of a subject, for a caller that has checked who may see it; None where it needs none."""
    chain = await reader.fetch_one(
        "SELECT id, state, round, applicant_id, policy_version_id, steps, created_at, decided_at FROM approval_chain"
        " WHERE subject_kind = ? AND subject_id = ?",
        subject_kind,
        subject_id,
    )
    if chain is None:
        return None
    tasks = await reader.fetch_all(
        "SELECT id, step, unit_name, state, opinion, decided_by_name, on_behalf_of_name, decided_at"
        " FROM approval_task WHERE chain_id = ?",
        chain["id"],
    )
    reached = {task["step"]: task for task in tasks}
    this_round = chain["round"]
    return ChainView(
        id=chain["id"],
        state=chain["state"],
        state_name=STATE_NAMES[chain["state"]],
        policy_version_id=chain["policy_version_id"],
        created_at=from_microseconds(chain["created_at"]),
        decided_at=None if chain["decided_at"] is None else from_microseconds(chain["decided_at"]),
        steps=_steps(chain["steps"], this_round, reached),
        applicant_id=chain["applicant_id"],
        round=this_round,
        # Hardly any application is ever sent back: one that was not is read without looking for it.
        rounds=await _rounds(reader, chain["id"], reached) if this_round > 1 else [],
    )


async def _rounds(reader: RowSource, chain_id: str, reached: dict[int, Row]) -> list[RoundView]:
    rows = await reader.fetch_all("SELECT * FROM approval_round WHERE chain_id = ? ORDER BY round", chain_id)
    return [
        RoundView(
            number=row["round"],
            steps=_steps(row["steps"], row["round"], reached),
            corrected_by_name=row["corrected_by_name"],
            corrected_at=from_microseconds(row["corrected_at"]),
            changes=msgspec.json.decode(row["changes"], type=list[Change]),
        )
        for row in rows
    ]


def _steps(plan: str, in_round: int, reached: dict[int, Row]) -> list[StepView]:
    first = (in_round - 1) * ROUND_STRIDE
    steps = msgspec.json.decode(plan, type=list[Step])
    return [_step(step, reached.get(first + number)) for number, step in enumerate(steps)]


async def waiting_task_for(actor: Actor, subject_kind: str, subject_id: str) -> TaskView | None:
    """The task of a subject that waits for the actor, so that its page can offer the decision; None for others."""
    waiting = waiting_clause(actor)
    if waiting is None:
        return None
    async with reading() as db:
        row = await db.fetch_one(
            f"{_SELECT} WHERE c.subject_kind = ? AND c.subject_id = ? AND {waiting[0]}",
            subject_kind,
            subject_id,
            *waiting[1],
        )
    return None if row is None else _task(row, can_decide=True)


def _task(row: Row, *, can_decide: bool) -> TaskView:
    plan, number = msgspec.json.decode(row["steps"], type=list[Step]), row["step"] % ROUND_STRIDE
    return TaskView(
        id=row["id"],
        chain_id=row["chain_id"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        title=row["subject_title"],
        step_name=row["name"],
        step_number=number + 1,
        step_count=len(plan),
        role=row["role"],
        role_name=ROLE_NAMES[row["role"]],
        unit_id=row["unit_id"],
        unit_name=row["unit_name"],
        applicant_name=row["applicant_name"],
        applicant_unit_name=row["applicant_unit_name"],
        state=row["state"],
        state_name=STATE_NAMES[row["state"]],
        opinion=row["opinion"],
        decided_by_name=row["decided_by_name"],
        on_behalf_of_name=row["on_behalf_of_name"],
        created_at=from_microseconds(row["created_at"]),
        decided_at=None if row["decided_at"] is None else from_microseconds(row["decided_at"]),
        can_decide=can_decide and row["state"] == State.PENDING,
        can_return=can_decide and row["state"] == State.PENDING and is_returnable(row["subject_kind"]),
        round=row["step"] // ROUND_STRIDE + 1,
        why=plan[number].why,
    )


def _step(step: Step, task: Row | None) -> StepView:
    return StepView(
        name=step.name,
        role=step.role,
        role_name=ROLE_NAMES[step.role],
        unit_id=step.unit_id,
        unit_name=step.unit_name,
        state=WAITING if task is None else task["state"],
        state_name=WAITING_NAME if task is None else STATE_NAMES[task["state"]],
        task_id=None if task is None else task["id"],
        decided_by_name=None if task is None else task["decided_by_name"],
        on_behalf_of_name=None if task is None else task["on_behalf_of_name"],
        decided_at=None if task is None or task["decided_at"] is None else from_microseconds(task["decided_at"]),
        opinion=None if task is None else task["opinion"],
        why=step.why,
    )
