"""The outbox: whatever was committed is handed out, each handler's effect happens once, and one fault stops nobody."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from server.jobs import relay
from server.jobs.loop import BackgroundLoops
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import to_microseconds
from server.kernel.outbox import handlers_of, on_event
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import UnitOfWork
from server.opening import opened
from server.settings import Settings
from tests.kernel.things import ACTOR, Step, StoppedClock, count_and_fail, count_up, counted, number_of
from tests.support.waiting import eventually

# How often each handler fails before it goes through; how often each was called.
LEFT_TO_FAIL: dict[str, int] = defaultdict(int)
CALLS: dict[str, int] = defaultdict(int)


@command("test.tell")
async def tell(uow: UnitOfWork, actor: Actor, topic: str, text: str = "投影仪", seconds: int = 0) -> None:
    await uow.record("test.tell", "topic", topic)
    due = await uow.now() + timedelta(seconds=seconds)
    await uow.emit(topic, {"text": text}, due_at=due if seconds else None)


def hear(topic: str, name: str) -> None:
    """A handler that counts itself in the database, and fails as often as it is told to."""

    @on_event(topic, name)
    async def handle(uow: UnitOfWork, payload: dict[str, Any]) -> None:
        CALLS[name] += 1
        await uow.next_number(f"{name}:{payload['text']}")
        if LEFT_TO_FAIL[name]:
            LEFT_TO_FAIL[name] -= 1
            raise RuntimeError("打印机没有纸了")


hear("test.one", "first")
hear("test.two", "left")
hear("test.two", "right")


@pytest.fixture(autouse=True)
def fresh() -> None:
    LEFT_TO_FAIL.clear()
    CALLS.clear()


@pytest.fixture
def clock(runtime: Runtime) -> StoppedClock:
    runtime.clock = StoppedClock()
    return runtime.clock


async def event_of(runtime: Runtime) -> dict[str, Any]:
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one("SELECT * FROM outbox_event")
    assert row is not None
    return row


async def deliver_all() -> None:
    while await deliver_due():
        pass


async def test_handler_is_given_the_payload_when_the_event_was_committed(runtime: Runtime, clock: StoppedClock):
    await tell(ACTOR, "test.one", text="会议桌")
    assert await deliver_due() == 1
    assert await counted(runtime, "first:会议桌") == 1
    assert (await event_of(runtime))["delivered_at"] == to_microseconds(clock.instant)
    assert await deliver_due() == 0


async def test_nothing_is_handed_out_when_the_command_was_rolled_back(runtime: Runtime):
    with pytest.raises(StateConflict):
        await count_and_fail(ACTOR, Step())
    assert await number_of(runtime, "outbox_event") == 0
    assert await deliver_due() == 0


async def test_event_is_done_with_when_nobody_listens(runtime: Runtime):
    await tell(ACTOR, "test.nobody")
    assert await deliver_due() == 1
    assert (await event_of(runtime))["delivered_at"] is not None


async def test_each_effect_is_one_when_relays_run_at_once(runtime: Runtime):
    for number in range(12):
        await tell(ACTOR, "test.two", text=str(number))
    await asyncio.gather(*(deliver_all() for _ in range(5)))
    heard = [await counted(runtime, f"{name}:{number}") for name in ("left", "right") for number in range(12)]
    assert heard == [1] * 24
    assert await number_of(runtime, "outbox_delivery") == 24


async def test_effect_is_one_when_the_relay_died_before_it_could_note_the_end(runtime: Runtime, clock: StoppedClock):
    await tell(ACTOR, "test.one")
    event = await event_of(runtime)
    assert await relay._take_event(ACTOR, event["id"], event["due_at"])
    (handler,) = handlers_of("test.one").values()
    await relay._run_handler(ACTOR, f"{event['id']}:first", handler, {"text": "投影仪"})
    assert await deliver_due() == 0  # it is leased to the one that died
    clock.go_on(seconds=61)
    assert await deliver_due() == 1
    assert await counted(runtime, "first:投影仪") == 1
    assert CALLS["first"] == 1
    assert (await event_of(runtime))["delivered_at"] is not None


async def test_event_is_handed_out_when_the_relay_died_before_the_handler(runtime: Runtime, clock: StoppedClock):
    await tell(ACTOR, "test.one")
    event = await event_of(runtime)
    assert await relay._take_event(ACTOR, event["id"], event["due_at"])
    assert not await relay._take_event(ACTOR, event["id"], event["due_at"])
    clock.go_on(seconds=61)
    await deliver_all()
    assert await counted(runtime, "first:投影仪") == 1


async def test_nothing_stays_of_a_handler_when_it_fails(runtime: Runtime, clock: StoppedClock):
    LEFT_TO_FAIL["first"] = 1
    await tell(ACTOR, "test.one")
    await deliver_all()
    assert await counted(runtime, "first:投影仪") == 0
    assert await number_of(runtime, "outbox_delivery") == 0
    event = await event_of(runtime)
    assert event["delivered_at"] is None
    assert "打印机没有纸了" in event["last_error"]


async def test_waits_grow_up_to_an_hour_when_a_handler_goes_on_failing(runtime: Runtime, clock: StoppedClock):
    LEFT_TO_FAIL["first"] = 14
    await tell(ACTOR, "test.one")
    waits = []
    for _ in range(14):
        assert await deliver_due() == 1
        assert await deliver_due() == 0
        waits.append((await event_of(runtime))["due_at"] - to_microseconds(clock.instant))
        clock.go_on(microseconds=waits[-1])
    assert [wait / 1_000_000 for wait in waits] == [*(2**turn for turn in range(12)), 3600, 3600]
    assert await deliver_due() == 1
    assert await counted(runtime, "first:投影仪") == 1


async def test_other_events_are_handed_out_when_one_fails(runtime: Runtime, clock: StoppedClock):
    LEFT_TO_FAIL["first"] = 1
    await tell(ACTOR, "test.one", text="碎纸机")
    clock.go_on(seconds=1)
    await tell(ACTOR, "test.one", text="会议桌")
    await tell(ACTOR, "test.two", text="投影仪")
    assert await deliver_due() == 3
    heard = [await counted(runtime, series) for series in ("first:碎纸机", "first:会议桌", "left:投影仪")]
    assert heard == [0, 1, 1]


@pytest.mark.parametrize("failing", ["left", "right"])
async def test_only_the_failed_handler_runs_again_when_the_other_went_through(
    runtime: Runtime, clock: StoppedClock, failing: str
):
    other = {"left": "right", "right": "left"}[failing]
    LEFT_TO_FAIL[failing] = 2
    await tell(ACTOR, "test.two")
    await deliver_all()
    assert await counted(runtime, f"{other}:投影仪") == 1  # whichever stands first
    for _ in range(2):
        clock.go_on(minutes=1)
        await deliver_all()
    assert {failing: 3, other: 1} == CALLS
    assert [await counted(runtime, f"{name}:投影仪") for name in ("left", "right")] == [1, 1]
    assert (await event_of(runtime))["delivered_at"] is not None


async def test_event_waits_when_it_is_due_later(runtime: Runtime, clock: StoppedClock):
    await tell(ACTOR, "test.one", seconds=90)
    clock.go_on(seconds=89)
    assert await deliver_due() == 0
    clock.go_on(seconds=1)
    assert await deliver_due() == 1


async def test_relay_is_woken_when_a_commit_left_an_event(runtime: Runtime):
    woken: list[str] = []
    runtime.wake_relay.append(lambda: woken.append("woken"))
    with pytest.raises(StateConflict):
        await count_and_fail(ACTOR, Step())
    assert woken == []
    await count_up(ACTOR, Step())
    assert woken == ["woken"]


async def test_event_is_heard_and_sealed_by_itself_when_the_loops_run(runtime: Runtime):
    loops = BackgroundLoops(bytes(32))
    loops.start()
    try:
        await tell(ACTOR, "test.one", text="档案柜")
        await eventually(lambda: counted(runtime, "first:档案柜"))

        async def is_sealed() -> bool:
            async with runtime.database.reading() as reader:
                return await reader.fetch_one("SELECT id FROM audit_event WHERE sequence IS NULL") is None

        await eventually(is_sealed)
    finally:
        await loops.stop()
    assert await number_of(runtime, "outbox_delivery") == 1


async def test_loops_end_when_they_are_stopped_at_any_moment_of_their_start(settings: Settings):
    """A cancellation that met the driver's connecting was lost: the product never ended."""
    for steps in range(12):
        async with asyncio.timeout(30) as deadline, opened(settings):
            loops = BackgroundLoops(bytes(32))
            loops.start()
            for _ in range(steps * 3):
                await asyncio.sleep(0)
            await loops.stop()
            assert all(task.done() for task in loops._tasks)
        assert not deadline.expired()


def test_second_handler_is_refused_when_its_name_is_taken():
    async def other(uow: UnitOfWork, payload: dict[str, Any]) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="two handlers named first"):
        on_event("test.one", "first")(other)
    assert len(handlers_of("test.one")) == 1
