"""What time it is: the database's, so that all processes agree; injectable, so that tests and demos can move it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from server.kernel.instants import shanghai_day
from server.kernel.storage.database import Transaction

if TYPE_CHECKING:
    from server.kernel.unit_of_work import UnitOfWork


class Clock(Protocol):
    """Source of the present instant."""

    async def of_transaction(self, transaction: Transaction) -> datetime:
        """The instant of a transaction, by the database's clock."""
        ...

    def here(self) -> datetime:
        """The instant by this process's clock: for reads and for waiting, never for deciding who was first."""
        ...


class SystemClock:
    """The real time. SQLite lives in this process, so there the process's clock is the database's."""

    async def of_transaction(self, transaction: Transaction) -> datetime:
        if transaction.dialect == "sqlite":
            return datetime.now(UTC)
        row = await transaction.fetch_one("SELECT UTC_TIMESTAMP(6) AS instant")
        assert row is not None
        instant: datetime = row["instant"]
        return instant.replace(tzinfo=UTC)

    def here(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock(SystemClock):
    """The real time moved by `offset`, kept in a file so that several processes of one test or demo share it."""

    def __init__(self, offset_file: Path) -> None:
        self._offset_file = offset_file

    def move_to(self, offset: timedelta) -> None:
        """Show the real time plus `offset` from now on."""
        self._offset_file.write_text(str(int(offset.total_seconds())))

    def _offset(self) -> timedelta:
        try:
            return timedelta(seconds=int(self._offset_file.read_text() or 0))
        except FileNotFoundError:
            return timedelta()

    async def of_transaction(self, transaction: Transaction) -> datetime:
        return await super().of_transaction(transaction) + self._offset()

    def here(self) -> datetime:
        return super().here() + self._offset()


async def now(uow: "UnitOfWork") -> datetime:
    """The instant of this unit of work; the same however often it is asked."""
    return await uow.now()


async def today(uow: "UnitOfWork") -> date:
    """The Asia/Shanghai day of this unit of work."""
    return shanghai_day(await uow.now())
