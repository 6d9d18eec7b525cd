"""The first three administrators, before there is anybody who could appoint them."""

import msgspec

from server.identity.attempts import Target, forget_failures
from server.identity.checks import FieldChecks
from server.identity.commands.create_person import add_person
from server.identity.limits import SecurityLimits
from server.identity.models import Person, Post, RoleGrant, Session, Unit
from server.identity.passwords import check_password, hash_password
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES
from server.identity.types import PersonView
from server.identity.views import person_views
from server.kernel.actor import Actor, ActorKind
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class FirstAdministrator(msgspec.Struct, frozen=True):
    """One of the three. `role`: system_admin, security_admin or audit_admin."""

    role: str
    name: str
    login_name: str
    password: str
    phone: str | None = None
    must_change_password: bool = True


class BootstrapAdministrators(msgspec.Struct, frozen=True):
    """The three, with posts in one unit over whose whole subtree they reach."""

    unit_id: str
    administrators: list[FirstAdministrator]


async def bootstrap_administrators(actor: Actor, request: BootstrapAdministrators) -> list[PersonView]:
    """Create the three administrators; only by the product itself (command line, demo), only while there is none.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound, StateConflict `bootstrap.done`,
    `bootstrap.three_needed`, `person.login_name_taken`, `person.phone_taken`.
    """
    bare, hashes = await _without_passwords(actor, request.administrators)
    return await _create(actor.with_key(None), request.unit_id, bare, hashes)


async def reissue_first_passwords(actor: Actor, administrators: list[FirstAdministrator]) -> None:
    """Give the three that were created, and whom nobody has used yet, other first passwords.

    An installation that ended between its commit and its printing has told nobody the first ones. Raises as above;
    StateConflict `bootstrap.done` also where the three are others, or one of them has logged in.
    """
    bare, hashes = await _without_passwords(actor, administrators)
    await _reissue(actor.with_key(None), bare, hashes)


async def _without_passwords(
    actor: Actor, administrators: list[FirstAdministrator]
) -> tuple[list[FirstAdministrator], list[str]]:
    """The three checked, and their hashes apart: no stored trace of a command holds a password."""
    if actor.kind != ActorKind.SYSTEM:
        raise Forbidden("role.required")
    if sorted(each.role for each in administrators) != sorted(ADMINISTRATORS):
        raise StateConflict("bootstrap.three_needed")
    _check(administrators)
    hashes = [await hash_password(each.password) for each in administrators]
    return [msgspec.structs.replace(each, password="") for each in administrators], hashes


@command("identity.bootstrap_administrators")
async def _create(
    uow: UnitOfWork, actor: Actor, unit_id: str, administrators: list[FirstAdministrator], hashes: list[str]
) -> list[PersonView]:
    # The unit's row is held: two installations at once are decided one after the other.
    unit = await uow.lock(Unit, unit_id)
    if unit is None:
        raise NotFound("record.not_found")
    for role in ADMINISTRATORS:
        if await uow.find(RoleGrant, role=role, revoked_at=None) is not None:
            raise StateConflict("bootstrap.done")
    made = []
    for each, password_hash in zip(administrators, hashes, strict=True):
        made.append(await _appoint(uow, each, password_hash, unit))
    await uow.record("administrators.appointed", "unit", unit.id, people=made)
    return await person_views(uow, made)


@command("identity.reissue_first_passwords")
async def _reissue(uow: UnitOfWork, actor: Actor, administrators: list[FirstAdministrator], hashes: list[str]) -> None:
    held = {person.login_name: person for person in await uow.lock_all(Person, await _appointed(uow, administrators))}
    for each, password_hash in zip(administrators, hashes, strict=True):
        person = held.get(each.login_name)
        if person is None or await uow.find(Session, person_id=person.id) is not None:
            raise StateConflict("bootstrap.done")
        await uow.change_one(
            Person,
            {"id": person.id, "must_change_password": True},
            otherwise=StateConflict("bootstrap.done"),
            password_hash=password_hash,
        )
        await forget_failures(uow, Target.of("login", each.login_name))
    ids = [person.id for person in held.values()]
    await uow.record("administrators.passwords_reissued", "person", min(ids), people=sorted(ids))


async def _appointed(uow: UnitOfWork, administrators: list[FirstAdministrator]) -> list[str]:
    """The ids of whoever holds just this role under this name and login name."""
    ids = []
    for each in administrators:
        row = await uow.fetch_one(
            "SELECT p.id FROM person p JOIN post o ON o.person_id = p.id JOIN role_grant g ON g.post_id = o.id"
            " WHERE p.login_name = ? AND p.name = ? AND g.role = ? AND g.revoked_at IS NULL",
            each.login_name,
            each.name,
            each.role,
        )
        ids += [row["id"]] if row else []
    return ids


async def _appoint(uow: UnitOfWork, each: FirstAdministrator, password_hash: str, unit: Unit) -> str:
    person = await add_person(uow, each.name, each.login_name, each.phone)
    await uow.change(
        Person, {"id": person.id}, password_hash=password_hash, must_change_password=each.must_change_password
    )
    post = Post(person_id=person.id, unit_id=unit.id, title=ROLE_NAMES[each.role])
    await uow.add(post)
    await uow.add(RoleGrant(post_id=post.id, role=each.role, is_subtree=True, granted_at=await uow.now()))
    return str(person.id)


def _check(administrators: list[FirstAdministrator]) -> None:
    checks = FieldChecks()
    for number, each in enumerate(administrators):
        checks.text(f"administrators.{number}.name", each.name, 64)
        checks.login_name(f"administrators.{number}.login_name", each.login_name)
        checks.phone(f"administrators.{number}.phone", each.phone)
        least = SecurityLimits().least_password_length
        check_password(checks, f"administrators.{number}.password", each.password, least)
    checks.finish()
