"""What plain Python says of units, people, things, days and loans. It knows nothing of the product.

Days are numbers. A refusal is the code that the product has to answer with; empty where it has to agree.
"""

from dataclasses import dataclass, field

MOST_RENEWALS = 2
BEFORE_ISSUE = {"submitted", "approved"}
ENDED = {"rejected", "withdrawn", "expired", "closed"}


def first_of(*refusals: tuple[bool, str]) -> str:
    """The first refusal for which there is a reason; empty where there is none."""
    return next((code for is_so, code in refusals if is_so), "")


@dataclass(eq=False)
class Unit:
    """A unit. `successor`: the one into which it was merged."""

    id: str
    name: str
    successor: "Unit | None" = None

    def now(self) -> "Unit":
        """Whoever stands for it by now."""
        return self if self.successor is None else self.successor.now()


@dataclass(eq=False)
class Person:
    """Somebody who borrows for a unit, and manages its things where `is_manager`. `unsigned`: lists to sign for."""

    id: str
    name: str
    unit: Unit
    is_manager: bool
    is_active: bool = True
    unsigned: list[tuple[str, "Person"]] = field(default_factory=list)

    def manages(self, unit: Unit) -> bool:
        """Whether the unit's things and people are this person's to decide about."""
        return self.is_manager and self.unit.now() is unit.now()

    def works_with(self, other: "Person") -> bool:
        """Whether both work in one unit by now."""
        return self.unit.now() is other.unit.now()


@dataclass(eq=False)
class Thing:
    """One card. `room`: where it is handed out; `listing`: its latest on the board; `where`: home, out or back."""

    id: str
    code: str
    kind: int
    room: Unit
    custodian: Person | None = None
    listing: str = ""
    is_listed: bool = False
    taken_down_by: Unit | None = None
    where: str = "home"
    lent_to: Unit | None = None

    def holder(self) -> Unit:
        """The unit that has it by now."""
        return self.room.now()

    def is_like(self, other: "Thing") -> bool:
        """Whether one may be handed out instead of the other."""
        return (self.kind, self.room) == (other.kind, other.room)


@dataclass(eq=False)
class Chain:
    """Approvals: of which units the managers decide one after the other, and who has decided."""

    kind: str
    subject_id: str
    applicant: Person
    steps: list[Unit]
    heard: list[Person] = field(default_factory=list)
    state: str = "pending"

    def step(self) -> Unit:
        """Whose manager is asked now."""
        return self.steps[len(self.heard)].now()

    def refusal(self, person: Person) -> str:
        """What keeps somebody from deciding."""
        if not person.manages(self.step()):
            return "approval.task_not_found"
        if person is self.applicant:
            return "approval.own_application"
        return "approval.already_decided_by_you" if person in self.heard else ""

    def is_last(self) -> bool:
        """Whether nobody is asked after this step."""
        return len(self.heard) + 1 == len(self.steps)

    def merge(self) -> None:
        """Leave out what is still to come and would ask one unit twice."""
        kept: list[Unit] = []
        for number, unit in enumerate(self.steps):
            if number <= len(self.heard) or unit.now() not in [each.now() for each in kept]:
                kept.append(unit)
        self.steps = kept


@dataclass(eq=False)
class Piece:
    """One thing of a loan, and its days. `state`: waiting, out, back, done or released."""

    thing: Thing
    days: set[int]
    is_any: bool
    state: str = "waiting"


@dataclass(eq=False)
class Loan:
    """An application and what becomes of it. `wished`: the last day that is asked for while a renewal waits."""

    id: str
    applicant: Person
    borrower: Unit
    holder: Unit
    pieces: list[Piece]
    first: int
    last: int
    chain: Chain
    state: str = "submitted"
    is_overdue: bool = False
    renewal: Chain | None = None
    wished: int = 0
    renewed: int = 0
    names: tuple[str, str] = ("", "")
    lender: Unit = field(init=False)

    def __post_init__(self) -> None:
        self.restate()

    def is_open(self) -> bool:
        """Whether anything is still to come of it."""
        return self.state not in ENDED

    def restate(self) -> None:
        """What is under way bears the names that its units have now, and is its holder's; papers stay what they are."""
        if self.is_open():
            self.names = (self.borrower.now().name, self.holder.now().name)
            self.lender = self.holder.now()

    def are(self, *states: str) -> list[Piece]:
        """Its pieces in these states."""
        return [piece for piece in self.pieces if piece.state in states]

    def until(self) -> int:
        """The last day that is held of what is not back."""
        return self.last if self.renewal is None else self.wished

    def piece_of(self, thing: Thing) -> Piece | None:
        """Its piece of the very thing."""
        return next((piece for piece in self.pieces if piece.thing is thing), None)

    def is_withdrawer(self, person: Person) -> bool:
        """Whether somebody speaks for the borrowing side."""
        return person is self.applicant or person.manages(self.borrower)

    def is_seen_by(self, person: Person) -> bool:
        """Whether somebody may know of it."""
        return self.is_withdrawer(person) or person.manages(self.holder)

    def sight(self, person: Person) -> str:
        """The refusal of somebody who may not act on it: whether there is such a loan is only told to who sees it."""
        return "role.required" if self.is_seen_by(person) else "borrowing.not_found"

    def settle(self) -> None:
        """Its state follows from where its pieces are."""
        states = {piece.state for piece in self.pieces}
        self.state = "issued" if states & {"waiting", "out"} else "returned" if "back" in states else "closed"
        if "out" not in states:
            self.is_overdue = False

    def end(self, state: str) -> None:
        """Over before anything was handed out: every day is free."""
        self.state = state
        for piece in self.pieces:
            piece.days = set()

    def release(self) -> None:
        """What was not collected is free again."""
        for piece in self.are("waiting"):
            piece.state, piece.days = "released", set()
        self.settle()

    def end_renewal(self, state: str, today: int) -> None:
        """A renewal came to an end; unless it was agreed to, its days are free."""
        assert self.renewal is not None
        self.renewal.state = state
        self.renewal = None
        if state != "approved":
            for piece in self.pieces:
                piece.days -= {day for day in piece.days if day > max(self.last, today)}


@dataclass
class Model:
    """The whole of it."""

    today: int
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)

    def held(self, thing: Thing) -> set[int]:
        """The days of a thing that are promised to somebody."""
        return {day for loan in self.loans for piece in loan.pieces if piece.thing is thing for day in piece.days}

    def is_free(self, thing: Thing, days: set[int]) -> bool:
        """Whether a thing can be promised for these days."""
        return not days & self.held(thing)

    def chains(self) -> list[Chain]:
        """All approvals that wait."""
        both = [chain for loan in self.loans for chain in (loan.chain, loan.renewal) if chain is not None]
        return [chain for chain in both if chain.state == "pending"]

    def active(self) -> list[Person]:
        """Whoever still works there."""
        return [person for person in self.people if person.is_active]

    def standing(self) -> list[Unit]:
        """Units that go on."""
        return [unit for unit in self.units if unit.successor is None]

    def out_on(self, thing: Thing) -> Loan | None:
        """The loan on which a thing is out."""
        return next(
            (loan for loan in self.loans for piece in loan.are("out") if piece.thing is thing),
            None,
        )

    def refusal_of_asking(self, person: Person, lines: list[tuple[Thing, int]], days: set[int]) -> str:
        """What keeps somebody from borrowing things: each by itself (0), or so many like it."""
        things = [thing for thing, _ in lines]
        if not all(thing.listing for thing in things):
            return "listing.not_found"
        if not all(thing.is_listed for thing in things):
            return "listing.closed"
        if any(thing.holder() is person.unit.now() for thing in things):
            return "borrowing.own_asset"
        return "" if self.is_enough(lines, days) else "asset.not_available"

    def is_enough(self, lines: list[tuple[Thing, int]], days: set[int]) -> bool:
        """Whether every line finds its things, none twice; what was named goes to who named it."""
        gone = [thing for thing, quantity in lines if not quantity]
        if not all(self.is_free(thing, days) for thing in gone):
            return False
        for thing, quantity in lines:
            if quantity:
                fitting = [each for each in self.fitting(thing, days) if each not in gone]
                if len(fitting) < quantity:
                    return False
                gone += sorted(fitting, key=lambda each: each.id)[:quantity]
        return True

    def may_move(self, things: list[Thing], days: set[int]) -> bool:
        """Whether something stands on these days of the things that might go to an equal one."""
        pieces = [piece for loan in self.loans if loan.state in BEFORE_ISSUE for piece in loan.pieces if piece.is_any]
        return any(piece.thing in things and piece.days & days for piece in pieces)

    def fitting(self, thing: Thing, days: set[int]) -> list[Thing]:
        """What is on the board, like this thing, and free."""
        return [each for each in self.things if each.is_listed and each.is_like(thing) and self.is_free(each, days)]

    def refusal_of_issue(self, person: Person, loan: Loan, thing: Thing) -> str:
        """What keeps a thing from being handed out to a loan at somebody's desk."""
        own, waiting = loan.piece_of(thing), loan.are("waiting")
        piece = own or next((each for each in waiting if each.is_any and each.thing.is_like(thing)), None)
        days = set(range(self.today, loan.until() + 1))
        if piece is None or loan.lender is not thing.holder():
            return self.refusal_at_desk(person, thing) or "borrowing.asset_not_on_it"
        return self.refusal_at_desk(person, thing) or first_of(
            (loan.state not in {"approved", "issued"}, "borrowing.wrong_state"),
            (piece.state != "waiting", "borrowing.already_issued"),
            (self.today < loan.first, "borrowing.too_early"),
            (own is None and not self.is_free(thing, days), "asset.not_available"),
            (thing.where != "home", "borrowing.asset_not_back"),
        )

    @staticmethod
    def refusal_at_desk(person: Person, thing: Thing) -> str:
        """What keeps somebody from handling a thing by its code."""
        if not person.is_manager:
            return "role.required"
        return "" if person.manages(thing.holder()) else "asset.not_found"

    def refusal_of_taking_down(self, person: Person, thing: Thing) -> str:
        """What keeps somebody from taking a thing off the board. What was taken off is a paper of whoever did."""
        if not person.is_manager:
            return "role.required"
        holder = thing.holder() if thing.is_listed else thing.taken_down_by
        if person.unit.now() is not holder:
            return "listing.not_found"
        return "" if thing.is_listed else "listing.closed"

    def refusal_of_renewal(self, person: Person, loan: Loan, last: int) -> str:
        """What keeps a loan from being asked for longer."""
        further = set(range(loan.last + 1, last + 1))
        return first_of(
            (not loan.is_withdrawer(person), loan.sight(person)),
            (loan.state != "issued", "borrowing.wrong_state"),
            (not loan.are("out"), "borrowing.nothing_to_renew"),
            (loan.last < self.today, "borrowing.renewal_overdue"),
            (loan.renewal is not None, "borrowing.renewal_pending"),
            (loan.renewed == MOST_RENEWALS, "borrowing.renewal_limit"),
            (
                not all(self.is_free(piece.thing, further) for piece in loan.are("waiting", "out")),
                "asset.not_available",
            ),
        )

    def held_by(self, person: Person) -> tuple[list[Loan], list[Thing]]:
        """What somebody answers for."""
        loans = [loan for loan in self.loans if loan.is_open() and loan.applicant is person]
        return loans, [thing for thing in self.things if thing.custodian is person]

    def refusal_of_handover(self, by: Person, giver: Person, taker: Person) -> str:
        """What keeps somebody's things and loans from going to a colleague."""
        if giver is taker:
            return "handover.to_oneself"
        if by is not giver:
            if not by.is_manager:
                return "role.required"
            if not by.works_with(giver):
                return "record.not_found"
        if not taker.is_active:
            return "record.not_found"
        if not giver.works_with(taker):
            return "handover.recipient_elsewhere"
        return "" if any(self.held_by(giver)) else "handover.nothing_held"

    def hand_over(self, giver: Person, taker: Person) -> None:
        """A colleague answers for it all."""
        loans, things = self.held_by(giver)
        for loan in loans:
            loan.applicant = taker
            for chain in (loan.chain, loan.renewal):
                if chain is not None and chain.state == "pending" and chain.applicant is giver:
                    chain.applicant = taker
        for thing in things:
            thing.custodian = taker

    def refusal_of_disabling(self, person: Person) -> str:
        """What keeps somebody from leaving."""
        if any(self.held_by(person)):
            return "person.still_holds"
        is_unsigned = any(giver is person for each in self.people for _, giver in each.unsigned)
        return "person.handover_unsigned" if is_unsigned else ""

    def merge(self, unit: Unit, to: Unit) -> None:
        """One unit goes into another, with all it has."""
        unit.successor = to
        for chain in self.chains():
            chain.merge()
        self.restate()

    def restate(self) -> None:
        """What is under way bears the names of today."""
        for loan in self.loans:
            loan.restate()

    def pass_days(self, today: int, collect_by: dict[str, int]) -> None:
        """The morning of another day, when the jobs have looked. `collect_by`: the last day for collecting."""
        self.today = today
        for loan in self.loans:
            self._expire(loan, collect_by.get(loan.id, today))
        for loan in self.loans:
            if loan.state == "issued" and loan.last < today and loan.are("out"):
                loan.is_overdue = True
                for piece in loan.are("out"):
                    if self.is_free(piece.thing, {today}):
                        piece.days.add(today)
        for loan in self.loans:
            if loan.renewal is not None and (loan.wished < today or not loan.are("out")):
                loan.end_renewal("lapsed", today)

    def _expire(self, loan: Loan, collect_by: int) -> None:
        if loan.state == "submitted" and loan.last < self.today:
            loan.chain.state = "cancelled"
            loan.end("expired")
        if loan.state not in {"approved", "issued"} or not loan.are("waiting"):
            return
        is_kept = collect_by >= self.today or any(piece.thing.where == "out" for piece in loan.are("waiting"))
        if loan.last >= self.today and is_kept:
            return
        loan.release() if loan.state == "issued" else loan.end("expired")
