"""From empty and from a populated older version, alone, together and interrupted: every version once, no row lost."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.kernel.storage.database import Database
from server.migrations import runner
from server.migrations.runner import SchemaError, check_schema, migrate, migrations_for
from server.opening import build_database, opened
from server.settings import Settings, load_secrets
from server.verification import verify_ledger
from tests.factories.circulation import make_hall
from tests.factories.identity import make_city
from tests.support.databases import administrator
from tests.support.product import environment_for
from tests.support.verdict import command_line
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_environment(storage: str, tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """A product whose database is there and holds nothing."""
    if storage == "sqlite":
        return environment_for(tmp_path)
    urls = {"DATABASE_URL": request.getfixturevalue("mariadb_url"), "REDIS_URL": request.getfixturevalue("redis_url")}
    return environment_for(tmp_path, **urls)


@asynccontextmanager
async def database_of(environment: dict[str, str]) -> AsyncIterator[Database]:
    database = build_database(Settings.from_environment(environment))
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def versions(database: Database) -> list[int]:
    async with database.reading() as reader:
        rows = await reader.fetch_all("SELECT version FROM schema_version ORDER BY version")
    return [row["version"] for row in rows]


def all_versions(database: Database) -> list[int]:
    return [migration.version for migration in migrations_for(database.dialect)]


async def shape(database: Database) -> list[str]:
    """Every table with its columns, types and indexes, as the storage tells them."""
    async with database.reading() as reader:
        if database.dialect == "sqlite":
            rows = await reader.fetch_all("SELECT name, sql FROM sqlite_master ORDER BY type, name")
            return [f"{row['name']}: {row['sql']}" for row in rows]
        columns = await reader.fetch_all(
            "SELECT table_name, column_name, column_type, is_nullable, collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
        )
        indexes = await reader.fetch_all(
            "SELECT table_name, index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics"
            " WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index"
        )
    return [str(list(row.values())) for row in columns + indexes]


async def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, but for the record of migrations itself."""
    async with database.reading() as reader:
        sql = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if database.dialect == "sqlite"
            else "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        names = sorted(row["name"] for row in await reader.fetch_all(sql))
        return {
            name: sorted(str(row) for row in await reader.fetch_all(f"SELECT * FROM {name}"))
            for name in names
            if not name.startswith("schema_")
        }


async def test_every_version_is_applied_when_the_database_is_empty(empty_environment):
    async with database_of(empty_environment) as database:
        with pytest.raises(SchemaError, match="请先运行 python -m server migrate"):
            await check_schema(database)
        applied = await migrate(database)
        assert [int(name[:4]) for name in applied] == all_versions(database)
        await check_schema(database)
        before = await shape(database)
        assert await migrate(database) == []
        assert await shape(database) == before


async def test_no_row_is_lost_when_a_populated_older_version_is_migrated(empty_environment):
    settings = Settings.from_environment(empty_environment)
    async with opened(settings) as runtime:
        database = runtime.database
        await migrate(database, up_to=1)
        city = await make_city()
        before = await contents(database)
        assert sum(len(kept) for kept in before.values()) > 40
        with pytest.raises(SchemaError, match="数据库版本较旧"):
            await check_schema(database)
        assert [int(name[:4]) for name in await migrate(database)] == all_versions(database)[1:]
        after = await contents(database)
        # A migration may add; what people wrote is there to the letter.
        assert {name: kept for name, kept in before.items() if kept} == {
            name: after[name] for name, kept in before.items() if kept
        }
        assert city.linping.id in "".join(after["unit"])
        await seal_audit(SEALER, load_secrets(settings).audit.hex())
        assert await verify_audit(load_secrets(settings).audit, settings.anchor_file) == []


async def test_older_database_becomes_what_a_new_one_is_when_migrated_step_by_step(empty_environment):
    settings = Settings.from_environment(empty_environment)
    async with opened(settings) as runtime:
        for version in all_versions(runtime.database):
            await migrate(runtime.database, up_to=version)
            assert (await versions(runtime.database))[-1] == version
        await check_schema(runtime.database)
        # The whole life of a thing works on it.
        await make_hall()
        assert await verify_ledger(settings) == []


async def migrate_alone(environment: dict[str, str]) -> list[str]:
    """With connections of its own, as a process has."""
    async with database_of(environment) as database:
        return await migrate(database)


async def test_each_version_is_applied_once_when_three_migrate_at_once(empty_environment):
    applied = await asyncio.gather(*(migrate_alone(empty_environment) for _ in range(3)))
    async with database_of(empty_environment) as database:
        every = all_versions(database)
        assert await versions(database) == every
        await check_schema(database)
    assert sorted(len(names) for names in applied) == [0, 0, len(every)]


@pytest.mark.parametrize("tables", [0, 12, 30])
async def test_migration_goes_on_when_the_first_migrator_was_killed(empty_environment, tables):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "migrate"), cwd=ROOT, env={**os.environ, **empty_environment}
    )
    try:
        await eventually(lambda: is_under_way(empty_environment, tables) or process.returncode is not None, 60)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    async with database_of(empty_environment) as database:
        await let_lease_run_out(database)
        await migrate(database)
        await check_schema(database)
        assert await versions(database) == all_versions(database)
        resumed = await shape(database)
    assert sum("borrowing_line" in line for line in resumed) >= 1
    async with opened(Settings.from_environment(empty_environment)):
        await make_hall()


def is_under_way(environment: dict[str, str], tables: int) -> bool:
    """Whether the migrator has made so many tables. SQLite shows none before the version is whole, only its log."""
    if "DATABASE_URL" not in environment:
        log = Path(environment["DATA_DIR"]) / "gwc.sqlite3-wal"
        return log.exists() and log.stat().st_size > 4096 * tables // 4
    with administrator(environment["DATABASE_URL"]) as cursor:
        name = environment["DATABASE_URL"].rpartition("/")[2]
        cursor.execute("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s", (name,))
        [(made,)] = cursor.fetchall()
    return bool(made > tables)


async def let_lease_run_out(database: Database) -> None:
    """What the clock does in ten minutes."""
    await database.run_script([runner._LOCK, "UPDATE schema_lock SET held_until = 1"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("INSERT INTO schema_version (version, name, checksum) VALUES (9999, 'future', 'x')", "新：请升级程序"),
        ("INSERT INTO schema_version (version, name, checksum) VALUES (0, 'elsewhere', 'x')", "没有的升级 0000"),
        ("DELETE FROM schema_version WHERE version > 1", "数据库版本较旧"),
        ("UPDATE schema_version SET checksum = 'x' WHERE version = 1", "程序文件可能被改动"),
        ("DROP TABLE schema_version", "还没有初始化"),
    ],
)
async def test_start_is_refused_in_a_sentence_when_the_schema_is_another(empty_environment, change, sentence):
    async with database_of(empty_environment) as database:
        await migrate(database)
        await database.run_script([change])
    outcomes = await asyncio.gather(
        command_line(empty_environment, "serve"), command_line(empty_environment, "verify", "ledger")
    )
    for code, printed in outcomes:
        assert code == 2, printed
        assert printed.startswith("无法启动：") and sentence in printed
        assert "Traceback" not in printed


async def test_migrated_schema_is_what_the_models_say_when_held_against_them(empty_environment, tmp_path):
    """Every column with its type, every index with its columns: a model that no migration knows, or the other way."""
    async with database_of(empty_environment) as migrated:
        await migrate(migrated)
        dialect = migrated.dialect
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "scripts/freeze_schema.py", "--print", dialect), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        before = await tables(migrated)
        await recreate(migrated, printed.decode())
        wanted = await tables(migrated)
    assert len(wanted) > 25
    assert {name: before.get(name) for name in wanted} == wanted


async def tables(database: Database) -> dict[str, set[str]]:
    """What each table is made of: columns by name, type and null, and indexes by the columns they are over."""
    found: dict[str, set[str]] = {}
    async with database.reading() as reader:
        if database.dialect == "sqlite":
            for table in await reader.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'"):
                name = table["name"]
                columns = await reader.fetch_all(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')")
                indexes = await reader.fetch_all(
                    f'SELECT l."unique" AS u, (SELECT GROUP_CONCAT(i.name) FROM pragma_index_info(l.name) i) AS over'
                    f" FROM pragma_index_list('{name}') l"
                )
                found[name] = {str(list(row.values())) for row in columns + indexes}
            return found
        columns = await reader.fetch_all(
            "SELECT table_name AS t, column_name, column_type, is_nullable, collation_name"
            " FROM information_schema.columns WHERE table_schema = DATABASE()"
        )
        indexes = await reader.fetch_all(
            "SELECT table_name AS t, MIN(non_unique), GROUP_CONCAT(column_name ORDER BY seq_in_index) AS over_columns"
            " FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name"
        )
    for row in columns + indexes:
        found.setdefault(row["t"], set()).add(str(list(row.values())[1:]))
    return found


async def recreate(database: Database, sql: str) -> None:
    """Take every table of the models away and make it as they say."""
    quote = '"' if database.dialect == "sqlite" else "`"
    names = re.findall(rf"CREATE TABLE IF NOT EXISTS {quote}(\w+)", sql)
    statements = [part for part in re.split(r";\n", sql) if part.strip()]
    await database.run_script([*(f"DROP TABLE IF EXISTS {quote}{name}{quote}" for name in names), *statements])
