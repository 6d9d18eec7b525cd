"""The product opened for one test: fresh tables on the run's storage, keys of the test's own."""

import asyncio
import shutil
from pathlib import Path

from server.migrations.runner import migrate
from server.opening import build_database
from server.settings import Settings
from tests.support.databases import administrator

_KEPT_TABLES = {"schema_version", "schema_lock"}


def settings_for(data_dir: Path, **environment: str) -> Settings:
    """The settings of a test's product; `environment` adds or replaces variables."""
    return Settings.from_environment(environment_for(data_dir, **environment))


def environment_for(data_dir: Path, **environment: str) -> dict[str, str]:
    """The same as environment variables, for a product in a process of its own."""
    return {"ENVIRONMENT": "test", "DATA_DIR": str(data_dir), **environment}


def migrate_now(settings: Settings) -> None:
    """Bring a new database to this release's schema."""

    async def run() -> None:
        database = build_database(settings)
        await database.open()
        try:
            await migrate(database)
        finally:
            await database.close()

    asyncio.run(run())


def copy_sqlite(template: Path, data_dir: Path) -> None:
    """A migrated, empty SQLite file for one test."""
    data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, data_dir / "gwc.sqlite3")


def empty_mariadb(url: str) -> None:
    """Take every row out of a migrated database: much quicker than a new one for each test."""
    name = url.rsplit("/", 1)[1]
    with administrator(url) as cursor:
        cursor.execute(f"USE `{name}`")
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (name,),
        )
        tables = [table for (table,) in cursor.fetchall() if table not in _KEPT_TABLES]
        # One transaction: a commit for each table was most of what emptying took.
        cursor.execute("BEGIN")
        for table in tables:
            cursor.execute(f"DELETE FROM `{table}`")
        cursor.execute("INSERT INTO audit_head (name, count, hash) VALUES ('audit', 0, REPEAT('0', 64))")
        cursor.execute("COMMIT")
