# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Reads of people, their posts and roles."""

from collections.abc import Collection

import msgspec

from server.identity.access import require_person
from server.identity.roles import Role
from server.identity.scope import scope_clause
from server.identity.types import PersonView, PostView, RowSource
from server.identity.views import person_views, posts_of
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound
from server.kernel.instants import to_day_number
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from server.kernel.reading import present_day, reading

# Who works with the list of people: those who register them, grant to them, or hand things to them.
_SEES_PEOPLE = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.ASSET_MANAGER)


class PersonFilter(msgspec.Struct, frozen=True):
    """Which people: those of a unit, those whose name has `text` or whose login name is it."""

    text: str = ""
    unit_id: str | None = None
    is_disabled_shown: bool = False


_ANYBODY = PersonFilter()


async def list_people(
    actor: Actor, wanted: PersonFilter = _ANYBODY, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[PersonView]:
    """People with a post within the actor's scope, by id. Raises Forbidden `role.required`."""
    clause, values = ("1 = 1", ()) if actor.kind == ActorKind.SYSTEM else scope_clause(actor, "u.path", *_SEES_PEOPLE)
    conditions, bound = [clause, "o.is_active = 1"], list(values)
    if wanted.unit_id:
        conditions.append("u.id = ?")
        bound.append(wanted.unit_id)
    if wanted.text.strip():
        conditions.append("(INSTR(p.name, ?) > 0 OR p.login_name = ?)")
        bound += [wanted.text.strip()] * 2
    if not wanted.is_disabled_shown:
        conditions.append("p.is_active = 1")
    if (position := decode_cursor(cursor, str)) is not None:
        conditions.append("p.id > ?")
        bound += position
    async with reading() as rows:
        found = await rows.fetch_all(
            "SELECT DISTINCT p.id FROM person p JOIN post o ON o.person_id = p.id JOIN unit u ON u.id = o.unit_id"
            f" WHERE {' AND '.join(conditions)} ORDER BY p.id LIMIT ?",
            *bound,
            size + 1,
        )
        ids = [row["id"] for row in found]
        people = await person_views(rows, ids[:size])
    return Page(people, encode_cursor(ids[size - 1]) if len(ids) > size else None)


async def person_by_id(actor: Actor, person_id: str) -> PersonView:
    """Oneself, or a person within scope; NotFound `record.not_found` otherwise."""
    is_open = person_id == actor.person_id or actor.kind == ActorKind.SYSTEM
    clause, values = ("1 = 1", ()) if is_open else scope_clause(actor, "u.path", *_SEES_PEOPLE)
    async with reading() as rows:
        row = await rows.fetch_one(
            "SELECT p.id FROM person p LEFT JOIN post o ON o.person_id = p.id LEFT JOIN unit u ON u.id = o.unit_id"
            f" WHERE p.id = ? AND {clause}",
            person_id,
            *values,
        )
        if row is None:
            raise NotFound("record.not_found")
        return (await person_views(rows, [person_id]))[0]


async def my_posts(actor: Actor) -> list[PostView]:
    """The posts among which the person may switch."""
    person_id = require_person(actor)
    async with reading() as rows:
        return (await posts_of(rows, [person_id])).get(person_id, [])


async def names_of(rows: RowSource, person_ids: list[str]) -> dict[str, str]:
    """Names by id, for lists of other domains."""
    wanted = sorted(set(person_ids))
    if not wanted:
        return {}
    found = await rows.fetch_all(f"SELECT id, name FROM person WHERE id IN ({', '.join('?' * len(wanted))})", *wanted)
    return {row["id"]: row["name"] for row in found}


async def people_with_role(rows: RowSource, role: str, unit_path: str, excluding: Collection[str] = ()) -> list[str]:
    """Ids of the active people who can act in a role over a unit: those of the unit itself, delegates of today
    included; where it has none, those of the nearest unit above whose role reaches down. `excluding`: people who may
    not act in the matter at hand, and so neither do their delegates for them."""
    ids = [part for part in unit_path.split("/") if part]
    if not ids:
        return []
    marks, day = ", ".join("?" * len(ids)), to_day_number(present_day())
    holders = (
        " FROM role_grant g JOIN post o ON o.id = g.post_id AND o.is_active = 1"
        " JOIN person p ON p.id = o.person_id AND p.is_active = 1 JOIN unit u ON u.id = o.unit_id"
    )
    where = f" WHERE g.role = ? AND g.revoked_at IS NULL AND (u.path = ? OR (g.is_subtree = 1 AND u.id IN ({marks})))"
    barred = sorted(excluding)
    if barred:
        where += f" AND p.id NOT IN ({', '.join('?' * len(barred))})"
    found = await rows.fetch_all(
        f"SELECT p.id, u.path{holders}{where} UNION SELECT t.id, u.path{holders}"
        " JOIN delegation d ON d.from_person_id = p.id AND d.unit_id = u.id AND d.role = g.role"
        " AND d.revoked_at IS NULL AND d.starts_on <= ? AND d.ends_on >= ?"
        " JOIN person t ON t.id = d.to_person_id AND t.is_active = 1"
        f" JOIN post m ON m.person_id = t.id AND m.unit_id = u.id AND m.is_active = 1{where}",
        role,
        unit_path,
        *ids,
        *barred,
        day,
        day,
        role,
        unit_path,
        *ids,
        *barred,
    )
    found = [row for row in found if row["id"] not in barred]
    nearest = max((len(row["path"]) for row in found), default=0)
    return sorted(row["id"] for row in found if len(row["path"]) == nearest)
