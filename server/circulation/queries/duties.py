"""What somebody has to collect and return, and at their desk to hand out and take back: the matter of a calendar."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import date, datetime
from typing import Literal

import msgspec

from server.circulation.access import desk_paths
from server.circulation.queries.detail import instant_or_none
from server.identity.access import require_person
from server.identity.roles import Role
from server.identity.scope import Clause, prefix_clause, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row

# A calendar holds what comes next; a desk with more under way than this works from its lists.
MOST_DUTIES = 1000
_LATEST = "(SELECT MAX(e.at) FROM borrowing_event e WHERE e.borrowing_id = b.id)"
_WAITING = "l.issued_at IS NULL AND l.released_at IS NULL"
_OUT = "l.issued_at IS NOT NULL AND l.returned_at IS NULL AND l.lost_at IS NULL"

DutyKind = Literal["collect", "return", "hand_out", "take_back"]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. `first`, `last`: the days for it, both included. `revision`: grows whenever the loan changes;
    `changed_at`: when it last did. `starts_at`, `ends_at`: the
    hours of what is lent by the hour. `pieces`: how many of its things this is about."""

    borrowing_id: str
    kind: DutyKind
    number: str
    title: str
    pieces: int
    first: date
    last: date
    is_overdue: bool
    half: str
    way: str
    place_name: str
    other_side: str
    revision: int
    changed_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def list_duties(actor: Actor) -> list[Duty]:
    """What is still to be done, the earliest first: of one's own loans for the unit acted for, and at one's desk.

    At most 1,000. Forbidden `role.required` for anybody but a person.
    """
    require_person(actor)
    day = present_day()
    async with reading() as db:
        own = await _under_way(db, ("b.applicant_id = ? AND b.borrower_unit_id = ?", (actor.person_id, actor.unit_id)))
        desk = await _desk_clause(db, actor)
        at_desk = [] if desk is None else await _under_way(db, desk)
    found = [duty for row in own for duty in _duties(row, "collect", "return", row["holder_unit_name"], day)]
    found += [duty for row in at_desk for duty in _duties(row, "hand_out", "take_back", row["borrower_unit_name"], day)]
    return sorted(found, key=lambda duty: (duty.first, duty.borrowing_id, duty.kind))[:MOST_DUTIES]


async def _desk_clause(rows: RowSource, actor: Actor) -> Clause | None:
    """Where the actor hands out and takes back: for the holder, or as keeper of the place."""
    clauses = [prefix_clause("b.place_path", path) for path in await desk_paths(rows, actor)]
    if actor.has_role(Role.ASSET_MANAGER):
        clauses.append(scope_clause(actor, "b.holder_unit_path", Role.ASSET_MANAGER))
    if not clauses:
        return None
    return " OR ".join(sql for sql, _ in clauses), tuple(value for _, values in clauses for value in values)


async def _under_way(rows: RowSource, clause: Clause) -> list[Row]:
    counted = "(SELECT COUNT(*) FROM borrowing_line l WHERE l.borrowing_id = b.id AND {})"
    return await rows.fetch_all(
        "SELECT b.id, b.number, b.title, b.from_day, b.to_day, b.collect_by, b.collection_day, b.collection_half,"
        " b.collection_way, b.is_overdue, b.place_name, b.holder_unit_name, b.borrower_unit_name, b.version,"
        f" b.submitted_at, b.starts_at, b.ends_at, {_LATEST} AS changed_at, {counted.format(_WAITING)} AS waiting,"
        f" {counted.format(_OUT)} AS out_there FROM borrowing b"
        f" WHERE b.state IN ('approved', 'ready', 'issued') AND ({clause[0]}) ORDER BY b.to_day, b.id LIMIT ?",
        *clause[1],
        MOST_DUTIES,
    )


def _duties(row: Row, out: DutyKind, back: DutyKind, other_side: str, today: date) -> list[Duty]:
    found = []
    if row["waiting"]:
        first, last = _collecting(row)
        found.append(_duty(row, out, row["waiting"], first, last, other_side))
    if row["out_there"]:
        due = from_day_number(row["to_day"])
        # What is late is to be brought back today.
        found.append(_duty(row, back, row["out_there"], due, max(due, today), other_side))
    return found


def _collecting(row: Row) -> tuple[date, date]:
    """The day that was agreed, or those on which the thing waits."""
    if row["collection_day"] is not None:
        day = from_day_number(row["collection_day"])
        return day, day
    first = from_day_number(row["from_day"])
    last = from_day_number(min(row["collect_by"] or row["to_day"], row["to_day"]))
    return first, max(first, last)


def _duty(row: Row, kind: DutyKind, pieces: int, first: date, last: date, other_side: str) -> Duty:
    is_going_out = kind in {"collect", "hand_out"}
    return Duty(
        borrowing_id=row["id"],
        kind=kind,
        number=row["number"],
        title=row["title"],
        pieces=pieces,
        first=first,
        last=last,
        is_overdue=not is_going_out and (last > first or bool(row["is_overdue"])),
        half=(row["collection_half"] or "") if is_going_out else "",
        way=(row["collection_way"] or "") if is_going_out else "",
        place_name=row["place_name"],
        other_side=other_side,
        revision=row["version"],
        changed_at=from_microseconds(row["changed_at"] or row["submitted_at"]),
        starts_at=instant_or_none(row["starts_at"]),
        ends_at=instant_or_none(row["ends_at"]),
    )
