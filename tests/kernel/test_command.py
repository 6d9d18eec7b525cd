"""A command: whole or not at all, once per key, never cut in half by a client that hangs up."""

import asyncio
import random

import pytest

from server.identity.models import Unit
from server.kernel.command import finish_commands
from server.kernel.errors import StateConflict, Unavailable
from server.kernel.models import IdempotencyKey
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from tests.kernel.things import (
    ACTOR,
    FLAKY,
    PERSON,
    Counted,
    Flaky,
    Step,
    count_and_fail,
    count_up,
    counted,
    flaky,
    forget_audit,
    number_of,
    refuse,
    wait_for_ever,
)


async def test_nothing_stays_when_a_command_fails(runtime: Runtime):
    with pytest.raises(StateConflict):
        await count_and_fail(ACTOR, Step())
    assert await counted(runtime) == 0
    assert await number_of(runtime, "audit_event") == 0
    assert await number_of(runtime, "outbox_event") == 0


async def test_nothing_is_published_when_a_command_fails(runtime: Runtime):
    heard: list[str] = []
    runtime.pubsub.listen("test", heard.append)
    heard.clear()
    with pytest.raises(StateConflict):
        await count_and_fail(ACTOR, Step())
    assert [message for message in heard if message == "test"] == []


async def test_command_is_rolled_back_when_it_leaves_no_audit_row(runtime: Runtime):
    with pytest.raises(RuntimeError, match="no audit row"):
        await forget_audit(ACTOR, Step())
    assert await counted(runtime) == 0


async def test_refusal_is_remembered_when_a_command_refuses(runtime: Runtime):
    with pytest.raises(StateConflict, match=r"test\.refused"):
        await refuse(ACTOR, Step())
    assert await counted(runtime) == 1
    assert await number_of(runtime, "audit_event") == 1


async def test_same_refusal_is_replayed_when_the_key_is_repeated(runtime: Runtime):
    heard = []
    for _ in range(3):
        with pytest.raises(StateConflict) as caught:
            await refuse(PERSON.with_key("refused-once"), Step())
        heard.append((caught.value.code, caught.value.data))
    assert heard == [("test.refused", {"number": 1})] * 3
    assert await counted(runtime) == 1


async def test_stored_answer_is_replayed_when_the_key_is_repeated(runtime: Runtime):
    actor = PERSON.with_key("same-key-1")
    first = await count_up(actor, Step(note="投影仪"))
    assert first == Counted(1, "投影仪")
    assert await count_up(actor, Step(note="投影仪")) == first
    assert await counted(runtime) == 1
    assert await number_of(runtime, "outbox_event") == 1


async def test_key_is_refused_when_the_body_differs(runtime: Runtime):
    actor = PERSON.with_key("same-key-2")
    await count_up(actor, Step(note="一"))
    with pytest.raises(StateConflict, match=r"idempotency\.key_reused"):
        await count_up(actor, Step(note="二"))
    assert await counted(runtime) == 1


async def test_key_may_be_tried_again_when_the_first_try_failed(runtime: Runtime):
    actor = PERSON.with_key("same-key-3")
    with pytest.raises(StateConflict, match=r"test\.failed"):
        await count_and_fail(actor, Step())
    assert await count_up(actor, Step()) == Counted(1, "")


async def test_two_people_are_kept_apart_when_their_keys_are_equal(runtime: Runtime):
    other = type(PERSON)(kind=PERSON.kind, person_id="fedcba9876543210", request_id="test")
    await count_up(PERSON.with_key("equal-key"), Step())
    assert (await count_up(other.with_key("equal-key"), Step())).number == 2


async def test_effect_is_one_when_forty_send_the_same_key_at_once(runtime: Runtime):
    actor = PERSON.with_key("forty-at-once")
    answers = await asyncio.gather(*(count_up(actor, Step()) for _ in range(40)))
    assert set(answers) == {Counted(1, "")}
    assert await counted(runtime) == 1


async def test_numbers_are_gapless_when_forty_count_and_some_fail(runtime: Runtime):
    calls = [count_and_fail(ACTOR, Step()) if turn % 3 == 0 else count_up(ACTOR, Step()) for turn in range(40)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    numbers = sorted(answer.number for answer in answers if isinstance(answer, Counted))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 26


async def test_whole_command_runs_again_when_the_storage_asks_for_it(runtime: Runtime):
    FLAKY[:] = [Flaky(times=3)]
    assert await flaky(ACTOR, Step()) == 1
    assert FLAKY[0].runs == 4
    assert await number_of(runtime, "audit_event") == 1


async def test_command_says_busy_when_the_storage_never_lets_it_through(runtime: Runtime):
    FLAKY[:] = [Flaky(times=1000)]
    with pytest.raises(Unavailable, match=r"storage\.busy"):
        await flaky(ACTOR, Step())
    assert await counted(runtime) == 0


async def test_command_gives_up_when_its_deadline_passes(runtime: Runtime):
    runtime.command_seconds = 0.2
    with pytest.raises(Unavailable, match=r"storage\.unavailable"):
        await wait_for_ever(ACTOR, Step())
    runtime.command_seconds = 10
    assert await count_up(ACTOR, Step()) == Counted(1, "")


async def test_unit_of_work_is_refused_when_one_is_open(runtime: Runtime):
    async with unit_of_work(ACTOR):
        with pytest.raises(RuntimeError, match="open already"):
            async with unit_of_work(ACTOR):
                pass


async def test_every_command_ends_whole_when_its_caller_hangs_up(runtime: Runtime, is_full_size: bool):
    """A cancellation inside begin or commit leaked the connection: SQLite deadlocked, MariaDB's pool ran empty."""
    total = 500 if is_full_size else 150
    chance = random.Random(7)

    async def hang_up(turn: int) -> None:
        task = asyncio.create_task(count_up(ACTOR, Step(note=str(turn))))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*(hang_up(turn) for turn in range(total)))
    await finish_commands()
    done = await counted(runtime)
    assert await number_of(runtime, "audit_event") == done
    assert await number_of(runtime, "outbox_event") == done
    assert (await count_up(ACTOR, Step())).number == done + 1


async def test_nothing_is_found_when_the_id_is_longer_than_any(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        assert await uow.find(IdempotencyKey, id="x" * 900) is None
        assert await uow.find_all(IdempotencyKey, id="x" * 900) == []
        assert await uow.lock(Unit, "x" * 900) is None
