"""What is asked and told of comments."""

from datetime import datetime

import msgspec

from server.files.types import Attachment

LONGEST_COMMENT = 1000


class AddComment(msgspec.Struct, frozen=True, kw_only=True):
    """Say something about an application. `attachments`: ids of pictures and documents that the actor's unit has
    stored."""

    subject_kind: str
    subject_id: str
    text: str
    attachments: tuple[str, ...] = ()


class CommentView(msgspec.Struct, frozen=True, kw_only=True):
    """One comment. Of one that was taken back the text is empty and nothing hangs on it."""

    id: str
    author_name: str
    author_unit_name: str
    text: str
    at: datetime
    attachments: list[Attachment]
    is_mine: bool
    is_withdrawn: bool
    can_withdraw: bool


class CommentsView(msgspec.Struct, frozen=True, kw_only=True):
    """What was said about an application, the oldest first. `can_add`: it is not decided yet. `most_attachments`:
    with one comment."""

    subject_kind: str
    subject_id: str
    title: str
    comments: list[CommentView]
    can_add: bool
    most_attachments: int
