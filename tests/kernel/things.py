"""Small commands that only the kernel's tests use; they write the kernel's own tables."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
from tortoise.exceptions import OperationalError

from server.kernel.actor import Actor, ActorKind, system_actor
from server.kernel.clock import SystemClock
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.runtime import Runtime
from server.kernel.storage.database import Transaction
from server.kernel.unit_of_work import UnitOfWork

ACTOR = system_actor("kernel-test")
PERSON = Actor(kind=ActorKind.PERSON, person_id="0123456789abcdef", person_name="王晓梅", request_id="test")


class Step(msgspec.Struct, frozen=True):
    """A request with a body."""

    series: str = "test"
    note: str = ""


class Counted(msgspec.Struct, frozen=True):
    """An answer with a body."""

    number: int
    note: str


@command("test.count")
async def count_up(uow: UnitOfWork, actor: Actor, step: Step) -> Counted:
    await uow.record("test.count", "series", step.series, note=step.note)
    await uow.emit("test.counted", {"series": step.series})
    return Counted(await uow.next_number(step.series), step.note)


@command("test.count_and_fail")
async def count_and_fail(uow: UnitOfWork, actor: Actor, step: Step) -> Counted:
    await uow.record("test.count", "series", step.series)
    await uow.emit("test.counted", {"series": step.series})
    uow.publish_after_commit("test", step.series)
    await uow.next_number(step.series)
    raise StateConflict("test.failed")


@command("test.refuse")
async def refuse(uow: UnitOfWork, actor: Actor, step: Step) -> Counted:
    await uow.record("test.refuse", "series", step.series, outcome="refused")
    number = await uow.next_number(step.series)
    uow.refuse(StateConflict("test.refused", number=number))


@command("test.unaudited")
async def forget_audit(uow: UnitOfWork, actor: Actor, step: Step) -> int:
    return await uow.next_number(step.series)


class Flaky:
    """A command body that the storage turns away `times` times before it goes through."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.runs = 0


FLAKY: list[Flaky] = []


@command("test.flaky")
async def flaky(uow: UnitOfWork, actor: Actor, step: Step) -> int:
    await uow.record("test.flaky", "series", step.series)
    number = await uow.next_number(step.series)
    FLAKY[0].runs += 1
    if FLAKY[0].left:
        FLAKY[0].left -= 1
        raise OperationalError(OperationalError("database is locked"))
    return number


@command("test.slow")
async def wait_for_ever(uow: UnitOfWork, actor: Actor, step: Step) -> None:
    await uow.record("test.slow", "series", step.series)
    await uow.next_number(step.series)
    await asyncio.Event().wait()


async def counted(runtime: Runtime, series: str = "test") -> int:
    """The committed value of a series; 0 where it was never used."""
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one("SELECT value FROM counter WHERE series = ?", series)
    return row["value"] if row else 0


async def number_of(runtime: Runtime, table: str) -> int:
    """How many rows a table has."""
    async with runtime.database.reading() as reader:
        row = await reader.fetch_one(f"SELECT COUNT(*) AS number FROM {table}")
    assert row is not None
    return row["number"]


class StoppedClock(SystemClock):
    """A clock that stands still until it is told that time went by."""

    def __init__(self) -> None:
        self.instant = datetime.now(UTC).replace(microsecond=0)

    def go_on(self, **time: float) -> None:
        """So much later, as `timedelta` counts."""
        self.instant += timedelta(**time)

    async def of_transaction(self, transaction: Transaction) -> datetime:
        return self.instant

    def here(self) -> datetime:
        return self.instant
