"""MariaDB through aiomysql: READ COMMITTED, UTC sessions, matched row counts, deadlines on connecting.

The pool is ours, so that a transaction's connection is given back only clean: one that was cancelled in the middle of
a query, or whose rollback failed, is closed (the ORM's context managers leaked it).
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import aiomysql
from pymysql import err
from pymysql.constants import CLIENT
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.mysql.client import MySQLClient, TransactionWrapper
from tortoise.exceptions import IntegrityError, OperationalError

from server.kernel.storage.database import Dialect, Row

# Read committed: the default isolation loses updates (511 of 800 acknowledged increments by read-modify-write).
# Strict mode: a value that does not fit is refused, never cut.
# No notes: a migration that runs again would say of every table that it is there already, as it may be.
_SESSION = (
    "SET SESSION time_zone='+00:00', tx_isolation='READ-COMMITTED', innodb_lock_wait_timeout=5, sql_notes=0, "
    "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', "
    "collation_connection='utf8mb4_nopad_bin'"
)
_CONNECT_SECONDS = 3
_RECYCLE_SECONDS = 1800
_CLOSE_SECONDS = 5
_OPEN_SECONDS = 10


class RefusingClient(MySQLClient):
    """The ORM's default connection: knows the dialect and refuses to run anything outside a unit of work."""

    def acquire_connection(self) -> NoReturn:
        raise RuntimeError("no ORM call outside a unit of work: pass using_db=uow.client")

    def _in_transaction(self) -> NoReturn:
        raise RuntimeError("no ORM transaction: open a unit of work")


client_class = RefusingClient


@functools.lru_cache(maxsize=1024)
def _with_percent_s(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _translated(error: err.Error) -> Exception:
    if isinstance(error, err.IntegrityError):
        return IntegrityError(error)
    return OperationalError(error)


class MariaReader:
    """One pooled connection, outside or inside a transaction."""

    dialect: Dialect = "mariadb"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        try:
            async with self._connection.cursor() as cursor:
                await cursor.execute(_with_percent_s(sql), values)
                names = [column[0] for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
        except err.Error as error:
            raise _translated(error) from error

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        rows = await self.fetch_all(sql, *values)
        return rows[0] if rows else None

    async def stream(self, sql: str, size: int) -> AsyncIterator[list[Sequence[Any]]]:
        """The columns' names as a first batch of one, then the rows in batches, never all of them at once."""
        try:
            async with self._connection.cursor(aiomysql.SSCursor) as cursor:
                await cursor.execute(sql)
                yield [[column[0] for column in cursor.description]]
                while rows := await cursor.fetchmany(size):
                    yield rows
        except err.Error as error:
            raise _translated(error) from error


class MariaTransaction(MariaReader):
    """A connection on which a transaction is open."""

    def __init__(self, connection: Any, template: MySQLClient) -> None:
        super().__init__(connection)
        wrapper = TransactionWrapper(template)
        wrapper._connection = connection
        self.client: BaseDBAsyncClient = wrapper
        self.is_open = True

    async def execute(self, sql: str, *values: Any) -> int:
        try:
            async with self._connection.cursor() as cursor:
                return int(await cursor.execute(_with_percent_s(sql), values))
        except err.Error as error:
            raise _translated(error) from error

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        # The driver joins rows into one statement only where it reads "VALUES (%s" with the blank.
        try:
            async with self._connection.cursor() as cursor:
                await cursor.executemany(_with_percent_s(sql), rows)
        except err.Error as error:
            raise _translated(error) from error

    async def commit(self) -> None:
        try:
            await self._connection.commit()
        except err.Error as error:
            raise _translated(error) from error
        self.is_open = False

    async def rollback(self) -> None:
        if not self.is_open:
            return
        self.is_open = False
        try:
            await self._connection.rollback()
        except err.Error:
            # A broken connection: the server rolls back what it leaves behind, and the caller hears what broke it.
            self._connection.close()


class MariaDatabase:
    """A MariaDB server. `url`: `mysql://user:password@host:port/name`; `pool_size`: connections per process."""

    dialect: Dialect = "mariadb"

    def __init__(self, url: str, pool_size: int = 10) -> None:
        parts = urlsplit(url)
        self._address = {
            "host": parts.hostname or "127.0.0.1",
            "port": parts.port or 3306,
            "user": unquote(parts.username or "root"),
            "password": unquote(parts.password or ""),
        }
        self._name = parts.path.lstrip("/")
        self._pool_size = pool_size
        self._pool: Any = None
        self._waking: set[asyncio.Future[None]] = set()
        self._template = MySQLClient(
            user="", password="", database=self._name, host="", port=0, connection_name="default"
        )

    async def open(self) -> None:
        try:
            # The driver waits for a server's greeting without end, and a frozen server never greets.
            async with asyncio.timeout(_OPEN_SECONDS):
                self._pool = await aiomysql.create_pool(
                    **self._address,
                    db=self._name,
                    charset="utf8mb4",
                    autocommit=True,
                    minsize=1,
                    maxsize=self._pool_size,
                    connect_timeout=_CONNECT_SECONDS,
                    pool_recycle=_RECYCLE_SECONDS,
                    init_command=_SESSION,
                    # Matched rows, as SQLite counts them: an update to the same value is not "nothing found".
                    client_flag=CLIENT.FOUND_ROWS,
                )
        except err.Error as error:
            raise _translated(error) from error

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            try:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._pool.wait_closed()
            except TimeoutError:
                # Somebody still holds a connection to a server that does not answer: cut it.
                self._pool.terminate()
                await self._pool.wait_closed()
            self._pool = None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._pool is None:
            raise OperationalError("the database is not open")
        try:
            connection = await self._pool.acquire()
        except err.Error as error:
            raise _translated(error) from error
        is_clean = False
        try:
            yield connection
            is_clean = True
        except Exception:
            # An error that was heard to its end leaves the connection usable; a cancellation does not come here.
            is_clean = not connection.closed and not connection.get_transaction_status()
            raise
        finally:
            if not is_clean:
                connection.close()
            self._give_back(connection)

    def _give_back(self, connection: Any) -> None:
        waking = self._pool.release(connection)
        if connection.closed:
            # The pool itself wakes nobody for a closed connection; a waiter may open a new one in its place.
            waking = asyncio.create_task(self._pool._wakeup())
        # Kept and not awaited: whoever connects holds the pool's lock, and to a server that stands still that takes
        # until their deadline; ours has passed perhaps already.
        self._waking.add(waking)
        waking.add_done_callback(self._waking.discard)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[MariaReader]:
        async with self._connection() as connection:
            yield MariaReader(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[MariaReader]:
        """A read session that sees the whole database as it was when it began, for as long as it lasts: for backups."""
        async with self._connection() as connection:
            reader = MariaReader(connection)
            await reader.fetch_all("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await reader.fetch_all("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            try:
                yield reader
            finally:
                await connection.rollback()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MariaTransaction]:
        async with self._connection() as connection:
            try:
                await connection.begin()
            except err.Error as error:
                raise _translated(error) from error
            transaction = MariaTransaction(connection, self._template)
            try:
                yield transaction
            except Exception:
                # Whatever went wrong, nothing of it stays; then the caller hears what it was. On 1205 only the
                # statement was rolled back by the server, so a commit now would keep half.
                await transaction.rollback()
                raise
            await transaction.rollback()

    async def run_script(self, statements: Sequence[str]) -> None:
        async with self._connection() as connection, connection.cursor() as cursor:
            for statement in statements:
                await cursor.execute(statement)
