"""What notices takes and gives."""

from datetime import datetime

import msgspec

# What messages are about, as people look for them: the kinds of things that they lead to. `other` is everything else.
NOTICE_KINDS: dict[str, tuple[str, ...]] = {
    "approval": ("approval_task", "comments"),
    "borrowing": ("borrowing", "renewal"),
    "reuse": ("wanted", "purchase_need", "listing", "saved_search"),
    "other": (),
}
NOTICE_KIND_NAMES = {"approval": "审批", "borrowing": "借用", "reuse": "需求与共享", "other": "其他"}


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `link_kind`, `link_id`: the thing it is about (`borrowing`, `approval_task` …)."""

    id: str
    title: str
    body: str
    link_kind: str
    link_id: str
    created_at: datetime
    is_read: bool


class UnreadView(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages are still unread."""

    unread: int
