"""The shelves of the hall: what offices borrow most, by the beginning of the catalogue's code (政府采购品目)."""

from typing import NamedTuple
from urllib.parse import urlencode


class Shelf(NamedTuple):
    """One shelf. `code`: the beginning of the category codes that stand on it; `drawn`: the category drawn for it."""

    code: str
    label: str
    drawn: str

    @property
    def href(self) -> str:
        """The hall narrowed to this shelf."""
        return "/sharing?" + urlencode({"category": self.code})


SHELVES = (
    Shelf("A0201", "信息化设备", "A02010108"),
    Shelf("A0202", "办公设备", "A020202"),
    Shelf("A0501", "家具", "A050103"),
    Shelf("A0209", "音视频设备", "A0209"),
    Shelf("A0206", "电器空调", "A02061804"),
    Shelf("A0234", "应急安全", "A0234"),
    Shelf("A0232", "医疗设备", "A0232"),
    Shelf("A0246", "体育设施", "A0246"),
)


def shelf_of(code: str) -> Shelf | None:
    """The shelf that a category code stands on."""
    return next((shelf for shelf in SHELVES if code.startswith(shelf.code)), None)
