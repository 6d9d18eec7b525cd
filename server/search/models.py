"""The versions of the list of synonyms as they are stored."""

from tortoise.fields import CharField, IntField, TextField

from server.kernel.storage.fields import InstantField, Record, id_field


class SynonymList(Record):
    """One version, whole and never changed: groups as a person writes them, one a line."""

    version = IntField(unique=True)
    words = TextField()
    reason = CharField(max_length=200)
    created_at = InstantField()
    created_by = id_field(null=True)
    created_by_name = CharField(max_length=64)

    class Meta:
        table = "search_synonyms"
