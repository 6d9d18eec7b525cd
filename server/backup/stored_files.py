"""The uploaded files that a backup's rows name: copied after the database, so that no row points at nothing.

A file is named by the SHA-256 of its bytes and never rewritten: its name is its check.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from server.backup.manifest import FILE_LIST, FILES, BackupError, Part, Progress, part_of

NAMES = "SELECT sha256, thumbnail_sha256 FROM stored_file"


def hashes_of(rows: Iterable[tuple[str, str | None]]) -> list[str]:
    """The hashes that rows of NAMES hold, each once."""
    return sorted({sha256 for row in rows for sha256 in row if sha256})


def copy_files(store: Path, folder: Path, hashes: list[str], progress: Progress) -> tuple[Part, list[str]]:
    """Copy the files; the list of them as a part, and the hashes of those that are missing or damaged."""
    lines, missing = [], []
    for number, sha256 in enumerate(hashes, start=1):
        data = _read(_place(store, sha256), sha256)
        if data is None:
            missing.append(sha256)
        else:
            _write(_place(folder / FILES, sha256), data)
            lines.append(f"{sha256} {len(data)}\n")
        progress("文件", number, len(hashes))
    (folder / FILE_LIST).write_text("".join(lines))
    return part_of(folder, folder / FILE_LIST), missing


def check_files(folder: Path, progress: Progress) -> None:
    """Read every file of the backup; BackupError names the first that is missing or changed."""
    listed = list(_listed(folder))
    for number, (sha256, _) in enumerate(listed, start=1):
        if _read(_place(folder / FILES, sha256), sha256) is None:
            raise BackupError(f"备份的文件 {sha256[:12]}… 缺失或损坏，不能恢复")
        progress("核对文件", number, len(listed))


def put_files_back(folder: Path, store: Path, progress: Progress) -> int:
    """Copy the backup's files into the store; how many."""
    listed = list(_listed(folder))
    for number, (sha256, _) in enumerate(listed, start=1):
        target = _place(store, sha256)
        if not target.exists():
            _write(target, _place(folder / FILES, sha256).read_bytes())
        progress("装回文件", number, len(listed))
    return len(listed)


def _listed(folder: Path) -> Iterator[tuple[str, int]]:
    for line in (folder / FILE_LIST).read_text().splitlines():
        sha256, _, size = line.partition(" ")
        yield sha256, int(size)


def _place(store: Path, sha256: str) -> Path:
    return store / sha256[:2] / sha256


def _read(path: Path, sha256: str) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _write(path: Path, data: bytes) -> None:
    """The name appears when the bytes are on the disk: what was copied half has no name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
