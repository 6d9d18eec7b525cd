"""The category tree and the allocation standards as they are stored."""

from tortoise import Model
from tortoise.fields import CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, FenField, InstantField, Record, id_field


class Category(Model):
    """One entry of the procurement catalogue (政府采购品目分类目录). Source and version stay with every row."""

    code = CharField(max_length=12, primary_key=True)
    name = CharField(max_length=128)
    # As the catalogue says: it skips levels in a few places, so this is not always the depth in the tree.
    level = IntField()
    parent_code = CharField(max_length=12, null=True, db_index=True)
    # goods | engineering | service
    kind = CharField(max_length=16)
    # Codes from the top down, each followed by a slash: a branch is a prefix.
    path = CharField(max_length=96, db_index=True)
    source = CharField(max_length=64)
    version = CharField(max_length=16)

    class Meta:
        table = "category"


class AllocationStandard(Record):
    """One version of a region's allocation standards (配置标准). Never edited: a change is a new version."""

    # Empty: for the whole country, below every region.
    region_code = CharField(max_length=12)
    version = IntField()
    # It applies from this day until the next version does.
    effective_on = DayField()
    source = CharField(max_length=128)
    reason = CharField(max_length=500)
    item_count = IntField()
    # SHA-256 of the items, as it stands in the audit.
    digest = CharField(max_length=64)
    created_by = id_field(null=True)
    created_by_name = CharField(max_length=64)
    created_at = InstantField()

    class Meta:
        table = "allocation_standard"
        unique_together = (("region_code", "version"),)


class AllocationItem(Record):
    """One row of a version. `category_code`: None where it stands for no category of the catalogue."""

    standard_id = id_field()
    position = IntField()
    # equipment | furniture
    family = CharField(max_length=16)
    item = CharField(max_length=64)
    category_code = CharField(max_length=12, null=True)
    price_ceiling_fen = FenField()
    # What the price is of: 台, 套, ㎡.
    measure = CharField(max_length=16)
    min_years = IntField()
    quantity_rule = CharField(max_length=255)
    # verified | secondary | unverified
    evidence = CharField(max_length=16)

    class Meta:
        table = "allocation_item"
        indexes = (Index(fields=("standard_id", "position")),)
