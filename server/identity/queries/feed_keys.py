"""Whom a calendar address speaks for: read anew at every use, so that it ends with the post."""

from server.identity.access import require_person
from server.identity.commands.feed_keys import hash_of
from server.identity.types import FeedKeyView
from server.kernel.actor import Actor, ActorKind, Grant, PartyKind
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds
from server.kernel.reading import reading

# Own grants only: what somebody on leave has handed on is read where its every step is recorded.
_SQL = (
    "SELECT p.id AS person_id, p.name AS person_name, u.id AS unit_id, u.name AS unit_name, u.path AS unit_path,"
    " u.party_id, r.path AS region_path, g.role, g.is_subtree FROM feed_key k"
    " JOIN person p ON p.id = k.person_id AND p.is_active = 1"
    " JOIN post o ON o.person_id = p.id AND o.unit_id = k.unit_id AND o.is_active = 1"
    " JOIN unit u ON u.id = o.unit_id AND u.is_active = 1 JOIN region r ON r.code = u.region_code"
    " LEFT JOIN role_grant g ON g.post_id = o.id AND g.revoked_at IS NULL WHERE k.key_hash = ?"
)


async def actor_for_feed(key: str) -> Actor:
    """The person whose calendar is read by `key`, acting for the unit that it was made for, by present roles.

    Raises NotFound `feed_key.not_found` where it was replaced, switched off, or outlived by the post or the person.
    """
    async with reading() as db:
        rows = await db.fetch_all(_SQL, hash_of(key))
    if not rows:
        raise NotFound("feed_key.not_found")
    first = rows[0]
    return Actor(
        kind=ActorKind.PERSON,
        person_id=first["person_id"],
        person_name=first["person_name"],
        unit_id=first["unit_id"],
        unit_name=first["unit_name"],
        unit_path=first["unit_path"],
        region_path=first["region_path"],
        party_id=first["party_id"],
        party_kind=PartyKind.GOVERNMENT_UNIT,
        grants=tuple(Grant(row["role"], bool(row["is_subtree"]), None) for row in rows if row["role"] is not None),
    )


async def my_feed_key(actor: Actor) -> FeedKeyView | None:
    """For which unit, and since when, the actor's calendar can be read by an address; None where it cannot."""
    async with reading() as db:
        row = await db.fetch_one(
            "SELECT u.name, k.made_at FROM feed_key k JOIN unit u ON u.id = k.unit_id WHERE k.person_id = ?",
            require_person(actor),
        )
    return None if row is None else FeedKeyView(row["name"], from_microseconds(row["made_at"]))
