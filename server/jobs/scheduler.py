"""Runs scheduled jobs when they are due, one process at a time, by a lease in the database."""

import asyncio
import logging
from datetime import timedelta

from tortoise.exceptions import IntegrityError

from server.kernel.actor import Actor, system_actor
from server.kernel.command import command
from server.kernel.instants import to_microseconds
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.schedule import Scheduled, scheduled_jobs
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_log = logging.getLogger("server.scheduler")


async def run_due_jobs() -> int:
    """Run every job that is due and free; returns how many ran."""
    runtime = current_runtime()
    async with reading() as reader:
        rows = await reader.fetch_all("SELECT name, due_at, leased_until FROM scheduled_job")
    instant = to_microseconds(runtime.clock.here())
    waiting = {row["name"] for row in rows if row["due_at"] > instant or (row["leased_until"] or 0) > instant}
    ran = 0
    for name, scheduled in scheduled_jobs().items():
        if name not in waiting and await _take(system_actor(name), name, scheduled.lease):
            await _run(name, scheduled)
            ran += 1
    return ran


async def run_job(name: str) -> None:
    """Run one job now, whatever the clock says: for commands and tests."""
    await scheduled_jobs()[name].job()


async def _run(name: str, scheduled: Scheduled) -> None:
    failure: str | None = None
    try:
        # Past its lease another process may run it too, so there it ends.
        async with asyncio.timeout(scheduled.lease.total_seconds()):
            await scheduled.job()
    except asyncio.CancelledError:
        raise
    except Exception as error:  # a job that fails must not stop the others; it runs again at its next time
        _log.exception("job %s failed", name)
        failure = f"{type(error).__name__}: {error}"[:255]
    await _finish(system_actor(name), name, scheduled.every, failure)


@command("schedule.take", is_audited=False)
async def _take(uow: UnitOfWork, actor: Actor, name: str, lease: timedelta) -> bool:
    now = await uow.now()
    instant, until = to_microseconds(now), to_microseconds(now + lease)
    taken = await uow.execute(
        "UPDATE scheduled_job SET leased_until = ?"
        " WHERE name = ? AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)",
        until,
        name,
        instant,
        instant,
    )
    if taken or await uow.fetch_one("SELECT name FROM scheduled_job WHERE name = ?", name):
        return taken == 1
    try:
        await uow.execute(
            "INSERT INTO scheduled_job (name, due_at, leased_until) VALUES (?, ?, ?)", name, instant, until
        )
    except IntegrityError as error:
        if is_duplicate(error):
            return False  # another process met the new job first
        raise
    return True


@command("schedule.finish", is_audited=False)
async def _finish(uow: UnitOfWork, actor: Actor, name: str, interval: timedelta, failure: str | None) -> None:
    due = to_microseconds(await uow.now() + interval)
    await uow.execute(
        "UPDATE scheduled_job SET due_at = ?, leased_until = NULL, last_error = ? WHERE name = ?", due, failure, name
    )
