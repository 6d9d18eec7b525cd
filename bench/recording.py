"""Tapes what transactions send to the driver, and plays it again by hand."""

# ruff: noqa: SLF001 - the floor stands on the engines' own connections

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import aiomysql
import aiosqlite

from server.kernel.storage.database import Database


class Statement(NamedTuple):
    """One statement inside a transaction."""

    sql: str
    values: Any


@contextmanager
def recorded(database: Database) -> Iterator[list[list[Statement]]]:
    """Every transaction that commits while this is open, as its statements."""
    taped: list[list[Statement]] = []
    running: list[Statement] = []
    with ExitStack() as stack:
        for owner, name, find in _CALLS[database.dialect]:
            _watch(stack, owner, name, lambda *call, find=find: running.extend(find(*call)))
        for name in ("commit", "rollback"):
            _watch(stack, _CONNECTIONS[database.dialect], name, lambda *_, name=name: _end(taped, running, name))
        yield taped


def _end(taped: list[list[Statement]], running: list[Statement], name: str) -> None:
    if running and name == "commit":
        taped.append(list(running))
    running.clear()


def _watch(stack: ExitStack, owner: Any, name: str, note: Callable[..., None]) -> None:
    original = getattr(owner, name)

    def call(self: Any, *args: Any) -> Any:
        note(*args)
        return original(self, *args)

    setattr(owner, name, call)
    stack.callback(setattr, owner, name, original)


def _of_library(sql: str, values: Any = None) -> list[Statement]:
    return [Statement(sql, values)]


def _of_engine(work: Any, *args: Any) -> list[Statement]:
    # The engine's own trip to the writer's thread: (connection, sql, values); the library's calls are noted above.
    is_write = getattr(work, "__name__", "") == "_write" and "BEGIN" not in args[1]
    return [Statement(args[1], args[2])] if is_write else []


_CONNECTIONS: dict[str, Any] = {"sqlite": aiosqlite.Connection, "mariadb": aiomysql.Connection}
_CALLS: dict[str, list[tuple[Any, str, Callable[..., list[Statement]]]]] = {
    "sqlite": [
        (aiosqlite.Connection, "execute_fetchall", _of_library),
        (aiosqlite.Connection, "execute_insert", _of_library),
        (aiosqlite.Connection, "_execute", _of_engine),
    ],
    "mariadb": [(aiomysql.Cursor, "execute", _of_library)],
}


async def replay(database: Database, taped: list[list[Statement]]) -> None:
    """Run each taped transaction by hand: begin, its statements with their values, commit."""
    if database.dialect == "sqlite":
        await _replay_sqlite(database, taped)
    else:
        await _replay_mariadb(database, taped)


async def _replay_sqlite(database: Any, taped: list[list[Statement]]) -> None:
    connection = database._writer
    for transaction in taped:
        await connection.execute_fetchall("BEGIN IMMEDIATE")
        for sql, values in transaction:
            await connection.execute_fetchall(sql, values)
        await connection.commit()


async def _replay_mariadb(database: Any, taped: list[list[Statement]]) -> None:
    connection = await database._pool.acquire()
    for transaction in taped:
        await connection.begin()
        async with connection.cursor() as cursor:
            for sql, values in transaction:
                await cursor.execute(sql, values)
                await cursor.fetchall()
        await connection.commit()
    await database._pool.release(connection)
