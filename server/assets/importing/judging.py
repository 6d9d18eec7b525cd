"""What a row of a ledger is: a new card, a difference from one, a fault, or no thing at all. Asks no storage."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from server.assets.checks import CardChecks
from server.assets.importing.amounts import counts_in_ten_thousand, read_value
from server.assets.importing.columns import TARGETS, heading_key, is_foot
from server.assets.importing.layout import SheetPlan
from server.assets.importing.row import Reading, World, alike_mark
from server.assets.importing.types import Difference, Outcome, Plan, Remark, Verdict
from server.assets.importing.values import (
    CellFault,
    code_text,
    condition_of,
    day_of,
    flag_of,
)
from server.assets.states import home_state
from server.classification.naming import asset_name
from server.kernel.errors import InvalidInput
from server.kernel.instants import from_day_number, to_day_number
from server.kernel.storage.database import Row

ALIKE = "import.alike_there"
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


def number_of(field: str, plan: Plan, sheet: SheetPlan, cells: list[str]) -> str | None:
    """The finance card number or the code of a row as it is stored; None where there is none, or it cannot be read."""
    for heading, cell in zip(sheet.headings, cells, strict=False):
        if plan.mapping.get(heading) == field:
            try:
                return code_text(cell) or None
            except CellFault:
                return None
    return None


def judge(
    world: World, sheet: SheetPlan, number: int, cells: list[str], carried: Sequence[int] = ()
) -> tuple[Outcome, list[tuple[str, str]]]:
    """What becomes of one row, and the texts in it (kind, text) that are not surely one of ours. `carried`: the columns
    whose text is the rest of a merged cell."""
    if sheet.heading_row is None or number <= sheet.heading_row or is_foot(cells) or _is_heading(sheet, cells):
        return Outcome(verdict=Verdict.SKIPPED), []
    texts, merged = {}, set()
    for column, (heading, cell) in enumerate(zip(sheet.headings, cells, strict=False)):
        if cell and (field := world.plan.mapping.get(heading)):
            texts[field] = cell
            merged |= {field} if column in carried else set()
    if not texts:
        # A running number that was filled in beforehand, or a remark: nothing that a card would say.
        return Outcome(verdict=Verdict.SKIPPED), []
    reading = Reading(world, sheet, texts, merged, is_in_ten_thousand=counts_in_ten_thousand(sheet.headings, cells))
    _read_card(reading)
    for field, code in (("finance_card_no", "import.repeated"), ("asset_code", "import.code_repeated")):
        _note_repeated(reading, field, code, number)
    return _outcome(reading), reading.open


def _is_heading(sheet: SheetPlan, cells: list[str]) -> bool:
    """Printed lists repeat their heading on every page."""
    if not any(cell == heading for cell, heading in zip(cells, sheet.headings, strict=False) if cell):
        return False
    said = [heading_key(cell) for cell in cells if cell]
    return len(said) >= 2 and said == [heading_key(text) for text in sheet.headings if text][: len(said)]


def _read_card(reading: Reading) -> None:
    _read_lines(reading)
    read_value(reading)
    _read_day(reading)
    _read_condition(reading)
    for flag in ("is_classified", "is_storage_medium"):
        if flag in reading.texts:
            reading.card[flag] = reading.read(flag, flag_of)
    if "asset_code" in reading.texts:
        reading.card["asset_code"] = reading.read("asset_code", code_text)
    _read_category(reading)
    _read_place(reading)
    _read_custodian(reading)


def _read_lines(reading: Reading) -> None:
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


def _read_day(reading: Reading) -> None:
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


def _read_condition(reading: Reading) -> None:
    if reading.said("condition"):
        reading.card["condition"] = reading.read("condition", condition_of)
    elif reading.world.plan.default_condition:
        reading.card["condition"] = reading.world.plan.default_condition
    else:
        reading.fault("condition", "input.required")


def _read_category(reading: Reading) -> None:
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


def _read_place(reading: Reading) -> None:
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


def _read_custodian(reading: Reading) -> None:
    people, text = reading.world.people, reading.said("custodian")
    if not text:
        return
    remembered = reading.world.remembered.get("custodian", {})
    person_id = people.find(text) or remembered.get(text)
    if person_id == "" or person_id in people.names:
        reading.card["custodian_id"] = person_id or None
    else:
        reading.unclear("custodian", "custodian", text, "import.custodian_unknown")


def _note_repeated(reading: Reading, field: str, code: str, number: int) -> None:
    said = reading.card.get(field)
    if not said:
        return
    here = (reading.sheet.name, number)
    first = reading.world.first_rows.setdefault(f"{field}:{said}", here)
    if first != here:
        reading.fault(field, code, sheet=first[0] or "表", row=first[1])


def _outcome(reading: Reading) -> Outcome:
    existing = _existing(reading)
    if existing is not None:
        return _compared(reading, existing)
    faults = [remark for remark in reading.remarks if remark.is_fault]
    if len(faults) > len(reading.open):
        return Outcome(verdict=Verdict.ERROR, remarks=reading.remarks)
    if reading.open:
        return Outcome(verdict=Verdict.UNCONFIRMED, remarks=reading.remarks)
    _note_alike(reading)
    card = {**reading.card, "finance_card_no": reading.card["finance_card_no"] or None}
    card.pop("asset_code", None)
    quantity = card.pop("quantity")
    return Outcome(verdict=Verdict.NEW, remarks=reading.remarks, card=card, quantity=quantity)


def _existing(reading: Reading) -> Row | None:
    """The card that a row is about already: by our code, by its finance number, or by both."""
    world, code = reading.world, reading.card.get("asset_code") or ""
    numbered = world.existing.get(reading.card.get("finance_card_no") or "")
    coded = world.coded.get(code)
    if code and (coded is None or not world.is_ours(coded)):
        # A code of somebody else's card is as unheard of as one that nobody has.
        reading.fault("asset_code", "import.code_unknown", shown=code)
        return None
    if numbered is not None and not world.is_ours(numbered):
        reading.fault("finance_card_no", "asset.finance_card_taken")
        return None
    if numbered is not None and coded is not None and numbered["id"] != coded["id"]:
        reading.fault("asset_code", "import.two_cards")
        return None
    return coded if coded is not None else numbered


def _note_alike(reading: Reading) -> None:
    """Say that the unit has such things already: without a number nothing else tells whether it is one of them."""
    card = reading.card
    if card["finance_card_no"]:
        return
    each = card["value_fen"] // card["quantity"]
    day = to_day_number(date.fromisoformat(card["acquired_on"]))
    count = reading.world.alike.get(alike_mark(card["item_name"], card["brand"], card["model"], each, day), 0)
    if count:
        reading.note("item_name", ALIKE, count=count)


def _compared(reading: Reading, existing: Row) -> Outcome:
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
