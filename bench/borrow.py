"""The borrow command against the very SQL that it sends, sent by hand on the same driver."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from bench.load import say
from bench.recording import Statement, recorded, replay
from bench.stage import Stage, card_id, grow, stage, storages
from server import wiring
from server.circulation.commands import submit_borrowing
from server.circulation.types import SubmitBorrowing
from server.kernel.reading import present_day
from server.kernel.runtime import Runtime
from server.opening import opened

_LOANS = 300
_ROUNDS = 3
_WRITTEN = (
    "borrowing",
    "borrowing_line",
    "asset_day",
    "approval_chain",
    "approval_task",
    "audit_event",
    "outbox_event",
    "counter",
    "idempotency_key",
)


def run() -> None:
    """Print, per storage, commands a second to transactions of the same SQL a second."""
    for storage in storages():
        with stage(storage) as made:
            grow(made, 10_000)
            asyncio.run(_measure(made))


async def _measure(made: Stage) -> None:
    wiring.wire(made.settings)
    async with opened(made.settings) as runtime:
        taped = await _tape(runtime, made)
        ours, floor = [], []
        for _ in range(_ROUNDS):
            ours.append(await _rate(runtime, lambda: _borrow_all(made)))
            floor.append(await _rate(runtime, lambda: replay(runtime.database, taped)))
        statements = sum(len(transaction) for transaction in taped) / len(taped)
        words = f"{made.words()}, {statements:.0f} statements a loan"
        say("borrow", max(ours), max(floor), words)


async def _tape(runtime: Runtime, made: Stage) -> list[list[Statement]]:
    with recorded(runtime.database) as taped:
        await _borrow_all(made)
    await _forget(runtime)
    return taped


async def _rate(runtime: Runtime, work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    await _forget(runtime)
    return _LOANS / seconds


async def _borrow_all(made: Stage) -> None:
    first = present_day() + timedelta(days=3)
    for number in range(_LOANS):
        actor = made.cast.actors["chenyu"].with_key(f"bench-{number:06d}")
        request = SubmitBorrowing(card_id(number), first, first + timedelta(days=2), "健康讲座播放课件")
        await submit_borrowing(actor, request)


async def _forget(runtime: Runtime) -> None:
    transaction: AbstractAsyncContextManager[Any] = runtime.database.transaction()
    async with transaction as rows:
        for table in _WRITTEN:
            await rows.execute(f"DELETE FROM {table} WHERE 1 = 1")
        await rows.commit()
