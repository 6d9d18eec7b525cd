"""Walks the whole chain and says, in sentences, what does not fit."""

from pathlib import Path

from server.kernel.audit.anchors import read_anchors, standing
from server.kernel.audit.chain import GENESIS, SEALED_FIELDS, row_hash
from server.kernel.instants import to_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader

_STEP = 5000
# The sealer works within a second; a row that waits longer means that it stands still, or that it was bypassed.
_UNSEALED_SECONDS = 60
# The head is written elsewhere each minute: a chain that grew for longer than this has been, unless somebody saw to it.
_UNANCHORED_SECONDS = 300
_LOOKED_AT = 20
_COLUMNS = ", ".join((*SEALED_FIELDS, "previous_hash", "hash"))


async def verify_audit(key: bytes, anchor_path: Path) -> list[str]:
    """Every fault of the audit: edited, deleted, reordered and cut-off rows, and rows left unsealed. Empty: none.

    May run beside a working product: what was known before the walk must be found by it, and the walk must not find
    more than is known after it.
    """
    anchors = standing(read_anchors(anchor_path))
    async with current_runtime().database.reading() as reader:
        before = await _head(reader)
        hashes, faults = await _walk(reader, key)
        faults += _check_heads(before, await _head(reader), hashes)
        faults += await _check_unsealed(reader)
        faults += await _check_unnumbered(reader)
        faults += [] if anchors else await _check_anchored(reader)
    for anchor in anchors:
        if anchor.count >= len(hashes):
            faults.append(f"末尾被截断：{anchor.at} 时已有 {anchor.count} 条，现在只有 {len(hashes) - 1} 条")
        elif hashes[anchor.count] != anchor.hash:
            faults.append(f"第 {anchor.count} 条与 {anchor.at} 另存的校验值不符")
    return faults


async def fits_end(reader: Reader, key: bytes) -> bool:
    """Whether any of the newest rows fits the key: one that somebody edited does not make the key a wrong one."""
    rows = await reader.fetch_all(
        f"SELECT {_COLUMNS} FROM audit_event WHERE sequence >= 1 ORDER BY sequence DESC LIMIT {_LOOKED_AT}"
    )
    return not rows or any(row_hash(key, row["previous_hash"], row) == row["hash"] for row in rows)


async def _walk(reader: Reader, key: bytes) -> tuple[list[str], list[str]]:
    hashes = [GENESIS]
    faults: list[str] = []
    while True:
        rows = await reader.fetch_all(
            f"SELECT {_COLUMNS} FROM audit_event WHERE sequence > ? ORDER BY sequence LIMIT {_STEP}", len(hashes) - 1
        )
        if not rows:
            return hashes, faults
        for row in rows:
            while len(hashes) < row["sequence"]:
                faults.append(f"缺少第 {len(hashes)} 条")
                hashes.append("")
            if hashes[-1] and row["previous_hash"] != hashes[-1]:
                faults.append(f"第 {row['sequence']} 条与前一条接不上")
            if row_hash(key, row["previous_hash"], row) != row["hash"]:
                faults.append(f"第 {row['sequence']} 条内容被改动（{row['action']} {row['subject_id']}）")
            hashes.append(row["hash"])


async def _head(reader: Reader) -> tuple[int, str]:
    head = await reader.fetch_one("SELECT count, hash FROM audit_head WHERE name = ?", "audit")
    return (head["count"], head["hash"]) if head else (0, GENESIS)


def _check_heads(before: tuple[int, str], after: tuple[int, str], hashes: list[str]) -> list[str]:
    walked = len(hashes) - 1
    if before[0] > walked:
        return [f"链尾记录有 {before[0]} 条，实际 {walked} 条"]
    if after[0] < walked:
        return [f"链尾记录只有 {after[0]} 条，实际 {walked} 条"]
    return [] if before[1] == hashes[before[0]] else ["链尾的校验值不符"]


async def _check_unsealed(reader: Reader) -> list[str]:
    now, minute = to_microseconds(current_runtime().clock.here()), _UNSEALED_SECONDS * 1_000_000
    late = await _count(reader, "sequence IS NULL AND at < ?", now - minute)
    # No command writes a time that is still to come: a row that has one was put there to wait unseen.
    coming = await _count(reader, "sequence IS NULL AND at > ?", now + minute)
    return [
        *([f"{late} 条超过一分钟未封存"] if late else []),
        *([f"{coming} 条未封存的时间在将来，不是程序写的"] if coming else []),
    ]


async def _check_unnumbered(reader: Reader) -> list[str]:
    outside = await _count(reader, "sequence < 1")
    return [f"{outside} 条的序号小于 1，不是封存时编的"] if outside else []


async def _check_anchored(reader: Reader) -> list[str]:
    row = await reader.fetch_one("SELECT MAX(at) - MIN(at) AS grew FROM audit_event WHERE sequence >= 1")
    is_old = row is not None and (row["grew"] or 0) > _UNANCHORED_SECONDS * 1_000_000
    return ["没有找到另存的校验值（AUDIT_ANCHOR_FILE）：末尾是否被截断无从核对"] if is_old else []


async def _count(reader: Reader, condition: str, *values: int) -> int:
    row = await reader.fetch_one(f"SELECT COUNT(*) AS found FROM audit_event WHERE {condition}", *values)
    assert row is not None
    return int(row["found"])
