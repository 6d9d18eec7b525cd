"""What allocation standards take and give. Prices are integer fen for one measure (台、套、㎡)."""

from datetime import date, datetime
from typing import Annotated

import msgspec

from server.classification.standards.quantity import QuantityRule, parse_quantity

FAMILY_NAMES = {"equipment": "设备", "furniture": "家具"}
EVIDENCE_NAMES = {"verified": "已核对原文", "secondary": "转引", "unverified": "未核实"}


class StandardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a file as it was read, before any check. `row`: its line in the file, the heading is 1."""

    row: int
    family: str
    item: str
    category_code: str
    price_ceiling_yuan: str
    unit: str
    min_years: str
    quantity_rule: str
    evidence: str


class ImportStandard(msgspec.Struct, frozen=True, kw_only=True):
    """A region's next table, whole. `source`: the document that sets it; `reason`: why it is entered now.

    `base_version`: the newest version that the author saw (0: none); another one since is `record.changed`.
    """

    region_code: Annotated[str, msgspec.Meta(max_length=12)]
    effective_on: date
    source: Annotated[str, msgspec.Meta(max_length=128)]
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    rows: tuple[StandardRow, ...]
    base_version: int | None = None


class StandardItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a table. `category_code`: None where it could not be told which category it is; it then warns of
    nothing. `measure`: what the price is of, such as 台."""

    family: str
    family_name: str
    item: str
    category_code: str | None
    category_name: str | None
    price_ceiling_fen: int
    measure: str
    min_years: int
    quantity_rule: str
    evidence: str
    evidence_name: str


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """What the applying table says of one category: one item, or several grades of it (办公桌：司局级、处级及以下)."""

    standard_id: str
    region_code: str
    region_name: str
    source: str
    effective_on: date
    category_code: str
    items: tuple[StandardItem, ...]

    @property
    def name(self) -> str:
        """The item's name without its grade, where there are several."""
        return self.items[0].item if len(self.items) == 1 else self.items[0].item.partition("（")[0]

    @property
    def ceiling_fen(self) -> int:
        """The highest price that any grade may cost."""
        return max(each.price_ceiling_fen for each in self.items)

    @property
    def floor_fen(self) -> int:
        """The ceiling of the lowest grade: dearer things are for higher grades alone."""
        return min(each.price_ceiling_fen for each in self.items)

    @property
    def is_priced_by_piece(self) -> bool:
        """Whether the ceiling is for a whole piece; a table's price by ㎡ says nothing of the piece's."""
        return all("㎡" not in each.measure and "平方米" not in each.measure for each in self.items)

    @property
    def min_years(self) -> int:
        """The shortest service life that any grade asks for."""
        return min(each.min_years for each in self.items)

    @property
    def quantity(self) -> QuantityRule | None:
        """How many the headcount allows, where one item says so in words that can be computed."""
        return parse_quantity(self.items[0].quantity_rule) if len(self.items) == 1 else None


class StandardVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a region's table. `is_current`: it applies in its region today."""

    id: str
    region_code: str
    region_name: str
    version: int
    effective_on: date
    source: str
    reason: str
    item_count: int
    digest: str
    created_by_name: str
    created_at: datetime
    is_current: bool


class StandardView(msgspec.Struct, frozen=True, kw_only=True):
    """A version with its items, in the order of the file."""

    version: StandardVersion
    items: tuple[StandardItem, ...]
