"""Files on disk, named by the SHA-256 of their bytes: `DATA_DIR/files/<first two digits>/<sha256>`.

Bytes are complete and on the disk before a row names them, so a row never points at nothing. What no row names (the
command failed after the write) is swept up a day later. Sweeping and writing exclude each other by a file lock, so that
a picture uploaded again in the very moment of its sweep is not lost.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"^[0-9a-f]{64}$")
_PART = ".part"
_folders: list[Path] = []


def use_folder(path: Path) -> None:
    """Keep files below `path` from now on; it is made when the first one comes."""
    _folders[:] = [path]


def file_path(sha256: str) -> Path:
    """Where the bytes of this hash are, or will be."""
    if not _NAME.match(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return _folder() / sha256[:2] / sha256


async def write_file(data: bytes) -> str:
    """Keep `data`; returns its SHA-256 once the bytes would survive a power failure."""
    sha256 = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(_write, file_path(sha256), data)
    return sha256


async def list_old_files(older_than_seconds: float) -> list[str]:
    """Hashes of the files that were last written longer ago than this; unfinished ones of that age are removed."""
    return await asyncio.to_thread(_list_old, time.time() - older_than_seconds)


async def remove_old_file(sha256: str, older_than_seconds: float) -> bool:
    """Remove a file unless it was written again since; whether it is gone."""
    return await asyncio.to_thread(_remove_old, file_path(sha256), time.time() - older_than_seconds)


def _folder() -> Path:
    if not _folders:
        raise RuntimeError("no folder for files: call use_folder at opening")
    return _folders[0]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(fcntl.LOCK_SH):
        if path.exists():
            # Young again: the sweep leaves it to the row that comes now.
            os.utime(path)
            return
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _list_old(before: float) -> list[str]:
    found = []
    for path in sorted(_folder().glob("??/*")):
        if path.stat().st_mtime >= before:
            continue
        if path.name.endswith(_PART):
            path.unlink(missing_ok=True)
        elif _NAME.match(path.name):
            found.append(path.name)
    return found


def _remove_old(path: Path, before: float) -> bool:
    with _locked(fcntl.LOCK_EX):
        if path.exists() and path.stat().st_mtime >= before:
            return False
        path.unlink(missing_ok=True)
        return True


@contextmanager
def _locked(how: int) -> Iterator[None]:
    with (_folder() / ".lock").open("a") as lock:
        fcntl.flock(lock, how)
        yield
