"""Asking for leave to write a lost thing off, once its compensation is settled."""

import msgspec

from server.approvals.ops import open_chain
from server.approvals.planning import BorrowingFacts, plan_steps
from server.approvals.types import OpenChain
from server.circulation.checks import LONGEST_REASON
from server.circulation.losses.access import SUBJECT, get_case_for_holder
from server.circulation.losses.progress import add_step, advance
from server.circulation.losses.queries import read_loss
from server.circulation.losses.states import LossState
from server.circulation.losses.types import AskWriteOff, LossView
from server.circulation.rules import borrowing_rules
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.unit_of_work import UnitOfWork
from server.policies.types import YUAN, BorrowingPolicy, StepCondition, StepRule


class _Steps(msgspec.Struct, frozen=True):
    steps: tuple[StepRule, ...]


def _steps(policy: BorrowingPolicy) -> _Steps:
    """Every write-off is a disposal, so 财政部门 always agrees; the department above too, from the policy's value."""
    return _Steps(
        (
            StepRule(
                name="主管部门审核",
                role=Role.COMPETENT_REVIEWER,
                where="parent_of_applicant",
                when=StepCondition(value_at_least_fen=policy.write_off_review_yuan * YUAN),
            ),
            StepRule(
                name="财政部门审核",
                role=Role.FINANCE_REVIEWER,
                where="finance_of_region",
                when=StepCondition(always=True),
            ),
        )
    )


@command("loss.ask_write_off")
async def ask_write_off(uow: UnitOfWork, actor: Actor, request: AskWriteOff) -> LossView:
    """Ask for leave to write a lost thing off.

    For the holder's asset manager or operations. Raises InvalidInput; NotFound `loss.not_found`; Forbidden
    `role.required`; StateConflict `loss.wrong_state`, `loss.not_lost`, `approval.no_finance_authority`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_REASON)
    checks.finish()
    person_id = require_person(actor)
    case = await get_case_for_holder(uow, actor, request.loss_id, LossState.SETTLED)
    if case.kind != "loss":
        raise StateConflict("loss.not_lost")
    holder = await unit_facts(uow, case.holder_unit_id)
    rules = await borrowing_rules(uow, holder.region_path)
    facts = BorrowingFacts(applicant_unit=holder, holder_unit=holder, value_fen=case.value_fen)
    # The step's own id, so that each time it was asked stays known: a refused case may be asked for again.
    write_off_id = new_id()
    await advance(uow, case, LossState.WRITING_OFF, write_off_id=write_off_id, policy_version_id=rules.version_id)
    await open_chain(
        uow,
        OpenChain(
            subject_kind=SUBJECT,
            subject_id=write_off_id,
            title=f"核销 {case.asset_name} {case.asset_code}",
            applicant_id=person_id,
            applicant_unit=holder,
            policy_version_id=rules.version_id,
            steps=await plan_steps(uow, _steps(rules.content), facts),
        ),
    )
    await add_step(uow, case, LossState.WRITING_OFF, reason, write_off_id)
    await uow.record(
        "loss.ask_write_off", "loss", case.id, document_no=case.number, asset_code=case.asset_code, reason=reason
    )
    return await read_loss(uow, actor, case.id)
