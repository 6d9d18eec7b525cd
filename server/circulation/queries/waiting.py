"""How much waits for somebody, counted by kind in one query: for the home page, the desk, and the ways there."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from typing import Any

import msgspec

from server.approvals.access import waiting_clause
from server.circulation.access import AT_DESK, desk_paths
from server.identity.roles import Role
from server.identity.scope import Clause, prefix_clause, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.instants import to_day_number
from server.kernel.reading import present_day, reading

_UNSIGNED = (
    "EXISTS (SELECT 1 FROM borrowing_line l WHERE l.borrowing_id = b.id AND ((l.issued_at IS NOT NULL"
    " AND l.issue_handover_id IS NULL) OR (l.returned_at IS NOT NULL AND l.return_handover_id IS NULL)))"
)
_WAITING = (
    "EXISTS (SELECT 1 FROM borrowing_line l WHERE l.borrowing_id = b.id AND l.issued_at IS NULL"
    " AND l.released_at IS NULL)"
)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the actor. As a borrower: `to_correct` (sent back), `to_collect`, `to_return`, `overdue`. As an
    approver: `to_approve`. At the desk: `to_issue` (some of it begins today or has begun), `to_take_back` (due today or
    late), `desk_overdue` (of these, late), `to_inspect`, `to_sign`. `unread`: messages."""

    to_approve: int = 0
    to_correct: int = 0
    to_collect: int = 0
    to_return: int = 0
    overdue: int = 0
    to_issue: int = 0
    to_take_back: int = 0
    desk_overdue: int = 0
    to_inspect: int = 0
    to_sign: int = 0
    unread: int = 0


async def waiting_for(actor: Actor) -> Waiting:
    """Everything that waits for the actor; zeros for nobody."""
    if actor.person_id is None:
        return Waiting()
    async with reading() as db:
        parts = [*_own(actor.person_id), *_to_approve(actor), *await _at_desk(db, actor)]
        sql = " UNION ALL ".join(
            f"SELECT '{kind}' AS kind, COUNT(*) AS number FROM {clause}" for kind, clause, _ in parts
        )
        rows = await db.fetch_all(sql, *(value for _, _, values in parts for value in values))
    return Waiting(**{row["kind"]: int(row["number"]) for row in rows})


_Part = tuple[str, str, tuple[Any, ...]]


def _own(person_id: str) -> list[_Part]:
    mine = "borrowing b WHERE b.applicant_id = ?"
    return [
        ("unread", "notice n WHERE n.person_id = ? AND n.read_at IS NULL", (person_id,)),
        ("to_correct", "approval_chain c WHERE c.applicant_id = ? AND c.state = 'returned'", (person_id,)),
        ("to_collect", f"{mine} AND b.state IN ('approved', 'ready')", (person_id,)),
        ("to_return", f"{mine} AND b.state = 'issued'", (person_id,)),
        ("overdue", f"{mine} AND b.is_overdue = 1", (person_id,)),
    ]


def _to_approve(actor: Actor) -> list[_Part]:
    clause = waiting_clause(actor)
    if clause is None:
        return []
    return [("to_approve", f"approval_task t JOIN approval_chain c ON c.id = t.chain_id WHERE {clause[0]}", clause[1])]


async def _at_desk(rows: RowSource, actor: Actor) -> list[_Part]:
    if not actor.has_role(*AT_DESK):
        return []
    clauses: list[Clause] = [prefix_clause("b.place_path", path) for path in await desk_paths(rows, actor)]
    if actor.has_role(Role.ASSET_MANAGER):
        clauses.append(scope_clause(actor, "b.holder_unit_path", Role.ASSET_MANAGER))
    if not clauses:
        return []
    where = f"borrowing b WHERE ({' OR '.join(sql for sql, _ in clauses)})"
    bound = tuple(value for _, values in clauses for value in values)
    day = to_day_number(present_day())
    begun = "b.state IN ('issued', 'returned', 'inspected')"
    return [
        (
            "to_issue",
            f"{where} AND b.state IN ('approved', 'ready', 'issued') AND b.from_day <= ? AND {_WAITING}",
            (*bound, day),
        ),
        ("to_take_back", f"{where} AND b.state = 'issued' AND b.to_day <= ?", (*bound, day)),
        ("desk_overdue", f"{where} AND b.is_overdue = 1", bound),
        ("to_inspect", f"{where} AND b.state = 'returned'", bound),
        ("to_sign", f"{where} AND {begun} AND {_UNSIGNED}", bound),
    ]
