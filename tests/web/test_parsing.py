"""Parsing: every wrong field is named at once, each with its code, and nothing that is sent breaks it."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import InvalidInput
from server.web.parsing import build, parse_json


class Line(msgspec.Struct, frozen=True):
    code: str
    pieces: Annotated[int, msgspec.Meta(ge=1)] = 1


class Wish(msgspec.Struct, frozen=True):
    purpose: Annotated[str, msgspec.Meta(min_length=2, max_length=8)]
    days: Annotated[int, msgspec.Meta(ge=1, le=180)]
    from_day: date
    condition: Literal["good", "worn"]
    note: str | None = None
    lines: Annotated[list[Line], msgspec.Meta(max_length=2)] = []
    is_urgent: bool = False
    facts: dict[str, Any] = {}


GOOD: dict[str, Any] = {"purpose": "下乡义诊", "days": 3, "from_day": "2026-03-05", "condition": "good"}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))
FIELDS = st.sampled_from(Wish.__struct_fields__)


def faults_of(body: dict[str, Any] | bytes) -> dict[str, str]:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    with pytest.raises(InvalidInput) as caught:
        parse_json(raw, Wish)
    return {each.field: each.code for each in caught.value.fields} or {"": caught.value.code}


def test_request_is_made_when_every_field_is_right():
    assert parse_json(msgspec.json.encode({**GOOD, "purpose": " 下乡义诊\n"}), Wish) == Wish(
        "下乡义诊", 3, date(2026, 3, 5), "good"
    )


def test_every_wrong_field_is_named_when_all_are_wrong():
    wrong = {
        "purpose": "义",
        "days": 0,
        "from_day": "2026-02-30",
        "condition": "new",
        "note": "看不见\u0000",
        "lines": [{"code": "A1"}, {"code": 7}],
        "is_urgent": "是",
        "facts": {"count": 2**63},
        "colour": "红",
    }
    assert faults_of(wrong) == {
        "purpose": "input.too_short",
        "days": "input.too_small",
        "from_day": "input.not_a_date",
        "condition": "input.not_a_choice",
        "note": "input.control_character",
        "lines[1].code": "input.wrong_type",
        "is_urgent": "input.wrong_type",
        "facts.count": "input.too_large",
        "colour": "input.unknown_field",
    }


def test_every_missing_field_is_named_when_nothing_was_sent():
    assert faults_of({}) == dict.fromkeys(("purpose", "days", "from_day", "condition"), "input.required")


@pytest.mark.parametrize(
    ("field", "value", "place", "code"),
    [
        ("purpose", "", "purpose", "input.required"),
        ("purpose", "   ", "purpose", "input.required"),
        ("purpose", "字" * 9, "purpose", "input.too_long"),
        ("purpose", None, "purpose", "input.wrong_type"),
        ("days", 181, "days", "input.too_large"),
        ("days", 2**64 - 1, "days", "input.too_large"),
        ("days", "3", "days", "input.wrong_type"),
        ("days", 3.5, "days", "input.wrong_type"),
        ("days", True, "days", "input.wrong_type"),
        ("from_day", "明天", "from_day", "input.not_a_date"),
        ("from_day", "2026-3-5", "from_day", "input.not_a_date"),
        ("lines", [{"pieces": 1}], "lines[0]", "input.required"),
        ("lines", [{"code": "A", "pieces": 0}], "lines[0].pieces", "input.too_small"),
        ("lines", [{"code": "A"}] * 3, "lines", "input.too_long"),
        ("lines", [{"code": "\x07"}], "lines.0.code", "input.control_character"),
        ("lines", [{"code": "A\u202e1"}], "lines.0.code", "input.control_character"),
        ("lines", {}, "lines", "input.wrong_type"),
    ],
)
def test_code_says_what_is_wrong_when_one_field_is(field: str, value: Any, place: str, code: str):
    assert faults_of({**GOOD, field: value}) == {place: code}


def test_limit_is_told_when_it_was_passed():
    with pytest.raises(InvalidInput) as caught:
        parse_json(msgspec.json.encode({**GOOD, "days": 181}), Wish)
    assert [each.data for each in caught.value.fields] == [{"limit": 180}]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"a"', b"\xff", b'{"days":NaN}', b"[" * 100_000])
def test_body_is_refused_when_it_is_no_object(body: bytes):
    assert faults_of(body) == {"": "input.malformed_json"}


@pytest.mark.parametrize("depth", [100, 900, 1_000, 5_000])
def test_nesting_is_refused_when_it_is_deep(depth: int):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        inner = opening * depth + b"1" + closing * depth
        faults = faults_of(msgspec.json.encode(GOOD)[:-1] + b',"facts":{"a":' + inner + b"}}")
        assert faults in ({next(iter(faults)): "input.wrong_type"}, {"": "input.malformed_json"})
        assert all(len(place) <= 64 for place in faults)


def test_texts_are_converted_when_a_form_sent_them():
    typed = {"purpose": "下乡义诊", "days": "3", "from_day": "2026-03-05", "condition": "good", "is_urgent": "1"}
    wish = build(typed, Wish, is_strict=False)
    assert (wish.days, wish.is_urgent) == (3, True)


def test_fields_are_named_when_a_form_sent_one_twice():
    with pytest.raises(InvalidInput) as caught:
        build({**GOOD, "days": ["1", "2"]}, Wish, is_strict=False)
    assert [(each.field, each.code) for each in caught.value.fields] == [("days", "input.wrong_type")]


def is_refused_or_made(raw: bytes) -> bool:
    try:
        return isinstance(parse_json(raw, Wish), Wish)
    except InvalidInput as error:
        return bool(error.fields) or error.code.startswith("input.")


@given(st.binary(max_size=300))
def test_nothing_breaks_whatever_bytes_are_sent(raw: bytes):
    assert is_refused_or_made(raw)


@given(st.dictionaries(FIELDS, JSON))
def test_nothing_breaks_whatever_the_fields_hold(fields: dict[str, Any]):
    assert is_refused_or_made(msgspec.json.encode({**GOOD, **fields}))


@given(st.dictionaries(FIELDS | st.text(), st.text() | st.lists(st.text()), max_size=6))
def test_nothing_breaks_whatever_a_form_holds(fields: dict[str, Any]):
    try:
        made = build(fields, Wish, is_strict=False)
    except InvalidInput as error:
        made = error.fields
    assert made
