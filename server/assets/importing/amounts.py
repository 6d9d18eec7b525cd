"""What a row's things are worth: the amount, the price of each, how many, and in which unit the ledger counts."""

import functools
from collections.abc import Sequence

from server.assets.checks import CardChecks
from server.assets.importing.columns import heading_key, is_in_ten_thousand
from server.assets.importing.layout import says_yuan
from server.assets.importing.row import Reading
from server.assets.importing.types import Remark
from server.assets.importing.values import Amount, amount_of, quantity_of
from server.kernel.money import format_yuan

MOST_AT_ONCE = 500
# Headings of a column that says in which unit a row's amounts are.
_UNITS = {"金额单位", "货币单位", "计价单位", "单位"}


def read_value(reading: Reading) -> None:
    """Put the value of all of the row's things and their number on its card, or note what is wrong with them."""
    for field in ("value_fen", "unit_price", "quantity"):
        if field in reading.merged:
            reading.fault(field, "import.amount_merged")
    quantity = reading.read("quantity", quantity_of) if "quantity" in reading.texts else 1
    amounts = {field: _amount(reading, field) for field in ("value_fen", "unit_price") if field in reading.texts}
    if not amounts:
        reading.fault("value_fen", "input.required")
    if quantity is None or not amounts or None in amounts.values():
        return
    total = _total(reading, amounts.get("value_fen"), amounts.get("unit_price"), quantity)
    if total is None:
        reading.fault("value_fen", "import.value_mismatch")
        return
    _note_quantity(reading, quantity)
    checks = CardChecks()
    checks.value_fen(total // quantity if quantity > 1 else total)
    reading.remarks += [Remark(fault.field, fault.code, fault.data) for fault in checks.faults]
    reading.card |= {"value_fen": total, "quantity": quantity}


def _amount(reading: Reading, field: str) -> Amount | None:
    """An amount as it is meant; what was made of 万元 that the cell itself does not say is noted."""
    mapping, sheet = reading.world.plan.mapping, reading.sheet
    heading = next(text for text in sheet.headings if mapping.get(text) == field)
    is_said = is_in_ten_thousand(heading) or reading.is_in_ten_thousand
    supposed = is_said or (sheet.is_in_ten_thousand and not says_yuan(heading))
    found: Amount | None = reading.read(field, lambda text: amount_of(text, is_ten_thousand=supposed))
    if found is not None and found.is_ten_thousand and not found.says_so:
        reading.note(field, "import.amount_in_ten_thousand", yuan=format_yuan(found.fen))
    return found


def _total(reading: Reading, total: Amount | None, each: Amount | None, quantity: int) -> int | None:
    """What all of a row's things are worth: the amount, or the price of each; None where the two contradict.

    Beside a price, an amount that is no more than it is the price once more. What rounding explains is no fault.
    """
    if each is None or total is None:
        return each.fen * quantity if each is not None else total.fen if total is not None else None
    product = each.fen * quantity
    if total.fen == product:
        return product
    if total.fen == each.fen:
        reading.note("value_fen", "import.amount_is_price", yuan=format_yuan(each.fen))
        return product
    # The finer of the two is the one that was not rounded.
    is_price_finer = total.is_ten_thousand and not each.is_ten_thousand
    slack = _last_place(total) if is_price_finer else _last_place(each) * quantity
    # What was rounded is at most half of its last place away.
    if 2 * abs(total.fen - product) > slack:
        return None
    found, basis = (product, "单价") if is_price_finer else (total.fen, "金额")
    reading.note("value_fen", "import.amount_rounded", basis=basis, yuan=format_yuan(found))
    return found


def _last_place(amount: Amount) -> int:
    """What the last digit of an amount is worth in fen; a fen where more decimals were typed."""
    return amount.last_place_fen or 1


def _note_quantity(reading: Reading, quantity: int) -> None:
    if quantity > MOST_AT_ONCE:
        reading.fault("quantity", "import.quantity_too_large", limit=MOST_AT_ONCE)
    elif quantity > 1 and reading.card.get("finance_card_no"):
        reading.fault("quantity", "import.quantity_of_one_card", quantity=quantity)
    elif quantity > 1:
        reading.note("quantity", "import.quantity_split", quantity=quantity)


@functools.lru_cache(maxsize=64)
def unit_columns(headings: tuple[str, ...]) -> tuple[int, ...]:
    """The columns that may say 万元 row by row."""
    return tuple(column for column, text in enumerate(headings) if heading_key(text) in _UNITS)


def counts_in_ten_thousand(headings: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row itself says that its amounts are in 万元."""
    return any(column < len(cells) and cells[column] == "万元" for column in unit_columns(tuple(headings)))
