"""Consents and messages as they are stored."""

from datetime import datetime

from tortoise.fields import BooleanField, CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, Record, id_field


class MessageConsent(Record):
    """What one person allowed by one template: so many single messages, or (a long-term one) all until taken back."""

    person_id = id_field()
    template_id = CharField(max_length=64)
    remaining = IntField(default=0)
    is_standing = BooleanField(default=False)
    last_answer = CharField(max_length=8)
    answered_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "message_consent"
        unique_together = (("person_id", "template_id"),)


class WechatMessage(Record):
    """One message of the inbox on its way to its person's WeChat. `due_at`: when it may be taken in hand; of one that
    is being sent, when whoever sends it counts as dead."""

    notice_id = id_field(unique=True)
    person_id = id_field()
    template_id = CharField(max_length=64)
    state = CharField(max_length=8)
    attempts = IntField(default=0)
    # WeChat's own number for what came of it.
    errcode = IntField(null=True)
    created_at: datetime = InstantField()  # type: ignore[assignment]
    due_at: datetime = InstantField()  # type: ignore[assignment]
    ended_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]

    class Meta:
        table = "wechat_message"
        indexes = (Index(fields=("state", "due_at")), Index(fields=("person_id",)))
