"""Telling the others who take part that something was said."""

from typing import Any

from server.approvals.access import heard_in
from server.approvals.comments.models import ApprovalComment
from server.approvals.models import ApprovalChain, ApprovalTask
from server.approvals.types import State
from server.identity.queries import people_with_role
from server.kernel.outbox import on_event
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify


@on_event("approval.commented", "approvals.tell_of_comment")
async def tell_of_comment(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """A message to the applicant, to whoever can decide now, and to whoever decided or said something before."""
    comment = await uow.find(ApprovalComment, id=payload["comment_id"])
    chain = None if comment is None else await uow.find(ApprovalChain, id=comment.chain_id)
    if comment is None or chain is None or comment.withdrawn_at is not None:
        return
    others = await _taking_part(uow, chain) - {comment.author_id}
    title = f"{comment.author_name}对申请留了言"
    body = f"{chain.subject_title}：{comment.text}"
    link = f"{chain.subject_kind}/{chain.subject_id}"
    await notify(uow, others, title, body, "comments", link, f"comment:{comment.id}")


async def _taking_part(uow: UnitOfWork, chain: ApprovalChain) -> set[str]:
    said = await uow.find_all(ApprovalComment, chain_id=chain.id)
    people = {chain.applicant_id, *(each.author_id for each in said)}
    decided = await uow.find_all(ApprovalTask, chain_id=chain.id, decided_by__isnull=False)
    people |= {task.decided_by for task in decided if task.decided_by}
    waiting = await uow.find(ApprovalTask, chain_id=chain.id, state=State.PENDING.value)
    if waiting is not None:
        barred = {chain.applicant_id, *await heard_in(uow, chain)}
        people |= set(await people_with_role(uow, waiting.role, waiting.unit_path, barred))
    return people
