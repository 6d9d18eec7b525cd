"""Reads: committed rows only, an honest answer when the storage is too slow, other faults as they are."""

import asyncio

import pytest
from tortoise.exceptions import OperationalError

from server.kernel.errors import NotFound, Unavailable
from server.kernel.models import Counter
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import ACTOR, Step, count_up

# Each takes seconds on its storage.
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) SELECT MAX(i) FROM n",
    "mariadb": "SELECT SLEEP(2)",
}


async def read_slowly(runtime: Runtime) -> None:
    async with reading() as reader:
        await reader.fetch_all(SLOW[runtime.database.dialect])


async def wait_inside() -> None:
    async with reading():
        await asyncio.Event().wait()


async def test_storage_is_said_to_be_away_when_a_query_takes_too_long(runtime: Runtime):
    runtime.read_seconds = 0.1
    for _ in range(3):
        with pytest.raises(Unavailable, match=r"storage\.unavailable"):
            await read_slowly(runtime)
    runtime.read_seconds = 10
    assert (await count_up(ACTOR, Step())).number == 1
    async with reading() as reader:
        assert await reader.fetch_one("SELECT value FROM counter") == {"value": 1}


async def test_reads_go_on_when_more_were_given_up_than_there_are_connections(runtime: Runtime):
    runtime.read_seconds = 0.1
    answers = await asyncio.gather(*(wait_inside() for _ in range(30)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    runtime.read_seconds = 10
    async with reading() as reader:
        assert await reader.fetch_one("SELECT 1 AS one") == {"one": 1}


async def test_fault_stays_itself_when_the_storage_is_there(runtime: Runtime):
    async with reading() as reader:
        with pytest.raises(OperationalError, match="no_such_table"):
            await reader.fetch_all("SELECT * FROM no_such_table")
    with pytest.raises(NotFound, match=r"record\.not_found"):
        await refuse()


async def refuse() -> None:
    async with reading():
        raise NotFound("record.not_found")


async def test_nothing_is_seen_when_it_is_not_committed(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.add(Counter(series="open", value=1))
        async with reading() as reader:
            assert await reader.fetch_one("SELECT value FROM counter") is None
    async with reading() as reader:
        assert await reader.fetch_one("SELECT value FROM counter") == {"value": 1}


async def test_percent_and_question_mark_are_data_when_they_are_bound(runtime: Runtime):
    async with reading() as reader:
        row = await reader.fetch_one("SELECT ? AS typed, 'a%b' AS kept, ? AS empty_one", "100% %s ?", None)
    assert row == {"typed": "100% %s ?", "kept": "a%b", "empty_one": None}
