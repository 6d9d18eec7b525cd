"""The audit chain finds every way of tampering with it."""

import asyncio
from pathlib import Path

import pytest

from server.kernel.audit.anchors import write_anchor
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import ACTOR, Step, count_up

KEY = bytes(range(32))


async def sealed(rows: int = 6) -> None:
    for turn in range(rows):
        await count_up(ACTOR, Step(note=f"第{turn}次"))
    assert await seal_audit(SEALER, KEY.hex()) == rows


async def sealed_rest() -> None:
    await count_up(ACTOR, Step())
    assert await seal_audit(SEALER, KEY.hex()) == 2


async def tamper(*statements: str) -> None:
    async with unit_of_work(ACTOR) as uow:
        for statement in statements:
            assert await uow.execute(statement) >= 1


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "audit.jsonl"


async def test_nothing_is_found_when_nothing_was_touched(runtime: Runtime, anchors: Path):
    await sealed()
    await write_anchor(anchors)
    await sealed()
    assert await verify_audit(KEY, anchors) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_event SET facts = '{}' WHERE sequence = 3",
        "UPDATE audit_event SET actor_name = '别人' WHERE sequence = 3",
        "UPDATE audit_event SET at = at + 1 WHERE sequence = 6",
        "UPDATE audit_event SET unit_id = 'x' WHERE sequence = 1",
    ],
)
async def test_edited_row_is_found_when_one_field_changed(runtime: Runtime, anchors: Path, change: str):
    await sealed()
    await tamper(change)
    assert any("被改动" in fault for fault in await verify_audit(KEY, anchors))


async def test_deleted_row_is_found_when_it_was_in_the_middle(runtime: Runtime, anchors: Path):
    await sealed()
    await tamper("DELETE FROM audit_event WHERE sequence = 3")
    assert any("缺少第 3 条" in fault for fault in await verify_audit(KEY, anchors))


async def test_reordered_rows_are_found_when_two_changed_places(runtime: Runtime, anchors: Path):
    await sealed()
    await tamper(
        "UPDATE audit_event SET sequence = 99 WHERE sequence = 2",
        "UPDATE audit_event SET sequence = 2 WHERE sequence = 3",
        "UPDATE audit_event SET sequence = 3 WHERE sequence = 99",
    )
    assert len(await verify_audit(KEY, anchors)) >= 2


async def test_cut_off_tail_is_found_when_the_head_was_set_back_too(runtime: Runtime, anchors: Path):
    await sealed()
    await write_anchor(anchors)
    await tamper(
        "DELETE FROM audit_event WHERE sequence > 4",
        "UPDATE audit_head SET count = 4, hash = (SELECT hash FROM audit_event WHERE sequence = 4)",
    )
    assert any("截断" in fault for fault in await verify_audit(KEY, anchors))


async def test_rewritten_chain_is_found_when_the_key_is_not_known(runtime: Runtime, anchors: Path):
    await sealed()
    await tamper(
        "UPDATE audit_event SET sequence = NULL, previous_hash = NULL, hash = NULL WHERE sequence > 0",
        "UPDATE audit_event SET facts = '{}' WHERE facts <> ''",
        "UPDATE audit_head SET count = 0, hash = '" + "0" * 64 + "'",
    )
    assert await seal_audit(SEALER, bytes(32).hex()) == 6
    assert len(await verify_audit(KEY, anchors)) >= 6


async def test_unsealed_row_is_found_when_the_sealer_stood_still(runtime: Runtime, anchors: Path):
    await count_up(ACTOR, Step())
    await tamper("UPDATE audit_event SET at = at - 120000000")
    assert any("未封存" in fault for fault in await verify_audit(KEY, anchors))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE audit_event SET sequence = 0 WHERE sequence = 6", "序号小于 1"),
        ("UPDATE audit_event SET sequence = NULL, at = at + 86400000000 WHERE sequence = 6", "在将来"),
    ],
)
async def test_row_is_found_when_it_was_put_beside_the_chain(
    runtime: Runtime, anchors: Path, change: str, sentence: str
):
    await sealed(5)
    await write_anchor(anchors)
    head = "UPDATE audit_head SET count = 5, hash = (SELECT hash FROM audit_event WHERE sequence = 5)"
    await sealed(1)
    await tamper(change, head)
    assert [fault for fault in await verify_audit(KEY, anchors) if sentence in fault]


async def test_missing_anchors_are_found_when_the_chain_is_older_than_a_few_minutes(runtime: Runtime, anchors: Path):
    await count_up(ACTOR, Step())
    await tamper("UPDATE audit_event SET at = at - 600000000")
    await sealed_rest()
    assert [fault for fault in await verify_audit(KEY, anchors) if "另存的校验值" in fault]
    await write_anchor(anchors)
    assert await verify_audit(KEY, anchors) == []


async def test_chain_is_whole_when_many_seal_while_many_write(runtime: Runtime, anchors: Path):
    writes = [count_up(ACTOR, Step()) for _ in range(60)]
    seals = [seal_audit(SEALER, KEY.hex()) for _ in range(8)]
    await asyncio.gather(*writes[:30], *seals, *writes[30:])
    await seal_audit(SEALER, KEY.hex())
    assert await verify_audit(KEY, anchors) == []
