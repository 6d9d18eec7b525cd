"""Messages to people as they are stored."""

from tortoise.fields import CharField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, Record, id_field


class Notice(Record):
    """One message in one person's inbox. `link`: kind and id of its subject, so that each door finds its page."""

    person_id = id_field()
    title = CharField(max_length=100)
    body = CharField(max_length=500)
    link_kind = CharField(max_length=32)
    link_id = CharField(max_length=32)
    created_at = InstantField()
    read_at = InstantField(null=True)
    # Who caused it may cause it twice: the same message is kept once.
    dedupe_key = CharField(max_length=128, unique=True)

    class Meta:
        table = "notice"
        indexes = (Index(fields=("person_id", "id")), Index(fields=("person_id", "read_at")))
