"""Lists of borrowings: one's own, the unit's, the holder's, and what the desk has to do."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from server.circulation.access import desk_paths
from server.circulation.checks import fault
from server.circulation.lines import LineState, line_state
from server.circulation.queries.detail import counts_of, day_or_none
from server.circulation.states import STATE_NAMES, TRANSITIONS, BorrowingState, state_name
from server.circulation.types import BorrowingRow, DeskStep, NextAtDesk, RoleView
from server.identity.access import require_person
from server.identity.roles import Role
from server.identity.scope import Clause, prefix_clause, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.instants import from_day_number, from_microseconds, to_day_number
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row

OVERDUE = "overdue"
_NEXT: dict[LineState, DeskStep] = {
    LineState.WAITING: "issue",
    LineState.OUT: "return",
    LineState.RETURNED: "inspect",
    LineState.DAMAGED: "resolve",
}
# What still goes on, and what is over: the two halves of everything.
_GROUPS: dict[str, list[str]] = {
    "open": [state for state, following in TRANSITIONS.items() if following],
    "ended": [state for state, following in TRANSITIONS.items() if not following],
}
_COUNTED = ("pieces", "waiting", "out_there", "released")
_AT_DESK = (
    BorrowingState.APPROVED,
    BorrowingState.READY,
    BorrowingState.ISSUED,
    BorrowingState.RETURNED,
    BorrowingState.INSPECTED,
)


async def list_borrowings(
    actor: Actor, role_view: RoleView, state: str | None = None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[BorrowingRow]:
    """Borrowings, the latest first. `mine`: applied for by the actor; `unit`: by the actor's unit (and below);
    `holder`: of what the actor's unit lends; `desk`: what the actor has to issue, take back or inspect.
    `state`: one state, `overdue`, or None for all.

    Raises InvalidInput for an unknown `role_view` or `state`; Forbidden `role.required`.
    """
    position = decode_cursor(cursor, str)
    async with reading() as db:
        clause, values = await _clause(db, actor, role_view)
        narrowed, narrowed_by = _narrowed(state)
        if position is not None:
            narrowed += " AND b.id < ?"
            narrowed_by += (position[0],)
        rows = await db.fetch_all(
            "SELECT b.id, b.number, b.title, b.state, b.is_overdue, b.applicant_name, b.borrower_unit_name,"
            " b.holder_unit_name, b.place_name, b.from_day, b.to_day, b.collect_by, b.correct_by, b.submitted_at"
            f" FROM borrowing b WHERE {clause}{narrowed} ORDER BY b.id DESC LIMIT ?",
            *values,
            *narrowed_by,
            size + 1,
        )
        lines = await _lines_of(db, [row["id"] for row in rows])
    return page_of([_row(row, lines[row["id"]]) for row in rows], size, lambda row: encode_cursor(row.id))


async def _lines_of(rows: RowSource, borrowing_ids: list[str]) -> dict[str, Row]:
    """Of each borrowing its first card, and how many are to be collected, are out, and are in all."""
    if not borrowing_ids:
        return {}
    marks = ", ".join("?" * len(borrowing_ids))
    counted = await rows.fetch_all(
        "SELECT l.borrowing_id, COUNT(*) AS pieces, MIN(l.id) AS first_id,"
        " SUM(CASE WHEN l.issued_at IS NULL AND l.released_at IS NULL THEN 1 ELSE 0 END) AS waiting,"
        " SUM(CASE WHEN l.issued_at IS NOT NULL AND l.returned_at IS NULL AND l.lost_at IS NULL THEN 1 ELSE 0 END)"
        " AS out_there, SUM(CASE WHEN l.lost_at IS NOT NULL AND l.found_at IS NULL THEN 1 ELSE 0 END) AS lost,"
        " SUM(CASE WHEN l.released_at IS NULL THEN 0 ELSE 1 END) AS released"
        f" FROM borrowing_line l WHERE l.borrowing_id IN ({marks}) GROUP BY l.borrowing_id",
        *borrowing_ids,
    )
    firsts = await rows.fetch_all(
        f"SELECT id, asset_id, asset_code FROM borrowing_line WHERE id IN ({marks})",
        *(row["first_id"] for row in counted),
    )
    by_id = {row["id"]: row for row in firsts}
    return {row["borrowing_id"]: {**row, **by_id[row["first_id"]]} for row in counted}


async def _clause(rows: RowSource, actor: Actor, role_view: str) -> Clause:
    if role_view == "mine":
        return "b.applicant_id = ?", (require_person(actor),)
    if role_view == "unit":
        return scope_clause(actor, "b.borrower_unit_path", Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER)
    if role_view == "holder":
        return scope_clause(actor, "b.holder_unit_path", Role.ASSET_MANAGER, Role.OPERATIONS)
    if role_view == "desk":
        return await _desk_clause(rows, actor)
    raise fault("role_view", "input.not_a_choice")


async def _desk_clause(rows: RowSource, actor: Actor) -> Clause:
    if not actor.has_role(Role.ASSET_MANAGER, Role.WAREHOUSE_KEEPER):
        raise Forbidden("role.required")
    clauses = [prefix_clause("b.place_path", path) for path in await desk_paths(rows, actor)]
    if actor.has_role(Role.ASSET_MANAGER):
        clauses.append(scope_clause(actor, "b.holder_unit_path", Role.ASSET_MANAGER))
    sql = " OR ".join(clause for clause, _ in clauses) or "1 = 0"
    states = ", ".join("?" * len(_AT_DESK))
    values = [value for _, bound in clauses for value in bound]
    return f"({sql}) AND b.state IN ({states})", (*values, *_AT_DESK)


async def desk_borrowing_of(actor: Actor, asset_id: str) -> NextAtDesk | None:
    """What the actor's desk has to do next with a card: the borrowing, and whether to issue, take back, inspect or
    settle damage; None where nothing is to be done today. What is out comes before what waits for it."""
    day = to_day_number(present_day())
    async with reading() as db:
        clause, values = await _desk_clause(db, actor)
        rows = await db.fetch_all(
            "SELECT l.* FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
            f" WHERE l.asset_id = ? AND {clause} AND (l.issued_at IS NOT NULL OR (b.from_day <= ? AND b.to_day >= ?))"
            " ORDER BY b.id",
            asset_id,
            *values,
            day,
            day,
        )
    due = [(_NEXT[line_state(row)], row) for row in rows if line_state(row) in _NEXT]
    due.sort(key=lambda each: each[0] == "issue")
    return NextAtDesk(due[0][0], due[0][1]["borrowing_id"]) if due else None


def _narrowed(state: str | None) -> Clause:
    if state is None:
        return "", ()
    if state == OVERDUE:
        return " AND b.is_overdue = 1", ()
    if state in _GROUPS:
        group = _GROUPS[state]
        return f" AND b.state IN ({', '.join('?' * len(group))})", tuple(group)
    if state not in STATE_NAMES:
        raise fault("state", "input.not_a_choice")
    return " AND b.state = ?", (state,)


def _row(row: Row, lines: Row) -> BorrowingRow:
    return BorrowingRow(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        state_name=state_name(row["state"], row["correct_by"]),
        is_overdue=bool(row["is_overdue"]),
        asset_id=lines["asset_id"],
        asset_code=lines["asset_code"],
        thing=row["title"],
        applicant_name=row["applicant_name"],
        borrower_unit_name=row["borrower_unit_name"],
        holder_unit_name=row["holder_unit_name"],
        place_name=row["place_name"],
        from_day=from_day_number(row["from_day"]),
        to_day=from_day_number(row["to_day"]),
        collect_by=day_or_none(row["collect_by"]),
        submitted_at=from_microseconds(row["submitted_at"]),
        **counts_of(row["state"], *(int(lines[name]) for name in _COUNTED), lost=int(lines["lost"])),
    )
