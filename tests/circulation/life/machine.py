"""The rules: who does what to which, mostly somebody who may, now and then anybody."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.circulation.life import looks
from tests.circulation.life.model import Loan, Person, Thing
from tests.circulation.life.moves import Moves
from tests.circulation.life.town import Game, Town

MOST_THINGS = 7
SOME = st.integers(0, 31)
FEW = st.integers(0, 3)
# Mostly from today, so that things are handed out before the game is over.
SOON = st.sampled_from((0, 0, 0, 1, 3))
ONCE_IN_A_WHILE = ("rename", "merge", "disable")
Item = TypeVar("Item")
Rule = TypeVar("Rule")


def pick(items: Sequence[Item], number: int) -> Item:
    """One of some."""
    return items[number % len(items)]


def mostly_where(is_so: Callable[["Life"], object]) -> Callable[[Rule], Rule]:
    """Let a rule be tried where it can succeed, and every now and then where it cannot."""
    return precondition(lambda self: bool(self.model.loans) and (bool(is_so(self)) or self.turn % 5 == 0))


class Life(RuleBasedStateMachine):
    """One game in `town`. A number that chooses who acts is mostly one of those who may."""

    town: ClassVar[Town]

    def __init__(self) -> None:
        super().__init__()
        self.game = Game(self.town)
        self.model = self.game.model
        self.moves = Moves(self.game)
        self.turn = 0
        self.is_broken = False
        self.do(self.moves.begin())

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it; a game in which something went wrong is not played to its end."""
        try:
            self.town.run(work)
        except BaseException:
            self.is_broken = True
            raise

    def someone(self, number: int, apt: Sequence[Person]) -> Person:
        """Mostly one of `apt`, now and then anybody."""
        return pick(apt if apt and number % 4 else self.model.active(), number // 4)

    def loans(self, *states: str) -> list[Loan]:
        """The loans in these states."""
        return [loan for loan in self.model.loans if loan.state in states]

    def loan(self, number: int, *states: str) -> Loan:
        """A loan in one of these states; any where none is."""
        return pick(self.loans(*states) or self.model.loans, number)

    def outsiders(self, thing: Thing) -> list[Person]:
        """Whoever can borrow a thing."""
        return [each for each in self.model.active() if each.unit.now() is not thing.holder()]

    @precondition(lambda self: len(self.model.things) < MOST_THINGS)
    @rule(who=SOME, kind=st.integers(0, 1), whose=SOME)
    def register(self, who: int, kind: int, whose: int) -> None:
        manager = pick([each for each in self.model.active() if each.is_manager], who)
        room = pick([unit for unit in self.model.units if unit.now() is manager.unit.now()], who)
        colleague = pick([each for each in self.model.active() if each.works_with(manager)], whose)
        self.do(self.game.register(manager, room, kind, colleague if whose % 2 else None))

    @rule(which=SOME, who=SOME, is_up=st.booleans())
    def change_board(self, which: int, who: int, is_up: bool) -> None:
        things = [thing for thing in self.model.things if is_up or thing.listing]
        thing = pick([each for each in things if each.is_listed != is_up] or things, which)
        person = self.someone(who, self.moves.managers_of(thing))
        self.do(self.moves.offer(person, thing) if is_up else self.moves.put_down(person, thing))

    @rule(who=SOME, which=SOME, number=FEW, first=SOON, length=FEW)
    def ask(self, who: int, which: int, number: int, first: int, length: int) -> None:
        thing = pick(self.model.things, which)
        self.do(self.moves.apply(self.someone(who, self.outsiders(thing)), [(thing, number)], first, length))

    @rule(who=SOME, which=SOME, other=SOME, number=FEW, first=SOON, length=FEW)
    def ask_for_several(self, who: int, which: int, other: int, number: int, first: int, length: int) -> None:
        lines = {pick(self.model.things, which): number, pick(self.model.things, other): 0}
        person = self.someone(who, self.outsiders(next(iter(lines))))
        self.do(self.moves.apply(person, list(lines.items()), first, length, is_basket=True))

    @rule(who=SOME, which=SOME, number=FEW, length=FEW)
    def lend(self, who: int, which: int, number: int, length: int) -> None:
        thing = pick([thing for thing in self.model.things if thing.where == "home"] or self.model.things, which)
        self.do(self.moves.lend(pick(self.outsiders(thing) or self.model.active(), who), thing, number, length))

    @precondition(lambda self: self.model.chains())
    @rule(which=SOME, who=SOME, answer=FEW)
    def decide(self, which: int, who: int, answer: int) -> None:
        chain = pick(self.model.chains(), which)
        person = self.someone(who, self.moves.deciders(chain))
        self.do(self.moves.answer(chain, person, is_approved=answer > 0))

    @mostly_where(lambda self: self.loans("submitted", "approved", "issued"))
    @rule(which=SOME, who=SOME)
    def withdraw(self, which: int, who: int) -> None:
        loan = self.loan(which, "submitted", "approved", "issued")
        self.do(self.moves.call_off(loan, self.someone(who, self.moves.speakers(loan))))

    @precondition(lambda self: any(loan.is_open() for loan in self.model.loans))
    @rule(which=SOME)
    def go_on(self, which: int) -> None:
        loan = pick([loan for loan in self.model.loans if loan.is_open()], which)
        self.do(self.moves.move_on(loan, which))

    @mostly_where(lambda self: [loan for loan in self.loans("approved", "issued") if loan.are("waiting")])
    @rule(which=SOME, what=SOME, who=SOME)
    def issue(self, which: int, what: int, who: int) -> None:
        loan = self.loan(which, "approved", "issued")
        waiting = [piece.thing for piece in loan.are("waiting")]
        thing = pick(waiting if waiting and what % 4 else self.model.things, what // 4)
        self.do(self.moves.hand_out(loan, thing, self.someone(who, self.moves.managers_of(thing))))

    @mostly_where(lambda self: [loan for loan in self.loans("issued") if loan.are("out")])
    @rule(which=SOME, who=SOME)
    def give_back(self, which: int, who: int) -> None:
        out = [thing for thing in self.model.things if thing.where == "out"]
        thing = pick(out if out and which % 4 else self.model.things, which // 4)
        self.do(self.moves.bring_back(thing, self.someone(who, self.moves.managers_of(thing))))

    @mostly_where(lambda self: [loan for loan in self.model.loans if loan.are("back")])
    @rule(which=SOME, what=SOME, who=SOME, is_worn=st.booleans())
    def inspect(self, which: int, what: int, who: int, is_worn: bool) -> None:
        loan = pick([loan for loan in self.model.loans if loan.are("back")] or self.model.loans, which)
        thing = pick(loan.are("back") or loan.pieces, what).thing
        person = self.someone(who, self.moves.managers_of(thing))
        self.do(self.moves.look_at(loan, thing, person, is_worn=is_worn))

    @mostly_where(lambda self: self.loans("issued"))
    @rule(which=SOME, who=SOME, more=FEW)
    def renew(self, which: int, who: int, more: int) -> None:
        loan = self.loan(which, "issued")
        person = self.someone(who, self.moves.speakers(loan))
        self.do(self.moves.ask_for_longer(loan, person, loan.last + 1 + more))

    @mostly_where(lambda self: [loan for loan in self.model.loans if loan.renewal])
    @rule(which=SOME, who=SOME)
    def call_off_renewal(self, which: int, who: int) -> None:
        loan = self.loan(which, "issued")
        self.do(self.moves.end_renewal(loan, self.someone(who, self.moves.speakers(loan))))

    @rule(who=SOME, whose=SOME, whom=SOME)
    def hand_over(self, who: int, whose: int, whom: int) -> None:
        people = self.model.active()
        giver = pick([each for each in people if any(self.model.held_by(each))] or people, whose)
        taker = self.someone(whom, [each for each in people if each.works_with(giver) and each is not giver])
        self.do(self.moves.pass_on(self.someone(who, [giver]), giver, taker))

    @precondition(lambda self: any(each.unsigned for each in self.model.people))
    @rule(who=SOME)
    def sign(self, who: int) -> None:
        self.do(self.moves.receive(pick([each for each in self.model.people if each.unsigned], who)))

    @precondition(lambda self: self.turn % 3 == 0)
    @rule(who=SOME, into=FEW, what=st.sampled_from(ONCE_IN_A_WHILE))
    def reorganise(self, who: int, into: int, what: str) -> None:
        units = self.model.standing()
        unit = pick(units, who)
        others = [each for each in units if each is not unit]
        # Whoever has something to sign signs it first.
        people = [each for each in self.model.active() if not each.unsigned and not self.moves.is_last_manager(each)]
        if what == "rename":
            self.do(self.moves.give_name(unit, f"临平区第{self.game.number}-{self.turn}中心"))
        elif what == "merge" and others:
            self.do(self.moves.join(unit, pick(others, into)))
        elif what == "disable" and people:
            self.do(self.moves.send_away(pick(people, who)))

    @rule(number=st.integers(1, 3))
    def pass_days(self, number: int) -> None:
        self.do(self.moves.sleep(number))

    @invariant()
    def is_as_the_model_says(self) -> None:
        self.turn += 1
        self.do(looks.compare(self.game))
        self.do(looks.look_around(self.game, pick(self.model.active(), self.turn)))
        self.do(looks.look_from_outside(self.game))

    def teardown(self) -> None:
        if not self.is_broken:
            self.do(self.moves.wind_down())
        self.town.pass_week()
