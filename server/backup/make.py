"""Making a backup, beside a working product."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from server.backup.manifest import (
    ANCHORS,
    FORMAT,
    BackupError,
    Manifest,
    Part,
    Progress,
    SchemaVersion,
    fingerprints,
    part_of,
    write_manifest,
)
from server.backup.mariadb_copy import copy_tables
from server.backup.sqlite_copy import DATABASE, copy_database
from server.backup.stored_files import NAMES, copy_files, hashes_of
from server.kernel.actor import Actor, system_actor
from server.kernel.command import command
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.kernel.storage.mysql_engine import MariaDatabase
from server.kernel.unit_of_work import UnitOfWork
from server.settings import Settings, load_secrets

KEEPER = system_actor("backup")
_VERSIONS = "SELECT version, name, checksum FROM schema_version ORDER BY version"
_HEAD = "SELECT count, hash FROM audit_head WHERE name = 'audit'"


class _Copied:
    """What the snapshot held that the manifest tells."""

    def __init__(self, parts: list[Part], versions: list[Row], head: Row | None, hashes: list[str]) -> None:
        self.parts = parts
        self.versions = [SchemaVersion(row["version"], row["name"], row["checksum"]) for row in versions]
        self.audit_count: int = head["count"] if head else 0
        self.audit_hash: str = head["hash"] if head else ""
        self.hashes = hashes


async def make_backup(settings: Settings, folder: Path, progress: Progress) -> Manifest:
    """Write a whole backup into `folder`, which must be new or empty, while the product goes on working.

    What was committed before the snapshot is in it, and nothing later. Raises BackupError. Stored files that are
    missing or damaged are named in the manifest and spoil nothing else.
    """
    _claim(folder)
    parts = _copy_anchors(settings.anchor_file, folder)
    made_at = datetime.now(UTC).isoformat()
    copied = (
        await _copy_mariadb(folder, progress) if settings.database_url else _copy_sqlite(settings, folder, progress)
    )
    files, missing = copy_files(settings.data_dir / "files", folder, copied.hashes, progress)
    keys = load_secrets(settings)
    manifest = Manifest(
        format=FORMAT,
        storage=current_runtime().database.dialect,
        made_at=made_at,
        versions=copied.versions,
        keys=fingerprints(keys),
        audit_count=copied.audit_count,
        audit_hash=copied.audit_hash,
        parts=[*parts, *copied.parts, files],
        stored_files=len(copied.hashes) - len(missing),
        missing=missing,
    )
    write_manifest(folder, manifest, keys)
    await _note(KEEPER, manifest.audit_count, manifest.audit_hash, manifest.stored_files)
    return manifest


@command("backup.make")
async def _note(uow: UnitOfWork, actor: Actor, count: int, digest: str, files: int) -> None:
    await uow.record("backup.made", "backup", digest[:16], sealed=count, digest=digest, files=files)


def _claim(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_taken = any(folder.iterdir())
    except OSError as error:
        raise BackupError(f"写不了 {folder}：请核对路径与权限") from error
    if is_taken:
        raise BackupError(f"{folder} 不是空目录：每次备份用一个新目录，如加上日期")


def _copy_anchors(source: Path, folder: Path) -> list[Part]:
    # Before the database: an anchor may then only speak of what is in the snapshot.
    if not source.exists():
        return []
    shutil.copyfile(source, folder / ANCHORS)
    return [part_of(folder, folder / ANCHORS)]


def _copy_sqlite(settings: Settings, folder: Path, progress: Progress) -> _Copied:
    parts = copy_database(settings.data_dir / DATABASE, folder, progress)
    copy = sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)
    try:
        copy.row_factory = sqlite3.Row
        head = [dict(row) for row in copy.execute(_HEAD)]
        versions = [dict(row) for row in copy.execute(_VERSIONS)]
        hashes = hashes_of((row[0], row[1]) for row in copy.execute(NAMES))
    finally:
        copy.close()
    return _Copied(parts, versions, head[0] if head else None, hashes)


async def _copy_mariadb(folder: Path, progress: Progress) -> _Copied:
    database = current_runtime().database
    assert isinstance(database, MariaDatabase)
    async with database.snapshot() as snapshot:
        parts = await copy_tables(snapshot, folder, progress)
        versions, head = await snapshot.fetch_all(_VERSIONS), await snapshot.fetch_one(_HEAD)
        names = await snapshot.fetch_all(NAMES)
    return _Copied(parts, versions, head, hashes_of((row["sha256"], row["thumbnail_sha256"]) for row in names))
