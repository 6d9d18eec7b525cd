"""Bind a WeChat user to a person, by an invitation or by the phone number that the person is registered with."""

from typing import NoReturn

import msgspec
from tortoise.exceptions import IntegrityError

from server.identity.access import get_person_for, require_person
from server.identity.attempts import Target, forget_failures, hold, note_failure
from server.identity.commands.invite_person import INVITATION_FIELD, normalise_code
from server.identity.commands.log_in import start_session
from server.identity.limits import limits_for
from server.identity.models import Invitation, Person
from server.identity.roles import Role
from server.identity.sessions import MINI, NewToken, OpenedSession, end_all_sessions, new_token
from server.identity.types import SessionGrant
from server.identity.views import PHONE_FIELD
from server.identity.wechat import OPENID_FIELD, current_gateway, index_of, openid_of_ticket
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import DomainError, NotFound, StateConflict
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork


class BindByInvitation(msgspec.Struct, frozen=True):
    """An invitation, and the WeChat user: by the ticket of `wechat.not_bound`, or by a fresh `wx.login` code."""

    invitation: str
    ticket: str = ""
    code: str = ""
    user_agent: str = ""


class BindByPhone(msgspec.Struct, frozen=True):
    """The code of `getPhoneNumber`, and the WeChat user as above."""

    phone_code: str
    ticket: str = ""
    code: str = ""
    user_agent: str = ""


async def bind_wechat_by_invitation(actor: Actor, request: BindByInvitation) -> SessionGrant:
    """Bind the WeChat user to the invited person and log in. A repeat after a lost answer logs in again.

    Raises NotFound `invitation.unknown`, StateConflict `invitation.used`, `wechat.already_bound`,
    `person.wechat_bound`, `wechat.ticket_expired`, LimitReached `login.too_often`, and what the gateway raises.
    """
    openid = await _openid(request.ticket, request.code)
    made = new_token()
    invitation = current_runtime().cipher.blind_index(INVITATION_FIELD, normalise_code(request.invitation))
    opened = await _by_invitation(actor.with_key(None), openid, invitation, made, request.user_agent)
    return opened.with_token(made)


async def bind_wechat_by_phone(actor: Actor, request: BindByPhone) -> SessionGrant:
    """Bind the WeChat user to the person registered with their phone number, as WeChat confirms it, and log in.

    Raises NotFound `wechat.phone_unknown`, StateConflict `wechat.already_bound`, `person.wechat_bound`,
    `wechat.ticket_expired`, and what the gateway raises.
    """
    openid = await _openid(request.ticket, request.code)
    phone = await current_gateway().fetch_phone_number(request.phone_code)
    async with reading() as rows:
        row = await rows.fetch_one(
            "SELECT id FROM person WHERE phone_index = ? AND is_active = 1",
            current_runtime().cipher.blind_index(PHONE_FIELD, phone),
        )
    if row is None:
        raise NotFound("wechat.phone_unknown")
    made = new_token()
    opened = await _by_phone(actor.with_key(None), openid, row["id"], made, request.user_agent)
    return opened.with_token(made)


async def _openid(ticket: str, code: str) -> str:
    if ticket:
        return await openid_of_ticket(ticket)
    return (await current_gateway().exchange_login_code(code)).openid


@command("identity.bind_by_invitation")
async def _by_invitation(
    uow: UnitOfWork, actor: Actor, openid: str, code_index: str, made: NewToken, user_agent: str
) -> OpenedSession:
    target = Target.of("invitation", openid)
    invitation = await uow.find(Invitation, code_index=code_index)
    person = await uow.lock(Person, invitation.person_id) if invitation else None
    await hold(uow, target)
    if invitation is None or person is None or not person.is_active:
        await _refuse_guess(uow, target, NotFound("invitation.unknown"))
    used = await uow.change(
        Invitation,
        {"id": invitation.id, "used_at": None, "expires_at__gt": await uow.now()},
        used_at=await uow.now(),
    )
    # Used up already: right only for the very user that used it, whose answer got lost.
    if not used and person.wechat_index != index_of(openid):
        await _refuse_guess(uow, target, StateConflict("invitation.used"))
    await forget_failures(uow, target)
    await _bind(uow, person, openid)
    return await start_session(uow, person, made, channel=MINI, user_agent=user_agent)


@command("identity.bind_by_phone")
async def _by_phone(
    uow: UnitOfWork, actor: Actor, openid: str, person_id: str, made: NewToken, user_agent: str
) -> OpenedSession:
    person = await uow.lock(Person, person_id)
    if person is None or not person.is_active:
        raise NotFound("wechat.phone_unknown")
    await _bind(uow, person, openid)
    return await start_session(uow, person, made, channel=MINI, user_agent=user_agent)


async def _bind(uow: UnitOfWork, person: Person, openid: str) -> None:
    index = index_of(openid)
    if person.wechat_index == index:
        return
    if person.wechat_index is not None:
        raise StateConflict("person.wechat_bound")
    sealed = current_runtime().cipher.encrypt(OPENID_FIELD, openid)
    try:
        await uow.change(Person, {"id": person.id}, wechat_index=index, wechat_sealed=sealed)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("wechat.already_bound") from error
        raise
    person.wechat_index = index


async def _refuse_guess(uow: UnitOfWork, target: Target, error: DomainError) -> NoReturn:
    failures = await note_failure(uow, target, await limits_for(uow, ""))
    await uow.record("wechat.bound", "person", "", outcome="refused", target=target.id, failures=failures)
    uow.refuse(error)


@command("identity.unbind_wechat")
async def unbind_wechat(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """End the binding of the actor, or of somebody within a security administrator's scope; sessions end.

    Raises Forbidden `role.required`, NotFound, StateConflict `wechat.nothing_bound`.
    """
    if person_id != require_person(actor):
        await get_person_for(uow, actor, person_id, Role.SECURITY_ADMIN)
    changed = await uow.execute(
        "UPDATE person SET wechat_index = NULL, wechat_sealed = NULL WHERE id = ? AND wechat_index IS NOT NULL",
        person_id,
    )
    if not changed:
        raise StateConflict("wechat.nothing_bound")
    await end_all_sessions(uow, person_id)
    await uow.record("wechat.unbound", "person", person_id)
    await uow.emit("person.wechat_unbound", {"person_id": person_id})
