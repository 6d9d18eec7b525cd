"""Policy tables and the calendar as they are stored."""

from tortoise.fields import BooleanField, CharField, IntField, TextField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, InstantField, JsonField, Record, id_field


class PolicyVersion(Record):
    """One version of one jurisdiction's policy. Never edited: a change is a new version with a reason and the paper
    that orders it; one that has not taken effect yet may be called off, and stays to be read."""

    # Empty: the built-in default, below every region.
    region_code = CharField(max_length=12)
    # borrowing | coding | security | procurement
    kind = CharField(max_length=32)
    version = IntField()
    effective_from = InstantField()
    content = JsonField()
    reason = TextField()
    # 批文: the number of the paper that orders it; the built-in versions have none.
    document_no = CharField(max_length=64, default="")
    created_by = id_field(null=True)
    # The author's name as it was: it stays readable whatever becomes of the person.
    created_by_name = CharField(max_length=64)
    created_at = InstantField()
    cancelled_at = InstantField(null=True)
    cancelled_by_name = CharField(max_length=64, null=True)
    cancel_reason = TextField(null=True)

    class Meta:
        table = "policy_version"
        unique_together = (("region_code", "kind", "version"),)
        indexes = (Index(fields=("kind", "region_code", "effective_from")),)


class CalendarDay(Record):
    """A day that is not what its weekday says: a holiday, or a weekend worked in exchange (调休)."""

    region_code = CharField(max_length=12)
    day = DayField()
    is_working = BooleanField()
    name = CharField(max_length=64)
    source = CharField(max_length=128)

    class Meta:
        table = "calendar_day"
        unique_together = (("region_code", "day"),)
