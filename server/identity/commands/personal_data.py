"""The data-protection desk: what is held about a person, corrected, and erased as far as the law allows.

Each look is recorded like a write (个人信息保护法 44 to 47): the person's own without a reason, another's with one.
"""

import msgspec
from tortoise.exceptions import IntegrityError

from server.identity.access import get_person_for, require_over_person, require_person
from server.identity.checks import FieldChecks
from server.identity.data_desk import PersonalRecord, describe, erase
from server.identity.models import Person
from server.identity.roles import Role
from server.identity.sessions import CHANNEL
from server.identity.types import PersonView
from server.identity.views import PHONE_FIELD, person_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

NOBODY = "已注销人员"


class LookUp(msgspec.Struct, frozen=True):
    """Whose information, and why; for oneself no reason is asked."""

    person_id: str
    reason: str = ""


class CorrectPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person's name and phone as they should be. `phone` None: as it is; `has_no_phone`: taken out."""

    person_id: str
    name: str
    reason: str
    phone: str | None = None
    has_no_phone: bool = False


class ErasePerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person who has left, and why. `is_whole`: the name too, which records that must be kept forbid."""

    person_id: str
    reason: str
    is_whole: bool = False


class Erasure(msgspec.Struct, frozen=True):
    """What an erasure did: how many things went, whether the name did, and what must be kept."""

    erased: int
    is_whole: bool
    kept: list[PersonalRecord]


class PersonalData(msgspec.Struct, frozen=True):
    """Everything held about a person."""

    person_id: str
    name: str
    records: list[PersonalRecord]


@command("personal_data.read")
async def read_personal_data(uow: UnitOfWork, actor: Actor, request: LookUp) -> PersonalData:
    """What is held about oneself, or, with a reason, about a person over whom the actor is security administrator.

    Raises InvalidInput (reason), Forbidden `role.required`, NotFound `record.not_found`.
    """
    is_own = request.person_id == require_person(actor)
    if not is_own:
        _check_reason(request.reason)
        await _require_desk(uow, actor, request.person_id)
    person = await uow.find(Person, id=request.person_id)
    if person is None:
        raise NotFound("record.not_found")
    records = await describe(uow, person.id)
    await uow.record("personal_data.read", "person", person.id, reason=request.reason, is_own=is_own)
    return PersonalData(person.id, person.name, records)


@command("person.correct")
async def correct_person(uow: UnitOfWork, actor: Actor, request: CorrectPerson) -> PersonView:
    """Correct a name or phone (个人信息保护法 46). Papers keep the name of their day. By a system administrator over
    the person.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound `record.not_found`, StateConflict
    `person.phone_taken`.
    """
    checks = FieldChecks()
    checks.text("name", request.name, 64)
    checks.text("reason", request.reason, 200)
    checks.phone("phone", request.phone)
    checks.finish()
    person = await get_person_for(uow, actor, request.person_id, Role.SYSTEM_ADMIN)
    changes: dict[str, object] = {"name": request.name.strip(), "version": person.version + 1}
    if request.phone is not None or request.has_no_phone:
        phone, cipher = (None if request.has_no_phone else request.phone), current_runtime().cipher
        changes["phone_sealed"] = phone and cipher.encrypt(PHONE_FIELD, phone)
        changes["phone_index"] = phone and cipher.blind_index(PHONE_FIELD, phone)
    try:
        await uow.change(Person, {"id": person.id}, **changes)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("person.phone_taken") from error
        raise
    uow.publish_after_commit(CHANNEL, person.id)
    fields = [
        name for name in ("name", "phone_index") if changes.get(name, getattr(person, name)) != getattr(person, name)
    ]
    await uow.record("person.corrected", "person", person.id, fields=fields, reason=request.reason)
    return (await person_views(uow, [person.id]))[0]


@command("personal_data.erase")
async def erase_person(uow: UnitOfWork, actor: Actor, request: ErasePerson) -> Erasure:
    """Erase what need not be kept about a person who has left (个人信息保护法 47): phone, ways in, sessions, inbox; the
    name too where no record has to name it. By a security administrator over the person.

    Raises InvalidInput (reason), Forbidden `role.required`, `person.own_account`, NotFound `record.not_found`,
    StateConflict `personal_data.still_active`, `personal_data.must_be_kept` (what; items: label, number, basis).
    """
    _check_reason(request.reason)
    person = await uow.lock(Person, request.person_id)
    await _require_desk(uow, actor, request.person_id)
    if person is None:
        raise NotFound("record.not_found")
    if person.id == actor.person_id:
        raise Forbidden("person.own_account")
    if person.is_active:
        raise StateConflict("personal_data.still_active")
    kept = [record for record in await describe(uow, person.id) if record.is_kept]
    if request.is_whole and kept:
        what = "、".join(f"{record.label} {record.number} 项" for record in kept)
        raise StateConflict("personal_data.must_be_kept", what=what, items=[msgspec.to_builtins(each) for each in kept])
    gone = await erase(uow, person.id)
    if request.is_whole:
        await uow.change(Person, {"id": person.id}, name=NOBODY, login_name=None, version=person.version + 1)
    uow.publish_after_commit(CHANNEL, person.id)
    await uow.record(
        "personal_data.erased", "person", person.id, reason=request.reason, is_whole=request.is_whole, rows=gone
    )
    return Erasure(gone, request.is_whole, kept)


async def _require_desk(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Personal information is the security administrator's post (三员分立)."""
    await require_over_person(uow, actor, person_id, Role.SECURITY_ADMIN)


def _check_reason(reason: str) -> None:
    checks = FieldChecks()
    checks.text("reason", reason, 200)
    checks.finish()
