"""Faults of single fields, and the shape of a telephone number."""

import re
from typing import Any

from server.kernel.errors import FieldError, InvalidInput

LONGEST_TEXT = 500
LONGEST_REASON = 200
# A mobile number, or a landline with its area code and perhaps an extension.
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}(-\d{1,6})?")


def checked_phone(value: str | None) -> str | None:
    """The number without blanks, or None where none was given; raises InvalidInput `borrowing.bad_phone`."""
    text = (value or "").replace(" ", "")
    if not text:
        return None
    if not _PHONE.fullmatch(text):
        raise fault("phone", "borrowing.bad_phone")
    return text


def fault(field: str, code: str, **data: Any) -> InvalidInput:
    """An InvalidInput of one field, whose own code is the field's too, so that both ways of reading it say why."""
    return InvalidInput(code, fields=[FieldError(field, code, **data)], **data)
