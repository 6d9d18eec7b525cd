"""Stored files: pictures and documents."""

from tortoise.fields import BigIntField, CharField, IntField

from server.kernel.storage.fields import InstantField, Record, id_field


class StoredFile(Record):
    """A file with its owner and hash. `visibility`: see files.types.Visibility."""

    kind = CharField(max_length=16)
    media_type = CharField(max_length=64)
    size = BigIntField()
    sha256 = CharField(max_length=64, db_index=True)
    thumbnail_sha256 = CharField(max_length=64, null=True, db_index=True)
    width = IntField(null=True)
    height = IntField(null=True)
    pages = IntField(null=True)
    original_name = CharField(max_length=128)
    owner_unit_id = id_field(db_index=True)
    uploaded_by = id_field()
    uploaded_at = InstantField()
    visibility = CharField(max_length=16)

    class Meta:
        table = "stored_file"


class FileReader(Record):
    """A unit besides the owner that may see a file, because it is a party to what the file shows."""

    file_id = id_field()
    unit_id = id_field()

    class Meta:
        table = "file_reader"
        unique_together = (("file_id", "unit_id"),)
