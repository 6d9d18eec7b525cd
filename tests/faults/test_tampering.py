"""`python -m server verify` on a database that a product served and somebody changed behind its back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.factories.town import make_town
from tests.faults.conftest import Ground
from tests.support.databases import administrator
from tests.support.loan import Loan
from tests.support.phones import phones
from tests.support.served import running
from tests.support.verdict import faults, rows, settle
from tests.support.waiting import eventually

_HASH = "(SELECT hash FROM (SELECT hash FROM audit_event WHERE sequence = {at}) AS row_before)"
# What the database's own administrator could do, and what the auditor is told.
TAMPERING = {
    "edited": (["UPDATE audit_event SET actor_name = '别人' WHERE sequence = 5"], "第 5 条内容被改动"),
    "deleted": (["DELETE FROM audit_event WHERE sequence = 5"], "缺少第 5 条"),
    "reordered": (
        [
            "UPDATE audit_event SET sequence = 999999 WHERE sequence = 5",
            "UPDATE audit_event SET sequence = 5 WHERE sequence = 6",
            "UPDATE audit_event SET sequence = 6 WHERE sequence = 999999",
        ],
        "第 5 条与前一条接不上",
    ),
    "cut off": (
        [
            "DELETE FROM audit_event WHERE sequence > 5",
            f"UPDATE audit_head SET count = 5, hash = {_HASH.format(at=5)}",
        ],
        "末尾被截断",
    ),
}


def tamper(ground: Ground, statements: list[str]) -> None:
    """Change rows as somebody with the database's password would."""
    for connection in _connections(ground):
        for statement in statements:
            connection.execute(statement)


def _connections(ground: Ground) -> Iterator[object]:
    if ground.mariadb is None:
        path = Path(ground.environment["DATA_DIR"]) / "gwc.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield connection
        return
    with administrator(ground.environment["DATABASE_URL"]) as cursor:
        cursor.execute(f"USE `{ground.environment['DATABASE_URL'].rpartition('/')[2]}`")
        yield cursor


# Lets one served database be changed in every way, one after the other.
_KEEP = [f"CREATE TABLE {name}_kept AS SELECT * FROM {name}" for name in ("audit_event", "audit_head")]
_RESTORE = [
    statement
    for name in ("audit_event", "audit_head")
    for statement in (f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM {name}_kept")
]


async def test_auditor_is_told_where_when_the_audit_was_changed_by_hand(ground: Ground):
    town = await make_town(ground.environment)
    anchors = Path(ground.environment["DATA_DIR"]) / "anchors" / "audit.jsonl"
    with running(ground.environment) as product:
        async with phones(product, [town.borrowers[0], town.approvers[0], town.lender]) as people:
            await Loan(town.things[0], *people).go(5)
        await settle(ground.environment)
        # The clock was moved past the next minute, so the head will lie elsewhere too.
        head = await rows(ground.environment, "SELECT hash FROM audit_head")
        await eventually(lambda: anchors.exists() and head[0]["hash"] in anchors.read_text(), 60)
    tamper(ground, _KEEP)
    for statements, sentence in TAMPERING.values():
        tamper(ground, statements)
        assert any(sentence in fault for fault in await faults(ground.environment, "audit")), sentence
        tamper(ground, _RESTORE)
    assert await faults(ground.environment, "audit") == []


async def test_verify_fails_when_a_card_was_changed_behind_its_history(ground: Ground):
    town = await make_town(ground.environment)
    assert await faults(ground.environment, "ledger") == []
    tamper(ground, ["UPDATE asset_card SET value_fen = 1"])
    assert any(town.things[0].code in fault for fault in await faults(ground.environment, "ledger"))
