"""Cursors: a page knows the next, and a made-up cursor is refused in one way only."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import InvalidInput
from server.kernel.paging import Page, decode_cursor, encode_cursor, page_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(cursor: str, *types: type) -> list[Any] | None:
    """What a cursor says, or None where it was refused; any other error is the test's failure."""
    try:
        return decode_cursor(cursor, *types)
    except InvalidInput:
        return None


@given(NUMBERS, TEXTS)
def test_position_is_the_same_when_it_is_sent_back(number: int, text: str):
    cursor = encode_cursor(number, text)
    assert decode_cursor(cursor, int, str) == [number, text]
    assert cursor.isascii() and "=" not in cursor


def test_there_is_no_position_when_there_is_no_cursor():
    assert decode_cursor(None, int) is None
    assert decode_cursor("", int) is None


@given(st.text())
def test_made_up_text_is_refused_or_fits_whatever_it_is(text: str):
    position = read(text, str)
    assert position is None or [type(value) for value in position] == [str]


@given(st.binary(max_size=200))
def test_made_up_bytes_are_refused_or_fit_whatever_they_are(raw: bytes):
    position = read(packed(raw), int)
    assert position is None or [type(value) for value in position] == [int]


@given(JSON)
def test_made_up_json_is_refused_or_fits_whatever_it_is(value: Any):
    position = read(packed(msgspec.json.encode(value)), int, str)
    assert position is None or [type(each) for each in position] == [int, str]


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 3_000 + b"]" * 3_000,
        b"[9223372036854775808]",
        b"[-9223372036854775809]",
        b"[1e400]",
        b"[1.0]",
        b"[true]",
        b'["\\ud800"]',
        b"[]",
        b"[1,2]",
        b"{}",
        b"1",
        b"\xff\xfe",
    ],
)
def test_cursor_is_refused_when_it_is_hostile(raw: bytes):
    with pytest.raises(InvalidInput, match=r"input\.bad_cursor"):
        decode_cursor(packed(raw), int)


@given(st.integers(0, 45), st.integers(1, 20))
def test_every_row_is_shown_once_when_the_pages_are_walked(total: int, size: int):
    rows = list(range(total))
    shown: list[int] = []
    cursor: str | None = None
    while True:
        after = decode_cursor(cursor, int)
        rest = [row for row in rows if after is None or row > after[0]]
        page: Page[int] = page_of(rest[: size + 1], size, encode_cursor)
        shown += page.items
        assert len(page.items) <= size
        cursor = page.next_cursor
        if cursor is None:
            break
    assert shown == rows
