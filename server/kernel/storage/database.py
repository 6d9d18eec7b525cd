"""What the rest of the product sees of a storage: read sessions and transactions, both with a deadline."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

from tortoise.backends.base.client import BaseDBAsyncClient

Row = dict[str, Any]
Dialect = Literal["sqlite", "mariadb"]


class Reader(Protocol):
    """Raw reads. Write SQL with `?` placeholders; rows are dicts of int, str and None on both storages."""

    dialect: Dialect

    async def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """All rows."""
        ...

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first row, or None."""
        ...


class Transaction(Reader, Protocol):
    """One open transaction: raw SQL, and `client` for the ORM's `using_db`."""

    client: BaseDBAsyncClient

    async def execute(self, sql: str, *values: Any) -> int:
        """Run one write; the number of rows that its condition matched (changed or not), on both storages."""
        ...

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one write for each row."""
        ...

    async def commit(self) -> None:
        """Make it last. After an error here nobody knows whether it did."""
        ...

    async def rollback(self) -> None:
        """Undo it; safe to call on a broken connection."""
        ...


class Database(Protocol):
    """One storage, opened once per process."""

    dialect: Dialect

    async def open(self) -> None:
        """Connect; raises the driver's error when the storage is away."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A read session outside any transaction: sees what is committed."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """One transaction, rolled back unless `commit` was called. On SQLite there is one writer at a time."""
        ...

    async def run_script(self, statements: Sequence[str]) -> None:
        """Schema statements, one after the other, each by itself (MariaDB cannot roll them back)."""
        ...
