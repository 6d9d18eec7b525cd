"""What places takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec


class PlaceKind(StrEnum):
    """What kind of place."""

    WAREHOUSE = "warehouse"
    ZONE = "zone"
    BIN = "bin"
    SITE = "site"
    ROOM = "room"


KIND_NAMES: dict[str, str] = {
    PlaceKind.WAREHOUSE: "仓库",
    PlaceKind.ZONE: "库区",
    PlaceKind.BIN: "货位",
    PlaceKind.SITE: "场所",
    PlaceKind.ROOM: "房间",
}
# What each kind may stand in; a warehouse and a site stand by themselves.
PARENT_KINDS: dict[PlaceKind, tuple[PlaceKind, ...]] = {
    PlaceKind.WAREHOUSE: (),
    PlaceKind.ZONE: (PlaceKind.WAREHOUSE,),
    PlaceKind.BIN: (PlaceKind.ZONE, PlaceKind.WAREHOUSE),
    PlaceKind.SITE: (),
    PlaceKind.ROOM: (PlaceKind.SITE,),
}
WAREHOUSE_KINDS = (PlaceKind.WAREHOUSE, PlaceKind.ZONE, PlaceKind.BIN)


class CreatePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A new place. Below a parent it belongs to the parent's unit; else to `unit_id`, which has to be within the
    actor's scope, or (None) to the acting unit."""

    kind: PlaceKind
    code: Annotated[str, msgspec.Meta(min_length=2, max_length=32)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    parent_id: str | None = None
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    unit_id: str | None = None


class CorrectPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Another name or address; the code stays, it is on labels."""

    place_id: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


class AssignKeeper(msgspec.Struct, frozen=True, kw_only=True):
    """A person becomes keeper of a warehouse."""

    place_id: str
    person_id: str


class EndKeeper(msgspec.Struct, frozen=True, kw_only=True):
    """A person is keeper of a warehouse no longer."""

    place_id: str
    person_id: str


class PlaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A place. `full_name`: names from the top, ` / ` between; `path`: ids from the top, a slash after each."""

    id: str
    kind: str
    code: str
    name: str
    full_name: str
    path: str
    unit_id: str
    unit_path: str
    region_code: str
    address: str
    is_active: bool

    @property
    def is_warehouse(self) -> bool:
        """Whether it is a warehouse or stands in one."""
        return self.kind in WAREHOUSE_KINDS


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A place for people, with what the reader may do to it."""

    id: str
    kind: str
    kind_name: str
    code: str
    name: str
    full_name: str
    parent_id: str | None
    path: str
    unit_id: str
    unit_name: str
    region_code: str
    address: str
    is_active: bool
    can_change: bool
    can_assign_keeper: bool


class KeeperView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who keeps a warehouse."""

    person_id: str
    person_name: str
    place_id: str
    place_name: str
    assigned_at: datetime


class PlaceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which places: of a kind, below a parent, of a unit, whose name holds or whose code begins with `text`."""

    kind: PlaceKind | None = None
    parent_id: str | None = None
    unit_id: str | None = None
    text: str = ""
    has_closed: bool = False
