# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Which policy applies where and when, and what has applied."""

from datetime import datetime

import msgspec

from server.identity.queries import region_name
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.reading import present, reading
from server.kernel.storage.database import Row
from server.policies.access import can_change, can_read, require_reader
from server.policies.calendar import add_working_days, chain_of, is_working_day, working_days_between
from server.policies.content import stored_content
from server.policies.types import (
    CONTENT_TYPES,
    KIND_NAMES,
    BorrowingPolicy,
    CodingPolicy,
    PolicyFacts,
    PolicyView,
)

__all__ = [
    "add_working_days",
    "borrowing_policy",
    "coding_policy",
    "is_working_day",
    "list_policies",
    "may_change_policy",
    "policy_by_id",
    "policy_for",
    "policy_history",
    "policy_version",
    "working_days_between",
]
_DEFAULT_NAME = "全国（内置）"
POLICY_COLUMNS = (
    "id, region_code, kind, version, effective_from, content, reason, document_no, created_by_name, created_at,"
    " cancelled_at, cancelled_by_name, cancel_reason"
)


async def policy_for(reader: RowSource, kind: str, region_path: str, at: datetime) -> PolicyFacts:
    """The version of `kind` that applies at `at`: the nearest region's newest one that has taken effect, else the
    built-in default. NotFound `policy.not_found` where not even that was seeded."""
    chain = chain_of(region_path)
    rows = await reader.fetch_all(
        "SELECT id, region_code, kind, version, content FROM policy_version"
        f" WHERE kind = ? AND region_code IN ({', '.join('?' * len(chain))}) AND effective_from <= ?"
        " AND cancelled_at IS NULL",
        kind,
        *chain,
        to_microseconds(at),
    )
    if not rows:
        raise NotFound("policy.not_found")
    # Versions take effect in the order of their numbers, so the highest that has is the one.
    return _facts(min(rows, key=lambda row: (chain.index(row["region_code"]), -row["version"])))


async def policy_by_id(reader: RowSource, version_id: str) -> PolicyFacts:
    """The version whose id an application stored. NotFound `policy.not_found`."""
    row = await reader.fetch_one(
        "SELECT id, region_code, kind, version, content FROM policy_version WHERE id = ?", version_id
    )
    if row is None:
        raise NotFound("policy.not_found")
    return _facts(row)


def borrowing_policy(facts: PolicyFacts) -> BorrowingPolicy:
    """The content of a version of kind `borrowing`."""
    assert isinstance(facts.content, BorrowingPolicy)
    return facts.content


def coding_policy(facts: PolicyFacts) -> CodingPolicy:
    """The content of a version of kind `coding`."""
    assert isinstance(facts.content, CodingPolicy)
    return facts.content


async def list_policies(actor: Actor) -> list[PolicyView]:
    """What applies now to the actor's region, kind by kind; kinds that the actor may not read are left out."""
    instant, views = present(), []
    async with reading() as db:
        for kind in CONTENT_TYPES:
            if can_read(actor, kind):
                facts = await policy_for(db, kind, actor.region_path, instant)
                row = await db.fetch_one(
                    f"SELECT {POLICY_COLUMNS} FROM policy_version WHERE id = ?",
                    facts.id,
                )
                assert row is not None
                views.append(view_of(row, await _region_name(facts.region_code), is_current=True))
    return views


async def policy_history(actor: Actor, region_code: str, kind: str) -> list[PolicyView]:
    """Every version of a region's policy, newest first; the one that applies there now is `is_current`.

    NotFound `policy.not_found` for an unknown kind; Forbidden `role.required` where the actor may not read it.
    """
    if kind not in CONTENT_TYPES:
        raise NotFound("policy.not_found")
    require_reader(actor, kind)
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT {POLICY_COLUMNS} FROM policy_version WHERE region_code = ? AND kind = ? ORDER BY version DESC",
            region_code,
            kind,
        )
    instant = to_microseconds(present())
    standing = (row for row in rows if row["cancelled_at"] is None and row["effective_from"] <= instant)
    current = max((row["version"] for row in standing), default=None)
    name = await _region_name(region_code)
    return [view_of(row, name, is_current=row["version"] == current) for row in rows]


async def policy_version(actor: Actor, version_id: str) -> tuple[PolicyView, PolicyView | None]:
    """One version, and the one before it that it changed: the region's, or for its first the built-in default.

    NotFound `policy.not_found`; Forbidden `role.required` where the actor may not read its kind.
    """
    async with reading() as db:
        row = await db.fetch_one("SELECT region_code, kind FROM policy_version WHERE id = ?", version_id)
    if row is None:
        raise NotFound("policy.not_found")
    history = await policy_history(actor, row["region_code"], row["kind"])
    [view] = [each for each in history if each.id == version_id]
    earlier = [each for each in history if each.version < view.version and each.state != "cancelled"]
    if not earlier and view.region_code:
        earlier = await policy_history(actor, "", view.kind)
    return view, next(iter(earlier), None)


async def may_change_policy(actor: Actor, kind: str) -> bool:
    """Whether the actor may change a policy of this kind, or the `calendar`, somewhere: whether a form is drawn."""
    async with reading() as rows:
        return await can_change(rows, actor, kind)


async def _region_name(code: str) -> str:
    return await region_name(code) if code else ""


def _facts(row: Row) -> PolicyFacts:
    return PolicyFacts(
        id=row["id"],
        region_code=row["region_code"],
        kind=row["kind"],
        version=row["version"],
        content=stored_content(row["kind"], row["content"]),
    )


def view_of(row: Row, region_name: str, *, is_current: bool) -> PolicyView:
    """The view of one stored version (a row with POLICY_COLUMNS)."""
    cancelled_at = row["cancelled_at"]
    return PolicyView(
        id=row["id"],
        region_code=row["region_code"],
        region_name=region_name or _DEFAULT_NAME,
        kind=row["kind"],
        kind_name=KIND_NAMES[row["kind"]],
        version=row["version"],
        effective_from=from_microseconds(row["effective_from"]),
        content=msgspec.json.decode(row["content"]),
        reason=row["reason"],
        created_by_name=row["created_by_name"],
        created_at=from_microseconds(row["created_at"]),
        is_current=is_current,
        document_no=row["document_no"],
        state=_state(row, is_current=is_current),
        cancelled_at=None if cancelled_at is None else from_microseconds(cancelled_at),
        cancelled_by_name=row["cancelled_by_name"],
        cancel_reason=row["cancel_reason"],
    )


def _state(row: Row, *, is_current: bool) -> str:
    if row["cancelled_at"] is not None:
        return "cancelled"
    if is_current:
        return "current"
    return "coming" if row["effective_from"] > to_microseconds(present()) else "past"
