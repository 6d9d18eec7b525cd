"""Telling people: those who can decide that something waits, the applicant what was decided."""

from typing import Any

from server.approvals.access import heard_in
from server.approvals.models import ApprovalChain, ApprovalTask
from server.approvals.types import State
from server.identity.queries import people_with_role
from server.kernel.outbox import on_event
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify


@on_event("approval.task_opened", "approvals.tell_deciders")
async def tell_deciders(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """A message to everybody who can decide the step; to the applicant when there is nobody, with whom to ask."""
    task = await uow.find(ApprovalTask, id=payload["task_id"], state=State.PENDING.value)
    chain = None if task is None else await uow.find(ApprovalChain, id=task.chain_id)
    if task is None or chain is None:
        return  # decided or withdrawn in the meantime
    deciders = await _deciders(uow, chain, task)
    if deciders:
        body = f"{chain.applicant_unit_name} {chain.applicant_name}：{chain.subject_title}（{task.name}）"
        await notify(uow, deciders, "有一份申请等您审批", body, "approval_task", task.id, f"task:{task.id}")
    else:
        body = f"{chain.subject_title}：{task.unit_name}暂时没有可以办理“{task.name}”的人，请联系该单位。"
        title = "您的申请暂时没有人可以审批"
        await notify(
            uow, [chain.applicant_id], title, body, chain.subject_kind, chain.subject_id, f"task:{task.id}:nobody"
        )


@on_event("approval.decided", "approvals.tell_applicant")
async def tell_applicant(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """A message to the applicant at the end of the chain; steps in between can be read on the application."""
    task = await uow.find(ApprovalTask, id=payload["task_id"])
    chain = None if task is None else await uow.find(ApprovalChain, id=task.chain_id)
    if task is None or chain is None or not payload["is_last"]:
        return
    is_approved = task.state == State.APPROVED
    title = "您的申请已通过审批" if is_approved else "您的申请未获同意"
    reason = f"。意见：{task.opinion}" if task.opinion else ""
    body = f"{chain.subject_title}（{task.name}，{task.unit_name} {task.decided_by_name}）{reason}"
    await notify(uow, [chain.applicant_id], title, body, chain.subject_kind, chain.subject_id, f"decided:{task.id}")


async def _deciders(uow: UnitOfWork, chain: ApprovalChain, task: ApprovalTask) -> list[str]:
    """Who can decide: whoever holds the role, without the applicant and those who decided an earlier step. Where that
    leaves nobody in the unit, whoever holds it above."""
    barred = {chain.applicant_id, *await heard_in(uow, chain)}
    return await people_with_role(uow, task.role, task.unit_path, barred)
