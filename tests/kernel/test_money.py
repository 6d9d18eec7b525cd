"""Money: fen in, fen out, and nothing that is not an amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.money import format_yuan, parse_yuan

FEN = st.integers(min_value=0, max_value=99_999_999_999_999)


@given(FEN)
def test_amount_is_the_same_when_it_is_written_and_read_again(fen: int):
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(format_yuan(fen).replace(",", "")) == fen


@given(st.text(max_size=20))
def test_answer_is_an_amount_or_none_whatever_is_typed(text: str):
    fen = parse_yuan(text)
    assert fen is None or (isinstance(fen, int) and fen >= 0)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("0", 0),
        (" 12.3 ", 1230),
        ("1,234.50", 123450),
        ("１，２３４．５", 123450),
        ("007", 700),
        ("999999999999", 99999999999900),
    ],
)
def test_amount_is_understood_when_it_is_typed_like_this(typed: str, fen: int):
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-1",
        "+1",
        "1.234",
        "1,5",
        "12,34",
        ",1",
        "1,",
        "1e3",
        "١٢",
        "一百",
        "1 000",
        "1.",
        ".5",
        "NaN",
        "10²",
        "1" * 13,
    ],
)
def test_amount_is_refused_when_it_is_typed_like_this(typed: str):
    assert parse_yuan(typed) is None


@pytest.mark.parametrize(
    ("fen", "shown"), [(0, "0.00"), (5, "0.05"), (-123456, "-1,234.56"), (100_000_000, "1,000,000.00")]
)
def test_amount_is_shown_with_thousands_when_it_is_large(fen: int, shown: str):
    assert format_yuan(fen) == shown
