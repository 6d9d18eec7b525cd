"""Asking for a role: whoever registers people or manages a unit's things asks, the security administrator decides.

What is asked stands where all three administrators see it, with its reason and its answer.
"""

import msgspec

from server.identity.access import get_post_for_granting, require_over
from server.identity.checks import FieldChecks
from server.identity.commands.roles import GrantRole, check_role, give_role, require_fitting, require_separation
from server.identity.models import Person, Post, RoleRequest, Unit
from server.identity.roles import ROLE_NAMES, Role
from server.identity.types import RoleRequestView
from server.identity.unit_access import ASKING, require_one_of
from server.identity.views import role_request_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class RequestRole(msgspec.Struct, frozen=True):
    """A role for a post, over its unit alone or over the units below too, and why it is needed."""

    post_id: str
    role: str
    is_subtree: bool
    reason: str


class AnswerRequest(msgspec.Struct, frozen=True):
    """An answer to a request, and what is said with it."""

    request_id: str
    note: str = ""


@command("role.request")
async def request_role(uow: UnitOfWork, actor: Actor, request: RequestRole) -> RoleRequestView:
    """Ask for a role for somebody else's post. By a system administrator or asset manager over its unit.

    Raises InvalidInput (fields), Forbidden `role.required`, `role.own_post`, NotFound `record.not_found`, StateConflict
    `role.already_requested`, and what would refuse the grant: `role.unit_unfit`, `role.separation`,
    `role.already_granted`.
    """
    check_role(request.role, request.reason, least=1)
    post, person, unit = await _post_for_asking(uow, actor, request.post_id)
    require_fitting(request.role, unit)
    await require_separation(uow, person, post.id, request.role)
    if await uow.find(RoleRequest, post_id=post.id, role=request.role, state="pending") is not None:
        raise StateConflict("role.already_requested", role_name=ROLE_NAMES[request.role])
    row = RoleRequest(
        post_id=post.id,
        role=request.role,
        is_subtree=request.is_subtree,
        reason=request.reason.strip(),
        state="pending",
        requested_by=actor.person_id,
        requested_by_name=actor.person_name,
        requested_at=await uow.now(),
        decided_by=None,
        decided_by_name="",
        decided_at=None,
        decision_note="",
    )
    await uow.add(row)
    await uow.record(
        "role.requested",
        "person",
        person.id,
        role=request.role,
        granted_for=unit.id,
        is_subtree=request.is_subtree,
        reason=request.reason,
    )
    return (await role_request_views(uow, "q.id = ?", row.id))[0]


@command("role.grant_request")
async def grant_request(uow: UnitOfWork, actor: Actor, answer: AnswerRequest) -> RoleRequestView:
    """Give what was asked. By a security administrator over the unit, never for oneself.

    Raises InvalidInput (note), Forbidden `role.required`, `role.own_post`, NotFound `record.not_found`, StateConflict
    `role.request_decided`, and what refuses a grant.
    """
    row = await _request(uow, actor, answer)
    post, person, unit = await get_post_for_granting(uow, actor, row.post_id)
    _require_pending(row)
    await give_role(uow, GrantRole(post.id, row.role, row.is_subtree, row.reason), post, person, unit)
    return await _answer(uow, actor, row, "granted", answer.note)


@command("role.refuse_request")
async def refuse_request(uow: UnitOfWork, actor: Actor, answer: AnswerRequest) -> RoleRequestView:
    """Refuse what was asked, with a reason. By a security administrator over the unit. Raises as `grant_request`."""
    row = await _request(uow, actor, answer, least=1)
    _, person, unit = await get_post_for_granting(uow, actor, row.post_id)
    _require_pending(row)
    await uow.record(
        "role.request_refused", "person", person.id, role=row.role, granted_for=unit.id, reason=answer.note
    )
    return await _answer(uow, actor, row, "refused", answer.note)


@command("role.withdraw_request")
async def withdraw_request(uow: UnitOfWork, actor: Actor, answer: AnswerRequest) -> RoleRequestView:
    """Take a request back. By whoever may ask for the post. Raises as `refuse_request`."""
    row = await _request(uow, actor, answer, least=1)
    _, person, unit = await _post_for_asking(uow, actor, row.post_id)
    _require_pending(row)
    await uow.record(
        "role.request_withdrawn", "person", person.id, role=row.role, granted_for=unit.id, reason=answer.note
    )
    return await _answer(uow, actor, row, "withdrawn", answer.note)


async def _post_for_asking(uow: UnitOfWork, actor: Actor, post_id: str) -> tuple[Post, Person, Unit]:
    require_one_of(actor, *ASKING)
    post = await uow.find(Post, id=post_id, is_active=True)
    person = None if post is None else await uow.lock(Person, post.person_id)
    unit = None if post is None else await uow.find(Unit, id=post.unit_id, is_active=True)
    if post is None or person is None or unit is None or not person.is_active:
        raise NotFound("record.not_found")
    require_over(actor, unit.path, *ASKING)
    if person.id == actor.person_id:
        raise Forbidden("role.own_post")
    return post, person, unit


async def _request(uow: UnitOfWork, actor: Actor, answer: AnswerRequest, *, least: int = 0) -> RoleRequest:
    """The request; whether the actor may answer it, its post's access decides next."""
    checks = FieldChecks()
    checks.text("note", answer.note, 200, least=least)
    checks.finish()
    row = await uow.find(RoleRequest, id=answer.request_id)
    if row is None:
        require_one_of(actor, Role.SECURITY_ADMIN, *ASKING)
        raise NotFound("record.not_found")
    return row


def _require_pending(row: RoleRequest) -> None:
    if row.state != "pending":
        raise StateConflict("role.request_decided")


async def _answer(uow: UnitOfWork, actor: Actor, row: RoleRequest, state: str, note: str) -> RoleRequestView:
    await uow.change_one(
        RoleRequest,
        {"id": row.id, "state": "pending"},
        otherwise=StateConflict("role.request_decided"),
        state=state,
        decided_by=actor.person_id,
        decided_by_name=actor.person_name,
        decided_at=await uow.now(),
        decision_note=note.strip(),
    )
    return (await role_request_views(uow, "q.id = ?", row.id))[0]
