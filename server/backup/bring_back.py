"""Bringing a backup back into an empty place, and making sure that it is whole."""

from datetime import UTC, datetime
from pathlib import Path

from redis.asyncio import Redis

from server.backup.make import KEEPER
from server.backup.manifest import (
    ANCHORS,
    BackupError,
    Manifest,
    Progress,
    check_parts,
    check_versions,
    read_manifest,
)
from server.backup.mariadb_copy import is_occupied as is_mariadb_occupied
from server.backup.mariadb_copy import load_tables
from server.backup.sqlite_copy import DATABASE, put_back
from server.backup.sqlite_copy import is_occupied as is_sqlite_occupied
from server.backup.stored_files import check_files, put_files_back
from server.kernel.actor import Actor
from server.kernel.audit.anchors import read_anchors, standing, write_restoration
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.command import command
from server.kernel.storage.mysql_engine import MariaDatabase
from server.kernel.unit_of_work import UnitOfWork
from server.migrations.runner import RESTORING, migrate, migrations_for
from server.opening import build_database, opened
from server.settings import Settings, load_secrets


async def restore(settings: Settings, folder: Path, progress: Progress) -> Manifest:
    """Bring the backup in `folder` back. Everything is checked before anything is written.

    Raises BackupError: a place that is not empty; a backup that is unfinished, cut off, changed, of other keys, of the
    other storage, or of a newer release. One of an older release is brought up to date.
    """
    manifest = read_manifest(folder, load_secrets(settings))
    _check_storage(settings, manifest)
    check_versions(manifest, migrations_for(manifest.storage))
    await _refuse_occupied(settings)
    check_parts(folder, manifest, progress)
    check_files(folder, progress)
    put_files_back(folder, settings.data_dir / "files", progress)
    await _put_database_back(settings, folder, manifest, progress)
    _put_anchors_back(settings.anchor_file, folder)
    await _forget_caches(settings)
    await _go_on_from(settings, manifest)
    return manifest


def _check_storage(settings: Settings, manifest: Manifest) -> None:
    mine = "sqlite" if settings.is_embedded else "mariadb"
    if manifest.storage != mine:
        kept = {"sqlite": "内置存储（SQLite）", "mariadb": "MariaDB"}
        raise BackupError(f"这是{kept[manifest.storage]}的备份，本机配置的是{kept[mine]}：两种存储之间不能直接恢复")


async def _refuse_occupied(settings: Settings) -> None:
    if settings.is_embedded:
        if is_sqlite_occupied(settings.data_dir / DATABASE):
            raise BackupError(
                f"{settings.data_dir} 里已有数据，不能恢复到它上面：请另设空的 DATA_DIR，或先把旧数据移走"
            )
        return
    database = build_database(settings)
    assert isinstance(database, MariaDatabase)
    await database.open()
    try:
        if await is_mariadb_occupied(database):
            raise BackupError("数据库里已有数据，不能恢复到它上面：请新建一个空库，并改 DATABASE_URL 指向它")
    finally:
        await database.close()


async def _put_database_back(settings: Settings, folder: Path, manifest: Manifest, progress: Progress) -> None:
    if settings.is_embedded:
        put_back(folder, settings.data_dir / DATABASE)
    database = build_database(settings)
    await database.open()
    try:
        if isinstance(database, MariaDatabase):
            await load_tables(database, folder, manifest.parts, progress)
        await migrate(database, is_restoring=True)
    finally:
        await database.close()


def _put_anchors_back(target: Path, folder: Path) -> None:
    """Only where there are none: those that stand elsewhere know more than the backup does."""
    kept = folder / ANCHORS
    if kept.exists() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(kept.read_bytes())


async def _forget_caches(settings: Settings) -> None:
    if settings.redis_url:
        redis = Redis.from_url(settings.redis_url, socket_timeout=5.0, socket_connect_timeout=5.0)
        try:
            await redis.flushdb()
        finally:
            await redis.aclose()


async def _go_on_from(settings: Settings, manifest: Manifest) -> None:
    """Record the restoration in the audit, and beside its anchors that what came after the backup is lost."""
    known = standing(read_anchors(settings.anchor_file))
    lost = max((anchor.count for anchor in known), default=0) - manifest.audit_count
    async with opened(settings) as runtime:
        await _note(KEEPER, manifest.made_at, manifest.audit_count, manifest.audit_hash, max(lost, 0))
        while await seal_audit(SEALER, load_secrets(settings).audit.hex()):
            pass
        write_restoration(
            settings.anchor_file, datetime.now(UTC).isoformat(), manifest.audit_count, manifest.audit_hash
        )
        # The last step: whatever ended before it is simply run again.
        async with runtime.database.transaction() as transaction:
            await transaction.execute("DELETE FROM schema_version WHERE version = ?", RESTORING)
            await transaction.commit()


@command("backup.restore")
async def _note(uow: UnitOfWork, actor: Actor, made_at: str, count: int, digest: str, lost: int) -> None:
    await uow.record("backup.restored", "backup", digest[:16], made_at=made_at, sealed=count, digest=digest, lost=lost)
