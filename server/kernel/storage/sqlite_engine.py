"""SQLite in WAL: one writer that begins IMMEDIATE, and separate readers.

The ORM's own SQLite client sends a deferred BEGIN and drops FOR UPDATE, so that two processes upgrade their locks
into "database is locked" (588 of 800 increments failed; with BEGIN IMMEDIATE 800 of 800 succeeded).
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

import aiosqlite
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import IntegrityError, OperationalError

from server.kernel.storage.database import Dialect, Row

_P = ParamSpec("_P")
_T = TypeVar("_T")

# FULL: an acknowledged write is on the disk, not only in the operating system, when we answer.
_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "cache_size": "-65536",
    "mmap_size": "268435456",
    "temp_store": "MEMORY",
}
_READERS = 4
_OPENING_SECONDS = 5.0
_OPENING_PAUSE_SECONDS = 0.02


class RefusingClient(SqliteClient):
    """The ORM's default connection: knows the dialect and refuses to run anything outside a unit of work."""

    def acquire_connection(self) -> NoReturn:
        raise RuntimeError("no ORM call outside a unit of work: pass using_db=uow.client")

    def _in_transaction(self) -> NoReturn:
        raise RuntimeError("no ORM transaction: open a unit of work")


client_class = RefusingClient


def _translated(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityError(error)
    return OperationalError(error)


class SqliteReader:
    """One read-only connection with a thread of its own."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-reader")
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        await self._run(SqliteReader._connect)

    async def close(self) -> None:
        await self._run(SqliteReader._disconnect)
        self._thread.shutdown()

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        return await self._run(SqliteReader._fetch, sql, values)

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        rows = await self._run(SqliteReader._fetch, sql, values)
        return rows[0] if rows else None

    async def _run(self, work: "Callable[Concatenate[SqliteReader, _P], _T]", *args: _P.args, **_: _P.kwargs) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self, *args)

    def _connect(self) -> None:
        self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.execute("PRAGMA mmap_size=268435456")
        self._connection.execute("PRAGMA cache_size=-32768")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _fetch(self, sql: str, values: Sequence[Any]) -> list[Row]:
        assert self._connection is not None
        try:
            cursor = self._connection.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            raise _translated(error) from error


class SqliteTransaction:
    """The one writer, while it is ours."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: aiosqlite.Connection, template: SqliteClient) -> None:
        self._connection = connection
        wrapper = SqliteTransactionWrapper(template)
        wrapper._connection = connection
        self.client: BaseDBAsyncClient = wrapper
        self.is_open = True

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        try:
            return [dict(row) for row in await self._connection.execute_fetchall(sql, values)]
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        rows = await self.fetch_all(sql, *values)
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: Any) -> int:
        try:
            # One trip to the writer's thread: the library's own cursor takes a second one to be closed.
            execute: Any = self._connection._execute
            count: int = await execute(_write, self._connection._conn, sql, values)
        except sqlite3.Error as error:
            raise _translated(error) from error
        return count

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        try:
            await self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def commit(self) -> None:
        try:
            await self._connection.commit()
        except sqlite3.Error as error:
            raise _translated(error) from error
        self.is_open = False

    async def rollback(self) -> None:
        await self._connection.rollback()
        self.is_open = False


def _write(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> int:
    cursor = connection.execute(sql, values)
    try:
        return cursor.rowcount
    finally:
        cursor.close()


class SqliteDatabase:
    """A database file. `path`: its place; its folder must exist."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: aiosqlite.Connection | None = None
        self._writing = asyncio.Lock()
        self._is_unclear = False
        self._readers: asyncio.Queue[SqliteReader] = asyncio.Queue()
        self._template = SqliteClient(str(path), connection_name="default")

    async def open(self) -> None:
        writer = aiosqlite.connect(self._path, isolation_level=None)
        # A process that was told to end must end, even where its closing was cut short: what was committed is on the
        # disk, and the next start reads the rest of the log.
        writer._thread.daemon = True
        self._writer = await writer
        self._writer._conn.row_factory = sqlite3.Row
        for name, value in _PRAGMAS.items():
            await self._set(f"PRAGMA {name}={value}")
        for _ in range(_READERS):
            reader = SqliteReader(self._path)
            await reader.open()
            self._readers.put_nowait(reader)

    async def _set(self, pragma: str) -> None:
        # Of several that open a new file at once one turns it to WAL; the others are told at once, without any wait,
        # that it is locked.
        assert self._writer is not None
        until = time.monotonic() + _OPENING_SECONDS
        while True:
            try:
                await self._writer.execute_fetchall(pragma)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                await asyncio.sleep(_OPENING_PAUSE_SECONDS)
            else:
                return

    async def close(self) -> None:
        # The writer last: closing it brings the write-ahead log into the file, which a reader cannot do.
        try:
            while not self._readers.empty():
                await self._readers.get_nowait().close()
        finally:
            if self._writer is not None:
                await self._writer.close()
                self._writer = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqliteReader]:
        reader = await self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteTransaction]:
        if self._writer is None:
            raise OperationalError("the database is not open")
        async with self._writing:
            if self._is_unclear:
                # A cancelled begin or commit may still be queued in the writer's thread; this runs after it.
                await self._writer.rollback()
            self._is_unclear = True
            transaction = SqliteTransaction(self._writer, self._template)
            await transaction.execute("BEGIN IMMEDIATE")
            try:
                yield transaction
            finally:
                if transaction.is_open:
                    await asyncio.shield(transaction.rollback())
                self._is_unclear = False

    async def run_script(self, statements: Sequence[str]) -> None:
        async with self.transaction() as transaction:
            for statement in statements:
                await transaction.execute(statement)
            await transaction.commit()
