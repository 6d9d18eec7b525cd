"""The anchor file survives what a power cut does to its last line."""

from pathlib import Path

from server.kernel.audit.anchors import read_anchors, write_anchor
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.kernel.runtime import Runtime
from tests.kernel.things import ACTOR, Step, count_up

KEY = bytes(range(32))


async def anchored(file: Path) -> None:
    await count_up(ACTOR, Step())
    await seal_audit(SEALER, KEY.hex())
    assert await write_anchor(file) is not None


async def test_nothing_is_written_when_nothing_was_sealed(runtime: Runtime, tmp_path: Path):
    assert await write_anchor(tmp_path / "audit.jsonl") is None
    assert read_anchors(tmp_path / "audit.jsonl") == []


async def test_every_whole_line_is_read_when_one_was_torn(runtime: Runtime, tmp_path: Path):
    file = tmp_path / "audit.jsonl"
    await anchored(file)
    await anchored(file)
    file.write_bytes(file.read_bytes()[:-20])
    await anchored(file)
    assert [anchor.count for anchor in read_anchors(file)] == [1, 3]
    assert await verify_audit(KEY, file) == []
