"""What a loan asks of the event or body that it is for, inside its own unit of work."""

from server.circulation.checks import fault
from server.circulation.occasions.access import require_open
from server.circulation.occasions.models import Occasion
from server.circulation.occasions.types import OccasionFacts
from server.identity.ops import hold_units
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.errors import StateConflict
from server.kernel.instants import from_day_number
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

TEMPORARY = "temporary_body"


async def occasion_for_loan(uow: UnitOfWork, actor: Actor, occasion_id: str) -> OccasionFacts:
    """The event or temporary body that the actor's unit leads, held so that it cannot be closed meanwhile.

    Raises InvalidInput (`occasion_id`: `occasion.unknown`); StateConflict `occasion.closed`, `occasion.over`.
    """
    occasion = await uow.lock(Occasion, occasion_id)
    facts = await _body(uow, actor, occasion_id) if occasion is None else _event(actor, occasion)
    if facts is None:
        raise fault("occasion_id", "occasion.unknown")
    if facts.ends_on < await today(uow):
        raise StateConflict("occasion.over", name=facts.name, ends_on=facts.ends_on.isoformat())
    return facts


def _event(actor: Actor, occasion: Occasion) -> OccasionFacts | None:
    if occasion.lead_unit_id != actor.unit_id:
        return None
    require_open(occasion)
    return OccasionFacts(id=occasion.id, kind="event", name=occasion.name, ends_on=occasion.ends_on)


async def _body(uow: UnitOfWork, actor: Actor, unit_id: str) -> OccasionFacts | None:
    row = await uow.fetch_one(
        "SELECT id, name, path, ends_on, is_active FROM unit WHERE id = ? AND kind = ? AND lead_unit_id = ?",
        unit_id,
        TEMPORARY,
        actor.unit_id,
    )
    if row is None or row["ends_on"] is None:
        return None
    if not row["is_active"]:
        raise StateConflict("occasion.closed", name=row["name"])
    await hold_units(uow, {row["id"]: row["path"]})
    return OccasionFacts(id=row["id"], kind="body", name=row["name"], ends_on=from_day_number(row["ends_on"]))


async def occasion_of(rows: RowSource, borrowing: Row) -> OccasionFacts | None:
    """The event or body that a stored borrowing was made for, as it is now; None where it was for neither."""
    if borrowing["occasion_id"] is not None:
        row = await rows.fetch_one("SELECT id, name, ends_on FROM occasion WHERE id = ?", borrowing["occasion_id"])
        return None if row is None else _facts("event", row)
    if borrowing["for_unit_id"] is not None:
        row = await rows.fetch_one("SELECT id, name, ends_on FROM unit WHERE id = ?", borrowing["for_unit_id"])
        return None if row is None or row["ends_on"] is None else _facts("body", row)
    return None


def _facts(kind: str, row: Row) -> OccasionFacts:
    return OccasionFacts(
        id=row["id"],
        kind="event" if kind == "event" else "body",
        name=row["name"],
        ends_on=from_day_number(row["ends_on"]),
    )
