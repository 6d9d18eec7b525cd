# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Events and temporary bodies, those that an application can name, and one with its recall list."""

from collections import Counter
from collections.abc import Sequence

from server.circulation.lines import LINE_STATE_NAMES, LineState, line_state
from server.circulation.losses.states import LOSS_STATE_NAMES, LossState
from server.circulation.occasions.access import LEADERS, visible_clause
from server.circulation.occasions.types import (
    KIND_NAMES,
    STATE_NAMES,
    STEP_NAMES,
    OccasionChoice,
    OccasionKind,
    OccasionRow,
    OccasionState,
    OccasionStepView,
    OccasionView,
    RecallItem,
)
from server.circulation.states import STATE_NAMES as BORROWING_NAMES
from server.identity.scope import Clause, is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.kernel.instants import from_day_number, from_microseconds, to_day_number
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row
from server.places.queries import place_facts

__all__ = ["LEADERS", "choosable_occasions", "list_occasions", "occasion_view", "read_occasion", "recall_list"]
# Both as one: a body is a unit with an end, led by another.
_EVENTS = (
    "SELECT o.id, 'event' AS kind, o.name, o.lead_unit_id, o.lead_unit_name, o.lead_unit_path, o.responsible_name,"
    " o.starts_on, o.ends_on, CASE WHEN o.state = 'open' THEN 1 ELSE 0 END AS is_open FROM occasion o"
)
_BODIES = (
    "SELECT * FROM (SELECT u.id, 'body' AS kind, u.name, l.id AS lead_unit_id, l.name AS lead_unit_name,"
    " l.path AS lead_unit_path, '' AS responsible_name, NULL AS starts_on, u.ends_on, u.is_active AS is_open"
    " FROM unit u JOIN unit l ON l.id = u.lead_unit_id WHERE u.kind = 'temporary_body' AND u.ends_on IS NOT NULL) o"
)
# The loans of a body are those for which its lead unit named it, and those that its own people made.
_OF = {"event": "b.occasion_id = ?", "body": "(b.for_unit_id = ? OR b.borrower_unit_id = ?)"}
_NEVER = ("rejected", "withdrawn", "expired")
_LEFT = (
    "SELECT b.{column} AS whose, COUNT(*) AS pieces FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id"
    " WHERE b.{column} IN ({marks}) AND b.state NOT IN ('rejected', 'withdrawn', 'expired')"
    " AND l.released_at IS NULL AND l.found_at IS NULL AND CASE WHEN l.lost_at IS NULL THEN l.inspected_at IS NULL"
    " OR (l.inspection_result = 'damaged' AND l.damage_decided_at IS NULL) ELSE NOT EXISTS (SELECT 1 FROM loss_case k"
    " WHERE k.line_id = l.id AND k.kind = 'loss' AND k.state IN ('settled', 'writing_off', 'written_off')) END"
    " GROUP BY b.{column}"
)
_HELD = (
    "SELECT holder_unit_id AS whose, COUNT(*) AS pieces FROM asset_card WHERE holder_unit_id IN ({marks})"
    " AND state <> 'disposed' GROUP BY holder_unit_id"
)
_SETTLED = frozenset({LossState.SETTLED, LossState.WRITING_OFF, LossState.WRITTEN_OFF})
_WAYS: dict[LineState, str] = {
    LineState.WAITING: "领取后归还，或撤回",
    LineState.OUT: "归还，丢失的报遗失",
    LineState.RETURNED: "仓管员验收",
    LineState.DAMAGED: "出借单位处理损坏",
    LineState.LOST: "出借单位认定责任",
    LineState.LOST_DECIDED: "赔偿付清或免除",
    LineState.DONE: "已归还验收",
    LineState.RELEASED: "没有领取",
}


async def list_occasions(
    actor: Actor, state: str = "open", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[OccasionRow]:
    """Events and bodies within the actor's sight, the latest first. `state`: open | closed.

    Raises InvalidInput for another `state` and a made-up cursor.
    """
    if state not in STATE_NAMES:
        raise InvalidInput(fields=[FieldError("state", "input.not_a_choice")])
    position = decode_cursor(cursor, str)
    after: Clause = ("", ()) if position is None else (" AND x.id < ?", (position[0],))
    async with reading() as db:
        sql, values = _visible(actor)
        rows = await db.fetch_all(
            f"SELECT x.* FROM ({sql}) x WHERE x.is_open = ?{after[0]} ORDER BY x.id DESC LIMIT ?",
            *values,
            int(state == "open"),
            *after[1],
            size + 1,
        )
        left = await _unresolved(db, rows[:size])
    return page_of([_row(row, left[row["id"]]) for row in rows], size, lambda row: encode_cursor(row.id))


async def choosable_occasions(actor: Actor) -> list[OccasionChoice]:
    """The open ones that the actor's unit leads and whose end is still to come, the next to end first."""
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT x.* FROM ({_EVENTS} WHERE o.lead_unit_id = ? UNION ALL {_BODIES} WHERE o.lead_unit_id = ?) x"
            " WHERE x.is_open = 1 AND x.ends_on >= ? ORDER BY x.ends_on, x.id LIMIT 100",
            actor.unit_id,
            actor.unit_id,
            to_day_number(present_day()),
        )
    return [
        OccasionChoice(
            id=row["id"],
            kind=row["kind"],
            kind_name=KIND_NAMES[row["kind"]],
            name=row["name"],
            ends_on=from_day_number(row["ends_on"]),
        )
        for row in rows
    ]


async def occasion_view(actor: Actor, occasion_id: str) -> OccasionView:
    """One within the actor's sight, with its recall list; raises NotFound `occasion.not_found` for any other."""
    async with reading() as db:
        return await read_occasion(db, actor, occasion_id)


async def read_occasion(rows: RowSource, actor: Actor, occasion_id: str) -> OccasionView:
    """The same from a read session or an open unit of work."""
    sql, values = _visible(actor)
    row = await rows.fetch_one(f"SELECT x.* FROM ({sql}) x WHERE x.id = ?", *values, occasion_id)
    if row is None:
        raise NotFound("occasion.not_found")
    items = await recall_list(rows, row["kind"], occasion_id)
    unresolved = sum(not item.is_resolved for item in items)
    state = _state(row)
    leads = row["kind"] == "event" and state == "open" and is_in_scope(actor, row["lead_unit_path"], *LEADERS)
    return OccasionView(
        id=row["id"],
        kind=row["kind"],
        kind_name=KIND_NAMES[row["kind"]],
        name=row["name"],
        lead_unit_id=row["lead_unit_id"],
        lead_unit_name=row["lead_unit_name"],
        responsible_name=row["responsible_name"],
        starts_on=None if row["starts_on"] is None else from_day_number(row["starts_on"]),
        ends_on=from_day_number(row["ends_on"]),
        state=state,
        state_name=STATE_NAMES[state],
        items=items,
        unresolved_count=unresolved,
        steps=await _steps(rows, occasion_id),
        can_prolong=leads,
        can_close=leads and not unresolved,
    )


async def recall_list(rows: RowSource, kind: OccasionKind, occasion_id: str) -> list[RecallItem]:
    """Everything borrowed for an event or body, and every card that a body itself holds; the unresolved first."""
    found = await rows.fetch_all(
        "SELECT l.*, b.number, b.state, b.holder_unit_name, b.borrower_unit_name, b.place_name, k.state AS loss_state"
        " FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " LEFT JOIN loss_case k ON k.line_id = l.id AND k.kind = 'loss'"
        f" WHERE {_OF[kind]} AND b.state NOT IN ({_marks(_NEVER)})"
        " AND l.released_at IS NULL ORDER BY b.id, l.item, l.id",
        *_bound(kind, occasion_id),
        *_NEVER,
    )
    items = [_lent(row) for row in found]
    if kind == "body":
        items += await _own_cards(rows, occasion_id)
    return sorted(items, key=lambda item: item.is_resolved)


async def _own_cards(rows: RowSource, unit_id: str) -> list[RecallItem]:
    found = await rows.fetch_all(
        "SELECT c.id, c.code, c.name, c.value_fen, c.place_id, u.name AS holder, p.name AS custodian FROM asset_card c"
        " JOIN unit u ON u.id = c.holder_unit_id LEFT JOIN person p ON p.id = c.custodian_id"
        " WHERE c.holder_unit_id = ? AND c.state <> 'disposed' ORDER BY c.id",
        unit_id,
    )
    return [
        RecallItem(
            asset_id=row["id"],
            asset_code=row["code"],
            asset_name=row["name"],
            value_fen=row["value_fen"],
            borrowing_id="",
            number="",
            holder_unit_name=row["holder"],
            with_name=row["custodian"] or row["holder"],
            place_name=(await place_facts(rows, row["place_id"])).full_name,
            state_name="自有资产",
            way="上缴、调剂，或随单位合并转给牵头单位",
            is_resolved=False,
        )
        for row in found
    ]


def _lent(row: Row) -> RecallItem:
    state = line_state(row)
    is_before, loss = state is LineState.WAITING, row["loss_state"] or ""
    # Lost, it is resolved once what was decided is paid or waived; being written off is the holder's matter.
    is_settled = state is LineState.LOST_DECIDED and loss in _SETTLED
    return RecallItem(
        asset_id=row["asset_id"],
        asset_code=row["asset_code"],
        asset_name=row["asset_name"],
        value_fen=row["value_fen"],
        borrowing_id=row["borrowing_id"],
        number=row["number"],
        holder_unit_name=row["holder_unit_name"],
        with_name=f"{row['borrower_unit_name']} {row['issued_to']}" if state is LineState.OUT else "",
        place_name=row["place_name"],
        state_name=BORROWING_NAMES[row["state"]] if is_before else LINE_STATE_NAMES[state],
        way=LOSS_STATE_NAMES[loss] if is_settled or loss == LossState.FOUND else _WAYS[state],
        is_resolved=state is LineState.DONE or is_settled,
    )


async def _unresolved(rows: RowSource, found: list[Row]) -> Counter[str]:
    """Of each event and body, how many items of its recall list are not resolved, without reading them."""
    events = [row["id"] for row in found if row["kind"] == "event"]
    bodies = [row["id"] for row in found if row["kind"] == "body"]
    counted: Counter[str] = Counter()
    for column, ids in (("occasion_id", events), ("for_unit_id", bodies), ("borrower_unit_id", bodies)):
        counted.update(await _counted(rows, _LEFT.format(column=column, marks=_marks(ids)), ids))
    counted.update(await _counted(rows, _HELD.format(marks=_marks(bodies)), bodies))
    return counted


async def _counted(rows: RowSource, sql: str, ids: list[str]) -> dict[str, int]:
    return {row["whose"]: row["pieces"] for row in await rows.fetch_all(sql, *ids)} if ids else {}


async def _steps(rows: RowSource, occasion_id: str) -> list[OccasionStepView]:
    found = await rows.fetch_all("SELECT * FROM occasion_step WHERE occasion_id = ? ORDER BY id", occasion_id)
    return [
        OccasionStepView(
            kind=row["kind"],
            name=STEP_NAMES[row["kind"]],
            at=from_microseconds(row["at"]),
            actor_name=row["actor_name"],
            note=row["note"],
        )
        for row in found
    ]


def _visible(actor: Actor) -> Clause:
    events, of_events = visible_clause(actor, "o")
    bodies, of_bodies = visible_clause(actor, "o", "o.id")
    return f"{_EVENTS} WHERE {events} UNION ALL {_BODIES} WHERE {bodies}", (*of_events, *of_bodies)


def _bound(kind: OccasionKind, occasion_id: str) -> tuple[str, ...]:
    return (occasion_id,) * _OF[kind].count("?")


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _state(row: Row) -> OccasionState:
    return "open" if row["is_open"] else "closed"


def _row(row: Row, unresolved: int) -> OccasionRow:
    state = _state(row)
    return OccasionRow(
        id=row["id"],
        kind=row["kind"],
        kind_name=KIND_NAMES[row["kind"]],
        name=row["name"],
        lead_unit_name=row["lead_unit_name"],
        responsible_name=row["responsible_name"],
        starts_on=None if row["starts_on"] is None else from_day_number(row["starts_on"]),
        ends_on=from_day_number(row["ends_on"]),
        state=state,
        state_name=STATE_NAMES[state],
        unresolved_count=unresolved,
    )
