"""What people do: each move is made in the product and in the model, which have to agree whether it can be."""

from datetime import date

from server.approvals.commands import decide
from server.approvals.types import Decide
from server.circulation.commands import (
    close_listing,
    inspect_return,
    issue_by_code,
    open_listing,
    put_in_basket,
    renew_borrowing,
    return_by_code,
    submit_basket,
    submit_borrowing,
    withdraw_borrowing,
    withdraw_renewal,
)
from server.circulation.jobs import expire_uncollected, follow_up_loans, lapse_renewals
from server.circulation.types import (
    BorrowingView,
    InspectReturn,
    IssueByCode,
    OpenListing,
    RenewBorrowing,
    ReturnByCode,
    SubmitBasket,
    SubmitBorrowing,
    WantedLine,
    WithdrawBorrowing,
    WithdrawRenewal,
)
from server.identity.commands import (
    DisablePerson,
    HandOver,
    ReceiveHandover,
    RenameUnit,
    confirm_unit_change,
    disable_person,
    hand_over,
    propose_unit_change,
    receive_handover,
    rename_unit,
)
from server.kernel.instants import from_day_number
from server.kernel.reading import present_day
from tests.circulation.life import looks
from tests.circulation.life.model import BEFORE_ISSUE, ENDED, Chain, Loan, Person, Piece, Thing, Unit
from tests.circulation.life.town import Game, settle
from tests.factories.reorganisation import proposal


class Moves:
    """The moves of one game. Whoever may not make one is tried too: the refusal has to be the model's."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self.model = game.model

    def deciders(self, chain: Chain) -> list[Person]:
        """Whoever may decide what waits."""
        return [each for each in self.model.active() if not chain.refusal(each)]

    def speakers(self, loan: Loan) -> list[Person]:
        """Whoever speaks for the borrowing side."""
        return [each for each in self.model.active() if loan.is_withdrawer(each)]

    async def begin(self) -> None:
        """Chairs of two units and a thing apart, all on the board."""
        await self._game.open()
        lender, other, _ = self.model.units
        for unit, kind in ((lender, 0), (lender, 0), (lender, 0), (lender, 1), (other, 0)):
            manager = next(each for each in self.model.people if each.manages(unit))
            thing = await self._game.register(manager, unit, kind, manager)
            await self.put_up(manager, thing, "")

    def managers_of(self, thing: Thing) -> list[Person]:
        """Whoever is at the desk of a thing."""
        return [each for each in self.model.active() if each.manages(thing.holder())]

    async def offer(self, person: Person, thing: Thing) -> None:
        refusal = self.model.refusal_at_desk(person, thing)
        if not refusal and thing.where != "home":
            refusal = "listing.asset_not_listable"
        if not refusal and thing.is_listed:
            refusal = "listing.already_open"
        await self.put_up(person, thing, refusal)

    async def put_up(self, person: Person, thing: Thing, refusal: str) -> None:
        request = OpenListing(thing.id, "自取自还", 30)
        view = await self._game.attempt(open_listing(await self._game.actor(person), request), refusal)
        if view:
            thing.listing, thing.is_listed = view.id, True

    async def put_down(self, person: Person, thing: Thing) -> None:
        refusal = self.model.refusal_of_taking_down(person, thing)
        call = close_listing(await self._game.actor(person), thing.listing, "本单位自用")
        if await self._game.attempt(call, refusal):
            thing.is_listed, thing.taken_down_by = False, thing.holder()

    async def apply(
        self, person: Person, lines: list[tuple[Thing, int]], first: int, length: int, *, is_basket: bool = False
    ) -> None:
        days = range(self.model.today + first, self.model.today + first + length + 1)
        refusal = self.model.refusal_of_asking(person, lines, set(days))
        actor = await self._game.actor(person)
        when = date.fromordinal(days[0]), date.fromordinal(days[-1])
        wanted = [WantedLine(thing.id, quantity or None) for thing, quantity in lines]
        alike = [each for each in self.model.things for thing, quantity in lines if quantity and each.is_like(thing)]
        is_perhaps = refusal == "asset.not_available" and self.model.may_move(alike, set(days))
        if is_basket:
            if not refusal:
                await put_in_basket(actor, wanted[0])
            call = submit_basket(actor, SubmitBasket(wanted, *when, "办会"))
            found = await self._game.attempt(call, refusal, is_perhaps=is_perhaps)
            views = found.borrowings if found else []
        else:
            request = SubmitBorrowing(wanted[0].asset_id, *when, "办会", quantity=wanted[0].quantity)
            view = await self._game.attempt(submit_borrowing(actor, request), refusal, is_perhaps=is_perhaps)
            views = [view] if view else []
        if is_perhaps and views:
            await self.follow_moves()
        self.note(person, lines, set(days), views)

    async def follow_moves(self) -> None:
        """Where promises went to make room is the product's choice; that nothing is held twice is compared after."""
        loans = {loan.id: loan for loan in self.model.loans if loan.state in BEFORE_ISSUE}
        by_id = {thing.id: thing for thing in self.model.things}
        sql = "SELECT borrowing_id, asset_id FROM borrowing_line WHERE borrowing_id {}"
        now: dict[str, set[Thing]] = {key: set() for key in loans}
        for row in await self._game.rows(sql, list(loans)):
            now[row["borrowing_id"]].add(by_id[row["asset_id"]])
        for key, loan in loans.items():
            gone = [piece for piece in loan.pieces if piece.thing not in now[key]]
            come = sorted(now[key] - {piece.thing for piece in loan.pieces}, key=lambda thing: thing.id)
            for piece, thing in zip(gone, come, strict=True):
                assert piece.is_any and thing.is_like(piece.thing)
                piece.thing = thing

    def note(self, person: Person, lines: list[tuple[Thing, int]], days: set[int], views: list[BorrowingView]) -> None:
        """Which of equal things were promised is the product's choice; each has to fit, and to be free."""
        by_id = {thing.id: thing for thing in self.model.things}
        found = [(view, [by_id[line.asset_id] for line in view.lines]) for view in views]
        chosen = [thing for _, things in found for thing in things]
        assert len(chosen) == len(set(chosen)) and all(self.model.is_free(thing, days) for thing in chosen)
        named = {thing for thing, quantity in lines if not quantity}
        if views:
            assert len(chosen) == sum(quantity or 1 for _, quantity in lines) and named <= set(chosen)
        for view, things in found:
            holder = things[0].holder()
            assert all(thing.room is things[0].room for thing in things)
            chain = Chain("borrowing", view.id, person, [person.unit.now(), holder])
            pieces = [Piece(thing, set(days), thing not in named) for thing in things]
            self.model.loans.append(Loan(view.id, person, person.unit, holder, pieces, min(days), max(days), chain))

    async def answer(self, chain: Chain, person: Person, *, is_approved: bool) -> None:
        sql = "SELECT t.id FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id WHERE t.state = 'pending'"
        [task] = await self._game.rows(f"{sql} AND c.subject_id {{}}", [chain.subject_id])
        request = Decide(task["id"], is_approved, "同意" if is_approved else "本周自用")
        if not await self._game.attempt(decide(await self._game.actor(person), request), chain.refusal(person)):
            return
        assert person is not chain.applicant and person not in chain.heard
        is_last = chain.is_last() or not is_approved
        chain.heard.append(person)
        if is_last:
            chain.state = "approved" if is_approved else "rejected"
            loan = next(loan for loan in self.model.loans if chain in (loan.chain, loan.renewal))
            self.take_decision(loan, chain)

    def take_decision(self, loan: Loan, chain: Chain) -> None:
        if chain is loan.renewal:
            loan.end_renewal(chain.state, self.model.today)
            if chain.state == "approved":
                loan.last, loan.renewed = loan.wished, loan.renewed + 1
                loan.is_overdue = loan.last < self.model.today
        elif chain.state == "approved":
            loan.state = "approved"
        else:
            loan.end("rejected")

    async def call_off(self, loan: Loan, person: Person) -> None:
        is_possible = loan.state in {"submitted", "approved"} or (loan.state == "issued" and loan.are("waiting"))
        refusal = "" if is_possible else "borrowing.wrong_state"
        refusal = refusal if loan.is_withdrawer(person) else loan.sight(person)
        call = withdraw_borrowing(await self._game.actor(person), WithdrawBorrowing(loan.id, "不需要了"))
        if not await self._game.attempt(call, refusal):
            return
        if loan.state == "issued":
            loan.release()
        else:
            loan.chain.state = "cancelled" if loan.state == "submitted" else loan.chain.state
            loan.end("withdrawn")

    async def move_on(self, loan: Loan, number: int) -> None:
        for chain in (loan.renewal, loan.chain):
            if chain is not None and chain.state == "pending":
                await self.answer_aptly(chain, number)
        pieces = loan.are("waiting", "out", "back")
        if pieces and loan.state not in {"submitted", *ENDED}:
            await self.move(loan, pieces[number % len(pieces)])

    async def lend(self, person: Person, thing: Thing, number: int, length: int) -> None:
        """A loan from its application until everything is out."""
        before = len(self.model.loans)
        await self.apply(person, [(thing, number)], 0, length)
        for loan in self.model.loans[before:]:
            while loan.chain.state == "pending" and await self.answer_aptly(loan.chain, 0):
                pass
            for piece in loan.are("waiting"):
                if loan.state in {"approved", "issued"}:
                    await self.move(loan, piece)

    async def answer_aptly(self, chain: Chain, number: int) -> bool:
        apt = self.deciders(chain)
        if apt:
            await self.answer(chain, apt[number % len(apt)], is_approved=True)
        return bool(apt)

    async def move(self, loan: Loan, piece: Piece) -> None:
        keeper = self.managers_of(piece.thing)[0]
        if piece.state == "waiting":
            await self.hand_out(loan, piece.thing, keeper)
        elif piece.state == "out":
            await self.bring_back(piece.thing, keeper)
        else:
            await self.look_at(loan, piece.thing, keeper, is_worn=False)

    async def hand_out(self, loan: Loan, thing: Thing, person: Person) -> None:
        refusal = self.model.refusal_of_issue(person, loan, thing)
        request = IssueByCode(loan.id, thing.code, "经办人")
        view = await self._game.attempt(issue_by_code(await self._game.actor(person), request), refusal)
        if not view:
            return
        piece = loan.piece_of(thing)
        if piece is None:
            # Which of the waiting ones was replaced is the product's choice; it says so.
            there = {line.asset_id for line in view.lines}
            [piece] = [each for each in loan.pieces if each.thing.id not in there]
            assert piece.state == "waiting" and piece.is_any and piece.thing.is_like(thing)
            piece.thing, piece.days = thing, set(range(self.model.today, loan.until() + 1))
        piece.state, thing.where, thing.lent_to = "out", "out", loan.borrower
        loan.settle()

    async def bring_back(self, thing: Thing, person: Person) -> None:
        loan = self.model.out_on(thing)
        refusal = self.model.refusal_at_desk(person, thing) or ("" if loan else "borrowing.nothing_to_return")
        call = return_by_code(await self._game.actor(person), ReturnByCode(thing.code))
        if not await self._game.attempt(call, refusal):
            return
        assert loan is not None
        piece = next(each for each in loan.are("out") if each.thing is thing)
        piece.state, thing.where, thing.lent_to = "back", "back", None
        piece.days = {day for day in piece.days if day <= self.model.today}
        loan.settle()
        if loan.renewal is not None and not loan.are("out"):
            # Nobody needs to decide about it any more; the product says so after the commit.
            await settle()
            loan.end_renewal("lapsed", self.model.today)

    async def look_at(self, loan: Loan, thing: Thing, person: Person, *, is_worn: bool) -> None:
        piece = loan.piece_of(thing)
        assert piece is not None
        refusal = "" if piece.state == "back" else "borrowing.not_to_inspect"
        if loan.state not in {"issued", "returned"}:
            refusal = "borrowing.wrong_state"
        refusal = refusal if person.manages(loan.holder) else loan.sight(person)
        request = InspectReturn(loan.id, thing.id, "worn" if is_worn else "intact")
        if await self._game.attempt(inspect_return(await self._game.actor(person), request), refusal):
            piece.state, thing.where = "done", "home"
            loan.settle()

    async def ask_for_longer(self, loan: Loan, person: Person, last: int) -> None:
        refusal = self.model.refusal_of_renewal(person, loan, last)
        request = RenewBorrowing(loan.id, date.fromordinal(last), "展期延长")
        further = set(range(loan.last + 1, last + 1))
        is_perhaps = refusal == "asset.not_available" and self.model.may_move(
            [piece.thing for piece in loan.are("waiting", "out")], further
        )
        call = renew_borrowing(await self._game.actor(person), request)
        view = await self._game.attempt(call, refusal, is_perhaps=is_perhaps)
        if view and is_perhaps:
            await self.follow_moves()
        if view:
            loan.wished = last
            loan.renewal = Chain("renewal", view.renewals[-1].id, person, [loan.holder])
            for piece in loan.are("waiting", "out"):
                piece.days |= set(range(loan.last + 1, last + 1))

    async def end_renewal(self, loan: Loan, person: Person) -> None:
        refusal = "" if loan.renewal else "borrowing.no_renewal"
        refusal = refusal if loan.is_withdrawer(person) else loan.sight(person)
        call = withdraw_renewal(await self._game.actor(person), WithdrawRenewal(loan.id, "不用延了"))
        if await self._game.attempt(call, refusal):
            loan.end_renewal("withdrawn", self.model.today)

    async def pass_on(self, by: Person, giver: Person, taker: Person) -> None:
        refusal = self.model.refusal_of_handover(by, giver, taker)
        request = HandOver(giver.id, taker.id, "工作交接")
        view = await self._game.attempt(hand_over(await self._game.actor(by), request), refusal)
        if view:
            self.model.hand_over(giver, taker)
            taker.unsigned.append((view.id, giver))

    async def receive(self, taker: Person) -> None:
        for list_id, _ in taker.unsigned:
            await receive_handover(await self._game.actor(taker), ReceiveHandover(list_id, taker.name))
        taker.unsigned.clear()

    def is_last_manager(self, person: Person) -> bool:
        return not any(each.manages(person.unit) for each in self.model.active() if each is not person)

    async def send_away(self, person: Person) -> None:
        call = disable_person(self._game.town.security, DisablePerson(person.id, "调离"))
        refusal = self.model.refusal_of_disabling(person)
        await self._game.attempt(call, refusal)
        person.is_active = bool(refusal)

    async def give_name(self, unit: Unit, name: str) -> None:
        request = RenameUnit(
            unit_id=unit.id,
            name=name,
            short_name=name.removeprefix("临平区第"),
            document_no="临委编〔2026〕1号",
            effective_on=present_day(),
            reason="更名",
        )
        await rename_unit(self._game.town.system, request)
        unit.name = name
        self._game.actors.clear()
        self.model.restate()

    async def join(self, unit: Unit, to: Unit) -> None:
        wanted = proposal("merge", self._game.views[unit], self._game.views[to])
        change = await propose_unit_change(self._game.town.system, wanted)
        await confirm_unit_change(self._game.town.security, change.id)
        self._game.actors.clear()
        self.model.merge(unit, to)

    async def sleep(self, number: int) -> None:
        self._game.town.pass_days(number)
        await settle()
        ids = [loan.id for loan in self.model.loans]
        rows = await self._game.rows("SELECT id, collect_by FROM borrowing WHERE collect_by IS NOT NULL AND id {}", ids)
        for job in (expire_uncollected, follow_up_loans, lapse_renewals):
            await job()
        collect_by = {row["id"]: from_day_number(row["collect_by"]).toordinal() for row in rows}
        self.model.pass_days(present_day().toordinal(), collect_by)

    async def wind_down(self) -> None:
        """Call off what waits, take back what is out, inspect it: then nothing is promised any more."""
        for loan in self.model.loans:
            speaker = self.speakers(loan)[0]
            if loan.renewal is not None:
                await self.end_renewal(loan, speaker)
            if loan.is_open() and loan.are("waiting"):
                await self.call_off(loan, speaker)
            for piece in loan.are("out", "back"):
                keeper = self.managers_of(piece.thing)[0]
                if piece.state == "out":
                    await self.bring_back(piece.thing, keeper)
                await self.look_at(loan, piece.thing, keeper, is_worn=False)
        await settle()
        await looks.compare(self._game)
        await looks.all_is_resolved(self._game)
