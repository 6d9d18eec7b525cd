"""Clocks: the database's time for writing, this process's for reading, both moved together where a test says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.kernel.clock import ShiftedClock, SystemClock, now, today
from server.kernel.instants import SHANGHAI, shanghai_day
from server.kernel.reading import present, present_day
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import ACTOR, StoppedClock

A_MINUTE = timedelta(minutes=1)


async def test_time_is_the_real_one_when_nothing_was_moved(runtime: Runtime):
    runtime.clock = SystemClock()
    async with unit_of_work(ACTOR) as uow:
        instant = await now(uow)
    assert instant.tzinfo is not None
    assert abs(instant - datetime.now(UTC)) < A_MINUTE
    assert abs(present() - datetime.now(UTC)) < A_MINUTE


async def test_both_times_are_moved_when_another_clock_on_the_file_was(runtime: Runtime, tmp_path: Path):
    runtime.clock = ShiftedClock(tmp_path / "offset")
    assert abs(present() - datetime.now(UTC)) < A_MINUTE
    ShiftedClock(tmp_path / "offset").move_to(timedelta(days=30))
    async with unit_of_work(ACTOR) as uow:
        assert abs(await now(uow) - datetime.now(UTC) - timedelta(days=30)) < A_MINUTE
    assert abs(present() - datetime.now(UTC) - timedelta(days=30)) < A_MINUTE
    runtime.clock.move_to(timedelta(days=-1))
    assert abs(present() - datetime.now(UTC) + timedelta(days=1)) < A_MINUTE


async def test_time_is_not_guessed_when_the_file_is_broken(runtime: Runtime, tmp_path: Path):
    (tmp_path / "offset").write_text("明天")
    with pytest.raises(ValueError, match="invalid literal"):
        ShiftedClock(tmp_path / "offset").here()


async def test_day_is_that_of_shanghai_when_it_is_asked_for(runtime: Runtime):
    clock = runtime.clock = StoppedClock()
    clock.instant = datetime(2026, 3, 5, 0, 0, tzinfo=SHANGHAI).astimezone(UTC)
    async with unit_of_work(ACTOR) as uow:
        assert await today(uow) == present_day() == shanghai_day(clock.instant)
    clock.go_on(microseconds=-1)
    async with unit_of_work(ACTOR) as uow:
        assert (await today(uow)).isoformat() == present_day().isoformat() == "2026-03-04"
