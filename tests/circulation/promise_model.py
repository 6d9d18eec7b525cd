"""What plain sets of days say of equal things, loans and renewals: the model of `test_promises`."""

from dataclasses import dataclass, field

THINGS = 3
BEFORE_ISSUE = {"submitted", "approved"}


@dataclass
class Piece:
    """One thing of a loan and the days that it is held."""

    thing: int
    days: set[int]
    state: str = "waiting"


@dataclass
class Loan:
    """One borrowing of the model. `agreed`: how many of the two steps agreed; `is_any`: equal things would do."""

    id: str
    pieces: list[Piece]
    run: set[int]
    is_any: bool
    state: str = "submitted"
    agreed: int = 0
    # The last day that is asked for, while a renewal waits; and how many were agreed to.
    wished: int | None = None
    renewed: int = 0

    def kept(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.state in {"waiting", "out"}]

    def last(self) -> int:
        """The last day that is held of what is not back."""
        return max(self.run) if self.wished is None else self.wished

    def waiting(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.state == "waiting"]

    def settle(self) -> None:
        states = {piece.state for piece in self.pieces}
        self.state = "issued" if states & {"waiting", "out"} else "returned" if "returned" in states else "closed"

    def end(self, state: str) -> None:
        self.state = state
        for piece in self.pieces:
            piece.days = set()


@dataclass
class Model:
    """What plain sets of days say."""

    loans: list[Loan] = field(default_factory=list)

    def held(self, thing: int) -> set[int]:
        return set().union(*(piece.days for _, piece in self.all() if piece.thing == thing))

    def all(self) -> list[tuple[Loan, Piece]]:
        return [(loan, piece) for loan in self.loans for piece in loan.pieces]

    def free(self, wanted: set[int]) -> list[int]:
        return [thing for thing in range(THINGS) if not wanted & self.held(thing)]

    def is_freeable(self, thing: int, wanted: set[int], kept: list[int]) -> bool:
        """Whether everything on a thing that holds these days may go to equal things that are free, beside `kept`."""
        standing = [(loan, piece) for loan, piece in self.all() if piece.thing == thing and piece.days & wanted]
        return all(
            loan.is_any
            and loan.state in BEFORE_ISSUE
            and any(other not in {thing, *kept} and not piece.days & self.held(other) for other in range(THINGS))
            for loan, piece in standing
        )

    def can_make_room(self, things: list[int], short: int, wanted: set[int], kept: list[int]) -> bool | None:
        """Whether so many of the things can be made free; None where that depends on which of them are tried."""
        freeable = [thing for thing in things if self.is_freeable(thing, wanted, kept)]
        if len(freeable) < short:
            return False
        return True if short <= 1 else None

    def latest(self, *states: str) -> Loan | None:
        found = [loan for loan in self.loans if loan.state in states]
        return found[-1] if found else None

    def where(self, thing: int, state: str) -> tuple[Loan, Piece] | None:
        return next(((loan, piece) for loan, piece in self.all() if (piece.thing, piece.state) == (thing, state)), None)

    def is_home(self, thing: int) -> bool:
        return self.where(thing, "out") is None and self.where(thing, "returned") is None
