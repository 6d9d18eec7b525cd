"""The configured database, opened for one command: as it is, brought up to date, or refused in a sentence."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from server import wiring
from server.kernel.storage.database import Database
from server.key_check import check_keys
from server.migrations.runner import SchemaError, check_schema, migrate
from server.opening import build_database, opened, sole_process
from server.settings import Settings, load_secrets
from server.web.logs import configure_logs

R = TypeVar("R")


async def migrate_configured(settings: Settings) -> list[str]:
    """Bring the configured database to this release; returns what was applied."""
    async with _database(settings) as database:
        return await migrate(database)


async def refuse_wrong_schema(settings: Settings) -> None:
    """What another release wrote."""
    async with _database(settings) as database:
        await check_schema(database)


async def refuse_wrong_database(settings: Settings) -> None:
    """What another release wrote, and what was written with other keys."""
    wiring.wire(settings)
    async with _database(settings) as database:
        await check_schema(database)
        await check_keys(database, load_secrets(settings))


async def is_current(settings: Settings) -> bool:
    """Whether the schema is this release's."""
    try:
        await refuse_wrong_schema(settings)
    except SchemaError:
        return False  # to be upgraded, or refused in the upgrade's own words
    return True


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    database = build_database(settings)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


def run_alone(settings: Settings, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Do one thing with everything opened, beside no other process on the same embedded storage."""
    configure_logs("WARNING")

    async def run() -> R:
        wiring.wire(settings)
        async with opened(settings) as runtime:
            await check_schema(runtime.database)
            return await work()

    with sole_process(settings):
        return asyncio.run(run())
