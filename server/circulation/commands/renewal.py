"""Keeping what is borrowed for longer: the further days are taken when it is asked for, and given back if refused."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from tortoise.exceptions import IntegrityError

from server.approvals.ops import cancel_chain, open_chain
from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.types import OpenChain, Step
from server.assets.ops import lock_assets
from server.assets.types import AssetFacts
from server.circulation.access import find_for_withdrawal, require_state, require_system
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_REASON, LONGEST_TEXT, fault
from server.circulation.days import renewal_not_available, take_days
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine, BorrowingRenewal
from server.circulation.moving import Room, carry_out, first_held, lock_loans, room_on
from server.circulation.occasions.ops import occasion_of
from server.circulation.progress import add_event
from server.circulation.promises import hours_of
from server.circulation.queries.detail import read_borrowing, stored_row
from server.circulation.renewals import SUBJECT, RenewalState, end_renewal, pending_renewal
from server.circulation.rules import BorrowingRules, Until, borrowing_rules, check_renewed_day, until_of
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, RenewBorrowing, WithdrawRenewal
from server.identity.ops import unit_facts
from server.identity.types import UnitFacts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_ONE_DAY = timedelta(days=1)
# What the loan would be longer for.
_KEPT = (LineState.OUT, LineState.WAITING)


@command("borrowing.renew")
async def renew_borrowing(uow: UnitOfWork, actor: Actor, request: RenewBorrowing) -> BorrowingView:
    """Ask for more days of everything that is out, or is still to be collected: all of them are held from now on.

    For the applicant or the unit's asset manager. Raises InvalidInput (`borrowing.renewal_not_later`,
    `borrowing.renewal_too_long`, `borrowing.body_ends_before`); NotFound `borrowing.not_found`; Forbidden
    `role.required`; StateConflict `borrowing.wrong_state`, `borrowing.nothing_to_renew`, `borrowing.renewal_overdue`,
    `borrowing.renewal_limit`, `borrowing.renewal_pending`, `borrowing.asset_not_lendable`, `asset.not_available`,
    `borrowing.hours_not_renewable`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_TEXT)
    checks.finish()
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    loans = await lock_with_movable(uow, seen.id, seen.to_day, request.to_day)
    borrowing = await uow.lock(Borrowing, seen.id)
    assert borrowing is not None
    borrower, holder = (
        await unit_facts(uow, borrowing.borrower_unit_id),
        await unit_facts(uow, borrowing.holder_unit_id),
    )
    if hours_of(borrowing) is not None:
        raise StateConflict("borrowing.hours_not_renewable")
    rules = await borrowing_rules(uow, holder.region_path)
    lines = await _renewable(uow, borrowing)
    ordinal = await _ordinal(uow, borrowing, rules)
    check_day(borrowing, request.to_day, until_of(borrower, await occasion_of(uow, stored_row(borrowing))), rules)
    renewal = BorrowingRenewal(
        id=new_id(),
        borrowing_id=borrowing.id,
        open_key=borrowing.id,
        ordinal=ordinal,
        from_day=borrowing.to_day,
        to_day=request.to_day,
        reason=reason,
        state=RenewalState.PENDING.value,
        applicant_id=actor.person_id,
        applicant_name=actor.person_name,
        submitted_at=await uow.now(),
    )
    await take_further_days(uow, borrowing, lines, borrowing.to_day, renewal.to_day, loans)
    await _ask(uow, borrowing, renewal, lines, borrower, holder, rules)
    await _add_once(uow, renewal)
    until = request.to_day.isoformat()
    await add_event(uow, borrowing.id, "renewal_asked", f"申请续借到 {until}：{reason}"[:LONGEST_TEXT])
    await uow.record("borrowing.renew", "borrowing", borrowing.id, number=borrowing.number, to_day=until)
    return await read_borrowing(uow, actor, borrowing.id)


async def _renewable(uow: UnitOfWork, borrowing: Borrowing) -> list[BorrowingLine]:
    """What the loan would be longer for; a loan that is over, or late, is not renewed."""
    require_state(borrowing, BorrowingState.ISSUED)
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    if not any(line_state(line) is LineState.OUT for line in lines):
        raise StateConflict("borrowing.nothing_to_renew")
    if borrowing.to_day < await today(uow):
        raise StateConflict("borrowing.renewal_overdue", to_day=borrowing.to_day.isoformat())
    return [line for line in lines if line_state(line) in _KEPT]


async def _ordinal(uow: UnitOfWork, borrowing: Borrowing, rules: BorrowingRules) -> int:
    earlier = await uow.find_all(BorrowingRenewal, borrowing_id=borrowing.id)
    if any(each.state == RenewalState.PENDING for each in earlier):
        raise StateConflict("borrowing.renewal_pending")
    done = sum(each.state == RenewalState.APPROVED for each in earlier)
    limit = rules.content.most_renewals
    if done >= limit:
        raise StateConflict("borrowing.renewal_limit", limit=limit)
    return done + 1


def check_day(borrowing: Borrowing, to_day: date, until: Until | None, rules: BorrowingRules) -> None:
    """Raise InvalidInput unless a renewal may go until `to_day`."""
    if to_day <= borrowing.to_day:
        raise fault("to_day", "borrowing.renewal_not_later", to_day=borrowing.to_day.isoformat())
    check_renewed_day(borrowing.from_day, to_day, until, rules.content)


async def lock_with_movable(uow: UnitOfWork, borrowing_id: str, after: date, last: date) -> set[str]:
    """Hold a loan together with those whose promises have to go to equal pieces, so that it can have the days after
    `after`, up to `last`; returns the latter. Together, because loans are locked in the order of their ids."""
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing_id)
    kept = [line.asset_id for line in lines if line_state(line) in _KEPT]
    first = after + _ONE_DAY
    room = await room_on(uow, kept, first, last) if after < last else Room()
    moves = room.plan(len(kept), kept)
    # Where not all that is in the way can go, the renewal is refused, and nobody else is held up by it.
    if not moves or moves.keys() != (await first_held(uow, kept, first, last)).keys():
        return set()
    await lock_loans(uow, {borrowing_id, *room.loans})
    return room.loans


async def take_further_days(
    uow: UnitOfWork, borrowing: Borrowing, lines: list[BorrowingLine], after: date, last: date, loans: Collection[str]
) -> None:
    """Hold the days after `after`, up to `last`, of every card on the lines. `loans`: what `lock_with_movable` gave.

    Raises StateConflict `borrowing.asset_not_lendable`, `asset.not_available`.
    """
    kept, first = [line.asset_id for line in lines], after + _ONE_DAY
    room = await room_on(uow, kept, first, last) if loans else Room()
    locked = {card.id: card for card in await lock_assets(uow, {*kept, *room.asset_ids})}
    cards = [locked[each] for each in sorted(kept)]
    if any(card.frozen_reason is not None for card in cards):
        raise StateConflict("borrowing.asset_not_lendable")
    await _make_room(uow, kept, first, last, loans, locked)
    await take_days(uow, [card.id for card in cards], borrowing.id, first, last)
    for card in cards:
        uow.publish_after_commit(BOARD_CHANNEL, card.id)


async def _make_room(
    uow: UnitOfWork, kept: list[str], first: date, last: date, loans: Collection[str], cards: Mapping[str, AssetFacts]
) -> None:
    """Let what others asked for by number go to equal pieces; refused unless that leaves every day free."""
    held = await first_held(uow, kept, first, last)
    if not held:
        return
    moves = (await room_on(uow, kept, first, last, locked=(loans, cards))).plan(len(kept), kept)
    stuck = [day for asset_id, day in held.items() if asset_id not in moves]
    if stuck:
        raise renewal_not_available(min(stuck), len(stuck), len(kept))
    await carry_out(uow, moves, cards)


async def _ask(
    uow: UnitOfWork,
    borrowing: Borrowing,
    renewal: BorrowingRenewal,
    lines: list[BorrowingLine],
    borrower: UnitFacts,
    holder: UnitFacts,
    rules: BorrowingRules,
) -> None:
    request = OpenChain(
        subject_kind=SUBJECT,
        subject_id=renewal.id,
        title=title_of_renewal(borrowing, renewal.to_day),
        applicant_id=renewal.applicant_id,
        applicant_unit=borrower,
        policy_version_id=rules.version_id,
        steps=await steps_of_renewal(uow, rules, borrower, holder, lines),
    )
    await open_chain(uow, request)


def title_of_renewal(borrowing: Borrowing, to_day: date) -> str:
    """What a renewal is called among the approvals."""
    return f"续借 {borrowing.title} 到 {to_day.isoformat()}"


async def steps_of_renewal(
    uow: UnitOfWork, rules: BorrowingRules, borrower: UnitFacts, holder: UnitFacts, lines: list[BorrowingLine]
) -> list[Step]:
    """Who must agree to a renewal of what is on the lines."""
    value_fen = sum(line.value_fen for line in lines)
    facts = BorrowingFacts(applicant_unit=borrower, holder_unit=holder, value_fen=value_fen)
    return await plan_steps(uow, rules.content, facts, is_renewal=True)


async def _add_once(uow: UnitOfWork, renewal: BorrowingRenewal) -> None:
    try:
        await uow.add(renewal)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise StateConflict("borrowing.renewal_pending") from error


@command("borrowing.withdraw_renewal")
async def withdraw_renewal(uow: UnitOfWork, actor: Actor, request: WithdrawRenewal) -> BorrowingView:
    """Take a renewal back before it is decided; its days are free again and the loan ends when it was to end.

    For the applicant or the unit's asset manager. Raises InvalidInput; NotFound `borrowing.not_found`; Forbidden
    `role.required`; StateConflict `borrowing.no_renewal`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_REASON)
    checks.finish()
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    renewal = await pending_renewal(uow, seen.id)
    if renewal is None:
        raise StateConflict("borrowing.no_renewal")
    await _end_undecided(uow, renewal, RenewalState.WITHDRAWN, reason)
    await uow.record("borrowing.withdraw_renewal", "borrowing", seen.id, number=seen.number, reason=reason)
    return await read_borrowing(uow, actor, seen.id)


async def _end_undecided(uow: UnitOfWork, renewal: BorrowingRenewal, state: RenewalState, note: str) -> Borrowing:
    """End a renewal that nobody decided: its approvals first, as the lock order wants it."""
    if not await cancel_chain(uow, SUBJECT, renewal.id):
        raise StateConflict("borrowing.no_renewal")
    borrowing = await uow.lock(Borrowing, renewal.borrowing_id)
    if borrowing is None:
        raise NotFound("borrowing.not_found")
    await end_renewal(uow, borrowing, renewal, state, note)
    return borrowing


async def lapse_renewal(uow: UnitOfWork, borrowing_id: str) -> None:
    """End the pending renewal of a borrowing of which nothing is out any more, whose further days have passed, or which
    was sent back and not corrected in time; nothing happens where it was decided meanwhile, or still makes sense."""
    renewal = await pending_renewal(uow, borrowing_id)
    if renewal is None:
        return
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing_id)
    note = _moot(renewal, lines, await today(uow))
    if not note:
        return
    borrowing = await _end_undecided(uow, renewal, RenewalState.LAPSED, note)
    await uow.record("borrowing.lapse_renewal", "borrowing", borrowing.id, number=borrowing.number, reason=note)


def _moot(renewal: BorrowingRenewal, lines: list[BorrowingLine], day: date) -> str:
    """Why nobody needs to decide a renewal any more; empty while somebody does."""
    if not any(line_state(line) is LineState.OUT for line in lines):
        return "东西已经归还"
    if renewal.to_day < day:
        return "续借的日期已过，审批没有办完"
    is_late = renewal.correct_by is not None and renewal.correct_by < day
    return "退回修改后，没有在期限内重新提交" if is_late else ""


@command("borrowing.lapse_renewal", is_audited=False)
async def end_moot_renewal(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> None:
    """The same as a unit of work of its own, for the job that looks for them."""
    require_system(actor)
    await lapse_renewal(uow, borrowing_id)
