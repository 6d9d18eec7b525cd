"""One transaction: what it locks, writes, tells and leaves, on both storages alike."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.fields import BigIntField, BooleanField, CharField, IntField, TextField
from tortoise.fields.base import Field
from tortoise.models import Model

from server.identity.models import Region, Unit
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.lock_order import LockOrderError
from server.kernel.model_modules import model_modules
from server.kernel.models import Counter, OutboxEvent
from server.kernel.runtime import Runtime
from server.kernel.storage.fields import DayField, InstantField, JsonField
from server.kernel.storage.statements import locking_select, record_of
from server.kernel.unit_of_work import UnitOfWork, unit_of_work
from server.notices.models import Notice
from server.places.models import Place
from tests.kernel.things import ACTOR, PERSON, Step, count_up, counted, number_of
from tests.support.waiting import eventually

SHANGHAI = timezone(timedelta(hours=8))
WORDS = "临平区文化和广电旅游体育局：投影仪“𠮷”' \" \\ % _ ; -- \t行\n末"


AWKWARD: tuple[tuple[type[Field[Any]], Any], ...] = (
    (InstantField, datetime(2026, 3, 5, 6, 7, 8, 123457, tzinfo=SHANGHAI)),
    (DayField, date(2028, 2, 29)),
    (JsonField, {"项": [1, None, True, {"值": WORDS}], "空": {}}),
    (TextField, WORDS * 50),
    (BigIntField, 2**53 + 1),
    (IntField, 7),
)


def value_of(field: Field[Any]) -> Any:
    """A value that is awkward for this kind of column."""
    if isinstance(field, BooleanField):
        return not field.default
    if isinstance(field, CharField):
        return new_id() if field.max_length == 16 else (WORDS * 20)[: field.max_length]
    return next(value for kind, value in AWKWARD if isinstance(field, kind))


def filled(model: type[Model], *, is_bare: bool) -> Model:
    """A record with every column filled, or with those alone that must be."""
    fields = {name: model._meta.fields_map[name] for name in model._meta.fields_db_projection}
    values = {name: None if field.null and is_bare else value_of(field) for name, field in fields.items()}
    return model(**values)


def columns_of(record: Model) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record._meta.fields_db_projection}


async def in_one(work: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    """Do `work` in a unit of work of its own."""
    async with unit_of_work(ACTOR) as uow:
        await work(uow)


def models() -> list[type[Model]]:
    assert Tortoise.apps is not None
    return list(Tortoise.apps["models"].values())


@pytest.mark.parametrize("is_bare", [False, True], ids=["filled", "bare"])
async def test_every_column_of_every_record_is_the_same_when_it_is_read_back(runtime: Runtime, is_bare: bool):
    assert len(models()) >= 30
    assert len(model_modules()) >= 8
    for model in models():
        async with unit_of_work(ACTOR) as uow:
            record = filled(model, is_bare=is_bare)
            await uow.add(record)
            locked = await uow.fetch_one(locking_select(model, runtime.database.dialect), record.pk)
            assert locked is not None, model
            wanted = columns_of(record)
            assert columns_of(record_of(model, locked)) == wanted, model
            assert columns_of(await model.get(pk=record.pk, using_db=uow.client)) == wanted, model
            (found,) = await uow.find_all(model, **{model._meta.pk_attr: record.pk})
            assert columns_of(found) == wanted, model
            assert [type(value) for value in columns_of(record_of(model, locked)).values()] == [
                type(value) for value in wanted.values()
            ], model


async def test_record_is_refused_when_a_column_is_misnamed(runtime: Runtime):
    with pytest.raises(TypeError, match="has no colour"):
        Notice(colour="红")


async def test_held_row_is_the_stored_one_when_it_is_locked(runtime: Runtime):
    first, second = sorted((new_id(), new_id()))
    async with unit_of_work(ACTOR) as uow:
        for unit_id in (first, second):
            unit = filled(Unit, is_bare=False)
            unit.id, unit.code = unit_id, unit_id
            await uow.add(unit)
    async with unit_of_work(ACTOR) as uow:
        held = await uow.lock_all(Unit, [second, first, second])
        assert [unit.id for unit in held] == [first, second]
        again = await uow.lock(Unit, first)
        assert again is not None
        assert columns_of(again) == columns_of(held[0])
        assert await uow.lock(Unit, new_id()) is None


async def test_step_back_is_refused_when_a_later_table_is_held(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.lock(Place, new_id())
        with pytest.raises(LockOrderError, match="unit"):
            await uow.lock(Unit, new_id())


async def test_lock_is_refused_when_a_number_was_taken(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        assert await uow.next_number("2026") == 1
        assert await uow.next_number("2026") == 2
        with pytest.raises(LockOrderError, match="last"):
            await uow.lock(Place, new_id())


async def test_numbers_go_on_when_another_began_the_series_meanwhile(runtime: Runtime, monkeypatch: pytest.MonkeyPatch):
    async def begin_it() -> None:
        async with runtime.database.transaction() as other:
            await other.execute("INSERT INTO counter (series, value) VALUES ('2026', 1)")
            await other.commit()

    async with unit_of_work(ACTOR) as uow:
        execute, met = uow.execute, []

        async def then_another(sql: str, *values: Any) -> int:
            changed = await execute(sql, *values)
            # On SQLite nobody can come between: there is one writer.
            if not changed and runtime.database.dialect == "mariadb":
                met.append(await begin_it())
            return changed

        monkeypatch.setattr(uow, "execute", then_another)
        assert await uow.next_number("2026") == 1 + len(met)
        assert await uow.next_number("2026") == 2 + len(met)


async def test_otherwise_is_raised_when_the_condition_holds_no_longer(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.add(Counter(series="a", value=1))
        await uow.change_one(Counter, {"series": "a", "value": 1}, otherwise=StateConflict("record.changed"), value=2)
        with pytest.raises(StateConflict, match=r"record\.changed"):
            await uow.change_one(
                Counter, {"series": "a", "value": 1}, otherwise=StateConflict("record.changed"), value=3
            )
    assert await counted(runtime, "a") == 2


async def test_otherwise_is_raised_when_two_rows_fit(runtime: Runtime):
    async def change_two(uow: UnitOfWork) -> None:
        for series in ("a", "b"):
            await uow.add(Counter(series=series, value=1))
        await uow.change_one(Counter, {"value": 1}, otherwise=StateConflict("record.changed"), value=2)

    with pytest.raises(StateConflict, match=r"record\.changed"):
        await in_one(change_two)
    assert await counted(runtime, "a") == 0


async def test_one_wins_when_two_change_the_same_row_at_once(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        await uow.add(Counter(series="a", value=1))

    async def win(value: int) -> None:
        async with unit_of_work(ACTOR) as uow:
            await uow.change_one(
                Counter, {"series": "a", "value": 1}, otherwise=StateConflict("record.changed"), value=value
            )

    answers = await asyncio.gather(*(win(value) for value in range(2, 10)), return_exceptions=True)
    assert [answer for answer in answers if answer is None] == [None]
    assert sum(isinstance(answer, StateConflict) for answer in answers) == 7


async def test_written_is_kept_and_error_is_raised_when_it_refuses(runtime: Runtime):
    heard: list[str] = []
    runtime.pubsub.listen("session", heard.append)

    async def remember(uow: UnitOfWork) -> None:
        await uow.next_number("failures")
        uow.publish_after_commit("session", "failed")
        uow.refuse(StateConflict("test.refused"))

    with pytest.raises(StateConflict, match=r"test\.refused"):
        await in_one(remember)
    assert await counted(runtime, "failures") == 1
    assert "failed" in heard


async def test_message_goes_out_after_the_commit_and_once_when_it_was_left_twice(runtime: Runtime):
    heard: list[str] = []
    runtime.pubsub.listen("session", heard.append)
    async with unit_of_work(ACTOR) as uow:
        await uow.next_number("a")
        uow.publish_after_commit("session", "s1")
        uow.publish_after_commit("session", "s1")
        assert "s1" not in heard
    await eventually(lambda: "s1" in heard)
    assert heard.count("s1") == 1

    async def break_off(uow: UnitOfWork) -> None:
        uow.publish_after_commit("session", "s2")
        raise RuntimeError("半路")

    with pytest.raises(RuntimeError, match="半路"):
        await in_one(break_off)
    assert "s2" not in heard


async def test_instant_is_one_when_it_is_asked_for_twice(runtime: Runtime):
    async with unit_of_work(ACTOR) as uow:
        assert await uow.now() is await uow.now()
        assert abs(await uow.now() - datetime.now(UTC)) < timedelta(seconds=30)


async def test_event_is_stored_with_its_time_when_it_was_emitted(runtime: Runtime):
    due = datetime(2026, 12, 31, 8, 0, tzinfo=SHANGHAI)
    async with unit_of_work(ACTOR) as uow:
        await uow.emit("test.emitted", {"b": "借用", "a": [1]}, due_at=due)
        (event,) = await uow.find_all(OutboxEvent, topic="test.emitted")
        assert (event.due_at, event.attempts, event.delivered_at) == (due, 0, None)
        assert event.payload == '{"a":[1],"b":"借用"}'


async def test_audit_row_names_who_did_what_when_it_was_recorded(runtime: Runtime):
    await count_up(PERSON, Step(note="投影仪"))
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one("SELECT * FROM audit_event")
    assert row is not None
    assert (row["actor_id"], row["actor_name"], row["request_id"]) == (PERSON.person_id, "王晓梅", "test")
    assert (row["action"], row["outcome"], row["subject_kind"]) == ("test.count", "done", "series")
    assert json.loads(row["facts"]) == {"note": "投影仪"}


async def test_nothing_stays_when_the_block_fails(runtime: Runtime):
    async def fail(uow: UnitOfWork) -> None:
        await uow.add(Region(code="330100", name="杭州市", level="city", path="330100/"))
        await uow.emit("test.emitted", {})
        raise KeyError("330100")

    with pytest.raises(KeyError):
        await in_one(fail)
    assert await number_of(runtime, "region") == 0
    assert await number_of(runtime, "outbox_event") == 0


async def test_numbers_follow_each_other_when_several_begin_a_series_at_once(runtime: Runtime):
    for round_ in range(12):
        series = f"new-{round_}"
        counted = await asyncio.gather(*(count_up(ACTOR, Step(series)) for _ in range(4)))
        assert sorted(each.number for each in counted) == [1, 2, 3, 4]
