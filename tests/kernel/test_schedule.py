"""The schedule: what is due runs, once whoever looks, again after a death or a fault; and the kernel's own jobs."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from server.jobs import jobs as kernel_jobs
from server.jobs import scheduler
from server.jobs.relay import deliver_due
from server.jobs.scheduler import run_due_jobs, run_job
from server.kernel import schedule
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.ids import new_id
from server.kernel.instants import to_microseconds
from server.kernel.runtime import Runtime
from server.kernel.schedule import every, scheduled_jobs
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import ACTOR, PERSON, Step, StoppedClock, count_up, number_of


class Ran:
    """A job that counts its runs; `failures` of them fail."""

    def __init__(self, failures: int = 0) -> None:
        self.runs = 0
        self.failures = failures

    async def __call__(self) -> None:
        self.runs += 1
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("邮件服务器不应答")


@pytest.fixture(autouse=True)
def only_mine() -> Iterator[None]:
    """The schedule holds this test's jobs alone; the product's come back afterwards."""
    kept = dict(schedule._jobs)
    schedule._jobs.clear()
    yield
    schedule._jobs.clear()
    schedule._jobs.update(kept)


@pytest.fixture
def clock(runtime: Runtime) -> StoppedClock:
    runtime.clock = StoppedClock()
    return runtime.clock


async def job_row(runtime: Runtime, name: str = "test.remind") -> dict[str, Any]:
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one("SELECT * FROM scheduled_job WHERE name = ?", name)
    assert row is not None
    return row


async def test_job_runs_when_it_is_due_and_not_before(runtime: Runtime, clock: StoppedClock):
    job = Ran()
    every(timedelta(minutes=5), "test.remind")(job)
    assert [await run_due_jobs(), await run_due_jobs(), job.runs] == [1, 0, 1]
    clock.go_on(minutes=4, seconds=59)
    assert await run_due_jobs() == 0
    clock.go_on(seconds=1)
    assert [await run_due_jobs(), job.runs] == [1, 2]


async def test_job_runs_once_when_schedulers_look_at_once(runtime: Runtime, clock: StoppedClock):
    job = Ran()
    every(timedelta(minutes=5), "test.remind")(job)
    for turn in (1, 2):  # as a job met for the first time, and as a known one
        assert sum(await asyncio.gather(*(run_due_jobs() for _ in range(6)))) == 1
        assert job.runs == turn
        clock.go_on(minutes=5)


async def test_another_runs_it_when_the_lease_of_a_dead_one_ends(runtime: Runtime, clock: StoppedClock):
    job = Ran()
    every(timedelta(minutes=5), "test.remind", lease=timedelta(seconds=30))(job)
    assert await scheduler._take(ACTOR, "test.remind", timedelta(seconds=30))
    clock.go_on(seconds=29)
    assert await run_due_jobs() == 0
    clock.go_on(seconds=1)
    assert await run_due_jobs() == 1
    row = await job_row(runtime)
    assert row["leased_until"] is None
    assert row["due_at"] == to_microseconds(clock.instant + timedelta(minutes=5))


async def test_job_is_ended_and_noted_when_its_lease_is_over(runtime: Runtime, clock: StoppedClock):
    async def endless() -> None:
        await asyncio.Event().wait()

    every(timedelta(minutes=5), "test.remind", lease=timedelta(milliseconds=50))(endless)
    assert await run_due_jobs() == 1
    row = await job_row(runtime)
    assert "TimeoutError" in row["last_error"]
    assert row["leased_until"] is None


async def test_fault_is_noted_and_the_job_runs_again_when_it_fails(runtime: Runtime, clock: StoppedClock):
    job, other = Ran(failures=1), Ran()
    every(timedelta(minutes=5), "test.remind")(job)
    every(timedelta(minutes=5), "test.other")(other)
    assert await run_due_jobs() == 2
    assert other.runs == 1
    assert "邮件服务器不应答" in (await job_row(runtime))["last_error"]
    clock.go_on(minutes=5)
    await run_due_jobs()
    assert job.runs == 2
    assert (await job_row(runtime))["last_error"] is None


async def test_job_runs_at_once_when_it_is_asked_for_by_name(runtime: Runtime):
    job = Ran()
    every(timedelta(days=1), "test.remind")(job)
    await run_job("test.remind")
    await run_job("test.remind")
    assert job.runs == 2


def test_second_job_is_refused_when_its_name_is_taken():
    every(timedelta(days=1), "test.remind")(Ran())
    with pytest.raises(ValueError, match=r"two jobs named test\.remind"):
        every(timedelta(days=1), "test.remind")(Ran())
    assert list(scheduled_jobs()) == ["test.remind"]


async def test_old_rows_go_when_nobody_will_ask_for_them(runtime: Runtime, clock: StoppedClock):
    await count_up(PERSON.with_key("kept-for-three-days"), Step())
    await deliver_due()
    await kernel_jobs.clear_old_rows()
    assert [await number_of(runtime, "idempotency_key"), await number_of(runtime, "outbox_event")] == [1, 1]
    clock.go_on(days=3, seconds=1)
    await kernel_jobs.clear_old_rows()
    assert [await number_of(runtime, "idempotency_key"), await number_of(runtime, "outbox_event")] == [0, 1]
    clock.go_on(days=4, seconds=1)
    await kernel_jobs.clear_old_rows()
    assert await number_of(runtime, "outbox_event") == 0


async def test_event_is_kept_when_it_was_never_delivered(runtime: Runtime, clock: StoppedClock):
    await count_up(ACTOR, Step())
    clock.go_on(days=400)
    await kernel_jobs.clear_old_rows()
    assert await number_of(runtime, "outbox_event") == 1


async def test_every_old_row_goes_when_there_are_more_than_one_slice(runtime: Runtime, clock: StoppedClock):
    old = to_microseconds(clock.instant - timedelta(days=30))
    async with unit_of_work(ACTOR) as uow:
        events = [new_id() for _ in range(1201)]
        await uow.transaction.execute_many(
            "INSERT INTO outbox_event (id, topic, payload, created_at, due_at, attempts, delivered_at)"
            " VALUES (?, 'test', '{}', ?, ?, 1, ?)",
            [(event, old, old, old) for event in events],
        )
        await uow.transaction.execute_many(
            "INSERT INTO outbox_delivery (id, delivered_at) VALUES (?, ?)", [(f"{event}:a", old) for event in events]
        )
    await kernel_jobs.clear_old_rows()
    assert await number_of(runtime, "outbox_delivery") == 0
    assert await number_of(runtime, "outbox_event") == 0


async def test_delivery_is_kept_when_its_event_may_still_be_handed_out(runtime: Runtime, clock: StoppedClock):
    """Gone, it would let a handler that has dealt with the event run a second time."""
    old = to_microseconds(clock.instant - timedelta(days=30))
    event = new_id()
    async with unit_of_work(ACTOR) as uow:
        await uow.execute(
            "INSERT INTO outbox_event (id, topic, payload, created_at, due_at, attempts)"
            " VALUES (?, 'test', '{}', ?, ?, 9)",
            event,
            old,
            old,
        )
        await uow.execute("INSERT INTO outbox_delivery (id, delivered_at) VALUES (?, ?)", f"{event}:done", old)
    await kernel_jobs.clear_old_rows()
    assert await number_of(runtime, "outbox_delivery") == 1


async def test_anchor_tells_count_and_head_when_the_job_ran(runtime: Runtime):
    for _ in range(3):
        await count_up(ACTOR, Step())
    await seal_audit(SEALER, bytes(32).hex())
    await kernel_jobs.anchor_audit()
    async with runtime.database.reading() as reader:
        head = await reader.fetch_one("SELECT count, hash FROM audit_head")
    assert head is not None
    last = json.loads(runtime.anchor_file.read_text().splitlines()[-1])
    assert (last["count"], last["hash"]) == (head["count"], head["hash"]) == (3, head["hash"])
