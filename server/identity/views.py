# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Views built from what a unit of work holds, or from raw rows."""

from datetime import date
from typing import Any, cast

import msgspec

from server.identity.checks import mask_phone
from server.identity.following import place_names
from server.identity.models import Unit
from server.identity.roles import ROLE_NAMES
from server.identity.types import (
    DelegationView,
    HandoverView,
    HeldItem,
    PersonView,
    PostView,
    RoleRequestView,
    RoleView,
    RowSource,
    UnitChangeView,
    UnitView,
)
from server.kernel.instants import from_day_number, from_microseconds, to_day_number
from server.kernel.reading import present_day
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row

PHONE_FIELD = "person.phone"
REQUEST_STATES = {"pending": "待授权", "granted": "已授权", "refused": "未同意", "withdrawn": "已撤回"}
CHANGE_NAMES = {"rename": "更名", "move": "划转隶属", "merge": "合并", "split": "分立", "close": "撤销"}
CHANGE_STATES = {"proposed": "待确认", "done": "已生效", "refused": "未同意", "withdrawn": "已撤回"}


def unit_view(unit: Unit, region_name: str) -> UnitView:
    """The view of a unit just written."""
    return UnitView(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        short_name=unit.short_name,
        kind=unit.kind,
        region_code=unit.region_code,
        region_name=region_name,
        parent_id=unit.parent_id,
        path=unit.path,
        is_finance_authority=unit.is_finance_authority,
        is_operator=unit.is_operator,
        is_active=unit.is_active,
        ends_on=cast("date | None", unit.ends_on),
        lead_unit_id=unit.lead_unit_id,
        version=unit.version,
    )


def unit_view_of_row(row: Row) -> UnitView:
    """The view of a row with a unit's columns and its region's name."""
    return UnitView(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        kind=row["kind"],
        region_code=row["region_code"],
        region_name=row["region_name"] or "",
        parent_id=row["parent_id"],
        path=row["path"],
        is_finance_authority=bool(row["is_finance_authority"]),
        is_operator=bool(row["is_operator"]),
        is_active=bool(row["is_active"]),
        ends_on=from_day_number(row["ends_on"]) if row["ends_on"] else None,
        lead_unit_id=row["lead_unit_id"],
        version=row["version"],
    )


async def person_views(rows: RowSource, person_ids: list[str]) -> list[PersonView]:
    """The views of several people, in the order of `person_ids`; two queries however many they are."""
    if not person_ids:
        return []
    marks = ", ".join("?" * len(person_ids))
    people = await rows.fetch_all(
        "SELECT id, name, login_name, phone_sealed, is_active, wechat_index, is_totp_confirmed"
        f" FROM person WHERE id IN ({marks})",
        *person_ids,
    )
    posts = await posts_of(rows, person_ids)
    by_id = {row["id"]: _person_view(row, posts.get(row["id"], [])) for row in people}
    return [by_id[person_id] for person_id in person_ids if person_id in by_id]


async def posts_of(rows: RowSource, person_ids: list[str]) -> dict[str, list[PostView]]:
    """The live posts of several people with their live roles."""
    marks = ", ".join("?" * len(person_ids))
    found = await rows.fetch_all(
        "SELECT o.id, o.person_id, o.unit_id, u.name AS unit_name, o.title, g.role, g.is_subtree FROM post o"
        " JOIN unit u ON u.id = o.unit_id LEFT JOIN role_grant g ON g.post_id = o.id AND g.revoked_at IS NULL"
        f" WHERE o.person_id IN ({marks}) AND o.is_active = 1 ORDER BY o.id, g.id",
        *person_ids,
    )
    posts: dict[str, dict[str, PostView]] = {}
    for row in found:
        post = posts.setdefault(row["person_id"], {}).setdefault(
            row["id"], PostView(row["id"], row["unit_id"], row["unit_name"], row["title"], [])
        )
        if row["role"] is not None:
            post.roles.append(RoleView(row["role"], ROLE_NAMES[row["role"]], bool(row["is_subtree"])))
    return {person_id: list(held.values()) for person_id, held in posts.items()}


def _person_view(row: dict[str, Any], posts: list[PostView]) -> PersonView:
    phone = row["phone_sealed"] and current_runtime().cipher.decrypt(PHONE_FIELD, row["phone_sealed"])
    return PersonView(
        id=row["id"],
        name=row["name"],
        login_name=row["login_name"],
        phone_masked=mask_phone(phone) if phone else None,
        is_active=bool(row["is_active"]),
        posts=posts,
        has_wechat=row["wechat_index"] is not None,
        has_second_factor=bool(row["is_totp_confirmed"]),
    )


async def delegation_views(rows: RowSource, condition: str, *values: object) -> list[DelegationView]:
    """Delegations under a condition on `d` and its unit `u`, the latest first."""
    found = await rows.fetch_all(
        "SELECT d.id, d.from_person_id, f.name AS from_name, d.to_person_id, t.name AS to_name, d.unit_id,"
        " u.name AS unit_name, d.role, d.starts_on, d.ends_on, d.reason, d.revoked_at FROM delegation d"
        " JOIN person f ON f.id = d.from_person_id JOIN person t ON t.id = d.to_person_id"
        " JOIN unit u ON u.id = d.unit_id"
        f" WHERE {condition} ORDER BY d.id DESC",
        *values,
    )
    day = to_day_number(present_day())
    return [_delegation_view(row, day) for row in found]


def _delegation_view(row: Row, day: int) -> DelegationView:
    state = "current" if row["starts_on"] <= day else "coming"
    if row["revoked_at"] is not None:
        state = "revoked"
    elif row["ends_on"] < day:
        state = "ended"
    return DelegationView(
        id=row["id"],
        from_person_id=row["from_person_id"],
        from_person_name=row["from_name"],
        to_person_id=row["to_person_id"],
        to_person_name=row["to_name"],
        unit_id=row["unit_id"],
        unit_name=row["unit_name"],
        role=row["role"],
        role_name=ROLE_NAMES[row["role"]],
        starts_on=from_day_number(row["starts_on"]),
        ends_on=from_day_number(row["ends_on"]),
        reason=row["reason"],
        state=state,
    )


async def handover_views(rows: RowSource, condition: str, *values: object) -> list[HandoverView]:
    """Handover lists under a condition on `h` and its unit `u`, the latest first."""
    found = await rows.fetch_all(
        "SELECT h.id, h.from_person_id, h.to_person_id, h.unit_id, h.items, h.note, h.signed_at, h.signed_by,"
        " h.received_at, h.is_received_on_paper, u.name AS unit_name, f.name AS from_name, t.name AS to_name,"
        " s.name AS signed_by_name, r.name AS received_by_name FROM handover h JOIN unit u ON u.id = h.unit_id"
        " JOIN person f ON f.id = h.from_person_id JOIN person t ON t.id = h.to_person_id"
        " JOIN person s ON s.id = h.signed_by LEFT JOIN person r ON r.id = h.received_by"
        f" WHERE {condition} ORDER BY h.id DESC",
        *values,
    )
    return [
        HandoverView(
            **{
                **row,
                "items": msgspec.json.decode(row["items"], type=list[HeldItem]),
                "signed_at": from_microseconds(row["signed_at"]),
                "received_at": None if row["received_at"] is None else from_microseconds(row["received_at"]),
                "received_by_name": row["received_by_name"] or "",
                "is_received_on_paper": bool(row["is_received_on_paper"]),
            }
        )
        for row in found
    ]


async def role_request_views(rows: RowSource, condition: str, *values: object, limit: int = 1) -> list[RoleRequestView]:
    """Requests for roles under a condition on `q`, their posts `o`, people `p` and units `u`, the latest first."""
    found = await rows.fetch_all(
        "SELECT q.id, q.post_id, q.role, q.is_subtree, q.reason, q.state, q.requested_by_name, q.requested_at,"
        " q.decided_by_name, q.decided_at, q.decision_note, p.id AS person_id, p.name AS person_name,"
        " o.title AS post_title, u.id AS unit_id, u.name AS unit_name FROM role_request q"
        " JOIN post o ON o.id = q.post_id JOIN person p ON p.id = o.person_id JOIN unit u ON u.id = o.unit_id"
        f" WHERE {condition} ORDER BY q.id DESC LIMIT ?",
        *values,
        limit,
    )
    return [_role_request_view(row) for row in found]


def _role_request_view(row: Row) -> RoleRequestView:
    return RoleRequestView(
        **{
            **row,
            "role_name": ROLE_NAMES[row["role"]],
            "is_subtree": bool(row["is_subtree"]),
            "state_name": REQUEST_STATES[row["state"]],
            "requested_at": from_microseconds(row["requested_at"]),
            "decided_at": None if row["decided_at"] is None else from_microseconds(row["decided_at"]),
        }
    )


async def unit_change_views(rows: RowSource, condition: str, *values: object, limit: int = 1) -> list[UnitChangeView]:
    """Changes of units under a condition on `x` and its units `f` and `t`, the latest first."""
    found = await rows.fetch_all(
        "SELECT x.id, x.kind, x.state, x.from_unit_id, x.from_unit_name, x.to_unit_id, x.to_unit_name, x.people,"
        " x.places, x.document_no, x.effective_on, x.reason, x.moved, x.proposed_by_name, x.proposed_at,"
        " x.decided_by_name, x.decided_at, x.decision_note FROM unit_change x"
        " JOIN unit f ON f.id = x.from_unit_id JOIN unit t ON t.id = x.to_unit_id"
        f" WHERE {condition} ORDER BY x.id DESC LIMIT ?",
        *values,
        limit,
    )
    people = {row["id"]: msgspec.json.decode(row["people"], type=list[str]) for row in found}
    names = await _names(rows, [each for ids in people.values() for each in ids])
    views = []
    for row in found:
        places = await place_names(rows, msgspec.json.decode(row["places"], type=list[str]))
        views.append(_unit_change_view(row, [names.get(each, "") for each in people[row["id"]]], places))
    return views


async def _names(rows: RowSource, person_ids: list[str]) -> dict[str, str]:
    if not person_ids:
        return {}
    marks = ", ".join("?" * len(person_ids))
    found = await rows.fetch_all(f"SELECT id, name FROM person WHERE id IN ({marks})", *person_ids)
    return {row["id"]: row["name"] for row in found}


def _unit_change_view(row: Row, people: list[str], places: list[str]) -> UnitChangeView:
    named = ("from_unit_id", "from_unit_name", "to_unit_id", "to_unit_name", "document_no", "reason")
    signed = ("proposed_by_name", "decided_by_name", "decision_note")
    moved = msgspec.json.decode(row["moved"], type=list[dict[str, Any]])
    return UnitChangeView(
        **{name: row[name] for name in ("id", "kind", "state", *named, *signed)},
        kind_name=CHANGE_NAMES[row["kind"]],
        state_name=CHANGE_STATES[row["state"]],
        effective_on=from_day_number(row["effective_on"]),
        moved=[(amount["label"], amount["number"]) for amount in moved],
        people=people,
        places=places,
        proposed_at=from_microseconds(row["proposed_at"]),
        decided_at=None if row["decided_at"] is None else from_microseconds(row["decided_at"]),
    )
