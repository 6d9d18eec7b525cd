"""The background loops of one process: relay, sealer, schedule, and one for each long piece of work.

Each survives the storage being away.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable

from server.jobs.relay import deliver_due
from server.jobs.scheduler import run_due_jobs
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.background import Step, background_steps
from server.kernel.errors import DomainError
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_away

_log = logging.getLogger("server.jobs")
_SEAL_SECONDS = 0.5
_RELAY_SECONDS = 0.5
_SCHEDULE_SECONDS = 1.0
_WORK_SECONDS = 0.5
_AWAY_SECONDS = 2.0
_AGAIN_SECONDS = 0.5


class BackgroundLoops:
    """Starts and ends the loops. `audit_key`: the chain's key."""

    def __init__(self, audit_key: bytes) -> None:
        self._audit_key = audit_key.hex()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin all loops in this process's event loop."""
        current_runtime().wake_relay.append(self._woken.set)
        self._tasks = [
            asyncio.create_task(self._forever(self._relay), name="relay"),
            asyncio.create_task(self._forever(self._seal), name="sealer"),
            asyncio.create_task(self._forever(self._schedule), name="schedule"),
            *(
                asyncio.create_task(self._forever(functools.partial(_work, step)), name=name)
                for name, step in background_steps().items()
            ),
        ]

    async def stop(self) -> None:
        """End all loops; what they were at is finished or rolled back by its unit of work."""
        # Python 3.11's wait_for, in which the driver connects, swallows a cancellation that meets its end: so again.
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the loop itself must never end; what failed is tried again
                if not isinstance(error, DomainError) and not is_away(error):
                    _log.exception("background step failed")
                await asyncio.sleep(_AWAY_SECONDS)

    async def _relay(self) -> None:
        if await deliver_due() == 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RELAY_SECONDS):
                    await self._woken.wait()
            self._woken.clear()

    async def _seal(self) -> None:
        if not await _has_unsealed() or await seal_audit(SEALER, self._audit_key) == 0:
            await asyncio.sleep(_SEAL_SECONDS)

    async def _schedule(self) -> None:
        await run_due_jobs()
        await asyncio.sleep(_SCHEDULE_SECONDS)


async def _work(step: Step) -> None:
    if not await step():
        await asyncio.sleep(_WORK_SECONDS)


async def _has_unsealed() -> bool:
    async with reading() as reader:
        return await reader.fetch_one("SELECT id FROM audit_event WHERE sequence IS NULL LIMIT 1") is not None
