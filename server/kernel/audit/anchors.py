"""The chain's count and head, written each minute to a place of its own, so that a cut-off tail shows."""

import contextlib
import os
from pathlib import Path

import msgspec

from server.kernel.runtime import current_runtime


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The head at one time. `at`: ISO 8601 in UTC. `is_restored`: a backup that ends there was brought back then, so
    that what earlier anchors say of later rows is lost, and known to be."""

    at: str
    count: int
    hash: str
    is_restored: bool = False


async def write_anchor(path: Path) -> Anchor | None:
    """Append the present head to the file at `path`; None before anything was sealed."""
    runtime = current_runtime()
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one("SELECT count, hash FROM audit_head WHERE name = ?", "audit")
    if row is None or row["count"] == 0:
        return None
    anchor = Anchor(runtime.clock.here().isoformat(), row["count"], row["hash"])
    _append(path, msgspec.json.encode(anchor) + b"\n")
    return anchor


def write_restoration(path: Path, at: str, count: int, digest: str) -> None:
    """Note beside the anchors that the chain goes on from row `count` of a backup; nothing already there is changed."""
    _append(path, msgspec.json.encode(Anchor(at, count, digest, is_restored=True)) + b"\n")


def standing(anchors: list[Anchor]) -> list[Anchor]:
    """The anchors that still bind: without those of rows that a restoration knowingly left behind."""
    kept: list[Anchor] = []
    for anchor in anchors:
        if anchor.is_restored:
            kept = [each for each in kept if each.count <= anchor.count]
        kept.append(anchor)
    return kept


def read_anchors(path: Path) -> list[Anchor]:
    """All anchors of a file, oldest first; a line torn by a crash is passed over."""
    if not path.exists():
        return []
    anchors = []
    for line in path.read_bytes().split(b"\n"):
        with contextlib.suppress(msgspec.DecodeError):
            anchors.append(msgspec.json.decode(line, type=Anchor))
    return anchors


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # What an earlier crash tore off must not swallow this line: it begins on one of its own.
    is_torn = _is_torn(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, b"\n" * is_torn + line)
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_torn(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
