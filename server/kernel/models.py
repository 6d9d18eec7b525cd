"""The kernel's own tables: audit, outbox, idempotency keys, counters, scheduled jobs."""

from tortoise import Model
from tortoise.fields import BigIntField, BooleanField, CharField, IntField, TextField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, Record, id_field


class AuditEvent(Record):
    """Who did what to which thing. Inserted with the change itself; numbered and chained by the sealer."""

    at = InstantField()
    action = CharField(max_length=64)
    outcome = CharField(max_length=16)
    actor_kind = CharField(max_length=16)
    actor_id = id_field(null=True)
    actor_name = CharField(max_length=64)
    unit_id = id_field(null=True)
    request_id = CharField(max_length=64)
    subject_kind = CharField(max_length=32)
    subject_id = CharField(max_length=64)
    # Canonical JSON of what changed; digests instead of personal fields.
    facts = TextField()
    sequence = BigIntField(null=True, unique=True)
    previous_hash = CharField(max_length=64, null=True)
    hash = CharField(max_length=64, null=True)

    class Meta:
        table = "audit_event"
        indexes = (
            Index(fields=("subject_kind", "subject_id", "id")),
            Index(fields=("actor_id", "id")),
            Index(fields=("unit_id", "id")),
            Index(fields=("action", "id")),
        )


class DictionaryChange(Record):
    """One entry of a dictionary (the category tree, the working-day calendar) as it was and as it became.

    `before` and `after`: what people call it then; None where there was nothing, or is nothing any more.
    """

    dictionary = CharField(max_length=16)
    entry = CharField(max_length=64)
    at = InstantField()
    actor_name = CharField(max_length=64)
    # What it was done by order of: a notice, a file.
    source = CharField(max_length=128)
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        table = "dictionary_change"
        indexes = (Index(fields=("dictionary", "id")),)


class AuditHead(Model):
    """The chain's end: one row, locked by whoever seals."""

    name = CharField(max_length=16, primary_key=True)
    count = BigIntField()
    hash = CharField(max_length=64)

    class Meta:
        table = "audit_head"


class OutboxEvent(Record):
    """Something that must happen because a transaction committed."""

    topic = CharField(max_length=64)
    payload = TextField()
    created_at = InstantField()
    due_at = InstantField()
    attempts = IntField(default=0)
    last_error = CharField(max_length=255, null=True)
    # None while it must still be delivered; a delivered row is kept for a week.
    delivered_at = InstantField(null=True)

    class Meta:
        table = "outbox_event"
        indexes = (Index(fields=("delivered_at", "due_at", "id")),)


class OutboxDelivery(Model):
    """One handler has dealt with one event: inserted in the handler's own transaction, so it happens once."""

    id = CharField(max_length=96, primary_key=True)
    delivered_at = InstantField()

    class Meta:
        table = "outbox_delivery"


class IdempotencyKey(Model):
    """A write that was answered: its request's hash and its answer, stored in the same transaction."""

    id = CharField(max_length=64, primary_key=True)
    request_hash = CharField(max_length=64)
    answer = TextField()
    is_refusal = BooleanField(default=False)
    created_at = InstantField(db_index=True)

    class Meta:
        table = "idempotency_key"


class Counter(Model):
    """The last number given out in one series; gapless because it rolls back with its transaction."""

    series = CharField(max_length=96, primary_key=True)
    value = BigIntField()

    class Meta:
        table = "counter"


class ScheduledJob(Model):
    """When a job runs next, and who runs it now."""

    name = CharField(max_length=64, primary_key=True)
    due_at = InstantField()
    leased_until = InstantField(null=True)
    last_error = CharField(max_length=255, null=True)

    class Meta:
        table = "scheduled_job"
