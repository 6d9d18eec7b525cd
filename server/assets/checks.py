"""Checks of what people typed into a card."""

from datetime import date

from server.assets.states import CONDITION_NAMES
from server.kernel.checks import Checks

# 10 billion yuan: more than any single thing a government unit owns; what is above it is a typing error.
HIGHEST_VALUE_FEN = 1_000_000_000_000
EARLIEST_DAY = date(1949, 10, 1)
LENGTHS = {
    "item_name": 64,
    "brand": 64,
    "model": 64,
    "specification": 255,
    "finance_card_no": 64,
    "reason": 200,
    "document_no": 64,
    "method": 100,
}
_MAY_BE_EMPTY = {"brand", "model", "specification", "finance_card_no"}


class CardChecks(Checks):
    """The kernel's checks, and those of a card's own fields."""

    def line(self, field: str, value: str) -> str:
        """One line of text, as long as its column. A line end inside it would break labels and lists."""
        cleaned = self.text(field, value, longest=LENGTHS[field], shortest=0 if field in _MAY_BE_EMPTY else 1)
        if any(letter in cleaned for letter in "\t\r\n"):
            self.fault(field, "input.control_character")
        return cleaned

    def value_fen(self, value: int) -> int:
        """A value above nothing and below the cap."""
        if value < 1:
            self.fault("value_fen", "input.too_small", limit="0.01 元")
        elif value > HIGHEST_VALUE_FEN:
            self.fault("value_fen", "input.too_large", limit=f"{HIGHEST_VALUE_FEN // 100:,} 元")
        return value

    def acquired_on(self, day: date, today: date) -> date:
        """A day that has come, and since there are such units."""
        if day > today:
            self.fault("acquired_on", "asset.acquired_in_future")
        elif day < EARLIEST_DAY:
            self.fault("acquired_on", "asset.acquired_too_early")
        return day

    def condition(self, value: str) -> str:
        """One of the four conditions."""
        if value not in CONDITION_NAMES:
            self.fault("condition", "input.not_a_choice")
        return value
