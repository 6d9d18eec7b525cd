"""SQLite: the file as it was at one instant, taken beside the writer, and put back in one step."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from server.backup.manifest import BackupError, Part, Progress, part_of
from server.migrations.runner import RESTORING

DATABASE = "gwc.sqlite3"
_PAGES = 2000
_DRAFT = ".restoring"
_MARK = "SELECT version FROM schema_version WHERE version = ?"


def copy_database(source: Path, folder: Path, progress: Progress) -> list[Part]:
    """Copy the database at `source` into `folder` through SQLite's own backup, while others write to it."""
    target = folder / DATABASE
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None) as live:
        # Held from here on: in WAL a reader keeps its instant, so the copy never has to begin again for a writer.
        live.execute("BEGIN")
        live.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        copy = sqlite3.connect(target, isolation_level=None)
        try:
            live.backup(copy, pages=_PAGES, progress=lambda _, left, total: progress("数据库", total - left, total))
            _tidy(copy)
        finally:
            copy.close()
    live.close()
    return [part_of(folder, target)]


def _tidy(copy: sqlite3.Connection) -> None:
    """One file that is whole by itself, without anybody's session: a restored product asks everybody to log in."""
    copy.execute("PRAGMA journal_mode=DELETE")
    # What is deleted is also overwritten, or its bytes would stay in the file's free pages.
    copy.execute("PRAGMA secure_delete=ON")
    copy.execute("DELETE FROM session")
    found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise BackupError(f"数据库文件有损坏，不能作为备份：{found[0]}")


def is_occupied(database: Path) -> bool:
    """Whether there is a database with anything done in it: every command leaves an audit row. An unfinished restore
    is none."""
    if not database.exists():
        return False
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as there:
        tables = {row[0] for row in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        is_unfinished = "schema_version" in tables and there.execute(_MARK, (RESTORING,)).fetchone() is not None
        has_audit = (
            "audit_event" in tables and there.execute("SELECT 1 FROM audit_event LIMIT 1").fetchone() is not None
        )
    there.close()
    return has_audit and not is_unfinished


def _check_whole(copy: sqlite3.Connection) -> None:
    """Raise BackupError unless what was written here is what was read there: a full or failing disk says nothing."""
    try:
        found = [row[0] for row in copy.execute("PRAGMA quick_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise BackupError(f"数据库文件没有写完整（{found[0]}）：请检查磁盘空间和磁盘后重新恢复")


def put_back(folder: Path, database: Path) -> None:
    """Put the backup's database in its place, whole or not at all, and marked so that no process starts on it."""
    draft = database.with_name(database.name + _DRAFT)
    shutil.copyfile(folder / DATABASE, draft)
    with closing(sqlite3.connect(draft)) as marking, marking:
        _check_whole(marking)
        marking.execute("INSERT INTO schema_version (version, name, checksum) VALUES (?, '', '')", (RESTORING,))
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for rest in ("-wal", "-shm"):
        database.with_name(database.name + rest).unlink(missing_ok=True)
    draft.replace(database)
