# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Needs as people see them, with their search, their proof, and what the viewer may do."""

from typing import Any

import msgspec

from server.approvals.queries import chain_view
from server.circulation.queries import idle_listings
from server.circulation.types import IdleHit
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import Clause, require_role, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row
from server.procurement.access import SUBJECT, is_worker, visible_clause
from server.procurement.queries.proofs import read_proof
from server.procurement.rules import NeedBasis, exemption_of, warnings_of
from server.procurement.states import EXEMPTION_NAMES, OPEN, STATE_NAMES, Exemption, NeedState, state_name
from server.procurement.types import IdleQuery, IdleSearchView, NeedRow, NeedView, ProofView, RoleView

_PLAIN = (
    "id",
    "number",
    "applicant_id",
    "applicant_name",
    "unit_id",
    "unit_name",
    "category_code",
    "category_name",
    "item",
    "quantity",
    "specification",
    "purpose",
    "budget_fen",
    "emergency_reason",
    "state",
    "end_note",
    "version",
)
_MOST_NAMED = 3
# Whose needs lie below somebody: the unit's manager and those who review it.
_OVER_UNITS = (Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)


async def need_view(actor: Actor, need_id: str) -> NeedView:
    """One need within the actor's sight; raises NotFound `need.not_found`."""
    async with reading() as db:
        view = await read_need(db, actor, need_id)
    idle = await _idle_words(actor, view)
    return msgspec.structs.replace(view, warnings=[*view.warnings, *idle])


async def _idle_words(actor: Actor, view: NeedView) -> list[str]:
    """What is said where no proof is asked for, because the category has no standard, and yet something is idle."""
    if view.exemption_name != EXEMPTION_NAMES[Exemption.NO_STANDARD] or view.state not in OPEN:
        return []
    found = (await idle_listings(actor, "", view.item, _MOST_NAMED)).hits
    if not found:
        return []
    names = "、".join(dict.fromkeys(hit.name for hit in found))
    return [f"共享大厅里有名称相符的闲置资产：{names}。这类资产没有配置标准，不强制闲置证明，请先看看能不能调剂。"]


async def read_need(rows: RowSource, actor: Actor, need_id: str) -> NeedView:
    """The same, by the caller's rows: inside the unit of work that has just written it."""
    clause, values = visible_clause(actor)
    row = await rows.fetch_one(f"SELECT n.* FROM purchase_need n WHERE n.id = ? AND {clause}", need_id, *values)
    if row is None:
        raise NotFound("need.not_found")
    unit, day = await unit_facts(rows, row["unit_id"]), present_day()
    basis = NeedBasis(row["category_code"], row["quantity"], row["budget_fen"], bool(row["is_emergency"]))
    exemption = row["exemption"]
    is_draft = row["state"] == NeedState.DRAFT
    if is_draft:
        exemption = await exemption_of(rows, basis, unit, day)
    search = await _latest_search(rows, need_id)
    proof = None if row["proof_id"] is None else await read_proof(rows, row["proof_id"])
    return NeedView(
        **{name: row[name] for name in _PLAIN},
        needed_by=from_day_number(row["needed_by"]),
        is_emergency=bool(row["is_emergency"]),
        state_name=state_name(row["state"], row["is_returned"]),
        created_at=from_microseconds(row["created_at"]),
        submitted_at=None if row["submitted_at"] is None else from_microseconds(row["submitted_at"]),
        exemption_name=EXEMPTION_NAMES[exemption] if exemption else "",
        warnings=await warnings_of(rows, basis, unit, day),
        search=search,
        proof=proof,
        chain=await chain_view(rows, SUBJECT, need_id),
        **_abilities(actor, row, search, proof, is_exempt=exemption is not None),
    )


async def _latest_search(rows: RowSource, need_id: str) -> IdleSearchView | None:
    row = await rows.fetch_one(
        "SELECT s.id, s.searched_by_name, s.searched_at, s.query, s.hits, s.is_cut, p.id AS proof_id FROM idle_search s"
        " LEFT JOIN idle_proof p ON p.search_id = s.id WHERE s.need_id = ? ORDER BY s.id DESC LIMIT 1",
        need_id,
    )
    if row is None:
        return None
    return IdleSearchView(
        id=row["id"],
        searched_by_name=row["searched_by_name"],
        searched_at=from_microseconds(row["searched_at"]),
        query=msgspec.json.decode(row["query"], type=IdleQuery),
        hits=msgspec.json.decode(row["hits"], type=list[IdleHit]),
        is_cut=bool(row["is_cut"]),
        is_proven=row["proof_id"] is not None,
    )


def _abilities(
    actor: Actor, row: Row, search: IdleSearchView | None, proof: ProofView | None, *, is_exempt: bool
) -> dict[str, Any]:
    is_own = is_worker(actor, row["applicant_id"], row["unit_path"])
    is_open = is_own and row["state"] in OPEN
    has_fresh = proof is not None and proof.is_fresh
    return {
        "is_mine": is_own,
        "can_correct": bool(row["is_returned"])
        and row["state"] == NeedState.SUBMITTED
        and actor.person_id == row["applicant_id"],
        "can_search": is_open,
        "can_issue": is_open and search is not None and not (search.is_proven or search.is_cut),
        "can_submit": is_own and row["state"] == NeedState.DRAFT and (is_exempt or has_fresh),
        "can_withdraw": is_open,
        "can_meet": is_own and row["state"] in {*OPEN, NeedState.APPROVED},
    }


async def list_needs(
    actor: Actor,
    role_view: RoleView = "mine",
    state: str | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[NeedRow]:
    """Needs, the latest first. `mine`: recorded by the actor; `unit`: of the actor's unit, and of those below for whom
    a grant reaches there. `state`: one state, or None for all.

    Raises InvalidInput for an unknown `role_view` or `state` and a made-up cursor; Forbidden `role.required`.
    """
    clause, values = _clause_of(actor, role_view)
    if state is not None:
        if state not in STATE_NAMES:
            raise InvalidInput(fields=[FieldError("state", "input.not_a_choice")])
        clause, values = f"{clause} AND n.state = ?", (*values, state)
    if (position := decode_cursor(cursor, str)) is not None:
        clause, values = f"{clause} AND n.id < ?", (*values, position[0])
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT n.id, n.number, n.item, n.category_name, n.quantity, n.budget_fen, n.needed_by, n.unit_name,"
            f" n.applicant_name, n.state, n.is_returned, n.created_at FROM purchase_need n WHERE {clause}"
            " ORDER BY n.id DESC LIMIT ?",
            *values,
            size + 1,
        )
    return page_of([_row(row) for row in rows], size, lambda row: encode_cursor(row.id))


def _clause_of(actor: Actor, role_view: str) -> Clause:
    if role_view == "mine":
        return "n.applicant_id = ?", (actor.person_id,)
    if role_view != "unit":
        raise InvalidInput(fields=[FieldError("role_view", "input.not_a_choice")])
    require_role(actor, *_OVER_UNITS, Role.UNIT_ACCOUNTANT)
    if actor.has_role(*_OVER_UNITS):
        return scope_clause(actor, "n.unit_path", *_OVER_UNITS)
    return "n.unit_id = ?", (actor.unit_id,)


def _row(row: Row) -> NeedRow:
    return NeedRow(
        id=row["id"],
        number=row["number"],
        item=row["item"],
        category_name=row["category_name"],
        quantity=row["quantity"],
        budget_fen=row["budget_fen"],
        needed_by=from_day_number(row["needed_by"]),
        unit_name=row["unit_name"],
        applicant_name=row["applicant_name"],
        state=row["state"],
        state_name=state_name(row["state"], row["is_returned"]),
        created_at=from_microseconds(row["created_at"]),
    )
