"""Servers that are killed or stand still under load: honest answers in time, recovery by itself, nothing lost."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.factories.town import Town, make_town, wanted
from tests.faults.conftest import Ground
from tests.support.http import code_of, data_of
from tests.support.loan import Loan
from tests.support.phones import Phone, phones
from tests.support.served import Product, running
from tests.support.verdict import reading_beside, verdicts
from tests.support.waiting import eventually

LOANS = 8
STEPS = 5
COMMAND_SECONDS = 2.0
# Before the command its session is read, within five seconds; the rest is the way in and out on a busy machine.
LONGEST_SECONDS = COMMAND_SECONDS + 5.0 + 3.0


@pytest.fixture
async def town(ground: Ground) -> Town:
    return await make_town(ground.environment, things=LOANS)


@pytest.fixture
async def product(ground: Ground, town: Town) -> AsyncIterator[Product]:
    environment = {**ground.environment, "COMMAND_SECONDS": str(COMMAND_SECONDS)}
    with running(environment) as product:
        yield product
        assert await verdicts(ground.environment) == []


def loans_of(town: Town, people: list[Phone]) -> list[Loan]:
    borrower, approver, lender = people
    return [Loan(thing, borrower, approver, lender) for thing in town.things]


def tokens_of(town: Town) -> list[str]:
    return [town.borrowers[0], town.approvers[0], town.lender]


async def require_kept(ground: Ground, loans: list[Loan]) -> None:
    for loan in loans:
        await loan.require_same_answers()
    async with reading_beside(ground.environment) as reader:
        for loan in loans:
            await loan.require_kept(reader)


async def test_no_acknowledged_write_is_lost_when_the_storage_is_killed_under_load(
    ground: Ground, town: Town, product: Product
):
    async with phones(product, tokens_of(town)) as people:
        loans = loans_of(town, people)
        load = asyncio.gather(*(loan.go(STEPS) for loan in loans))
        for written in (3, 12):
            await eventually(lambda written=written: sum(len(loan.acknowledged) for loan in loans) >= written, 60)
            await asyncio.to_thread(ground.kill_storage, product)
            await asyncio.to_thread(ground.bring_back, product)
        await load
        await require_kept(ground, loans)


async def test_every_request_is_answered_in_time_when_the_storage_stands_still(
    ground: Ground, town: Town, product: Product, is_full_size: bool
):
    seconds = 60.0 if is_full_size else 8.0
    async with phones(product, [*tokens_of(town), *town.borrowers * 6]) as (*people, one, two, three, four, five, six):
        loans = loans_of(town, people)
        await asyncio.gather(*(loan.go(1) for loan in loans[:4]))
        with ground.storage_standing_still():
            until = time.monotonic() + seconds
            waits = await asyncio.gather(
                *(ask_until(phone, town, until) for phone in (one, two, three, four, five, six))
            )
            alive = await people[0].client.get("/healthz")
        assert alive.status_code == 200
        refused = [wait for each in waits for wait in each]
        assert len(refused) >= 6
        assert max(refused) < LONGEST_SECONDS
        # By itself, without a restart: everybody goes on.
        await asyncio.gather(*(loan.go(STEPS) for loan in loans[4:]))
        await require_kept(ground, [loan for loan in loans if loan.acknowledged])
    ready = await eventually(lambda: is_ready(product), 30)
    assert ready["checks"]["database"] == "ok"


async def ask_until(phone: Phone, town: Town, until: float) -> list[float]:
    """Ask for the last thing again and again; the seconds that each refusal took."""
    waits = []
    while time.monotonic() < until:
        asked = time.monotonic()
        answer = await phone.post("/borrowings", wanted(town.things[-1].id, 20, 20))
        assert code_of(answer, 503) in {"storage.unavailable", "storage.busy"}
        waits.append(time.monotonic() - asked)
    return waits


async def is_ready(product: Product) -> dict[str, dict[str, str]] | None:
    async with httpx.AsyncClient(base_url=product.base_url, trust_env=False) as client:
        answer = await client.get("/readyz")
    found: dict[str, dict[str, str]] = answer.json()
    return found if answer.status_code == 200 and found["checks"]["pubsub"] == "ok" else None


async def test_work_goes_on_when_what_processes_remember_together_is_lost(ground: Ground, town: Town, product: Product):
    async with phones(product, tokens_of(town)) as people:
        loans = loans_of(town, people)
        load = asyncio.gather(*(loan.go(STEPS) for loan in loans))
        await eventually(lambda: sum(len(loan.acknowledged) for loan in loans) >= 3, 60)
        await asyncio.to_thread(lose_memory, ground, product)
        # Without Redis (or with an empty memory) a write is acknowledged as ever.
        await load
        listed = data_of(await people[0].look("/listings"))["items"]
        assert {row["asset_id"] for row in listed} == {thing.id for thing in town.things}
        if ground.redis is not None:
            await asyncio.to_thread(ground.redis.start)
        assert await eventually(lambda: is_ready(product), 30)
        await require_kept(ground, loans)


def lose_memory(ground: Ground, product: Product) -> None:
    """Kill Redis; over SQLite the memory is the process's own, and goes with it."""
    if ground.redis is not None:
        ground.redis.kill9()
    else:
        product.kill9()
        product.start()
