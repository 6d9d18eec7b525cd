"""The town in which the games are played, and one game's units, people and things in it, made by commands."""

import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

from server.assets.commands import register_asset
from server.identity.queries import person_by_id, unit_by_id
from server.identity.roles import Role
from server.identity.types import UnitView
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor
from server.kernel.clock import ShiftedClock
from server.kernel.errors import DomainError
from server.kernel.reading import present_day, reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.opening import opened
from server.settings import Settings
from tests.circulation.life.model import Model, Person, Thing, Unit
from tests.factories.assets import Ledger, make_ledger, make_place, projector
from tests.factories.identity import SYSTEM, actor_of, make_actor, make_person, make_unit
from tests.factories.reorganisation import administrators

UNITS = 3
Answer = TypeVar("Answer")
_games = itertools.count(1)


@dataclass
class Town:
    """A product opened for many games. The days that have passed in one have passed in the next."""

    runner: asyncio.Runner
    stack: AsyncExitStack
    ledger: Ledger
    system: Actor
    security: Actor
    stranger: Actor
    days: int = 0

    @classmethod
    def opened(cls, settings: Settings) -> Self:
        """Open the product; `close` it again."""
        runner, stack = asyncio.Runner(), AsyncExitStack()
        runner.run(stack.enter_async_context(opened(settings)))
        ledger = runner.run(make_ledger())
        system, security = runner.run(administrators(ledger.city))
        roles = (Role.ASSET_MANAGER, Role.BORROWER)
        stranger = runner.run(make_actor("外区管理员", ledger.city.xihu_education, *roles))
        return cls(runner, stack, ledger, system, security, stranger)

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do it here and now."""
        return self.runner.run(work)

    def pass_days(self, number: int) -> None:
        """Let so many days pass."""
        self.days += number
        clock = current_runtime().clock
        assert isinstance(clock, ShiftedClock)
        clock.move_to(timedelta(days=self.days))

    def pass_week(self) -> None:
        """Let the week pass: every game begins on the same day of it, so that it can be played again."""
        self.pass_days(7 - self.days % 7)

    def close(self) -> None:
        """Close the product."""
        self.runner.run(self.stack.aclose())
        self.runner.close()


@dataclass
class Game:
    """One game: the model, and the product's side of each of its parts."""

    town: Town
    number: int = field(default_factory=lambda: next(_games))
    model: Model = field(default_factory=lambda: Model(present_day().toordinal()))
    rooms: dict[Unit, str] = field(default_factory=dict)
    views: dict[Unit, UnitView] = field(default_factory=dict)
    actors: dict[Person, Actor] = field(default_factory=dict)

    async def open(self) -> None:
        """Three units with a room, two who manage things and one who only borrows."""
        for number in range(UNITS):
            name = f"临平区第{self.number}-{number}局"
            view = await make_unit(name, f"{self.number}-{number}局", self.town.ledger.city.linping)
            unit = Unit(view.id, name)
            self.model.units.append(unit)
            self.views[unit] = view
            self.rooms[unit] = (await make_place(view, f"{name}库房")).id
            for word, is_manager in (("管", True), ("办", False), ("副", True)):
                await self._hire(f"{word}{self.number}-{number}", unit, is_manager)

    async def _hire(self, name: str, unit: Unit, is_manager: bool) -> None:
        roles = (Role.BORROWER, Role.ASSET_MANAGER) if is_manager else (Role.BORROWER,)
        view = await make_person(name, self.views[unit], *roles)
        self.model.people.append(Person(view.id, name, unit, is_manager))

    async def actor(self, person: Person) -> Actor:
        """Somebody as a session of today would say."""
        if person not in self.actors:
            unit = await unit_by_id(SYSTEM, person.unit.now().id)
            self.actors[person] = await actor_of(await person_by_id(SYSTEM, person.id), unit)
        return self.actors[person]

    async def register(self, by: Person, room: Unit, kind: int, custodian: Person | None) -> Thing:
        """A new thing in a room."""
        facts = {"item_name": "会议椅", "model": f"CB-{kind}", "value_fen": 29_900}
        facts |= {"place_id": self.rooms[room], "custodian_id": custodian.id if custodian else None}
        card = await register_asset(await self.actor(by), projector(self.town.ledger.store, **facts))
        thing = Thing(card.id, card.code, kind, room, custodian)
        self.model.things.append(thing)
        return thing

    async def attempt(
        self, call: Coroutine[Any, Any, Answer], refusal: str, *, is_perhaps: bool = False
    ) -> Answer | None:
        """What the product answers where the model agrees; None where both refuse, and say the same. `is_perhaps`: the
        product may find a way."""
        try:
            view = await call
        except DomainError as error:
            if error.code != refusal:
                raise
            return None
        assert is_perhaps or not refusal, f"the product agreed, in spite of {refusal}"
        return view

    async def rows(self, sql: str, ids: Sequence[str]) -> list[Row]:
        """Rows whose `{}` is one of `ids`."""
        if not ids:
            return []
        async with reading() as db:
            return await db.fetch_all(sql.format(f"IN ({', '.join('?' * len(ids))})"), *ids)


async def settle() -> None:
    """Let everything be heard that was said; nobody fails to listen."""
    while await deliver_due():
        pass
    async with reading() as db:
        failed = await db.fetch_all("SELECT topic, last_error FROM outbox_event WHERE last_error IS NOT NULL")
    assert failed == []
