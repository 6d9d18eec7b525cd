"""What was said about an application, for those who take part in it."""

from collections.abc import Mapping

import msgspec

from server.approvals.comments.access import chain_for_talk, comment_row
from server.approvals.comments.types import CommentsView, CommentView
from server.approvals.types import OPEN_STATES
from server.files.queries import attachments, file_for_reading
from server.files.types import Attachment, FileContent
from server.identity.ops import unit_facts
from server.identity.types import RowSource
from server.kernel.actor import Actor, system_actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.reading import present, reading
from server.kernel.storage.database import Row
from server.policies.queries import borrowing_policy, policy_for
from server.policies.types import BorrowingPolicy


async def comments_of(actor: Actor, subject_kind: str, subject_id: str) -> CommentsView:
    """Everything that was said, the oldest first. Raises NotFound `comment.subject_not_found`."""
    async with reading() as db:
        chain = await chain_for_talk(db, actor, subject_kind, subject_id)
        rows = await db.fetch_all("SELECT * FROM approval_comment WHERE chain_id = ? ORDER BY id", chain["id"])
        rules = await comment_rules(db, chain["applicant_unit_id"])
        files = await attachments(db, sorted({each for row in rows for each in attached_to(row)}))
    return CommentsView(
        subject_kind=subject_kind,
        subject_id=subject_id,
        title=chain["subject_title"],
        comments=[shown(actor, row, files) for row in rows],
        can_add=chain["state"] in OPEN_STATES,
        most_attachments=rules.most_comment_pictures,
    )


async def attachment_of(actor: Actor, comment_id: str, file_id: str, *, want_thumbnail: bool) -> FileContent:
    """What hangs on a comment. Raises NotFound `comment.not_found` for whoever takes no part, for another file, and for
    what was taken back."""
    async with reading() as db:
        row = await comment_row(db, actor, comment_id)
    if file_id not in attached_to(row):
        raise NotFound("comment.not_found")
    # Who takes part was asked above; the file itself is its author's unit's.
    return await file_for_reading(system_actor("comments"), file_id, want_thumbnail)


async def comment_rules(rows: RowSource, unit_id: str) -> BorrowingPolicy:
    """The policy of the applicant's region: how long a comment may be taken back, and how many files it has."""
    unit = await unit_facts(rows, unit_id)
    return borrowing_policy(await policy_for(rows, "borrowing", unit.region_path, present()))


def attached_to(row: Row) -> list[str]:
    """The ids of the files of a comment; none of one that was taken back."""
    return [] if row["withdrawn_at"] is not None else msgspec.json.decode(row["attachments"], type=list[str])


def shown(actor: Actor, row: Row, files: Mapping[str, Attachment]) -> CommentView:
    """A comment as the actor sees it. `files`: by id, those that hang on it among them."""
    is_withdrawn = row["withdrawn_at"] is not None
    is_mine = row["author_id"] == actor.person_id
    return CommentView(
        id=row["id"],
        author_name=row["author_name"],
        author_unit_name=row["author_unit_name"],
        text="" if is_withdrawn else row["text"],
        at=from_microseconds(row["created_at"]),
        attachments=[files[each] for each in attached_to(row)],
        is_mine=is_mine,
        is_withdrawn=is_withdrawn,
        can_withdraw=is_mine and not is_withdrawn and to_microseconds(present()) <= row["withdrawable_until"],
    )
