"""When a need must carry the proof of an idle search, from whom it must be approved, and what is worth a warning.

行政事业性国有资产管理条例 11: what can be had by transfer is not bought. So a budget unit's need in a category with an
allocation standard carries the proof; emergencies and whoever is no budget unit are exempt.
"""

from datetime import date
from typing import cast

import msgspec

from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.types import Step
from server.assets.queries import allowance_of
from server.classification.standards.queries import standard_for
from server.identity.roles import Role
from server.identity.types import RowSource, UnitFacts
from server.kernel.money import format_yuan
from server.policies.types import YUAN, PolicyFacts, ProcurementPolicy, StepCondition, StepRule
from server.procurement.states import Exemption

# 机关、人民团体、事业单位 and the temporary bodies that they lead spend from the budget.
_BUDGET_KINDS = frozenset({"organ", "people_organisation", "public_institution", "temporary_body"})


class _Steps(msgspec.Struct, frozen=True):
    steps: tuple[StepRule, ...]


class NeedBasis(msgspec.Struct, frozen=True):
    """The part of a need that the rules look at."""

    category_code: str
    quantity: int
    budget_fen: int
    is_emergency: bool


def procurement_policy(facts: PolicyFacts) -> ProcurementPolicy:
    """The content of a version of kind `procurement`."""
    return cast(ProcurementPolicy, facts.content)


async def exemption_of(rows: RowSource, need: NeedBasis, unit: UnitFacts, day: date) -> Exemption | None:
    """Why the need goes on without a proof on that day; None where it must carry one."""
    if unit.kind not in _BUDGET_KINDS:
        return Exemption.NOT_BUDGET_UNIT
    if need.is_emergency:
        return Exemption.EMERGENCY
    standard = await standard_for(rows, need.category_code, unit.region_path, day)
    return Exemption.NO_STANDARD if standard is None else None


async def plan(rows: RowSource, content: ProcurementPolicy, unit: UnitFacts, budget_fen: int) -> list[Step]:
    """The unit's own manager always; the department above and 财政部门 from the budgets that the policy names."""
    steps = (
        StepRule(name="本单位审核", role=Role.ASSET_MANAGER, where="applicant_unit", when=StepCondition(always=True)),
        StepRule(
            name="主管部门审核",
            role=Role.COMPETENT_REVIEWER,
            where="parent_of_applicant",
            when=StepCondition(value_at_least_fen=content.competent_review_yuan * YUAN),
        ),
        StepRule(
            name="财政部门审核",
            role=Role.FINANCE_REVIEWER,
            where="finance_of_region",
            when=StepCondition(value_at_least_fen=content.finance_review_yuan * YUAN),
        ),
    )
    facts = BorrowingFacts(applicant_unit=unit, holder_unit=unit, value_fen=budget_fen)
    return await plan_steps(rows, _Steps(steps), facts)


async def warnings_of(rows: RowSource, need: NeedBasis, unit: UnitFacts, day: date) -> list[str]:
    """What the allocation standard says against the need, in sentences: it warns and never blocks."""
    standard = await standard_for(rows, need.category_code, unit.region_path, day)
    if standard is None:
        return []
    said = []
    measure, ceiling = standard.items[0].measure, standard.ceiling_fen
    if standard.is_priced_by_piece and need.budget_fen > ceiling * need.quantity:
        most = format_yuan(ceiling * need.quantity)
        said.append(
            f"预算超过价格上限：{standard.name}每{measure}不超过 {format_yuan(ceiling)} 元，"
            f"{need.quantity} {measure}共不超过 {most} 元。"
        )
    allowance = await allowance_of(rows, unit, standard, day)
    if allowance.allowed is not None and allowance.held + need.quantity > allowance.allowed:
        said.append(
            f"超过数量标准：按编制内实有人数可配置 {allowance.allowed} {measure}，"
            f"现有 {allowance.held}，再购置 {need.quantity} 即超出。"
        )
    return said
