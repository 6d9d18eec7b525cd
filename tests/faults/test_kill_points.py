"""kill -9 of a web process at seeded points: what was acknowledged is there once, what was not is there or is not."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.factories.town import make_town
from tests.support.loan import LENGTH, Loan
from tests.support.phones import phones
from tests.support.process import ServerFailed, started_at
from tests.support.served import MORTAL, Product, running
from tests.support.verdict import faults, reading_beside, settle
from tests.support.waiting import eventually

SEED = 20260701
LOANS_AT_ONCE = 2
# Longer than any run: a supervised product never ends while it is watched.
WATCH_SECONDS = 24 * 60 * 60
# Every command writes at least this often, so a loan comes to each of these steps.
FEWEST_STEPS = 6


def seeded_points(size: int) -> list[str]:
    """Half by what the process is doing (see tests.support.mortal), half by the clock, in milliseconds."""
    chance = random.Random(SEED)
    known = ["committed", "commit", *(f"step {number}" for number in range(1, FEWEST_STEPS + 1))]
    points = [known[number // 2 % len(known)] if number % 2 == 0 else f"after {chance.uniform(0, 250):.1f}"
              for number in range(size)]  # fmt: skip
    chance.shuffle(points)
    return points


@asynccontextmanager
async def restarted(product: Product) -> AsyncIterator[None]:
    """Start a product that serves in one process again whenever it has died; a supervised one does so by itself."""

    async def watch() -> None:
        while True:
            await eventually(lambda: not product.is_running(), WATCH_SECONDS)
            product.kill9()
            with suppress(ServerFailed):  # struck again while it starts: it is started again
                await asyncio.to_thread(product.start)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def is_whole(product: Product) -> bool:
    """Whether every web process has lived long enough for its supervisor to replace it at once."""
    ages = [age_of(pid) for pid in product.children()] if product.is_running() else []
    return bool(ages) and ("DATABASE_URL" not in product.environment or (len(ages) == 2 and min(ages) > 2.5))


def age_of(pid: int) -> float:
    """The seconds since a process began; 0 where it has gone."""
    began = started_at(pid)
    if not began:
        return 0.0
    return float(Path("/proc/uptime").read_text().split()[0]) - int(began) / os.sysconf("SC_CLK_TCK")


async def strike(product: Product, point: str, random_child: random.Random) -> None:
    """Let a process die at `point`."""
    if not point.startswith("after"):
        product.die_at(point)
        await eventually(product.has_died, 60)
        return
    end = asyncio.get_running_loop().time() + float(point.removeprefix("after")) / 1000
    await eventually(lambda: asyncio.get_running_loop().time() >= end)
    os.kill(random_child.choice(product.children()), signal.SIGKILL)


@pytest.fixture
def points(is_full_size: bool) -> list[str]:
    return seeded_points(200 if is_full_size else 10)


async def test_every_acknowledged_write_is_there_once_when_processes_are_killed(
    product_environment: dict[str, str], points: list[str], tmp_path: Path
):
    chance = random.Random(SEED)
    environment = {**product_environment, "CLOCK_OFFSET_FILE": str(tmp_path / "offset")}
    town = await make_town(environment, things=LOANS_AT_ONCE * len(points))
    tokens = [town.borrowers[0], town.approvers[0], town.lender]
    loans: list[Loan] = []
    with running(environment, module=MORTAL) as product:
        async with restarted(product), phones(product, tokens) as people:
            for number, point in enumerate(points):
                await eventually(lambda: is_whole(product), 150)
                things = town.things[number * LOANS_AT_ONCE : (number + 1) * LOANS_AT_ONCE]
                started = [Loan(thing, *people) for thing in things]
                struck = asyncio.create_task(strike(product, point, chance))
                await asyncio.gather(*(loan.go(chance.randint(1, LENGTH)) for loan in started))
                await struck
                loans += started
            for loan in loans[:: max(1, len(loans) // 8)]:
                await loan.require_same_answers()
        await settle(environment)
        async with reading_beside(environment) as reader:
            for loan in loans:
                await loan.require_kept(reader)
    for what in ("audit", "ledger"):
        assert await faults(environment, what) == []
