"""Reading the audit: for audit administrators alone, and only what happened in their part of the tree."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from server.kernel.actor import Actor
from server.kernel.audit.anchors import read_anchors
from server.kernel.audit.chain import GENESIS
from server.kernel.audit.subjects import Subject, find_subjects, labels_of, related_subjects
from server.kernel.audit.verify import verify_audit
from server.kernel.errors import Forbidden, InvalidInput, NotFound
from server.kernel.ids import first_id_of, is_id
from server.kernel.instants import from_microseconds, start_of_day, to_microseconds
from server.kernel.paging import PAGE_SIZE, decode_cursor, encode_cursor
from server.kernel.reading import reading
from server.kernel.storage.database import Reader, Row

# The one role that the kernel knows by name: identity, which holds the others, stands above it.
AUDIT_ADMIN = "audit_admin"
_COLUMNS = (
    "a.id, a.at, a.action, a.outcome, a.actor_kind, a.actor_id, a.actor_name, a.unit_id, a.request_id,"
    " a.subject_kind, a.subject_id, a.facts, a.sequence, a.hash, u.name AS unit_name"
)
_FROM = "FROM audit_event a LEFT JOIN unit u ON u.id = a.unit_id"
_OLDER, _NEWER = "older", "newer"
_FEW_UNITS = 40
_SLACK = timedelta(days=1)
Condition = tuple[str, list[Any]]


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to. `person`: who acted, a name or an id; `action`: one, or a kind of work such as
    `borrowing.`; `subject`: a thing by its id alone or as `kind:id`, then with all that belongs to it; days are
    Shanghai's, both included."""

    person: str = ""
    action: str = ""
    subject: str = ""
    from_day: date | None = None
    to_day: date | None = None


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `sequence` is None until the sealer has numbered it; `facts` as they were recorded."""

    id: str
    at: datetime
    action: str
    outcome: str
    actor_kind: str
    actor_id: str | None
    actor_name: str
    unit_name: str
    request_id: str
    subject_kind: str
    subject_id: str
    facts: dict[str, Any]
    sequence: int | None
    hash: str | None


class ChainState(msgspec.Struct, frozen=True, kw_only=True):
    """How far the chain is sealed, and the last head written elsewhere. `anchored_at`: ISO 8601 in UTC, or empty."""

    sealed: int
    unsealed: int
    hash: str
    anchored_at: str = ""
    anchored: int = 0


class AuditPage(msgspec.Struct, frozen=True):
    """One page, newest first. The cursors are None where there is nothing further that way."""

    items: list[AuditRow]
    next_cursor: str | None = None
    previous_cursor: str | None = None


async def list_events(actor: Actor, wanted: AuditFilter, cursor: str | None = None, size: int = PAGE_SIZE) -> AuditPage:
    """Newest first. Raises Forbidden `role.required` for everybody but an audit administrator; InvalidInput
    `input.bad_cursor`."""
    way, position = _position(cursor)
    async with reading() as db:
        conditions = [_scope(actor), *await _conditions(db, wanted)]
        if position:
            conditions.append((f"a.id {'>' if way == _NEWER else '<'} ?", [position]))
        rows = await _page(db, actor, wanted, conditions, "ASC" if way == _NEWER else "DESC", size + 1)
    return _page_of([_row(row) for row in rows], way, position, size)


def _position(cursor: str | None) -> tuple[str, str]:
    decoded = decode_cursor(cursor, str, str)
    if decoded is None:
        return _OLDER, ""
    if decoded[0] not in {_OLDER, _NEWER}:
        raise InvalidInput("input.bad_cursor")
    return decoded[0], decoded[1]


def _page_of(rows: list[AuditRow], way: str, position: str, size: int) -> AuditPage:
    has_more, shown = len(rows) > size, rows[:size]
    if way == _NEWER:
        shown.reverse()
    if not shown:
        return AuditPage([])
    older, newer = encode_cursor(_OLDER, shown[-1].id), encode_cursor(_NEWER, shown[0].id)
    if way == _NEWER:
        return AuditPage(shown, older, newer if has_more else None)
    return AuditPage(shown, older if has_more else None, newer if position else None)


async def _page(
    db: Reader, actor: Actor, wanted: AuditFilter, conditions: list[Condition], order: str, limit: int
) -> list[Row]:
    """Up to `limit` rows. Each way of asking is given the index that answers it; the planner alone reads a million."""
    where, bound = _joined(conditions)
    branches = None if wanted.subject or wanted.person else await _branches(db, actor, wanted)
    if branches:
        column, keys = branches
        each = f"SELECT a.id {_FROM} WHERE {column} = ? AND {where} ORDER BY a.id {order} LIMIT {limit}"
        sql = " UNION ALL ".join(f"SELECT id FROM ({each}) AS b{number}" for number in range(len(keys)))
        ids = await db.fetch_all(sql, *(value for key in keys for value in (key, *bound)))
        chosen = sorted((row["id"] for row in ids), reverse=order == "DESC")[:limit]
        marks = ", ".join("?" * len(chosen))
        sql = f"SELECT {_COLUMNS} {_FROM} WHERE a.id IN ({marks}) ORDER BY a.id {order}"
        return await db.fetch_all(sql, *chosen) if chosen else []
    # A thing's few events are sorted after they are found; walking all ids until enough fit would take a second.
    key = "COALESCE(a.id, '')" if wanted.subject else "a.id"
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY {key} {order} LIMIT {limit}"
    return await db.fetch_all(sql, *bound)


async def _branches(db: Reader, actor: Actor, wanted: AuditFilter) -> tuple[str, list[str]] | None:
    """Where the newest of each of a few are sooner found than everybody's until enough of theirs came by: the units of
    a small part of a big tree, the actions of one kind of work. None where walking on is the quick way."""
    if units := await _few_units(db, actor):
        return "a.unit_id", units
    if wanted.action.endswith("."):
        return "a.action", await _actions(db, wanted.action) or [wanted.action]
    return None


async def _actions(db: Reader, area: str) -> list[str]:
    """The actions of one kind of work that were ever done, each found by one step in the index."""
    found: list[str] = []
    sql = "SELECT action FROM audit_event WHERE action > ? AND action < ? ORDER BY action LIMIT 1"
    while row := await db.fetch_one(sql, found[-1] if found else area, area[:-1] + "/"):
        found.append(row["action"])
    return found


async def _few_units(db: Reader, actor: Actor) -> list[str]:
    """The units of a small scope; empty for a big one, whose rows come by often enough."""
    if not _reaches_below(actor):
        return [actor.unit_id] if actor.unit_id else []
    if _is_root(actor):
        return []
    low, high = _span(actor.unit_path)
    rows = await db.fetch_all(f"SELECT id FROM unit WHERE path >= ? AND path < ? LIMIT {_FEW_UNITS + 1}", low, high)
    return [row["id"] for row in rows] if len(rows) <= _FEW_UNITS else []


async def sealed_head() -> tuple[int, str]:
    """How many events are sealed, and the hash of the last."""
    async with reading() as db:
        head = await db.fetch_one("SELECT count, hash FROM audit_head WHERE name = ?", "audit")
    return (head["count"], head["hash"]) if head else (0, GENESIS)


async def sealed_events(actor: Actor, wanted: AuditFilter, up_to: int, size: int) -> AsyncIterator[list[AuditRow]]:
    """The sealed events up to a number of the chain, oldest first, in batches; each batch has its own deadline."""
    after = ""
    while True:
        async with reading() as db:
            conditions = [
                _scope(actor),
                *await _conditions(db, wanted),
                ("a.sequence <= ? AND a.id > ?", [up_to, after]),
            ]
            rows = await _page(db, actor, wanted, conditions, "ASC", size)
        if rows:
            yield [_row(row) for row in rows]
        if len(rows) < size:
            return
        after = rows[-1]["id"]


async def subjects_meant(actor: Actor, text: str) -> list[Subject]:
    """The things that a typed code, number or name means, as far as the actor may read of them."""
    clause, values = _scope(actor)
    async with reading() as db:
        found = await find_subjects(db, text.strip()) if text.strip() else []
        sql = f"SELECT a.id {_FROM} WHERE a.subject_kind = ? AND a.subject_id = ? AND {clause} LIMIT 1"
        return [each for each in found if await db.fetch_one(sql, each.kind, each.id, *values) is not None]


async def subject_labels(actor: Actor, ids: Iterable[str]) -> dict[str, str]:
    """What the things behind ids are called: those of events that the actor has read."""
    require_auditor(actor)
    async with reading() as db:
        return await labels_of(db, ids)


async def event_by_id(actor: Actor, event_id: str) -> AuditRow:
    """One event. NotFound `record.not_found` outside the actor's part of the tree."""
    clause, values = _scope(actor)
    async with reading() as db:
        row = await db.fetch_one(f"SELECT {_COLUMNS} {_FROM} WHERE a.id = ? AND {clause}", event_id, *values)
    if row is None:
        raise NotFound("record.not_found")
    return _row(row)


async def chain_state(actor: Actor, anchor_path: Path) -> ChainState:
    """The chain's length and head; says nothing about whether it holds."""
    require_auditor(actor)
    async with reading() as db:
        head = await db.fetch_one("SELECT count, hash FROM audit_head WHERE name = ?", "audit")
        left = await db.fetch_one("SELECT COUNT(*) AS rows_left FROM audit_event WHERE sequence IS NULL")
    assert left is not None
    anchors = read_anchors(anchor_path)
    return ChainState(
        sealed=head["count"] if head else 0,
        unsealed=left["rows_left"],
        hash=head["hash"] if head else "",
        anchored_at=anchors[-1].at if anchors else "",
        anchored=anchors[-1].count if anchors else 0,
    )


async def check_chain(actor: Actor, key: bytes, anchor_path: Path) -> list[str]:
    """Walk the whole chain; every fault in a sentence, empty where there is none."""
    require_auditor(actor)
    return await verify_audit(key, anchor_path)


def require_auditor(actor: Actor) -> None:
    """Forbidden `role.required` for everybody but an audit administrator."""
    if not actor.has_role(AUDIT_ADMIN):
        raise Forbidden("role.required")


def _scope(actor: Actor) -> Condition:
    require_auditor(actor)
    if not _reaches_below(actor):
        return "a.unit_id = ?", [actor.unit_id]
    below = "(u.path >= ? AND u.path < ?)"
    if _is_root(actor):
        # What nobody's unit did (failed logins of unknown names, jobs) is seen from the root of the tree.
        below = f"({below} OR a.unit_id IS NULL)"
    return below, list(_span(actor.unit_path))


def _reaches_below(actor: Actor) -> bool:
    return any(grant.role == AUDIT_ADMIN and grant.is_subtree for grant in actor.grants)


def _is_root(actor: Actor) -> bool:
    return actor.unit_path.count("/") == 1


def _span(path: str) -> tuple[str, str]:
    """The paths of a unit and of all below it: from the first, up to and without the second."""
    return path, path[:-1] + "0"


def _joined(conditions: list[Condition]) -> tuple[str, list[Any]]:
    return " AND ".join(text for text, _ in conditions), [value for _, given in conditions for value in given]


async def _conditions(db: Reader, wanted: AuditFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.person:
        found.append(await _by(db, wanted.person))
    if wanted.action.endswith("."):
        found.append(("INSTR(a.action, ?) = 1", [wanted.action]))
    elif wanted.action:
        found.append(("a.action = ?", [wanted.action]))
    if wanted.subject:
        found.append(await _about(db, wanted.subject))
    return found + _between(wanted.from_day, wanted.to_day)


async def _by(db: Reader, person: str) -> Condition:
    """Who acted: by id, or by a name that several may bear, and that some bore when they acted and do no more."""
    ids = [each.id for each in await find_subjects(db, person) if each.kind == "person"]
    if is_id(person):
        return "a.actor_id = ?", [person]
    if not ids:
        return "a.actor_name = ?", [person]
    return f"a.actor_id IN ({', '.join('?' * len(ids))})", ids


async def _about(db: Reader, subject: str) -> Condition:
    kind, _, subject_id = subject.rpartition(":")
    if not kind:
        return "a.subject_id = ?", [subject_id]
    ids: dict[str, list[str]] = {}
    for each_kind, each_id in await related_subjects(db, kind, subject_id):
        ids.setdefault(each_kind, []).append(each_id)
    parts = [f"(a.subject_kind = ? AND a.subject_id IN ({', '.join('?' * len(each))}))" for each in ids.values()]
    return f"({' OR '.join(parts)})", [value for each_kind, each in ids.items() for value in (each_kind, *each)]


def _between(first: date | None, last: date | None) -> list[Condition]:
    """The days by the instant, and beside it by the ids, which are in order and indexed: an id is made on a process's
    clock, the instant on the database's, and no two clocks here are a day apart."""
    found: list[Condition] = []
    if first:
        start = start_of_day(first)
        found.append(("a.at >= ? AND a.id >= ?", [to_microseconds(start), first_id_of(start - _SLACK)]))
    if last:
        end = start_of_day(last + timedelta(days=1))
        found.append(("a.at < ? AND a.id < ?", [to_microseconds(end), first_id_of(end + _SLACK)]))
    return found


def _row(row: Row) -> AuditRow:
    return AuditRow(
        id=row["id"],
        at=from_microseconds(row["at"]),
        action=row["action"],
        outcome=row["outcome"],
        actor_kind=row["actor_kind"],
        actor_id=row["actor_id"],
        actor_name=row["actor_name"],
        unit_name=row["unit_name"] or "",
        request_id=row["request_id"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        facts=msgspec.json.decode(row["facts"], type=dict[str, Any]),
        sequence=row["sequence"],
        hash=row["hash"],
    )
