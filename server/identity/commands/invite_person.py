"""Invite a person to bind WeChat."""

import secrets
from datetime import timedelta

from server.identity.access import get_person_for
from server.identity.limits import limits_for
from server.identity.models import Invitation
from server.identity.roles import Role
from server.identity.types import InvitationView
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import to_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import UnitOfWork

INVITATION_FIELD = "invitation.code"
# Letters that nobody mistakes for each other when they are read aloud; 10 of 31 are 49 bits.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 10


async def invite_person(actor: Actor, person_id: str) -> InvitationView:
    """Make an invitation, shown once; an earlier unused one of the same person no longer works.

    Raises Forbidden `role.required`, NotFound, StateConflict `person.wechat_bound`.
    """
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    index = current_runtime().cipher.blind_index(INVITATION_FIELD, code)
    invitation = await _invite(actor.with_key(None), person_id, index)
    return InvitationView(f"{code[:5]}-{code[5:]}", invitation.expires_at)


def normalise_code(text: str) -> str:
    """An invitation as it was typed: without spaces and hyphens, in capitals."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


@command("identity.invite_person")
async def _invite(uow: UnitOfWork, actor: Actor, person_id: str, code_index: str) -> InvitationView:
    person = await get_person_for(uow, actor, person_id, Role.SYSTEM_ADMIN, Role.ASSET_MANAGER)
    if person.wechat_index is not None:
        raise StateConflict("person.wechat_bound")
    now = await uow.now()
    await uow.execute(
        "UPDATE invitation SET expires_at = ? WHERE person_id = ? AND used_at IS NULL AND expires_at > ?",
        to_microseconds(now),
        person.id,
        to_microseconds(now),
    )
    expires_at = now + timedelta(days=(await limits_for(uow, actor.region_path)).invitation_days)
    await uow.add(
        Invitation(
            person_id=person.id,
            code_index=code_index,
            created_by=actor.person_id or "",
            created_at=now,
            expires_at=expires_at,
        )
    )
    await uow.record("person.invited", "person", person.id)
    return InvitationView("", expires_at)
