"""Applying to borrow: the days are taken at once, and the people who must agree are asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from server.approvals.ops import open_chain
from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.queries import chain_view
from server.approvals.types import OpenChain, Step
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_TEXT, checked_phone, fault
from server.circulation.choosing import Chosen, check_lines, choose, looked_at, the_card
from server.circulation.commands.basket import forget_basket
from server.circulation.commands.collection import checked_collection
from server.circulation.hours import hours_words
from server.circulation.lines import title_of
from server.circulation.meeting_place import meeting_place
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.occasions.ops import occasion_for_loan
from server.circulation.occasions.types import OccasionFacts
from server.circulation.promises import take_promise
from server.circulation.queries.detail import PHONE_FIELD, shown, stored_row
from server.circulation.rules import BorrowingRules, borrowing_rules, check_days, get_borrower, until_of
from server.circulation.states import BorrowingState
from server.circulation.types import BasketView, BorrowingView, Collection, SubmitBasket, SubmitBorrowing, WantedLine
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import require_role
from server.identity.types import UnitFacts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import Forbidden
from server.kernel.ids import new_id
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import UnitOfWork


@command("borrowing.submit")
async def submit_borrowing(uow: UnitOfWork, actor: Actor, request: SubmitBorrowing) -> BorrowingView:
    """Apply for one card on the board, or for so many equal ones; their days are held from now on.

    Raises InvalidInput naming the field; Forbidden `role.required`, `borrowing.unit_may_not_borrow`,
    `borrowing.unit_without_lead`, `borrowing.unit_inactive`, `borrowing.own_asset`; NotFound `listing.not_found`;
    StateConflict `listing.closed`, `asset.not_available` (with `first_taken`), `borrowing.asset_not_lendable`,
    `approval.no_finance_authority`, `occasion.closed`, `occasion.over`.
    """
    line = WantedLine(request.asset_id, request.quantity)
    days = (request.from_day, request.to_day)
    wanted = SubmitBasket([line], *days, request.purpose, request.phone, request.occasion_id)
    application = await begun(uow, actor, wanted, request.collection)
    if line.quantity is None:
        # The busiest path: a card by itself is locked at once, with nothing read before.
        chosen = [await the_card(uow, actor, line.asset_id)]
        await application.check(uow, chosen[0].card.holder_unit_id, chosen[0].offer["longest_days"])
    else:
        chosen = await application.choose(uow, actor)
    return await application.submit(uow, actor, chosen)


@command("borrowing.submit_basket")
async def submit_basket(uow: UnitOfWork, actor: Actor, request: SubmitBasket) -> BasketView:
    """Apply for several things for the same days, all or nothing: one borrowing for each holder and warehouse or site,
    each with approvals and a collecting place of its own. What was in the applicant's basket of it leaves the basket.

    Raises what `submit_borrowing` raises.
    """
    application = await begun(uow, actor, request)
    chosen = await application.choose(uow, actor)
    parties: dict[tuple[str, str], list[Chosen]] = {}
    for each in chosen:
        parties.setdefault(each.party, []).append(each)
    view = BasketView([await application.submit(uow, actor, party) for party in parties.values()])
    await forget_basket(uow, actor, [line.asset_id for line in request.lines])
    return view


async def begun(
    uow: UnitOfWork, actor: Actor, request: SubmitBasket, collection: Collection | None = None
) -> "Application":
    """A request whose own fields are in order. Raises InvalidInput, Forbidden."""
    applicant_id = require_person(actor)
    require_role(actor, Role.BORROWER)
    checks = Checks()
    purpose = checks.text("purpose", request.purpose, longest=LONGEST_TEXT)
    checks.finish()
    check_lines(request.lines)
    if request.to_day < request.from_day:
        raise fault("to_day", "borrowing.to_before_from")
    phone = checked_phone(request.phone)
    chosen = checked_collection(collection, request.from_day, request.to_day)
    borrower = await get_borrower(uow, actor)
    occasion = None if not request.occasion_id else await occasion_for_loan(uow, actor, request.occasion_id)
    return Application(request, applicant_id, purpose, phone, borrower, chosen, occasion)


class Application:
    """One request while it becomes borrowings. `_lenders`: who lends, and the policy of the lender's region."""

    def __init__(
        self,
        request: SubmitBasket,
        applicant_id: str,
        purpose: str,
        phone: str | None,
        borrower: UnitFacts,
        collection: dict[str, Any],
        occasion: OccasionFacts | None,
    ) -> None:
        self._request = request
        self._applicant_id = applicant_id
        self._purpose = purpose
        self._phone = phone
        self._borrower = borrower
        self._collection = collection
        self._occasion = occasion
        self._lenders: dict[str, tuple[UnitFacts, BorrowingRules]] = {}

    async def check(self, uow: UnitOfWork, holder_unit_id: str, longest: int) -> None:
        """Raise unless the unit may borrow from this holder on these days."""
        if holder_unit_id == self._borrower.id:
            raise Forbidden("borrowing.own_asset")
        if holder_unit_id not in self._lenders:
            holder = await unit_facts(uow, holder_unit_id)
            self._lenders[holder_unit_id] = (holder, await borrowing_rules(uow, holder.region_path))
        first, last = self._request.from_day, self._request.to_day
        rules = self._lenders[holder_unit_id][1].content
        check_days(first, last, await today(uow), until_of(self._borrower, self._occasion), rules, longest)

    async def choose(self, uow: UnitOfWork, actor: Actor) -> list[Chosen]:
        """The cards for all lines, locked, once the rules allow the days."""
        request = self._request
        looked = await looked_at(uow, actor, request.lines)
        for offer in looked:
            await self.check(uow, offer["holder_unit_id"], offer["longest_days"])
        return await choose(uow, actor, request.lines, looked, request.from_day, request.to_day, may_move=True)

    async def submit(
        self, uow: UnitOfWork, actor: Actor, chosen: Sequence[Chosen], hours: tuple[datetime, datetime] | None = None
    ) -> BorrowingView:
        """One borrowing of what one holder lends at one place: days (or `hours` of one), approvals, number, lines."""
        holder, rules = self._lenders[chosen[0].card.holder_unit_id]
        value_fen = sum(each.card.value_fen for each in chosen)
        facts = BorrowingFacts(applicant_unit=self._borrower, holder_unit=holder, value_fen=value_fen)
        steps = await plan_steps(uow, rules.content, facts)
        borrowing = await self._drawn_up(uow, actor, chosen, holder, rules.version_id)
        if hours is not None:
            borrowing.starts_at, borrowing.ends_at = hours
            # Everywhere it is named, its hours are: on lists, papers and in messages.
            borrowing.title = f"{borrowing.title}（{hours_words(*hours)}）"
        await take_promise(uow, borrowing, [each.card.id for each in chosen])
        await self._ask(uow, borrowing, steps)
        borrowing.number = await _next_number(uow, self._borrower)
        lines = await _store(uow, borrowing, chosen, self._occasion.name if self._occasion else None)
        # On the busiest path nothing is read back that is known already.
        chain = await chain_view(uow, "borrowing", borrowing.id)
        assert chain is not None
        view = shown(actor, stored_row(borrowing), [stored_row(line) for line in lines], [], chain, is_desk=False)
        return view if self._occasion is None else msgspec.structs.replace(view, occasion=self._occasion)

    async def _drawn_up(
        self, uow: UnitOfWork, actor: Actor, chosen: Sequence[Chosen], holder: UnitFacts, policy_version_id: str
    ) -> Borrowing:
        phone = self._phone
        return Borrowing(
            id=new_id(),
            title=title_of([each.card.name for each in chosen]),
            applicant_id=self._applicant_id,
            applicant_name=actor.person_name,
            applicant_phone_sealed=None if phone is None else current_runtime().cipher.encrypt(PHONE_FIELD, phone),
            purpose=self._purpose,
            from_day=self._request.from_day,
            to_day=self._request.to_day,
            state=BorrowingState.SUBMITTED.value,
            policy_version_id=policy_version_id,
            submitted_at=await uow.now(),
            **self._collection,
            **_named(self._occasion),
            **await meeting_place(uow, [each.offer for each in chosen]),
            **_parties(self._borrower, holder),
        )

    async def _ask(self, uow: UnitOfWork, borrowing: Borrowing, steps: list[Step]) -> None:
        await open_chain(
            uow,
            OpenChain(
                subject_kind="borrowing",
                subject_id=borrowing.id,
                title=f"借用 {borrowing.title}",
                applicant_id=borrowing.applicant_id,
                applicant_unit=self._borrower,
                policy_version_id=borrowing.policy_version_id,
                steps=steps,
            ),
        )


def _named(occasion: OccasionFacts | None) -> dict[str, str]:
    if occasion is None:
        return {}
    return {"occasion_id" if occasion.kind == "event" else "for_unit_id": occasion.id}


def _parties(borrower: UnitFacts, holder: UnitFacts) -> dict[str, str]:
    return {
        "borrower_unit_id": borrower.id,
        "borrower_unit_name": borrower.name,
        "borrower_unit_path": borrower.path,
        "holder_unit_id": holder.id,
        "holder_unit_name": holder.name,
        "holder_unit_path": holder.path,
    }


async def _next_number(uow: UnitOfWork, unit: UnitFacts) -> str:
    """The next 文号 of the borrowing unit's year, without gaps. The counter is the last thing locked."""
    year = (await today(uow)).year
    number = await uow.next_number(f"borrowing:{unit.id}:{year}")
    return f"{unit.short_name}借〔{year}〕{number}号"


async def add_lines(uow: UnitOfWork, borrowing_id: str, chosen: Sequence[Chosen]) -> list[BorrowingLine]:
    """Put the chosen cards on a borrowing that holds their days."""
    lines = [
        BorrowingLine(
            borrowing_id=borrowing_id,
            item=each.item,
            alike_key=each.offer["alike_key"] if each.is_any else "",
            asset_id=each.card.id,
            asset_code=each.card.code,
            asset_name=each.card.name,
            value_fen=each.card.value_fen,
        )
        for each in chosen
    ]
    for line in lines:
        await uow.add(line)
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    return lines


async def _store(
    uow: UnitOfWork, borrowing: Borrowing, chosen: Sequence[Chosen], occasion_name: str | None
) -> list[BorrowingLine]:
    await uow.add(borrowing)
    lines = await add_lines(uow, borrowing.id, chosen)
    await uow.record(
        "borrowing.submit",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        asset_codes=[line.asset_code for line in lines],
        from_day=borrowing.from_day.isoformat(),
        to_day=borrowing.to_day.isoformat(),
        policy_version_id=borrowing.policy_version_id,
        **({} if occasion_name is None else {"occasion": occasion_name}),
    )
    return lines
