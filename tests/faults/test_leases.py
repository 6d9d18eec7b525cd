"""A process that dies with work in hand: another one finishes it when the lease has run out, and only once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from server.opening import opened
from server.settings import Settings
from tests.factories.circulation import make_borrowing, make_hall
from tests.faults.conftest import Ground
from tests.support.process import ServerFailed
from tests.support.served import MORTAL, Product, Program, Worker
from tests.support.verdict import rows, settle
from tests.support.waiting import eventually


def background(ground: Ground, module: str) -> Program:
    """Whoever runs the jobs: the worker, or over SQLite the one process."""
    kind = Worker if ground.mariadb is not None else Product
    return kind(ground.environment, module=module)


@contextmanager
def dead_at(ground: Ground, point: str) -> Iterator[Program]:
    """A process that died at `point`; its folder goes at the end."""
    dying = background(ground, MORTAL)
    dying.die_at(point)
    with suppress(ServerFailed):  # it may die before it ever answers
        dying.start()
    try:
        yield dying
    finally:
        dying.__exit__(None, None, None)


async def waiting_events(ground: Ground) -> list[dict[str, int | None]]:
    return await rows(
        ground.environment, "SELECT id, due_at, created_at FROM outbox_event WHERE delivered_at IS NULL ORDER BY due_at"
    )


@pytest.mark.parametrize("commits", [1, 2])
async def test_event_is_delivered_once_when_the_relay_died_with_it(ground: Ground, commits: int):
    # After one commit the event is taken in hand, after two its first handler has done its work.
    async with opened(Settings.from_environment(ground.environment)):
        hall = await make_hall()
        await make_borrowing(hall)
    with dead_at(ground, f"relay {commits}") as dying:
        await eventually(lambda: dying.has_died() and not dying.is_running(), 60)
        left = await waiting_events(ground)
        # One event is out of everybody's reach for a while.
        assert max(event["due_at"] - event["created_at"] for event in left) > 50_000_000
    with background(ground, "server"):
        await settle(ground.environment)
        told = await rows(ground.environment, "SELECT person_id, title, link_id FROM notice")
    assert len(told) >= 1
    assert set(Counter(tuple(notice.values()) for notice in told).values()) == {1}
    assert await waiting_events(ground) == []


async def test_job_runs_when_the_process_that_took_it_died(ground: Ground):
    job = "SELECT leased_until, due_at FROM scheduled_job WHERE name = 'circulation.follow_up_loans'"
    with dead_at(ground, "circulation.follow_up_loans 1") as dying:
        await eventually(lambda: dying.has_died() and not dying.is_running(), 60)
    [taken] = await rows(ground.environment, job)
    assert taken["leased_until"] is not None
    with background(ground, "server"):
        await settle(ground.environment)

        async def is_done() -> bool:
            [found] = await rows(ground.environment, job)
            return found["leased_until"] is None and found["due_at"] > taken["due_at"]

        assert await eventually(is_done, 60)
