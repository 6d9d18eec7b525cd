"""Events and what happened to them, as they are stored. A temporary body is a unit; identity keeps it."""

from datetime import date, datetime

from tortoise.fields import CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, InstantField, Record, id_field


class Occasion(Record):
    """An event (活动) for which its lead unit borrows until its last day. `state`: open | closed."""

    name = CharField(max_length=100)
    lead_unit_id = id_field()
    lead_unit_name = CharField(max_length=128)
    lead_unit_path = CharField(max_length=255)
    # Who answers for it, and for what is borrowed for it: a colleague in the lead unit.
    responsible_id = id_field(db_index=True)
    responsible_name = CharField(max_length=64)
    starts_on: date = DayField()  # type: ignore[assignment]
    ends_on: date = DayField()  # type: ignore[assignment]
    state = CharField(max_length=8)
    created_at: datetime = InstantField()  # type: ignore[assignment]
    closed_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    version = IntField(default=1)

    class Meta:
        table = "occasion"
        indexes = (Index(fields=("lead_unit_path", "id")), Index(fields=("state", "ends_on")))


class OccasionStep(Record):
    """What happened to an event: created, prolonged, closed, handed over; by whom and why. Never changed."""

    occasion_id = id_field(db_index=True)
    kind = CharField(max_length=16)
    at: datetime = InstantField()  # type: ignore[assignment]
    actor_id = id_field(null=True)
    actor_name = CharField(max_length=64)
    note = CharField(max_length=500)

    class Meta:
        table = "occasion_step"


class OccasionReminder(Record):
    """That a reminder of an end date was sent: once for each offset, also of a body, which has no row of its own here.

    `days`: from the end date, before it negative.
    """

    occasion_id = id_field()
    ends_on: date = DayField()  # type: ignore[assignment]
    days = IntField()
    at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "occasion_reminder"
        unique_together = (("occasion_id", "ends_on", "days"),)
