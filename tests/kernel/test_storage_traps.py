"""Each trap of the ORM and the drivers that the product walks around, held by a test."""

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pymysql.err import InterfaceError
from pymysql.err import OperationalError as DriverError
from tortoise.exceptions import IntegrityError, OperationalError, ValidationError

from server.kernel.ids import new_id
from server.kernel.instants import to_microseconds
from server.kernel.models import Counter, OutboxEvent, ScheduledJob
from server.kernel.runtime import Runtime
from server.kernel.storage.faults import is_away, is_duplicate, is_try_again
from server.kernel.storage.sqlite_engine import SqliteDatabase
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import ACTOR, Step, count_up, counted
from tests.support.product import environment_for

INCREMENT = """
import asyncio, sys
from server.kernel.command import command
from server.kernel.actor import system_actor
from server.opening import opened
from server.settings import Settings

@command("test.increment", is_audited=False)
async def increment(uow, actor) -> int:
    return await uow.next_number("processes")

async def main():
    async with opened(Settings.from_environment()):
        for _ in range(int(sys.argv[1])):
            await increment(system_actor("increment"))

asyncio.run(main())
"""


async def test_no_increment_is_lost_when_four_processes_write(
    runtime: Runtime, product_environment: dict[str, str], is_full_size: bool
):
    """The ORM's deferred BEGIN lost 212 of 800 to "database is locked"; MariaDB's default isolation lost 511."""
    each = 200 if is_full_size else 40
    root = Path(__file__).parents[2]
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", INCREMENT, str(each), cwd=root, env=product_environment
        )
        for _ in range(4)
    ]
    assert [await process.wait() for process in running] == [0, 0, 0, 0]
    assert await counted(runtime, "processes") == 4 * each


async def test_instant_is_found_when_it_is_asked_for_in_another_zone(runtime: Runtime):
    due = datetime(2026, 3, 5, 6, 7, 8, 123456, tzinfo=UTC)
    shanghai = due.astimezone(timezone(timedelta(hours=8)))
    async with unit_of_work(ACTOR) as uow:
        await uow.add(ScheduledJob(name="a", due_at=shanghai))
        assert (await ScheduledJob.get(due_at=shanghai, using_db=uow.client)).due_at == due
        assert await uow.change(ScheduledJob, {"due_at": shanghai}, due_at=shanghai + timedelta(microseconds=1)) == 1
        row = await uow.fetch_one("SELECT due_at FROM scheduled_job")
    assert row == {"due_at": to_microseconds(due) + 1}


async def test_one_row_is_counted_when_an_update_changes_nothing(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.add(Counter(series="same", value=7))
        assert await uow.change(Counter, {"series": "same"}, value=7) == 1
        assert await uow.execute("UPDATE counter SET value = 7 WHERE series = ?", "same") == 1
        assert await uow.change(Counter, {"series": "same", "value": 8}, value=9) == 0


async def test_letters_differ_when_only_their_case_does(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        for series in ("abc", "ABC", "abc "):
            await uow.add(Counter(series=series, value=1))
        assert [row.series for row in await uow.find_all(Counter, series="abc")] == ["abc"]


async def test_sum_is_exact_when_amounts_are_fen(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        for turn in range(10):
            await uow.add(Counter(series=f"fen{turn}", value=900_000_000_000_000_03 // 10))
        row = await uow.fetch_one("SELECT SUM(value) AS total FROM counter")
    assert int(row["total"]) == 90_000_000_000_000_000


async def test_taken_key_is_recognised_when_a_row_is_there_twice(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.add(Counter(series="twice", value=1))
        with pytest.raises(IntegrityError) as caught:
            await uow.add(Counter(series="twice", value=1))
        assert is_duplicate(caught.value)
        with pytest.raises(IntegrityError) as caught:
            await uow.execute("INSERT INTO counter (series, value) VALUES (?, ?)", "twice", 1)
        assert is_duplicate(caught.value)
        with pytest.raises(IntegrityError) as caught:
            await uow.execute("INSERT INTO counter (series, value) VALUES (?, ?)", "none", None)
        assert not is_duplicate(caught.value)


async def test_orm_is_refused_when_it_is_used_outside_a_unit_of_work(runtime: Runtime):
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        await Counter.create(series="outside", value=1)
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        await Counter.all()


async def test_too_long_text_is_never_cut_when_it_does_not_fit(runtime: Runtime, storage: str):
    async with unit_of_work(ACTOR) as uow:
        with pytest.raises(ValidationError, match="Length of"):
            await uow.add(Counter(series="长" * 97, value=1))
        if storage == "mariadb":
            with pytest.raises(OperationalError, match="Data too long"):
                await uow.execute("INSERT INTO counter (series, value) VALUES (?, 1)", "长" * 97)


async def test_rows_are_joined_into_one_statement_when_many_are_inserted(runtime: Runtime, storage: str):
    now = to_microseconds(datetime.now(UTC))
    rows = [(new_id(), "t", "{}", now, now, 0) for _ in range(500)]
    sql = "INSERT INTO outbox_event (id, topic, payload, created_at, due_at, attempts) VALUES (?, ?, ?, ?, ?, ?)"
    async with unit_of_work(ACTOR) as uow:
        before = await _statements(uow, storage)
        await uow.transaction.execute_many(sql, rows)
        assert await _statements(uow, storage) - before < 5
        assert await OutboxEvent.all().using_db(uow.client).count() == 500


async def _statements(uow, storage: str) -> int:
    if storage == "sqlite":
        return 0
    row = await uow.fetch_one("SHOW SESSION STATUS LIKE 'Com_insert'")
    return int(row["Value"])


async def test_database_speaks_utc_when_the_server_does_not(runtime: Runtime, storage: str):
    async with unit_of_work(ACTOR) as uow:
        assert abs((await uow.now()) - datetime.now(UTC)) < timedelta(seconds=5)
        if storage == "mariadb":
            row = await uow.fetch_one("SELECT @@session.time_zone AS zone, @@session.tx_isolation AS isolation")
            assert row == {"zone": "+00:00", "isolation": "READ-COMMITTED"}


async def test_writer_begins_immediately_when_another_process_holds_a_read(runtime: Runtime, settings, storage: str):
    if storage == "mariadb":
        assert (await count_up(ACTOR, Step())).number == 1
        return
    reader = sqlite3.connect(settings.data_dir / "gwc.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM counter").fetchall()
    assert (await count_up(ACTOR, Step())).number == 1
    reader.close()


def test_nothing_loads_sanic_ext_when_the_app_is_imported(tmp_path: Path):
    """It needs pydantic, hides that it is missing, and its pages load from elsewhere."""
    script = "import sys, server.cli; print('sanic_ext' in sys.modules, 'asyncmy' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env=environment_for(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("told", [InterfaceError("(0, 'Not connected')"), InterfaceError(0, ""), DriverError(2013, "")])
def test_a_broken_connection_is_the_storage_being_away_when_the_driver_calls_it_an_interface_error(told: Exception):
    """The driver says so of a connection that ended between two statements; people must hear 503, not 500."""
    assert is_away(OperationalError(told))
    assert not is_try_again(OperationalError(told))


async def test_all_open_a_new_file_when_several_come_at_once(tmp_path: Path):
    # One of them turns it to WAL; SQLite tells the others at once that it is locked, whatever their timeout.
    for turn in range(20):
        several = [SqliteDatabase(tmp_path / f"{turn}.sqlite3") for _ in range(4)]
        await asyncio.gather(*(each.open() for each in several))
        for each in several:
            async with each.reading() as reader:
                assert await reader.fetch_one("PRAGMA journal_mode") == {"journal_mode": "wal"}
            await each.close()
