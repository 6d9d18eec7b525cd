"""Places as they are stored: one tree of warehouses, zones, bins, sites and rooms."""

from tortoise.fields import BooleanField, CharField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, Record, id_field


class Place(Record):
    """Where a thing can be. `kind`: warehouse | zone | bin | site | room.

    `path`: ids from the top, a slash after each.
    """

    kind = CharField(max_length=16)
    code = CharField(max_length=32, unique=True)
    name = CharField(max_length=64)
    parent_id = id_field(null=True, db_index=True)
    path = CharField(max_length=160, db_index=True)
    # Who runs it: the warehouse operator, or the unit whose site or room it is; and that unit's place in the tree.
    unit_id = id_field(db_index=True)
    unit_path = CharField(max_length=255)
    region_code = CharField(max_length=12, db_index=True)
    address = CharField(max_length=200)
    is_active = BooleanField(default=True)

    class Meta:
        table = "place"
        indexes = (Index(fields=("unit_path", "path")),)


class KeeperAssignment(Record):
    """A keeper works in the warehouses assigned, and only there."""

    person_id = id_field()
    place_id = id_field(db_index=True)
    assigned_by = id_field()
    assigned_at = InstantField()
    ended_at = InstantField(null=True)

    class Meta:
        table = "keeper_assignment"
        indexes = (Index(fields=("person_id", "place_id")),)
