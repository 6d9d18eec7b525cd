"""What a row of a ledger is: a new card, a difference from one, a fault, or no thing at all. Asks no storage."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from server.assets.checks import CardChecks
from server.assets.importing.columns import TARGETS, SheetPlan, heading_key, is_foot, is_in_ten_thousand
from server.assets.importing.matching import Categories, People, Places
from server.assets.importing.types import Difference, Outcome, Plan, Remark, Verdict
from server.assets.importing.values import (
    CellFault,
    amount_fen,
    code_text,
    condition_of,
    day_of,
    flag_of,
    plain,
    quantity_of,
)
from server.assets.states import home_state
from server.classification.naming import asset_name
from server.kernel.errors import InvalidInput
from server.kernel.instants import from_day_number
from server.kernel.storage.database import Row

MOST_AT_ONCE = 500
# In which a card's row and the ledger's are compared. Places and people may be changed, too; the category may not.
COMPARED = (
    "item_name",
    "brand",
    "model",
    "specification",
    "value_fen",
    "acquired_on",
    "condition",
    "is_classified",
    "is_storage_medium",
    "place_id",
    "custodian_id",
)
_LINES = ("item_name", "brand", "model", "specification", "finance_card_no")


class World(msgspec.Struct, kw_only=True):
    """What rows are judged by. `remembered`: kind → text → id or code, as the unit has said before.

    `existing`: the cards (as rows) that have one of the finance numbers at hand; `is_ours(row)`: whether the actor
    manages such a card. `first_rows`: finance number → where in this file it stood first.
    """

    today: date
    plan: Plan
    categories: Categories
    places: Places
    people: People
    remembered: Mapping[str, Mapping[str, str]]
    existing: dict[str, Row] = {}
    is_ours: Callable[[Row], bool] = lambda _: False
    first_rows: dict[str, tuple[str, int]] = {}


class _Reading:
    """One row while it is read: its texts by field, and what was found."""

    def __init__(self, world: World, sheet: SheetPlan, texts: dict[str, str]) -> None:
        self.world = world
        self.sheet = sheet
        self.texts = texts
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


def finance_number_of(plan: Plan, sheet: SheetPlan, cells: list[str]) -> str | None:
    """The finance card number of a row as it is stored; None where there is none, or it cannot be read."""
    for heading, cell in zip(sheet.headings, cells, strict=False):
        if plan.mapping.get(heading) == "finance_card_no":
            try:
                return code_text(cell) or None
            except CellFault:
                return None
    return None


def judge(world: World, sheet: SheetPlan, number: int, cells: list[str]) -> tuple[Outcome, list[tuple[str, str]]]:
    """What becomes of one row, and the texts in it (kind, text) that are not surely one of ours."""
    if sheet.heading_row is None or number <= sheet.heading_row or is_foot(cells) or _is_heading(sheet, cells):
        return Outcome(verdict=Verdict.SKIPPED), []
    texts = {
        field: cell
        for heading, cell in zip(sheet.headings, cells, strict=False)
        if cell and (field := world.plan.mapping.get(heading))
    }
    reading = _Reading(world, sheet, texts)
    _read_card(reading)
    _note_repeated(reading, sheet, number)
    return _outcome(reading), reading.open


def _is_heading(sheet: SheetPlan, cells: list[str]) -> bool:
    """Printed lists repeat their heading on every page."""
    if not any(cell == heading for cell, heading in zip(cells, sheet.headings, strict=False) if cell):
        return False
    said = [heading_key(cell) for cell in cells if cell]
    return len(said) >= 2 and said == [heading_key(text) for text in sheet.headings if text][: len(said)]


def _read_card(reading: _Reading) -> None:
    _read_lines(reading)
    _read_value(reading)
    _read_day(reading)
    _read_condition(reading)
    for flag in ("is_classified", "is_storage_medium"):
        if flag in reading.texts:
            reading.card[flag] = reading.read(flag, flag_of)
    _read_category(reading)
    _read_place(reading)
    _read_custodian(reading)


def _read_lines(reading: _Reading) -> None:
    checks = CardChecks()
    card = reading.card
    for field in _LINES:
        text = reading.read(field, code_text) if field == "finance_card_no" else reading.said(field)
        card[field] = checks.line(field, text or "") if field != "item_name" or text is not None else ""
    if any(remark.field == "item_name" for remark in reading.remarks):
        checks.faults = [fault for fault in checks.faults if fault.field != "item_name"]
    reading.remarks += [Remark(fault.field, fault.code, fault.data) for fault in checks.faults]
    try:
        card["name"] = asset_name(card["item_name"], card["brand"], card["model"])
    except InvalidInput as error:
        reading.fault("model", error.code, **error.data)


def _read_value(reading: _Reading) -> None:
    quantity = reading.read("quantity", quantity_of) if "quantity" in reading.texts else 1
    prices = {field: _price(reading, field) for field in ("value_fen", "unit_price") if field in reading.texts}
    if not prices:
        reading.fault("value_fen", "input.required")
    if quantity is None or not prices or None in prices.values():
        return
    total = _total(prices.get("value_fen"), prices.get("unit_price"), quantity)
    if total is None:
        reading.fault("value_fen", "import.value_mismatch")
        return
    _note_quantity(reading, quantity)
    checks = CardChecks()
    checks.value_fen(total // quantity if quantity > 1 else total)
    reading.remarks += [Remark(fault.field, fault.code, fault.data) for fault in checks.faults]
    reading.card |= {"value_fen": total, "quantity": quantity}


def _price(reading: _Reading, field: str) -> int | None:
    mapping = reading.world.plan.mapping
    heading = next(text for text in reading.sheet.headings if mapping.get(text) == field)
    is_ten_thousand = is_in_ten_thousand(heading)
    fen: int | None = reading.read(field, lambda text: amount_fen(text, is_ten_thousand=is_ten_thousand))
    return fen


def _total(total: int | None, each: int | None, quantity: int) -> int | None:
    """What all of a row's things are worth: the amount, or the price of each; None where the two contradict.

    Beside a price, an amount that is no more than it is the price once more.
    """
    if each is None:
        return total
    return each * quantity if total in (None, each, each * quantity) else None


def _note_quantity(reading: _Reading, quantity: int) -> None:
    if quantity > MOST_AT_ONCE:
        reading.fault("quantity", "import.quantity_too_large", limit=MOST_AT_ONCE)
    elif quantity > 1 and reading.card.get("finance_card_no"):
        reading.fault("quantity", "import.quantity_of_one_card", quantity=quantity)
    elif quantity > 1:
        reading.note("quantity", "import.quantity_split", quantity=quantity)


def _read_day(reading: _Reading) -> None:
    if not reading.said("acquired_on"):
        if not any(remark.field == "acquired_on" for remark in reading.remarks):
            reading.fault("acquired_on", "input.required")
        return
    found = reading.read("acquired_on", day_of)
    if found is None:
        return
    checks = CardChecks()
    checks.acquired_on(found.day, reading.world.today)
    reading.remarks += [Remark(fault.field, fault.code, fault.data) for fault in checks.faults]
    if found.supposed:
        reading.note("acquired_on", "import.day_supposed", day=found.day.isoformat())
    reading.card["acquired_on"] = found.day.isoformat()


def _read_condition(reading: _Reading) -> None:
    if reading.said("condition"):
        reading.card["condition"] = reading.read("condition", condition_of)
    elif reading.world.plan.default_condition:
        reading.card["condition"] = reading.world.plan.default_condition
    else:
        reading.fault("condition", "input.required")


def _read_category(reading: _Reading) -> None:
    categories, remembered = reading.world.categories, reading.world.remembered.get("category", {})
    code, name, item = reading.said("category_code"), reading.said("category_name"), reading.card["item_name"]
    found = categories.code_of(code) if code else None
    if code and found is None:
        # An older catalogue's code, or a class that has classes below it: the words may still say which.
        found = remembered.get(code)
    words = name or item
    found = found or (categories.named(name) if name else None) or categories.named(item) or remembered.get(words)
    if found in categories.by_code:
        reading.card["category_code"] = found
    elif words:
        reading.unclear("category", "category_name" if name else "item_name", words, "import.category_unclear")


def _read_place(reading: _Reading) -> None:
    places, text = reading.world.places, reading.said("place")
    remembered = reading.world.remembered.get("place", {})
    place_id = (places.find(text) or remembered.get(text)) if text else reading.world.plan.default_place_id
    if place_id in places.by_id:
        reading.card["place_id"] = place_id
        reading.card["state"] = home_state(places.by_id[place_id].is_warehouse).value
    elif text:
        reading.unclear("place", "place", text, "import.place_unknown")
    else:
        reading.fault("place", "import.place_missing")


def _read_custodian(reading: _Reading) -> None:
    people, text = reading.world.people, reading.said("custodian")
    if not text:
        return
    remembered = reading.world.remembered.get("custodian", {})
    person_id = people.find(text) or remembered.get(text)
    if person_id == "" or person_id in people.names:
        reading.card["custodian_id"] = person_id or None
    else:
        reading.unclear("custodian", "custodian", text, "import.custodian_unknown")


def _note_repeated(reading: _Reading, sheet: SheetPlan, number: int) -> None:
    card_no = reading.card.get("finance_card_no")
    if not card_no:
        return
    first = reading.world.first_rows.setdefault(card_no, (sheet.name, number))
    if first != (sheet.name, number):
        reading.fault("finance_card_no", "import.repeated", sheet=first[0] or "表", row=first[1])


def _outcome(reading: _Reading) -> Outcome:
    existing = reading.world.existing.get(reading.card.get("finance_card_no") or "")
    if existing is not None:
        if not reading.world.is_ours(existing):
            reading.fault("finance_card_no", "asset.finance_card_taken")
        else:
            return _compared(reading, existing)
    faults = [remark for remark in reading.remarks if remark.is_fault]
    if len(faults) > len(reading.open):
        return Outcome(verdict=Verdict.ERROR, remarks=reading.remarks)
    if reading.open:
        return Outcome(verdict=Verdict.UNCONFIRMED, remarks=reading.remarks)
    card = {**reading.card, "finance_card_no": reading.card["finance_card_no"] or None}
    quantity = card.pop("quantity")
    return Outcome(verdict=Verdict.NEW, remarks=reading.remarks, card=card, quantity=quantity)


def _compared(reading: _Reading, existing: Row) -> Outcome:
    """How a row differs from the card that has its number. What the ledger does not say differs in nothing."""
    told = {"place": "place_id", "custodian": "custodian_id", "unit_price": "value_fen"}
    said = {told.get(field, field) for field, text in reading.texts.items() if text and field in TARGETS}
    remarks = [
        remark for remark in reading.remarks if told.get(remark.field, remark.field) in said and _matters(remark)
    ]
    if any(remark.is_fault for remark in remarks):
        is_open = all(remark.code in _UNCLEAR for remark in remarks if remark.is_fault)
        verdict = Verdict.UNCONFIRMED if is_open else Verdict.ERROR
        return Outcome(verdict=verdict, remarks=remarks, asset_id=existing["id"])
    differences = [
        Difference(field, before, after)
        for field in COMPARED
        if field in said
        and (after := reading.card.get(field)) != (before := _stored(field, existing[field]))
        and after not in (None, "")
    ]
    return Outcome(
        verdict=Verdict.DIFFERENT if differences else Verdict.SAME,
        remarks=remarks,
        differences=differences,
        asset_id=existing["id"],
    )


_UNCLEAR = {"import.category_unclear", "import.place_unknown", "import.custodian_unknown"}


def _matters(remark: Remark) -> bool:
    # A card that is there keeps its category.
    return remark.code != "import.category_unclear"


def _stored(field: str, value: Any) -> Any:
    if field == "acquired_on":
        return from_day_number(value).isoformat()
    return bool(value) if field.startswith("is_") else value
