"""Who may borrow what for how long: read from the policy of the lender's region, whose property it is."""

from datetime import date, timedelta

import msgspec

from server.circulation.checks import fault
from server.circulation.occasions.types import OccasionFacts
from server.identity.ops import unit_facts
from server.identity.types import RowSource, UnitFacts
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput
from server.kernel.unit_of_work import UnitOfWork
from server.policies.calendar import add_working_days
from server.policies.queries import borrowing_policy, policy_by_id, policy_for
from server.policies.types import BorrowingPolicy

# 上海市机关运行保障条例 14: organs, people's organisations and public institutions; anyone else leases.
_TEMPORARY = "temporary_body"
_MAY_BORROW = frozenset({"organ", "people_organisation", "public_institution", _TEMPORARY})


class BorrowingRules(msgspec.Struct, frozen=True):
    """The policy version that applies to one borrowing; its id is stored with the application."""

    version_id: str
    content: BorrowingPolicy


async def borrowing_rules(uow: UnitOfWork, region_path: str) -> BorrowingRules:
    """The borrowing policy of a region as it is now."""
    facts = await policy_for(uow.transaction, "borrowing", region_path, await uow.now())
    return BorrowingRules(facts.id, borrowing_policy(facts))


async def rules_of_version(rows: RowSource, version_id: str) -> BorrowingRules:
    """The policy version that an application was made under."""
    return BorrowingRules(version_id, borrowing_policy(await policy_by_id(rows, version_id)))


async def get_borrower(uow: UnitOfWork, actor: Actor) -> UnitFacts:
    """The actor's unit, if it may borrow (条例 14); a temporary body does through its lead unit, which approves first.

    Raises Forbidden `borrowing.unit_inactive`, `borrowing.unit_without_lead`, `borrowing.unit_may_not_borrow`.
    """
    if actor.unit_id is None:
        raise Forbidden("role.required")
    unit = await unit_facts(uow, actor.unit_id)
    if not unit.is_active:
        raise Forbidden("borrowing.unit_inactive")
    if unit.kind == _TEMPORARY and (unit.lead_unit_id is None or unit.ends_on is None):
        raise Forbidden("borrowing.unit_without_lead")
    if unit.kind not in _MAY_BORROW:
        raise Forbidden("borrowing.unit_may_not_borrow")
    return unit


class Until(msgspec.Struct, frozen=True):
    """The end date of a temporary body or an event: until then it may borrow, rather than for the longest ordinary loan
    (条例 14). `code`, `name`: whose end it is, for the refusal."""

    ends_on: date
    code: str
    name: str

    def refused(self, field: str) -> InvalidInput:
        """The fault of a day that lies beyond."""
        return fault(field, self.code, ends_on=self.ends_on.isoformat(), name=self.name)


def until_of(borrower: UnitFacts, occasion: OccasionFacts | None) -> Until | None:
    """The end that limits a loan: the borrowing body's own, or that of what it is for, whichever comes first."""
    ends = []
    if borrower.kind == _TEMPORARY and borrower.ends_on is not None:
        ends.append(Until(borrower.ends_on, "borrowing.body_ends_before", borrower.name))
    if occasion is not None:
        ends.append(Until(occasion.ends_on, "borrowing.occasion_ends_before", occasion.name))
    return min(ends, key=lambda until: until.ends_on, default=None)


def check_days(first: date, last: date, today: date, until: Until | None, rules: BorrowingPolicy, longest: int) -> None:
    """Raise InvalidInput naming the day that breaks a rule. `longest`: the listing's own limit."""
    if first < today:
        raise fault("from_day", "borrowing.from_in_past")
    if last < first:
        raise fault("to_day", "borrowing.to_before_from")
    if first > today + timedelta(days=rules.booking_ahead_days):
        raise fault("from_day", "borrowing.too_far_ahead", limit=rules.booking_ahead_days)
    if until is not None and last > until.ends_on:
        raise until.refused("to_day")
    limit = min(longest, rules.longest_days)
    # What the holder itself shortened holds for bodies and events too.
    is_open_ended = until is not None and longest >= rules.longest_days
    if (last - first).days + 1 > limit and not is_open_ended:
        raise fault("to_day", "borrowing.too_long", limit=limit)


def check_renewed_day(from_day: date, to_day: date, until: Until | None, rules: BorrowingPolicy) -> None:
    """Raise InvalidInput where a loan with all its renewals would be too long: beyond the longest loan from its first
    day (180 days by default), or beyond the end of what it is for."""
    last = from_day + timedelta(days=rules.longest_days - 1) if until is None else until.ends_on
    if to_day <= last:
        return
    if until is not None:
        raise until.refused("to_day")
    raise fault("to_day", "borrowing.renewal_too_long", limit=rules.longest_days, last_day=last.isoformat())


async def correcting_days(rows: RowSource, policy_version_id: str, region_path: str, day: date) -> date:
    """The last day for correcting what was sent back on `day`: 3 working days later by default."""
    rules = await rules_of_version(rows, policy_version_id)
    return await add_working_days(rows, region_path, day, rules.content.correction_working_days)


async def collecting_days(rows: RowSource, policy_version_id: str, region_path: str, day: date) -> date:
    """The last day for collecting what may be collected from `day` on: 3 working days later by default."""
    content = borrowing_policy(await policy_by_id(rows, policy_version_id))
    return await add_working_days(rows, region_path, day, content.collect_working_days)
