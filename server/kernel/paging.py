"""Cursor paging: a page knows where the next one begins, and no page is counted or skipped over."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from server.kernel.errors import InvalidInput

T = TypeVar("T")
PAGE_SIZE = 20
PAGE_LIMIT = 100
# Nothing nested (it would exhaust the stack), and no number that the storages cannot take.
_position = msgspec.json.Decoder(list[Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | str])


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page. `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*position: int | str) -> str:
    """A cursor from the sort values of the last row shown."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str | None, *types: type) -> list[Any] | None:
    """The sort values of a cursor, checked against `types`; None without a cursor; InvalidInput for a made-up one."""
    if not cursor:
        return None
    try:
        position = _position.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise InvalidInput("input.bad_cursor") from error
    if len(position) != len(types):
        raise InvalidInput("input.bad_cursor")
    if any(type(value) is not kind for value, kind in zip(position, types, strict=True)):
        raise InvalidInput("input.bad_cursor")
    return position


def page_of(rows: list[T], size: int, cursor_of: Any) -> Page[T]:
    """A page from up to `size + 1` rows; `cursor_of(row)` gives the cursor of a row."""
    if len(rows) <= size:
        return Page(rows)
    return Page(rows[:size], cursor_of(rows[size - 1]))
