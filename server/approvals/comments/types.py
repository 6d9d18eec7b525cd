"""What is asked and told of comments."""

from datetime import datetime

import msgspec

LONGEST_COMMENT = 1000


class AddComment(msgspec.Struct, frozen=True, kw_only=True):
    """Say something about an application. `pictures`: ids of pictures that the actor's unit has stored."""

    subject_kind: str
    subject_id: str
    text: str
    pictures: tuple[str, ...] = ()


class CommentView(msgspec.Struct, frozen=True, kw_only=True):
    """One comment. Of one that was taken back the text is empty and there are no pictures."""

    id: str
    author_name: str
    author_unit_name: str
    text: str
    at: datetime
    pictures: list[str]
    is_mine: bool
    is_withdrawn: bool
    can_withdraw: bool


class CommentsView(msgspec.Struct, frozen=True, kw_only=True):
    """What was said about an application, the oldest first. `can_add`: it is not decided yet. `most_pictures`: with one
    comment."""

    subject_kind: str
    subject_id: str
    title: str
    comments: list[CommentView]
    can_add: bool
    most_pictures: int
