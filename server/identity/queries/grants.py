# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Roles as they were asked for, given and taken: for the three administrators to look at each other's work."""

from server.identity.roles import PRIVILEGED, ROLE_NAMES, Role
from server.identity.scope import Clause, scope_clause
from server.identity.types import GrantView, RoleRequestView, RowSource
from server.identity.unit_access import ASKING
from server.identity.views import role_request_views
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Row

REQUESTS_SEEN_BY = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, *ASKING)
GRANTS_SEEN_BY = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
# Where one person has so many roles, somebody should ask whether all are needed.
_MANY_ROLES = 4
_MOST = 500
_GRANT = (
    "SELECT g.id, p.id AS person_id, p.name AS person_name, u.name AS unit_name, o.title AS post_title, g.role,"
    " g.is_subtree, g.reason, gb.name AS granted_by_name, g.granted_at, rb.name AS revoked_by_name, g.revoked_at,"
    " g.revoke_reason, p.is_totp_confirmed, (SELECT COUNT(*) FROM unit b WHERE b.is_active = 1 AND b.id <> u.id"
    " AND SUBSTR(b.path, 1, LENGTH(u.path)) = u.path) AS below, (SELECT COUNT(DISTINCT m.role) FROM role_grant m"
    " JOIN post mo ON mo.id = m.post_id WHERE mo.person_id = p.id AND mo.is_active = 1 AND m.revoked_at IS NULL)"
    " AS held FROM role_grant g JOIN post o ON o.id = g.post_id JOIN person p ON p.id = o.person_id"
    " JOIN unit u ON u.id = o.unit_id LEFT JOIN person gb ON gb.id = g.granted_by"
    " LEFT JOIN person rb ON rb.id = g.revoked_by"
)


async def list_role_requests(
    actor: Actor, state: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[RoleRequestView]:
    """The requests for roles in the units within scope, the latest first. Forbidden `role.required`."""
    clause, values = _scope(actor, *REQUESTS_SEEN_BY)
    conditions, bound = [clause], [*values]
    if state:
        conditions.append("q.state = ?")
        bound.append(state)
    if (position := decode_cursor(cursor, str)) is not None:
        conditions.append("q.id < ?")
        bound += position
    async with reading() as rows:
        found = await role_request_views(rows, " AND ".join(conditions), *bound, limit=size + 1)
    return page_of(found, size, lambda request: encode_cursor(request.id))


async def role_request_by_id(actor: Actor, request_id: str) -> RoleRequestView:
    """One request; NotFound `record.not_found` out of scope. Forbidden `role.required`."""
    clause, values = _scope(actor, *REQUESTS_SEEN_BY)
    async with reading() as rows:
        found = await role_request_views(rows, f"q.id = ? AND {clause}", request_id, *values)
    if not found:
        raise NotFound("record.not_found")
    return found[0]


async def count_role_requests(actor: Actor) -> int:
    """How many requests wait for this security administrator."""
    if not actor.has_role(Role.SECURITY_ADMIN):
        return 0
    clause, values = _scope(actor, Role.SECURITY_ADMIN)
    async with reading() as rows:
        row = await rows.fetch_one(
            "SELECT COUNT(*) AS number FROM role_request q JOIN post o ON o.id = q.post_id"
            f" JOIN unit u ON u.id = o.unit_id WHERE q.state = 'pending' AND {clause}",
            *values,
        )
    return 0 if row is None else int(row["number"])


async def grants_of_person(actor: Actor, person_id: str) -> list[GrantView]:
    """Every role that a person has or had in the units within scope, the latest first. Forbidden `role.required`;
    NotFound `record.not_found` for somebody without a post there."""
    clause, values = _scope(actor, *GRANTS_SEEN_BY)
    async with reading() as rows:
        post = await rows.fetch_one(
            f"SELECT o.id FROM post o JOIN unit u ON u.id = o.unit_id WHERE o.person_id = ? AND {clause}",
            person_id,
            *values,
        )
        if post is None:
            raise NotFound("record.not_found")
        return await _grants(rows, f"p.id = ? AND {clause}", person_id, *values)


async def wide_grants(actor: Actor) -> list[GrantView]:
    """The live roles within scope that somebody should look at again: those that reach units below, those of people
    with many roles, privileged ones without a second factor, and those without a reason. Forbidden `role.required`."""
    clause, values = _scope(actor, *GRANTS_SEEN_BY)
    live = f"g.revoked_at IS NULL AND o.is_active = 1 AND p.is_active = 1 AND {clause}"
    marks = ", ".join("?" * len(PRIVILEGED))
    wide = f"(is_subtree = 1 AND below > 0) OR held >= {_MANY_ROLES} OR (role IN ({marks}) AND is_totp_confirmed = 0)"
    sql = f"SELECT * FROM ({_GRANT} WHERE {live}) AS found WHERE {wide} ORDER BY id DESC"
    async with reading() as rows:
        found = await rows.fetch_all(sql, *values, *sorted(PRIVILEGED))
    return [_grant_view(row) for row in found]


def _scope(actor: Actor, *roles: str) -> Clause:
    return ("1 = 1", ()) if actor.kind == ActorKind.SYSTEM else scope_clause(actor, "u.path", *roles)


async def _grants(rows: RowSource, condition: str, *values: object) -> list[GrantView]:
    found = await rows.fetch_all(f"{_GRANT} WHERE {condition} ORDER BY g.id DESC LIMIT ?", *values, _MOST)
    return [_grant_view(row) for row in found]


def _grant_view(row: Row) -> GrantView:
    names = ("person_id", "person_name", "unit_name", "post_title", "role", "reason", "revoke_reason")
    return GrantView(
        **{name: row[name] for name in names},
        role_name=ROLE_NAMES[row["role"]],
        is_subtree=bool(row["is_subtree"]),
        granted_by_name=row["granted_by_name"] or "系统",
        granted_at=from_microseconds(row["granted_at"]),
        revoked_by_name=row["revoked_by_name"] or ("" if row["revoked_at"] is None else "系统"),
        revoked_at=None if row["revoked_at"] is None else from_microseconds(row["revoked_at"]),
        why_wide="" if row["revoked_at"] is not None else _why_wide(row),
    )


def _why_wide(row: Row) -> str:
    reasons = []
    if row["is_subtree"] and row["below"]:
        reasons.append(f"也管下级 {row['below']} 个单位")
    if row["held"] >= _MANY_ROLES:
        reasons.append(f"一人共有 {row['held']} 个角色")
    if row["role"] in PRIVILEGED and not row["is_totp_confirmed"]:
        reasons.append("还没有启用动态口令")
    return "；".join(reasons)
