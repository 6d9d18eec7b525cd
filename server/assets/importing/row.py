"""One row of a ledger while it is read, and what rows are read by."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from server.assets.importing.layout import SheetPlan
from server.assets.importing.matching import Categories, People, Places
from server.assets.importing.types import Plan, Remark
from server.assets.importing.values import CellFault, plain
from server.kernel.storage.database import Row


class World(msgspec.Struct, kw_only=True):
    """What rows are judged by. `remembered`: kind → text → id or code, as the unit has said before.

    `existing`: the cards (as rows) that have one of the finance numbers at hand, `coded`: those that have one of the
    codes; `is_ours(row)`: whether the actor manages such a card. `first_rows`: finance number or code → where in this
    file it stood first. `alike`: `alike_mark` → how many such cards the unit has.
    """

    today: date
    unit_id: str
    plan: Plan
    categories: Categories
    places: Places
    people: People
    remembered: Mapping[str, Mapping[str, str]]
    existing: dict[str, Row] = {}
    is_ours: Callable[[Row], bool] = lambda _: False
    coded: dict[str, Row] = {}
    first_rows: dict[str, tuple[str, int]] = {}
    alike: Mapping[int, int] = {}


def alike_mark(item_name: str, brand: str, model: str, value_fen: int, day: int) -> int:
    """The same for things that say the same of themselves (`day`: as a day number); a number, to hold very many."""
    return hash((item_name, brand, model, value_fen, day))


class Reading:
    """One row while it is read: its texts by field, and what was found."""

    def __init__(
        self, world: World, sheet: SheetPlan, texts: dict[str, str], merged: set[str], *, is_in_ten_thousand: bool
    ) -> None:
        self.world = world
        self.sheet = sheet
        self.texts = texts
        # The fields whose text is the rest of a cell that was merged over several rows.
        self.merged = merged
        self.is_in_ten_thousand = is_in_ten_thousand
        self.remarks: list[Remark] = []
        self.open: list[tuple[str, str]] = []
        self.card: dict[str, Any] = {}

    def fault(self, field: str, code: str, **data: Any) -> None:
        self.remarks.append(Remark(field, code, data))

    def note(self, field: str, code: str, **data: Any) -> None:
        self.remarks.append(Remark(field, code, data, is_fault=False))

    def said(self, field: str) -> str:
        """The plain text of a field; a broken formula is a fault of it."""
        return self.read(field, plain) or ""

    def read(self, field: str, meaning: Callable[[str], Any]) -> Any:
        """What a field's text means; None where it is no such thing, with the fault noted."""
        try:
            return meaning(self.texts.get(field, ""))
        except CellFault as fault:
            self.fault(field, fault.code, **fault.data)
            return None

    def unclear(self, kind: str, field: str, text: str, code: str) -> None:
        """Somebody must say what this text means."""
        self.open.append((kind, text))
        self.fault(field, code, shown=text)
