"""The people of one's own unit, as names to choose from: what every colleague may know of another."""

import msgspec

from server.identity.access import require_person
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.reading import reading

MOST = 500


class Colleague(msgspec.Struct, frozen=True):
    """An active person with a post in the same unit."""

    id: str
    name: str
    title: str


async def list_colleagues(actor: Actor) -> list[Colleague]:
    """The others with a post in the acting unit, by name; none where the actor acts for no unit."""
    person_id = require_person(actor)
    if actor.unit_id is None:
        return []
    async with reading() as rows:
        found = await rows.fetch_all(
            "SELECT p.id, p.name, o.title FROM post o JOIN person p ON p.id = o.person_id AND p.is_active = 1"
            " WHERE o.unit_id = ? AND o.is_active = 1 AND p.id <> ? ORDER BY p.name, p.id LIMIT ?",
            actor.unit_id,
            person_id,
            MOST,
        )
    return [Colleague(row["id"], row["name"], row["title"]) for row in found]


async def people_of_unit(rows: RowSource, unit_id: str) -> list[tuple[str, str]]:
    """Id and name of everybody with a post in a unit now, by name, whoever asks."""
    found = await rows.fetch_all(
        "SELECT DISTINCT p.id, p.name FROM post o JOIN person p ON p.id = o.person_id AND p.is_active = 1"
        " WHERE o.unit_id = ? AND o.is_active = 1 ORDER BY p.name, p.id",
        unit_id,
    )
    return [(row["id"], row["name"]) for row in found]
