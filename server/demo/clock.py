"""A clock for entering the demo's past at the times when it happened."""

from datetime import datetime, timedelta

from server.kernel.clock import SystemClock
from server.kernel.storage.database import Transaction


class DemoClock(SystemClock):
    """The real time moved by an offset; used only while the demo is entered."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def show(self, offset: timedelta) -> None:
        """Show the real time plus `offset` from now on."""
        self._offset = offset

    async def of_transaction(self, transaction: Transaction) -> datetime:
        return await super().of_transaction(transaction) + self._offset

    def here(self) -> datetime:
        return super().here() + self._offset
