"""What is recorded of a unit's headcount."""

from datetime import date

from server.identity.queries.units import unit_by_id
from server.identity.types import Headcount, RowSource
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number, from_microseconds, to_day_number
from server.kernel.reading import reading
from server.kernel.storage.database import Row

_SELECT = (
    "SELECT h.authorised, h.staffed, h.is_confidential, h.as_of, h.basis, h.recorded_by_name, h.recorded_at"
    " FROM unit_headcount h WHERE h.unit_id = ?"
)
# Of two for one day the later entry corrects the earlier.
_NEWEST_FIRST = " ORDER BY h.as_of DESC, h.id DESC"


async def headcount_of(rows: RowSource, unit_id: str, day: date) -> Headcount | None:
    """What held for a unit on a day, whoever asks; None where nothing was recorded for it yet."""
    row = await rows.fetch_one(f"{_SELECT} AND h.as_of <= ?{_NEWEST_FIRST} LIMIT 1", unit_id, to_day_number(day))
    return None if row is None else _headcount(row)


async def headcount_history(actor: Actor, unit_id: str) -> list[Headcount]:
    """Everything recorded of a unit within the actor's sight, the latest first. NotFound `record.not_found`."""
    unit = await unit_by_id(actor, unit_id)
    async with reading() as rows:
        found = await rows.fetch_all(f"{_SELECT}{_NEWEST_FIRST}", unit.id)
    return [_headcount(row) for row in found]


def _headcount(row: Row) -> Headcount:
    return Headcount(
        authorised=row["authorised"],
        staffed=row["staffed"],
        is_confidential=bool(row["is_confidential"]),
        as_of=from_day_number(row["as_of"]),
        basis=row["basis"],
        recorded_by_name=row["recorded_by_name"],
        recorded_at=from_microseconds(row["recorded_at"]),
    )
