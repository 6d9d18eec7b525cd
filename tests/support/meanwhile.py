"""Two commands of which the second comes while the first is about to commit: what the locks are for.

On MariaDB the audit is held shut from outside, so that the first has locked and written everything but its audit row
when the second begins. On SQLite there is one writer, held from outside until both wait for it, the first before the
second: what they read before their transactions, each has read before the other began to write.
"""

import asyncio
import contextvars
import importlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymysql.cursors import Cursor

from server.kernel.errors import DomainError
from server.kernel.runtime import current_runtime
from server.kernel.storage.sqlite_engine import SqliteDatabase
from server.settings import Settings
from tests.support.databases import administrator
from tests.support.waiting import eventually

Ask = Callable[[], Awaitable[object]]
# Any wait that lasts this long is one for another's lock; at worst the second begins a little early.
_WAITS_MILLISECONDS = 200


async def while_finishing(settings: Settings, first: Ask, second: Ask) -> tuple[str, str]:
    """How each ended: `done`, or the code of the refusal."""
    if settings.is_embedded:
        return await _one_after_the_other(first, second)
    with _audit_shut(settings.database_url) as cursor:
        one = asyncio.create_task(_ending(first))
        await eventually(lambda: one.done() or _waiting(cursor, settings, "%metadata lock%", 0) == 1)
        assert not one.done(), f"the first never came to its audit: {one.result()}"
        two = asyncio.create_task(_ending(second))
        await eventually(lambda: two.done() or _waiting(cursor, settings, "%", _WAITS_MILLISECONDS) == 2)
    return await one, await two


async def while_changing(settings: Settings, second: Ask, statement: str, *values: Any) -> str:
    """How `second` ended that came while somebody else's change, one raw statement, was about to be committed."""
    async with current_runtime().database.transaction() as transaction:
        await transaction.execute(statement, *values)
        asked = asyncio.create_task(_ending(second))
        if settings.is_embedded:
            await eventually(lambda: asked.done() or _queued() == 1)
        else:
            with administrator(settings.database_url) as cursor:
                await eventually(lambda: asked.done() or _waiting(cursor, settings, "%", _WAITS_MILLISECONDS) == 1)
        await transaction.commit()
    return await asked


async def _one_after_the_other(first: Ask, second: Ask) -> tuple[str, str]:
    async with current_runtime().database.transaction():
        one = asyncio.create_task(_ending(first))
        await eventually(lambda: one.done() or _queued() == 1)
        assert not one.done(), f"the first never came to its transaction: {one.result()}"
        two = asyncio.create_task(_ending(second))
        await eventually(lambda: two.done() or _queued() == 2)
    return await one, await two


def pause_at(monkeypatch: pytest.MonkeyPatch, settings: Settings, step: str, second: Ask) -> list[asyncio.Task[str]]:
    """Let `second` come whenever a command has just taken `step` (a function, by its dotted name) for the first time:
    the command goes on once the other is done or waits for a lock. The other's task, when it has come."""
    module, _, name = step.rpartition(".")
    taken = getattr(importlib.import_module(module), name)
    outside = contextvars.copy_context()
    came: list[asyncio.Task[str]] = []

    async def paused(*args: Any, **options: Any) -> Any:
        found = await taken(*args, **options)
        if not came:
            came.append(asyncio.create_task(_ending(second), context=outside))
            if settings.is_embedded:
                await eventually(lambda: came[0].done() or _queued() == 1)
            else:
                with administrator(settings.database_url) as cursor:
                    await eventually(
                        lambda: came[0].done() or _waiting(cursor, settings, "%", _WAITS_MILLISECONDS) == 1
                    )
        return found

    monkeypatch.setattr(step, paused)
    return came


def _queued() -> int:
    """How many wait for SQLite's one writer."""
    database = current_runtime().database
    assert isinstance(database, SqliteDatabase)
    return len(database._writing._waiters or ())


async def _ending(ask: Ask) -> str:
    try:
        await ask()
    except DomainError as error:
        return error.code
    return "done"


@contextmanager
def _audit_shut(url: str) -> Iterator[Cursor]:
    with administrator(url) as cursor:
        cursor.execute(f"USE `{_name(url)}`")
        cursor.execute("LOCK TABLES audit_event WRITE")
        yield cursor
        cursor.execute("UNLOCK TABLES")


def _waiting(cursor: Cursor, settings: Settings, state: str, least: int) -> int:
    cursor.execute(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = %s AND ID <> CONNECTION_ID()"
        " AND COMMAND <> 'Sleep' AND STATE LIKE %s AND TIME_MS >= %s",
        (_name(settings.database_url), state, least),
    )
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
