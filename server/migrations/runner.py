"""Applies migrations, one migrator at a time, and refuses to start on a schema that this release does not know.

Plain SQL files rather than the ORM's migrations: those rebuilt SQLite tables with cascades on and destroyed rows while
printing OK, and guessed renames. A file `NNNN_name.<sqlite|mariadb>.sql` is one version; a file `NNNN_name.py` with
`async def run(transaction)` fills data after it. MariaDB cannot roll schema changes back, so there every statement is
written to be repeatable (IF NOT EXISTS) and an interrupted migration is simply run again.
"""

import asyncio
import hashlib
import importlib
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from server.kernel.storage.database import Database, Transaction

_FOLDER = Path(__file__).parent
_FILE = re.compile(r"^(\d{4})_(\w+)\.(sqlite|mariadb)\.sql$")
# Short, so that a killed migrator's successor does not wait long, and renewed while one works.
_LEASE_SECONDS = 60
_RENEW_SECONDS = 15
# The number that stands in schema_version while a backup is being brought back: no process works on half of one.
RESTORING = -1
_VERSIONS = (
    "CREATE TABLE IF NOT EXISTS schema_version (version INT NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL,"
    " checksum VARCHAR(64) NOT NULL)"
)
_LOCK = (
    "CREATE TABLE IF NOT EXISTS schema_lock (name VARCHAR(16) NOT NULL PRIMARY KEY, holder VARCHAR(32) NOT NULL,"
    " held_until BIGINT NOT NULL)"
)


class SchemaError(Exception):
    """The database's schema is not the one this release works with; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One version of the schema for one storage."""

    version: int
    name: str
    statements: tuple[str, ...]
    checksum: str

    @property
    def module(self) -> str:
        """The Python step that belongs to it, where there is one."""
        return f"server.migrations.{self.version:04d}_{self.name}"


def migrations_for(dialect: str, folder: Path = _FOLDER) -> list[Migration]:
    """All migrations of a storage in order."""
    found = []
    for path in sorted(folder.iterdir()):
        match = _FILE.match(path.name)
        if match and match[3] == dialect:
            text = path.read_text(encoding="utf-8")
            found.append(Migration(int(match[1]), match[2], _statements(text), _checksum(text)))
    return found


async def migrate(database: Database, *, up_to: int | None = None, is_restoring: bool = False) -> list[str]:
    """Bring the schema up to this release (or to version `up_to`); returns the names of what was applied.

    `is_restoring`: by the restore whose mark stands in the database; everybody else is refused while it does.
    """
    await database.run_script([_VERSIONS, _LOCK])
    known = migrations_for(database.dialect)
    applied = []
    async with _sole_migrator(database):
        done = await _applied(database)
        if is_restoring:
            done.pop(RESTORING, None)
        _refuse_unknown(done, known)
        for migration in known:
            if migration.version not in done and (up_to is None or migration.version <= up_to):
                await _apply(database, migration)
                applied.append(f"{migration.version:04d}_{migration.name}")
    return applied


async def check_schema(database: Database) -> None:
    """Raise SchemaError in a sentence unless the schema is exactly this release's."""
    known = migrations_for(database.dialect)
    try:
        done = await _applied(database)
    except Exception as error:  # an empty database has no version table; each driver says so in its own way
        raise SchemaError("数据库还没有初始化：请先运行 python -m server migrate") from error
    _refuse_unknown(done, known)
    missing = [migration for migration in known if migration.version not in done]
    if missing:
        raise SchemaError(
            f"数据库版本较旧（缺少 {missing[0].version:04d} 起的 {len(missing)} 次升级）："
            "请先运行 python -m server migrate"
        )


def _refuse_unknown(done: dict[int, str], known: list[Migration]) -> None:
    newest = known[-1].version
    if RESTORING in done:
        raise SchemaError("数据库恢复没有完成：请重新运行 python -m server restore，完成前不能启动")
    if done and max(done) > newest:
        raise SchemaError(f"数据库版本 {max(done):04d} 比本程序（{newest:04d}）新：请升级程序，不要用旧程序写新库")
    if unknown := sorted(set(done) - {migration.version for migration in known}):
        raise SchemaError(
            f"数据库里有本程序（{newest:04d}）没有的升级 {unknown[0]:04d}：请使用同一版本的程序，不要用别的程序写这个库"
        )
    for migration in known:
        if done.get(migration.version, migration.checksum) != migration.checksum:
            raise SchemaError(f"升级脚本 {migration.version:04d} 与数据库里执行过的不一致：程序文件可能被改动")


async def _applied(database: Database) -> dict[int, str]:
    async with database.reading() as reader:
        rows = await reader.fetch_all("SELECT version, checksum FROM schema_version ORDER BY version")
    return {row["version"]: row["checksum"] for row in rows}


async def _apply(database: Database, migration: Migration) -> None:
    if database.dialect == "mariadb":
        await database.run_script(migration.statements)
    async with database.transaction() as transaction:
        if database.dialect == "sqlite":
            for statement in migration.statements:
                await transaction.execute(statement)
        await _run_python_step(transaction, migration)
        await transaction.execute(
            "INSERT INTO schema_version (version, name, checksum) VALUES (?, ?, ?)",
            migration.version,
            migration.name,
            migration.checksum,
        )
        await transaction.commit()


async def _run_python_step(transaction: Transaction, migration: Migration) -> None:
    if (_FOLDER / f"{migration.version:04d}_{migration.name}.py").exists():
        await importlib.import_module(migration.module).run(transaction)


@asynccontextmanager
async def _sole_migrator(database: Database) -> AsyncIterator[None]:
    """Hold the migrator's lease: a row, because named locks do not work on a cluster."""
    holder = secrets.token_hex(8)
    async with database.transaction() as transaction:
        taken = await transaction.fetch_one("SELECT holder FROM schema_lock WHERE name = 'migrate'")
        if taken is None:
            is_there = "CONFLICT DO NOTHING" if database.dialect == "sqlite" else "DUPLICATE KEY UPDATE name = name"
            await transaction.execute(
                f"INSERT INTO schema_lock (name, holder, held_until) VALUES ('migrate', '', 0) ON {is_there}"
            )
        await transaction.commit()
    while not await _take_lease(database, holder):  # noqa: ASYNC110 - the holder is another process; only its row tells
        await asyncio.sleep(0.2)
    renewing = asyncio.create_task(_renew_lease(database, holder), name="migrator's lease")
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})
        async with database.transaction() as transaction:
            await transaction.execute(
                "UPDATE schema_lock SET holder = '', held_until = 0 WHERE name = 'migrate' AND holder = ?", holder
            )
            await transaction.commit()


async def _take_lease(database: Database, holder: str) -> bool:
    """Take the lease where nobody has it, or where it is ours already."""
    seconds = "CAST(strftime('%s','now') AS INTEGER)" if database.dialect == "sqlite" else "UNIX_TIMESTAMP()"
    async with database.transaction() as transaction:
        taken = await transaction.execute(
            f"UPDATE schema_lock SET holder = ?, held_until = {seconds} + {_LEASE_SECONDS}"
            f" WHERE name = 'migrate' AND (held_until < {seconds} OR holder = ?)",
            holder,
            holder,
        )
        await transaction.commit()
    return taken == 1


async def _renew_lease(database: Database, holder: str) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        await _take_lease(database, holder)


def _statements(text: str) -> tuple[str, ...]:
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return tuple(part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" ;\n"))


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
