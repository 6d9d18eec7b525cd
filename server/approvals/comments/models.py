"""Comments as they are stored."""

from datetime import datetime

from tortoise.fields import CharField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, JsonField, Record, id_field


class ApprovalComment(Record):
    """One thing that somebody said about an application. Its text never changes; taken back, it is marked so."""

    chain_id = id_field()
    author_id = id_field()
    author_name = CharField(max_length=64)
    author_unit_name = CharField(max_length=128)
    text = CharField(max_length=1000)
    # Ids of files that the author's unit has stored.
    attachments: list[str] = JsonField()  # type: ignore[assignment]
    created_at: datetime = InstantField()  # type: ignore[assignment]
    # Until when its author may take it back, by the policy of the moment at which it was said.
    withdrawable_until: datetime = InstantField()  # type: ignore[assignment]
    withdrawn_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]

    class Meta:
        table = "approval_comment"
        indexes = (Index(fields=("chain_id", "id")), Index(fields=("author_id",)))
