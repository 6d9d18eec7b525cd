"""From what a client sent to a typed request: every wrong field is named, with a code and later a sentence."""

import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
import orjson

from server.kernel.errors import FieldError, InvalidInput

T = TypeVar("T")
_LIMIT = re.compile(r"(of length )?(>=|<=|>|<) (-?\d+)")
_PLACE = re.compile(r" - at `\$?\.?(.*)`$")
# Tab and line ends are text; every other control character is somebody's mistake or attack.
_ALLOWED_CONTROLS = {"\t", "\n", "\r"}
# They turn the reading direction: a slip would show another text than the one stored.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# No request of ours is nested deeper than a few steps; beyond a thousand the interpreter itself gives up.
_DEEPEST = 32
_LONGEST_PLACE = 64
_MOST_NAMED = 3


def parse_json(body: bytes, type_: type[T]) -> T:
    """A request struct from a JSON body; raises InvalidInput that names every wrong field."""
    try:
        # orjson refuses what is not UTF-8 and not JSON (NaN, lone surrogates), and bounds the nesting.
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("input.malformed_json") from error
    if not isinstance(raw, dict):
        raise InvalidInput("input.malformed_json")
    return build(raw, type_, is_strict=True)


def build(raw: Mapping[str, Any], type_: type[T], *, is_strict: bool) -> T:
    """A struct from field values. Not strict (forms, queries): numbers, dates and flags may be text."""
    values: dict[str, Any] = {}
    problems: list[FieldError] = []
    known = _fields_of(cast(Any, type_))
    for name, field in known.items():
        if name not in raw:
            if field.required:
                problems.append(FieldError(name, "input.required"))
            continue
        try:
            value = _clean(raw[name], name)
            values[field.name] = msgspec.convert(value, field.type, strict=is_strict)
        except InvalidInput as error:
            problems += error.fields
        except msgspec.ValidationError as error:
            problems.append(_field_error(name, raw[name], str(error)))
    problems += [FieldError(str(name)[:_LONGEST_PLACE], "input.unknown_field") for name in raw if name not in known]
    if problems:
        raise InvalidInput(fields=problems)
    try:
        return type_(**values)
    except ValueError as error:  # a struct's own __post_init__ rule
        raise InvalidInput("input.invalid") from error


def build_address(raw: Mapping[str, str], type_: type[T]) -> T:
    """A struct from an address's parameters. Nobody typed them into a form, so the refusal says which of them is wrong
    and what to do: InvalidInput `input.bad_address`."""
    try:
        return build(raw, type_, is_strict=False)
    except InvalidInput as error:
        names = "、".join(fault.field for fault in error.fields[:_MOST_NAMED])
        raise InvalidInput("input.bad_address", fields=error.fields, names=names) from error


@functools.cache
def _fields_of(type_: Any) -> dict[str, msgspec.structs.FieldInfo]:
    # Kept: msgspec resolves the annotations anew at each call, which cost more than all the rest of a short request.
    return {field.encode_name: field for field in msgspec.structs.fields(type_)}


def _clean(value: Any, place: str, depth: int = 0) -> Any:
    if isinstance(value, str):
        text = value.strip()
        if any(_is_refused(letter) for letter in text):
            raise _fault(place, "input.control_character")
        return text
    if depth > _DEEPEST:
        raise _fault(place, "input.wrong_type")
    if isinstance(value, list):
        return [_clean(item, f"{place}.{index}", depth + 1) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _clean(item, f"{place}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        raise _fault(place, "input.too_large", limit=2**63 - 1)
    return value


def _fault(place: str, code: str, **data: int) -> InvalidInput:
    return InvalidInput(fields=[FieldError(place[:_LONGEST_PLACE], code, **data)])


def _is_refused(letter: str) -> bool:
    if letter in _TURNING:
        return True
    return unicodedata.category(letter) in {"Cc", "Cs"} and letter not in _ALLOWED_CONTROLS


def _field_error(name: str, value: Any, message: str) -> FieldError:
    place = _PLACE.search(message)
    # Of a mapping it is not told which entry it was: the whole field is named.
    inner = place[1].replace("[...]", "") if place else ""
    field = name if not inner else f"{name}{'' if inner.startswith('[') else '.'}{inner}"
    if limit := _LIMIT.search(message):
        return _limit_error(field, value, is_length=bool(limit[1]), is_least=">" in limit[2], limit=int(limit[3]))
    return FieldError(field, next((code for words, code in _CODES if words in message), "input.wrong_type"))


# What msgspec says → what we say; the first that fits.
_CODES = (
    ("missing required field", "input.required"),
    ("date", "input.not_a_date"),
    ("enum value", "input.not_a_choice"),
    ("Invalid value", "input.not_a_choice"),
)


def _limit_error(field: str, value: Any, *, is_length: bool, is_least: bool, limit: int) -> FieldError:
    if is_length and is_least and (not value.strip() if isinstance(value, str) else not value):
        return FieldError(field, "input.required")
    if is_length:
        return FieldError(field, "input.too_short" if is_least else "input.too_long", limit=limit)
    return FieldError(field, "input.too_small" if is_least else "input.too_large", limit=limit)
