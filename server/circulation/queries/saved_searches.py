"""A person's saved searches."""

import msgspec

from server.circulation.finding_types import SavedSearchView
from server.circulation.types import ListingFilter
from server.kernel.actor import Actor
from server.kernel.errors import Unauthenticated
from server.kernel.instants import from_microseconds
from server.kernel.reading import reading


async def list_saved_searches(actor: Actor) -> list[SavedSearchView]:
    """The actor's own, newest first. Unauthenticated `session.required` for anybody but a person."""
    if actor.person_id is None:
        raise Unauthenticated("session.required")
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id, name, wanted, wants_notice, created_at FROM saved_search WHERE person_id = ? ORDER BY id DESC",
            actor.person_id,
        )
    return [
        SavedSearchView(
            id=row["id"],
            name=row["name"],
            wanted=msgspec.json.decode(row["wanted"], type=ListingFilter),
            wants_notice=bool(row["wants_notice"]),
            created_at=from_microseconds(row["created_at"]),
        )
        for row in rows
    ]
