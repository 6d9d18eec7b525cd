"""Opening and cancelling chains inside the caller's unit of work, and what happens when one is decided.

Tasks belong to roles and units, never to a person. So nobody holds a task, and a handover before disabling has none to
move: whoever gets the role sees what waits.

Lock order: chain, then the subject; a chain's lock is its tasks' too. A caller that also locks its subject calls
`cancel_chain` first.
"""

from collections.abc import Awaitable, Callable

import msgspec
from tortoise.exceptions import IntegrityError

from server.approvals.models import ApprovalChain, ApprovalTask
from server.approvals.types import OPEN_STATES, ROUND_STRIDE, OpenChain, State, Step
from server.identity.ops import Reorganisation, hold_units
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

# handler(uow, actor, subject_id, outcome, opinion); outcome: approved | rejected | step_approved | returned.
DecisionHandler = Callable[[UnitOfWork, Actor, str, str, str], Awaitable[None]]
# lock_version(uow, subject_id): the subject, locked; its version as it is now.
VersionLock = Callable[[UnitOfWork, str], Awaitable[int]]
_handlers: dict[str, DecisionHandler] = {}
_versions: dict[str, VersionLock] = {}
TITLE_LENGTH = 200
# Who consents for the things and the people of a unit; reviewers decide for the department.
_CONSENTING = (Role.ASSET_MANAGER.value, Role.OPERATIONS.value)


def on_decided(subject_kind: str, handler: DecisionHandler, lock_version: VersionLock | None = None) -> None:
    """Run `handler` in the unit of work of every decision on subjects of this kind, after the chain was changed.

    `lock_version`: how to lock such a subject and tell its version, for decisions on what was shown earlier. A kind
    that gives it is corrected by its own domain after outcome `returned`; one that does not is never sent back.
    """
    if _handlers.get(subject_kind, handler) is not handler:
        raise ValueError(f"two handlers for {subject_kind}")
    _handlers[subject_kind] = handler
    if lock_version is not None:
        _versions[subject_kind] = lock_version


def is_returnable(subject_kind: str) -> bool:
    """Whether subjects of this kind can be sent back to be corrected, and decided by their version."""
    return subject_kind in _versions


async def require_version(uow: UnitOfWork, chain: ApprovalChain, version: int) -> None:
    """Lock the subject under its chain's lock; StateConflict `approval.changed_since` unless its version is still the
    one that the approver saw."""
    lock_version = _versions.get(chain.subject_kind)
    if lock_version is None or await lock_version(uow, chain.subject_id) != version:
        raise StateConflict("approval.changed_since")


async def tell_subject(uow: UnitOfWork, actor: Actor, chain: ApprovalChain, outcome: str, opinion: str) -> None:
    """Hand a decision to the domain whose subject it is; a kind without a handler is a programming error."""
    await _handlers[chain.subject_kind](uow, actor, chain.subject_id, outcome, opinion)


async def open_chain(uow: UnitOfWork, request: OpenChain) -> str:
    """Store the plan and open its first step; returns the chain's id. StateConflict `approval.chain_exists`.

    A plan without steps is a programming error: nothing is approved by nobody.
    """
    if not request.steps:
        raise ValueError("a chain needs a step")
    chain = ApprovalChain(
        id=new_id(),
        subject_kind=request.subject_kind,
        subject_id=request.subject_id,
        subject_title=fitted_title(request.title),
        applicant_id=request.applicant_id,
        applicant_name=request.applicant_name or _name_of(uow.actor, request.applicant_id),
        applicant_unit_id=request.applicant_unit.id,
        applicant_unit_name=request.applicant_unit.name,
        policy_version_id=request.policy_version_id,
        steps=msgspec.to_builtins(request.steps),
        current_step=0,
        state=State.PENDING.value,
        created_at=await uow.now(),
    )
    # A unit that is merged or moved meanwhile would leave the steps with nobody.
    unit = request.applicant_unit
    await hold_units(uow, {unit.id: unit.path} | {step.unit_id: step.unit_path for step in request.steps})
    try:
        await uow.add(chain)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("approval.chain_exists") from error
        raise
    await open_step(uow, chain, 0)
    return chain.id


async def open_step(uow: UnitOfWork, chain: ApprovalChain, number: int) -> None:
    """Open one step of a chain's plan: its deciders are told after the commit."""
    step = steps_of(chain)[number]
    task = ApprovalTask(
        id=new_id(),
        chain_id=chain.id,
        step=task_step(chain, number),
        name=step.name,
        role=step.role,
        unit_id=step.unit_id,
        unit_name=step.unit_name,
        unit_path=step.unit_path,
        state=State.PENDING.value,
        created_at=await uow.now(),
    )
    await uow.add(task)
    await uow.emit("approval.task_opened", {"task_id": task.id})


async def cancel_chain(uow: UnitOfWork, subject_kind: str, subject_id: str) -> bool:
    """Cancel an open chain and its waiting task, as its applicant withdraws or its time is up. False, and nothing
    changed, when it was decided or cancelled already, or there is none. Locks the chain."""
    chain = await lock_chain(uow, subject_kind, subject_id)
    if chain is None or chain.state not in OPEN_STATES:
        return False
    otherwise = StateConflict("record.changed")
    await uow.change_one(
        ApprovalChain,
        {"id": chain.id, "state": chain.state},
        otherwise=otherwise,
        state=State.CANCELLED.value,
        decided_at=await uow.now(),
    )
    # What was sent back waits for its applicant: nobody has a task.
    if chain.state == State.PENDING:
        await uow.change_one(
            ApprovalTask,
            {"chain_id": chain.id, "step": task_step(chain, chain.current_step), "state": State.PENDING.value},
            otherwise=otherwise,
            state=State.CANCELLED.value,
        )
    return True


async def lock_chain(uow: UnitOfWork, subject_kind: str, subject_id: str) -> ApprovalChain | None:
    """The chain of a subject, locked; None where it has none."""
    found = await uow.find(ApprovalChain, subject_kind=subject_kind, subject_id=subject_id)
    return None if found is None else await uow.lock(ApprovalChain, found.id)


async def hand_over_application(
    uow: UnitOfWork, subject_kind: str, subject_id: str, *, from_id: str, person_id: str, person_name: str
) -> None:
    """Let another person be the applicant of an open chain that `from_id` applied for, as they take the application
    over: so from now on that person cannot decide it either. Nothing changes when it is decided already, or when
    somebody else applied: a manager who asked for a colleague's loan to be longer must never decide about that.
    `lock_applications` has locked it: here it is only asked for again, after things that come later in the order."""
    theirs = {"applicant_id": from_id, "state__in": OPEN_STATES}
    found = await uow.find(ApprovalChain, subject_kind=subject_kind, subject_id=subject_id, **theirs)
    chain = None if found is None else await uow.lock(ApprovalChain, found.id)
    if chain is not None and chain.state in OPEN_STATES:
        await uow.change(ApprovalChain, {"id": chain.id}, applicant_id=person_id, applicant_name=person_name)


async def lock_waiting_of(uow: UnitOfWork, unit_id: str) -> list[ApprovalChain]:
    """Every open chain of a unit's people, or that asks the unit, locked at once: several domains then take those of
    their own subjects from among them, in whatever order."""
    rows = await uow.fetch_all(
        "SELECT id FROM approval_chain WHERE state IN ('pending', 'returned')"
        " AND (applicant_unit_id = ? OR INSTR(steps, ?) > 0) ORDER BY id",
        unit_id,
        unit_id,
    )
    return await uow.lock_all(ApprovalChain, [row["id"] for row in rows])


async def move_waiting(
    uow: UnitOfWork, subject_kind: str, subject_ids: list[str], change: Reorganisation, *, is_applicant: bool
) -> int:
    """Ask the new unit for what these subjects still wait for from the old one: consent and first approval go with the
    people and the things, the step of a reviewer stays with the department. Locks the chains; returns how many."""
    wanted = set(subject_ids)
    moved = 0
    for chain in await lock_waiting_of(uow, change.before.id):
        if chain.state in OPEN_STATES and chain.subject_kind == subject_kind and chain.subject_id in wanted:
            await _ask_elsewhere(uow, chain, change, is_applicant)
            moved += 1
    return moved


async def _ask_elsewhere(uow: UnitOfWork, chain: ApprovalChain, change: Reorganisation, is_applicant: bool) -> None:
    after = {"unit_id": change.after.id, "unit_path": change.after.path, "unit_name": change.after.name}
    steps = [msgspec.structs.replace(step, **after) if _goes_along(step, change) else step for step in steps_of(chain)]
    applicant = {"applicant_unit_id": change.after.id, "applicant_unit_name": change.after.name}
    await uow.change_one(
        ApprovalChain,
        {"id": chain.id, "state": chain.state},
        otherwise=StateConflict("record.changed"),
        steps=msgspec.to_builtins(steps),
        **(applicant if is_applicant else {}),
    )
    await uow.change(
        ApprovalTask,
        {"chain_id": chain.id, "state": State.PENDING.value, "unit_id": change.before.id, "role__in": _CONSENTING},
        **after,
    )


def _goes_along(step: Step, change: Reorganisation) -> bool:
    return step.unit_id == change.before.id and step.role in _CONSENTING


def steps_of(chain: ApprovalChain) -> list[Step]:
    """The plan of a chain."""
    return msgspec.convert(chain.steps, list[Step])


def task_step(chain: ApprovalChain, number: int) -> int:
    """What a task of the chain's present round is numbered for a step of the plan."""
    return (chain.round - 1) * ROUND_STRIDE + number


def _name_of(actor: Actor, person_id: str) -> str:
    return actor.person_name if actor.person_id == person_id else ""


def fitted_title(title: str) -> str:
    """The title as it is stored; one that is too long ends in an ellipsis."""
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"
