"""The things of the rules and of the audit, which the matrix calls by their addresses."""

from datetime import timedelta

import msgspec

from server.kernel.instants import from_microseconds
from server.kernel.reading import present, reading
from server.policies.commands import change_policy
from server.policies.types import BorrowingPolicy, ChangePolicy
from tests.access.world import Facts, Maker, Office, World
from tests.factories.assets import make_card
from tests.factories.identity import SYSTEM


async def audited(world: World, office: Office) -> Facts:
    await make_card(office.manager, office.warehouse)
    async with reading() as rows:
        row = await rows.fetch_one(
            "SELECT subject_id FROM audit_event WHERE unit_id = ? AND subject_kind = 'asset' ORDER BY id DESC LIMIT 1",
            office.unit.id,
        )
    assert row is not None
    return {"kind": "asset", "subject_id": row["subject_id"]}


def policy(kind: str) -> Maker:
    async def make(world: World, office: Office) -> Facts:
        async with reading() as rows:
            row = await rows.fetch_one(
                "SELECT MAX(version) AS version FROM policy_version WHERE kind = ? AND region_code = ?",
                kind,
                office.unit.region_code,
            )
        return {"kind": kind, "region_code": office.unit.region_code, "version": str((row or {})["version"] or 0)}

    return make


async def coming(world: World, office: Office) -> Facts:
    """A version of the region's rules that is not in effect yet."""
    async with reading() as rows:
        row = await rows.fetch_one("SELECT MAX(effective_from) AS last FROM policy_version WHERE kind = 'borrowing'")
    assert row is not None
    later = max(from_microseconds(row["last"]), present()) + timedelta(days=1)
    wanted = ChangePolicy(
        region_code=office.unit.region_code,
        kind="borrowing",
        content=msgspec.to_builtins(BorrowingPolicy()),
        reason="按通知调整",
        document_no="余财资〔2026〕18号",
        effective_from=later,
    )
    return {"kind": "borrowing", "version_id": (await change_policy(SYSTEM, wanted)).id}


async def dictionary(world: World, office: Office) -> Facts:
    return {"dictionary": "category"}


RULES: dict[str, Maker] = {
    "audited": audited,
    "borrowing": policy("borrowing"),
    "security": policy("security"),
    "coming": coming,
    "dictionary": dictionary,
}
