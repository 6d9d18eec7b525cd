"""Whatever people do in whatever order: nothing is promised twice, and every promise ends in use or in freedom.

A plain model of days and states plays along; where it says yes the product does, and the other way round. The things
are equal chairs, asked for one by one or by number, and issued as they come to hand.
"""

import asyncio
import itertools
from contextlib import AsyncExitStack

from hypothesis import HealthCheck, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import (
    expire_borrowing,
    inspect_rest,
    inspect_return,
    issue_by_code,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
    withdraw_borrowing,
    withdraw_renewal,
)
from server.circulation.queries import borrowing_view
from server.circulation.types import (
    InspectReturn,
    IssueByCode,
    RenewBorrowing,
    ReturnByCode,
    WithdrawBorrowing,
    WithdrawRenewal,
)
from server.circulation.verification import verify_promises
from server.jobs.relay import deliver_due
from server.kernel.errors import DomainError
from server.kernel.instants import to_day_number
from server.kernel.reading import reading
from server.opening import opened
from tests.circulation.promise_model import BEFORE_ISSUE, THINGS, Loan, Model, Piece
from tests.factories.circulation import Hall, answer, application, day, make_chairs, make_hall
from tests.factories.identity import SYSTEM

SPAN = 4
ACTIONS = (
    *("renew", "renew", "decide_renewal", "decide_renewal", "withdraw_renewal"),
    *("submit", "ask_for_some", "ask_for_some", "agree", "agree", "agree", "refuse", "withdraw", "expire"),
    *("issue", "issue", "issue", "give_back", "give_back", "inspect", "inspect_all"),
)
Step = tuple[str, int, int, int]
steps = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, THINGS - 1), st.integers(0, SPAN - 1), st.integers(0, SPAN - 1)),
    min_size=4,
    max_size=24,
)
MOST_RENEWALS = 2
PERHAPS = "perhaps asset.not_available"


class Play:
    """Does each step in the product and in the model, and compares."""

    def __init__(self, hall: Hall, number: int) -> None:
        self.hall = hall
        self.number = number
        self.model = Model()
        self.cards: list = []
        self.place: dict[str, int] = {}

    async def open(self) -> None:
        # Equal only to each other: every game has its own kind of chair.
        self.cards = await make_chairs(self.hall.ledger, THINGS, model=f"CB-{self.number}")
        self.place = {card.id: number for number, card in enumerate(self.cards)}

    async def step(self, action: str, thing: int, first: int, last: int) -> None:
        await getattr(self, action)(thing, first, last)
        await self.compare()

    async def submit(self, thing: int, first: int, last: int) -> None:
        first, last = min(first, last), max(first, last)
        wanted = set(range(first, last + 1))
        request = application(self.cards[thing].id, first, last)
        await self.ask(request, wanted, thing in self.model.free(wanted), is_any=False)

    async def ask_for_some(self, thing: int, first: int, last: int) -> None:
        number, first, last = thing + 1, min(first, last), max(first, last)
        wanted = set(range(first, last + 1))
        request = application(self.cards[thing].id, first, last, quantity=number)
        free = self.model.free(wanted)
        taken = [each for each in range(THINGS) if each not in free]
        is_possible = self.model.can_make_room(taken, max(number - len(free), 0), wanted, free)
        await self.ask(request, wanted, is_possible, is_any=True)

    async def ask(self, request, wanted: set[int], is_possible: bool | None, *, is_any: bool) -> None:
        view = await self.attempt(submit_borrowing(self.hall.borrower, request), is_possible, "asset.not_available")
        if view:
            await self.follow_moves()
            pieces = [Piece(self.place[line.asset_id], set(wanted)) for line in view.lines]
            self.model.loans.append(Loan(view.id, pieces, wanted, is_any))

    async def follow_moves(self) -> None:
        """Where promises went to make room is the product's choice; that nothing is held twice is compared after."""
        async with reading() as db:
            rows = await db.fetch_all("SELECT borrowing_id, asset_id FROM borrowing_line")
        for loan in self.model.loans:
            now = {self.place[row["asset_id"]] for row in rows if row["borrowing_id"] == loan.id}
            gone = [piece for piece in loan.pieces if piece.thing not in now]
            come = sorted(now - {piece.thing for piece in loan.pieces})
            assert not gone or (loan.is_any and loan.state in BEFORE_ISSUE)
            for piece, thing in zip(gone, come, strict=True):
                piece.thing = thing

    async def agree(self, *_: int) -> None:
        if loan := self.model.latest("submitted"):
            await answer(loan.id, (self.hall.approver, self.hall.lender)[loan.agreed], is_approved=True)
            loan.agreed += 1
            loan.state = "approved" if loan.agreed == 2 else "submitted"

    async def refuse(self, *_: int) -> None:
        if loan := self.model.latest("submitted"):
            approver = (self.hall.approver, self.hall.lender)[loan.agreed]
            await answer(loan.id, approver, is_approved=False, opinion="本周自用")
            loan.end("rejected")

    async def withdraw(self, *_: int) -> None:
        loan = self.model.latest("submitted", "approved", "issued", "closed")
        if loan is None:
            return None
        rest = loan.waiting() if loan.state == "issued" else []
        request = WithdrawBorrowing(loan.id, "不需要了")
        is_possible = loan.state in BEFORE_ISSUE or bool(rest)
        if await self.attempt(withdraw_borrowing(self.hall.borrower, request), is_possible, "borrowing.wrong_state"):
            if not rest:
                return loan.end("withdrawn")
            for piece in rest:
                piece.state, piece.days = "released", set()
            loan.settle()
        return None

    async def expire(self, *_: int) -> None:
        # Nothing is due on the first day; the job may look as often as it likes.
        if loan := self.model.latest("approved", "issued"):
            assert not await expire_borrowing(SYSTEM, loan.id)

    async def issue(self, thing: int, *_: int) -> None:
        loan = self.model.latest("approved", "issued")
        if loan is None:
            return
        piece, refusal = self.judge_issue(loan, thing)
        request = IssueByCode(loan.id, self.cards[thing].code, "李晓梅")
        view = await self.attempt(issue_by_code(self.hall.lender, request), not refusal, refusal)
        if view:
            assert piece is not None
            if piece.thing != thing:
                # Which of the waiting ones was replaced is the product's choice; it says so.
                gone = {each.thing for each in loan.pieces} - {self.place[line.asset_id] for line in view.lines}
                piece = next(each for each in loan.pieces if each.thing in gone)
                assert piece.state == "waiting"
                piece.thing = thing
                piece.days = set(range(loan.last() + 1))
            piece.state = "out"
            loan.settle()

    def judge_issue(self, loan: Loan, thing: int) -> tuple[Piece | None, str]:
        own = next((piece for piece in loan.pieces if piece.thing == thing), None)
        piece = own or next(iter(loan.waiting() if loan.is_any else []), None)
        if piece is None:
            return None, "borrowing.asset_not_on_it"
        if piece.state != "waiting":
            return None, "borrowing.already_issued"
        if 0 not in loan.run:
            return None, "borrowing.too_early"
        if own is None and set(range(loan.last() + 1)) & self.model.held(thing):
            return None, "asset.not_available"
        return piece, "" if self.model.is_home(thing) else "borrowing.asset_not_back"

    async def renew(self, _thing: int, first: int, last: int) -> None:
        loan = self.model.latest("issued")
        if loan is None:
            return
        end = max(loan.run) + 1 + (first + last) % 3
        wanted = set(range(max(loan.run) + 1, end + 1))
        refusal = self.judge_renewal(loan, wanted)
        is_possible = None if refusal == PERHAPS else not refusal
        request = RenewBorrowing(loan.id, day(end), "展期延长")
        if await self.attempt(
            renew_borrowing(self.hall.borrower, request), is_possible, refusal.removeprefix("perhaps ")
        ):
            await self.follow_moves()
            loan.wished = end
            for piece in loan.kept():
                piece.days |= wanted

    def judge_renewal(self, loan: Loan, wanted: set[int]) -> str:
        if not any(piece.state == "out" for piece in loan.pieces):
            return "borrowing.nothing_to_renew"
        if loan.wished is not None:
            return "borrowing.renewal_pending"
        if loan.renewed == MOST_RENEWALS:
            return "borrowing.renewal_limit"
        kept = [piece.thing for piece in loan.kept()]
        taken = [thing for thing in kept if wanted & self.model.held(thing)]
        is_possible = self.model.can_make_room(taken, len(taken), wanted, kept)
        return PERHAPS if is_possible is None else "" if is_possible else "asset.not_available"

    async def decide_renewal(self, thing: int, *_: int) -> None:
        loan = next((loan for loan in self.model.loans if loan.wished is not None), None)
        if loan is None:
            return None
        view = await borrowing_view(self.hall.lender, loan.id)
        task = await waiting_task_for(self.hall.lender, "renewal", view.renewals[-1].id)
        assert task is not None
        is_approved = thing != 0
        await decide(self.hall.lender, Decide(task_id=task.id, is_approved=is_approved, opinion="本周自用"))
        if not is_approved:
            return self.forget_renewal(loan)
        assert loan.wished is not None
        loan.run, loan.wished, loan.renewed = set(range(min(loan.run), loan.wished + 1)), None, loan.renewed + 1
        return None

    async def withdraw_renewal(self, *_: int) -> None:
        if loan := self.model.latest("issued"):
            request = WithdrawRenewal(loan.id, "不用延了")
            is_possible = loan.wished is not None
            if await self.attempt(withdraw_renewal(self.hall.borrower, request), is_possible, "borrowing.no_renewal"):
                self.forget_renewal(loan)

    @staticmethod
    def forget_renewal(loan: Loan) -> None:
        loan.wished = None
        for piece in loan.pieces:
            piece.days -= {each for each in piece.days if each > max(loan.run)}

    async def give_back(self, thing: int, *_: int) -> None:
        found = self.model.where(thing, "out")
        request = ReturnByCode(self.cards[thing].code)
        is_out = found is not None
        if await self.attempt(return_by_code(self.hall.lender, request), is_out, "borrowing.nothing_to_return"):
            assert found is not None
            loan, piece = found
            piece.state, piece.days = "returned", piece.days & {0}
            loan.settle()
            if not any(each.state == "out" for each in loan.pieces) and loan.wished is not None:
                # Nobody needs to decide about it any more; the product says so after the commit.
                while await deliver_due():
                    pass
                self.forget_renewal(loan)

    async def inspect(self, thing: int, *_: int) -> None:
        if found := self.model.where(thing, "returned"):
            loan, piece = found
            await inspect_return(self.hall.lender, InspectReturn(loan.id, self.cards[thing].id, "intact"))
            piece.state = "done"
            loan.settle()

    async def inspect_all(self, *_: int) -> None:
        loan = self.model.latest("issued", "returned")
        if loan is None:
            return
        back = [piece for piece in loan.pieces if piece.state == "returned"]
        if await self.attempt(inspect_rest(self.hall.lender, loan.id), bool(back), "borrowing.not_to_inspect"):
            for piece in back:
                piece.state = "done"
            loan.settle()

    async def attempt(self, call, is_possible: bool | None, code: str):
        """`is_possible` None: the product may do it or not."""
        try:
            view = await call
        except DomainError as error:
            self.judge(is_possible, error, code)
            return None
        assert is_possible is not False
        return view

    @staticmethod
    def judge(is_possible: bool | None, error: DomainError, code: str) -> None:
        assert (bool(is_possible), error.code) == (False, code)

    async def compare(self) -> None:
        wanted = {
            (self.cards[piece.thing].id, to_day_number(day(offset)), loan.id)
            for loan, piece in self.model.all()
            for offset in piece.days
        }
        marks = ", ".join("?" * THINGS)
        async with reading() as db:
            rows = await db.fetch_all(
                f"SELECT asset_id, day, borrowing_id FROM asset_day WHERE asset_id IN ({marks})",
                *(card.id for card in self.cards),
            )
            states = await db.fetch_all("SELECT id, state FROM borrowing")
        assert {(row["asset_id"], row["day"], row["borrowing_id"]) for row in rows} == wanted
        known = {row["id"]: row["state"] for row in states}
        assert {loan.id: known[loan.id] for loan in self.model.loans} == {
            loan.id: loan.state for loan in self.model.loans
        }


def test_nothing_is_promised_twice_when_people_act_in_any_order(settings, is_full_size):
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        runner.run(stack.enter_async_context(opened(settings)))
        hall = runner.run(make_hall())
        played = itertools.count(1)

        @trial(
            max_examples=200 if is_full_size else 20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            database=None,
            derandomize=not is_full_size,
        )
        @given(steps)
        def play(moves: list[Step]) -> None:
            async def through() -> list[str]:
                game = Play(hall, next(played))
                await game.open()
                for move in moves:
                    await game.step(*move)
                return await verify_promises()

            assert runner.run(through()) == []

        try:
            play()
        finally:
            runner.run(stack.aclose())
        assert next(played) > 15
