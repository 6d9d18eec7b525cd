"""Checks of what people typed: every fault is named by its field, nothing is cut or corrected silently."""

import unicodedata

from server.kernel.errors import FieldError, InvalidInput

# Line ends and tabs are text; every other control character is a mistake or an attack.
_TEXT_CONTROLS = {"\t", "\n", "\r"}


class Checks:
    """Collects the faults of one request, so that people hear of all of them at once."""

    def __init__(self) -> None:
        self.faults: list[FieldError] = []

    def text(self, field: str, value: str, *, longest: int, shortest: int = 1) -> str:
        """The text without blanks around it, of `shortest` to `longest` characters."""
        text = value.strip()
        if not text and shortest:
            self.fault(field, "input.required")
        elif len(text) < shortest:
            self.fault(field, "input.too_short", limit=shortest)
        elif len(text) > longest:
            self.fault(field, "input.too_long", limit=longest)
        elif not text.isprintable() and any(is_refused_character(letter) for letter in text):
            self.fault(field, "input.control_character")
        return text

    def fault(self, field: str, code: str, **data: object) -> None:
        """Note one field's fault."""
        self.faults.append(FieldError(field, code, **data))

    def finish(self) -> None:
        """Raise InvalidInput with every fault found, if any."""
        if self.faults:
            raise InvalidInput(fields=self.faults)


def is_refused_character(letter: str) -> bool:
    """Whether a character cannot be seen and does not belong into text."""
    return unicodedata.category(letter) in {"Cc", "Cs"} and letter not in _TEXT_CONTROLS
