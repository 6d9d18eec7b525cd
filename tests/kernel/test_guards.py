"""Each link of the audit chain alone, who reads the audit, and a command that outlives its caller."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.identity.roles import Role
from server.kernel.audit.anchors import write_anchor
from server.kernel.audit.chain import SEALED_FIELDS, row_hash
from server.kernel.audit.queries import AuditFilter, chain_state, check_chain, event_by_id, list_events
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.kernel.command import command, finish_commands
from server.kernel.errors import Forbidden, NotFound
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import UnitOfWork, unit_of_work
from server.settings import Settings
from tests.factories.identity import make_actor, make_city
from tests.kernel.test_audit import KEY, sealed, tamper
from tests.kernel.things import ACTOR, Step, count_up
from tests.support.meanwhile import pause_at

_begun, _go_on = asyncio.Event(), asyncio.Event()


@command("test.take_long")
async def take_long(uow: UnitOfWork, actor: object) -> int:
    _begun.set()
    await _go_on.wait()
    await uow.record("test.take_long", "series", "long")
    return await uow.next_number("long")


async def rows_of(runtime: Runtime) -> list[dict[str, Any]]:
    names = ", ".join((*SEALED_FIELDS, "previous_hash", "hash"))
    async with runtime.database.reading() as reader:
        return await reader.fetch_all(f"SELECT {names} FROM audit_event WHERE sequence IS NOT NULL ORDER BY sequence")


async def put(number: int, **values: str) -> None:
    """Overwrite fields of one sealed row."""
    async with unit_of_work(ACTOR) as uow:
        for name, value in values.items():
            assert await uow.execute(f"UPDATE audit_event SET {name} = ? WHERE sequence = ?", value, number) == 1


async def test_row_of_another_chain_is_found_when_it_was_linked_in(runtime: Runtime, tmp_path: Path):
    """Sealed with the right key, but behind other rows: such as from a backup played back."""
    await sealed(3)
    rows = await rows_of(runtime)
    foreign = row_hash(KEY, "f" * 64, {**rows[1], "facts": "{}"})
    await put(2, facts="{}", hash=foreign)
    await put(3, previous_hash=foreign, hash=row_hash(KEY, foreign, rows[2]))
    faults = await verify_audit(KEY, tmp_path / "none")
    assert any(fault.startswith("第 2 条内容被改动") for fault in faults)
    await put(2, previous_hash="f" * 64)
    faults = await verify_audit(KEY, tmp_path / "none")
    assert "第 2 条与前一条接不上" in faults
    assert not any("内容被改动" in fault for fault in faults)


async def test_chain_rewritten_with_the_key_is_found_when_it_was_anchored(runtime: Runtime, tmp_path: Path):
    anchors = tmp_path / "elsewhere.jsonl"
    await sealed(3)
    await write_anchor(anchors)
    previous = "0" * 64
    for number, row in enumerate(await rows_of(runtime), start=1):
        digest = row_hash(KEY, previous, {**row, "facts": "{}"})
        await put(number, facts="{}", previous_hash=previous, hash=digest)
        previous = digest
    await tamper(f"UPDATE audit_head SET hash = '{previous}'")
    [fault] = await verify_audit(KEY, anchors)
    assert "另存的校验值不符" in fault


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit_event WHERE sequence = 6", "链尾记录有 6 条，实际 5 条"),
        ("UPDATE audit_head SET count = 4", "链尾记录只有 4 条，实际 6 条"),
        ("UPDATE audit_head SET hash = previous_hash_of_nothing", "链尾的校验值不符"),
    ],
)
async def test_head_and_rows_are_compared_when_either_was_changed(
    runtime: Runtime, tmp_path: Path, statement: str, fault: str
):
    await sealed(6)
    await tamper(statement.replace("previous_hash_of_nothing", f"'{'e' * 64}'"))
    assert await verify_audit(KEY, tmp_path / "none") == [fault]


async def test_audit_is_closed_to_everybody_but_its_administrators(runtime: Runtime, tmp_path: Path):
    city = await make_city()
    manager = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    path = tmp_path / "none"
    for asked in (
        list_events(manager, AuditFilter()),
        event_by_id(manager, "0123456789abcdef"),
        chain_state(manager, path),
        check_chain(manager, KEY, path),
    ):
        with pytest.raises(Forbidden):
            await asked


async def test_audit_of_another_unit_is_not_found_by_an_administrator(runtime: Runtime):
    city = await make_city()
    admin = await make_actor("韩冰", city.health, Role.AUDIT_ADMIN)
    own = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    other = await make_actor("何平", city.culture, Role.ASSET_MANAGER)
    await count_up(own, Step(note="本单位"))
    await count_up(other, Step(note="别单位"))
    found = (await list_events(admin, AuditFilter(action="test."))).items
    assert [event.actor_name for event in found] == ["周敏"]
    root = msgspec.structs.replace(admin, unit_id=city.culture.id, unit_path=city.culture.path)
    [foreign] = (await list_events(root, AuditFilter(action="test."))).items
    assert (await event_by_id(root, foreign.id)).actor_name == "何平"
    with pytest.raises(NotFound):
        await event_by_id(admin, foreign.id)


async def test_command_ends_as_it_would_have_when_its_caller_hangs_up(runtime: Runtime):
    _begun.clear()
    _go_on.clear()
    caller = asyncio.create_task(take_long(ACTOR))
    await _begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    _go_on.set()
    await finish_commands()
    async with runtime.database.reading() as reader:
        rows = await reader.fetch_all("SELECT id FROM audit_event WHERE action = 'test.take_long'")
    assert len(rows) == 1


async def test_seal_goes_on_from_the_head_when_more_rows_came(runtime: Runtime, tmp_path: Path):
    await sealed(2)
    await sealed(2)
    assert await seal_audit(SEALER, KEY.hex()) == 0
    rows = await rows_of(runtime)
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4]
    assert rows[2]["previous_hash"] == rows[1]["hash"]


async def test_chain_holds_when_one_seals_while_another_seals_and_more_happens(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    async def seal_and_go_on() -> None:
        await seal_audit(SEALER, KEY.hex())
        await count_up(ACTOR, Step(note="之后"))

    await count_up(ACTOR, Step(note="之前"))
    came = pause_at(monkeypatch, settings, "server.kernel.audit.sealer._locked_head", seal_and_go_on)
    await seal_audit(SEALER, KEY.hex())
    assert await came[0] == "done"
    await seal_audit(SEALER, KEY.hex())
    assert [row["sequence"] for row in await rows_of(runtime)] == [1, 2]
    assert await verify_audit(KEY, tmp_path / "none") == []
