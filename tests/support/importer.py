"""The background of imports with a mortal wound: `python -m tests.support.importer POINT` dies there by its own hand.

POINT is `write N` before the Nth write of many rows, `commit N` before the Nth commit after one, `committed N` after
it; `none` lives until nothing waits. Nothing of this is in the product.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from typing import Any

from server import wiring
from server.assets.importing.work import work_on_imports
from server.kernel.unit_of_work import UnitOfWork
from server.opening import opened
from server.settings import Settings


def wound(point: str) -> None:
    """Let this process die at `point`."""
    passed: Counter[str] = Counter()
    written: set[int] = set()
    write, commit = UnitOfWork.execute_many, UnitOfWork.commit

    def come_to(name: str) -> None:
        passed[name] += 1
        if f"{name} {passed[name]}" == point:
            os.kill(os.getpid(), signal.SIGKILL)

    async def write_or_die(uow: UnitOfWork, sql: str, rows: Any) -> None:
        come_to("write")
        written.add(id(uow))
        await write(uow, sql, rows)

    async def commit_or_die(uow: UnitOfWork) -> None:
        has_written = id(uow) in written
        written.discard(id(uow))
        if has_written:
            come_to("commit")
        await commit(uow)
        if has_written:
            come_to("committed")

    UnitOfWork.execute_many = write_or_die  # type: ignore[assignment,method-assign]
    UnitOfWork.commit = commit_or_die  # type: ignore[assignment,method-assign]


async def main() -> None:
    settings = Settings.from_environment()
    wiring.wire(settings)
    async with opened(settings):
        while await work_on_imports():
            pass


if __name__ == "__main__":
    wound(sys.argv[1])
    asyncio.run(main())
