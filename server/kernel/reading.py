"""Read sessions for queries: what is committed, within a deadline, never inside a transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

from server.kernel.errors import Unavailable
from server.kernel.instants import shanghai_day
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader
from server.kernel.storage.faults import is_away


@asynccontextmanager
async def reading() -> AsyncIterator[Reader]:
    """A read session; raises Unavailable `storage.unavailable` when the storage does not answer in time."""
    runtime = current_runtime()
    try:
        async with asyncio.timeout(runtime.read_seconds), runtime.database.reading() as reader:
            yield reader
    except Exception as error:  # only the storage being away is renamed; every other error goes on as it is
        if is_away(error):
            raise Unavailable("storage.unavailable") from error
        raise


def present() -> datetime:
    """The present instant for reads (this process's clock)."""
    return current_runtime().clock.here()


def present_day() -> date:
    """The present Asia/Shanghai day for reads."""
    return shanghai_day(present())
