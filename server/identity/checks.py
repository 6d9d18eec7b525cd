"""Field checks of identity's commands: every fault is named, and all of them at once."""

import re

from server.kernel.errors import FieldError, InvalidInput

_PHONE = re.compile(r"1\d{10}|\+\d{7,15}")
_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


class FieldChecks:
    """Collects faults; `finish` raises InvalidInput when there were any."""

    def __init__(self) -> None:
        self._faults: list[FieldError] = []

    def add(self, field: str, code: str, **data: object) -> None:
        """Note one fault."""
        self._faults.append(FieldError(field, code, **data))

    def text(self, field: str, value: str, limit: int, *, least: int = 1) -> None:
        """A text of `least` to `limit` characters, without control characters."""
        if not value.strip() and least:
            self.add(field, "input.required")
        elif len(value) < least:
            self.add(field, "input.too_short", limit=least)
        elif len(value) > limit:
            self.add(field, "input.too_long", limit=limit)
        elif any(ord(letter) < 32 or ord(letter) == 127 for letter in value.replace("\n", "")):
            self.add(field, "input.control_character")

    def choice(self, field: str, value: str, choices: frozenset[str]) -> None:
        """One of `choices`."""
        if value not in choices:
            self.add(field, "input.not_a_choice")

    def phone(self, field: str, value: str | None) -> None:
        """A mainland mobile number, or one abroad with its country code; or none."""
        if value is not None and not _PHONE.fullmatch(value):
            self.add(field, "input.not_a_phone")

    def login_name(self, field: str, value: str | None) -> None:
        """3 to 64 small letters, digits, dots, hyphens or underscores; or none."""
        if value is not None and not _LOGIN_NAME.fullmatch(value):
            self.add(field, "input.not_a_login_name")

    def finish(self) -> None:
        """Raise InvalidInput with every fault noted."""
        if self._faults:
            raise InvalidInput(fields=self._faults)


def mask_phone(phone: str) -> str:
    """A phone number as colleagues may see it: 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}"
