"""From a policy's step rules to the steps of one application: which unit each one means, and which are needed."""

from typing import Protocol

import msgspec

from server.approvals.types import Step
from server.identity.ops import unit_facts
from server.identity.queries import finance_authority_of
from server.identity.roles import Role
from server.identity.types import RowSource, UnitFacts
from server.kernel.errors import StateConflict
from server.kernel.money import format_yuan
from server.policies.types import StepCondition, StepRule

_DISTRICT_DEPTH = 3  # province / city / district
_TEMPORARY_BODY = "temporary_body"
_CONSENT = StepRule(
    name="出借方同意",
    role=Role.ASSET_MANAGER,
    where="holder_unit",
    when=StepCondition(always=True),
    is_for_renewal=True,
)


class BorrowingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps of a borrowing depend on: who applies, who holds the thing, and what it is worth in fen."""

    applicant_unit: UnitFacts
    holder_unit: UnitFacts
    value_fen: int


class Steps(Protocol):
    """The part of a policy that says who must agree."""

    @property
    def steps(self) -> tuple[StepRule, ...]:
        """Every step, in order, with when it is needed."""
        ...


async def plan_steps(
    reader: RowSource, policy: Steps, facts: BorrowingFacts, *, is_renewal: bool = False
) -> list[Step]:
    """The steps of one borrowing or of its renewal, in order, each with why it is needed. A step that would ask the
    same role of the same unit again is left out (a unit that borrows what it holds itself consents by its first step).

    StateConflict `approval.no_finance_authority` where the finance step is needed and no unit of the region or above is
    its finance authority.
    """
    steps: list[Step] = []
    for rule in _rules_of_renewal(policy) if is_renewal else policy.steps:
        if why := _why(rule.when, facts):
            step = await _step(reader, rule, facts, why)
            if step is not None and not any(
                (step.role, step.unit_id) == (other.role, other.unit_id) for other in steps
            ):
                steps.append(step)
    return steps


def _rules_of_renewal(policy: Steps) -> list[StepRule]:
    """Those that say so; else the holder's consent, which no renewal can do without."""
    said = [rule for rule in policy.steps if rule.is_for_renewal]
    return said or [_CONSENT]


def _why(when: StepCondition, facts: BorrowingFacts) -> str:
    """What makes a step necessary, in words; empty where nothing does."""
    borrower, holder = facts.applicant_unit.region_path, facts.holder_unit.region_path
    least = when.value_at_least_fen
    reasons = {
        "每次都要": when.always,
        f"价值 {format_yuan(facts.value_fen)} 元，达到 {format_yuan(least or 0)} 元": least is not None
        and facts.value_fen >= least,
        "跨区县借用": when.crosses_district and crosses_district(borrower, holder),
        "跨层级借用": when.crosses_level and crosses_level(borrower, holder),
    }
    return "；".join(reason for reason, holds in reasons.items() if holds)


def crosses_district(region_path: str, other_path: str) -> bool:
    """Whether two regions (paths from the province down) lie in different districts; a city itself is none of its
    districts, so between a city's unit and a district's the line is crossed too."""
    return region_path.split("/")[:_DISTRICT_DEPTH] != other_path.split("/")[:_DISTRICT_DEPTH]


def crosses_level(region_path: str, other_path: str) -> bool:
    """Whether two regions stand on different levels of the tree: a city and a district, a district and a street."""
    return region_path.count("/") != other_path.count("/")


async def _step(reader: RowSource, rule: StepRule, facts: BorrowingFacts, why: str) -> Step | None:
    unit = await _unit_for(reader, rule, facts)
    if unit is None:
        return None
    role = rule.role
    if rule.where == "holder_unit" and unit.is_operator and role is Role.ASSET_MANAGER:
        # What lies in the operator's warehouses is lent by those who run them (rules: Who).
        role = Role.OPERATIONS
    return Step(name=rule.name, role=str(role), unit_id=unit.id, unit_path=unit.path, unit_name=unit.name, why=why)


async def _unit_for(reader: RowSource, rule: StepRule, facts: BorrowingFacts) -> UnitFacts | None:
    if rule.where == "holder_unit":
        return facts.holder_unit
    applicant = await _responsible_unit(reader, facts.applicant_unit)
    if rule.where == "applicant_unit":
        return applicant
    if rule.where == "parent_of_applicant":
        # The unit at the top of the tree has nobody above it to ask.
        return None if applicant.parent_id is None else await unit_facts(reader, applicant.parent_id)
    # The lender's region: it is the lender's property, and its finance authority answers for it.
    authority = await finance_authority_of(reader, facts.holder_unit.region_path)
    if authority is None:
        raise StateConflict("approval.no_finance_authority")
    return authority


async def _responsible_unit(reader: RowSource, unit: UnitFacts) -> UnitFacts:
    """A temporary body borrows through its lead unit (牵头单位; 上海条例 14)."""
    if unit.kind == _TEMPORARY_BODY and unit.lead_unit_id is not None:
        return await unit_facts(reader, unit.lead_unit_id)
    return unit
