"""Register a person with a first post."""

import msgspec
from tortoise.exceptions import IntegrityError

from server.identity.access import get_unit_for
from server.identity.checks import FieldChecks
from server.identity.limits import limits_for
from server.identity.models import Person, Post
from server.identity.passwords import check_password, hash_password
from server.identity.roles import Role
from server.identity.types import PersonView
from server.identity.views import PHONE_FIELD, person_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork


class CreatePerson(msgspec.Struct, frozen=True):
    """A new person. Without a password the person logs in by WeChat only, until one is set.

    `must_change_password`: at the first login, because whoever registers the person has seen the password.
    """

    name: str
    login_name: str | None
    phone: str | None
    unit_id: str
    title: str
    password: str | None = None
    must_change_password: bool = True


async def create_person(actor: Actor, request: CreatePerson) -> PersonView:
    """Register a person in a unit. The password is set by a second command, because its hash takes too long for
    the transaction and, being salted, would make a repeat of the same request look like another.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound for a unit out of sight, StateConflict
    `person.login_name_taken`, `person.phone_taken`.
    """
    if request.password is not None:
        async with reading() as rows:
            limits = await limits_for(rows, actor.region_path)
        checks = FieldChecks()
        check_password(checks, "password", request.password, limits.least_password_length)
        checks.finish()
    view = await _create_person(actor, msgspec.structs.replace(request, password=None))
    if request.password is not None:
        password_hash = await hash_password(request.password)
        await _set_first_password(actor.with_key(None), view.id, password_hash, request.must_change_password)
    return view


@command("identity.create_person")
async def _create_person(uow: UnitOfWork, actor: Actor, request: CreatePerson) -> PersonView:
    _check(request)
    unit = await get_unit_for(uow, actor, request.unit_id, Role.SYSTEM_ADMIN)
    person = await add_person(uow, request.name, request.login_name, request.phone)
    await uow.add(Post(person_id=person.id, unit_id=unit.id, title=request.title))
    await uow.record("person.created", "person", person.id, unit_id=unit.id, login_name=request.login_name)
    return (await person_views(uow, [person.id]))[0]


async def add_person(uow: UnitOfWork, name: str, login_name: str | None, phone: str | None) -> Person:
    """Insert the person's row, personal fields sealed."""
    cipher = current_runtime().cipher
    person = Person(
        name=name,
        login_name=login_name,
        phone_sealed=phone and cipher.encrypt(PHONE_FIELD, phone),
        phone_index=phone and cipher.blind_index(PHONE_FIELD, phone),
        created_at=await uow.now(),
    )
    try:
        await uow.add(person)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        is_name = login_name is not None and await uow.find(Person, login_name=login_name) is not None
        raise StateConflict("person.login_name_taken" if is_name else "person.phone_taken") from error
    return person


@command("identity.set_first_password")
async def _set_first_password(
    uow: UnitOfWork, actor: Actor, person_id: str, password_hash: str, must_change: bool
) -> None:
    # Only where there is none yet: a repeat of the request must not undo the person's own choice.
    where = {"id": person_id, "password_hash": None}
    await uow.change(Person, where, password_hash=password_hash, must_change_password=must_change)
    await uow.record("person.first_password_set", "person", person_id)


def _check(request: CreatePerson) -> None:
    checks = FieldChecks()
    checks.text("name", request.name, 64)
    checks.text("title", request.title, 64)
    checks.login_name("login_name", request.login_name)
    checks.phone("phone", request.phone)
    checks.finish()
