"""Saying something about an application, and taking it back while nobody can have relied on it."""

from datetime import timedelta

from server.approvals.comments.access import comment_row, get_chain_for_comment
from server.approvals.comments.models import ApprovalComment
from server.approvals.comments.queries import comment_rules, shown
from server.approvals.comments.types import LONGEST_COMMENT, AddComment, CommentView
from server.approvals.types import OPEN_STATES
from server.files.ops import require_own_attachment
from server.files.queries import attachments
from server.identity.access import require_person
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.instants import from_microseconds
from server.kernel.unit_of_work import UnitOfWork


@command("comment.add")
async def add_comment(uow: UnitOfWork, actor: Actor, request: AddComment) -> CommentView:
    """Say something about an application that is not decided yet; the others who take part are told.

    Raises InvalidInput naming `text` or `attachments`; NotFound `comment.subject_not_found`; StateConflict
    `comment.closed`.
    """
    author_id = require_person(actor)
    checks = Checks()
    text = checks.text("text", request.text, longest=LONGEST_COMMENT)
    if len(set(request.attachments)) < len(request.attachments):
        checks.fault("attachments", "comment.attached_twice")
    checks.finish()
    chain = await get_chain_for_comment(uow, actor, request.subject_kind, request.subject_id)
    if chain.state not in OPEN_STATES:
        raise StateConflict("comment.closed")
    rules = await comment_rules(uow, chain.applicant_unit_id)
    await _check_attachments(uow, actor, request.attachments, rules.most_comment_pictures)
    now = await uow.now()
    comment = ApprovalComment(
        chain_id=chain.id,
        author_id=author_id,
        author_name=actor.person_name,
        author_unit_name=actor.unit_name,
        text=text,
        attachments=list(request.attachments),
        created_at=now,
        withdrawable_until=now + timedelta(minutes=rules.comment_withdrawal_minutes),
    )
    await uow.add(comment)
    await uow.emit("approval.commented", {"comment_id": comment.id})
    await uow.record(
        "comment.add", chain.subject_kind, chain.subject_id, comment_id=comment.id, files=len(request.attachments)
    )
    return shown(actor, await comment_row(uow, actor, comment.id), await attachments(uow, sorted(request.attachments)))


async def _check_attachments(uow: UnitOfWork, actor: Actor, attached: tuple[str, ...], most: int) -> None:
    checks = Checks()
    if len(attached) > most:
        checks.fault("attachments", "comment.too_many_attachments", limit=most)
    checks.finish()
    for file_id in attached:
        await require_own_attachment(uow, actor, file_id, field="attachments")


@command("comment.withdraw")
async def withdraw_comment(uow: UnitOfWork, actor: Actor, comment_id: str) -> CommentView:
    """Take one's own comment back within the minutes that the policy gave; that it was there stays visible.

    Raises NotFound `comment.not_found`; Forbidden `comment.not_author`; StateConflict `comment.too_late`,
    `comment.withdrawn`.
    """
    row = await comment_row(uow, actor, comment_id)
    if row["author_id"] != actor.person_id:
        raise Forbidden("comment.not_author")
    now = await uow.now()
    if row["withdrawn_at"] is None and from_microseconds(row["withdrawable_until"]) < now:
        raise StateConflict("comment.too_late")
    await uow.change_one(
        ApprovalComment,
        {"id": row["id"], "withdrawn_at": None},
        otherwise=StateConflict("comment.withdrawn"),
        withdrawn_at=now,
    )
    await uow.record("comment.withdraw", row["subject_kind"], row["subject_id"], comment_id=row["id"])
    return shown(actor, await comment_row(uow, actor, comment_id), {})
