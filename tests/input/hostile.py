"""What nobody means to send."""

import json
from typing import Any

import msgspec

CONTROL = ("看不见\u0000的", "铃\u0007声", "\u001b[31m红")
ENDLESS = "长" * 10_000
# Texts that are only texts: they may be kept, and then exactly so.
TEXTS = (
    "' OR 1=1 --",
    '"; DROP TABLE person; #',
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %(x)s {0}",
    "🚚𠮷 Ω \u202e倒着",
    "%00%ff../../etc/passwd",
    "-1",
    "9223372036854775808",
    "NaN",
    "2026-02-30",
    "no-such-choice",
)
# JSON values of every kind; which of them a field must refuse, its type says.
VALUES: tuple[Any, ...] = (
    None,
    True,
    5,
    -1,
    1.5,
    2**63,
    -(2**63) - 1,
    "",
    " ",
    [],
    ["x"],
    {},
    {"$ne": None},
    *TEXTS,
)
BROKEN_BODIES = (
    b"",
    b"{",
    b"[]",
    b"[{}]",
    b"null",
    b'"text"',
    b"{'a': 1}",
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b"\xff\xfe{}",
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" * 100_000,
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00",  # `{}` by gzip
)
IDS = (
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%E4%B8%AD%E6%96%87",
    "x" * 200,
    "%27%20OR%201%3D1--",
    "%ff%fe",
    "-1",
    "%0d%0aX:1",
)
PARAMETERS = [
    "q",
    "text",
    "state",
    "category",
    "category_prefix",
    "condition",
    "region",
    "region_code",
    "place_id",
    "unit_id",
    "parent_id",
    "parent_code",
    "cursor",
    "after",
    "from",
    "to",
    "free_from",
    "free_to",
    "day_from",
    "day_to",
    "sort",
    "view",
    "role_view",
    "kind",
    "year",
    "month",
    "person",
    "action",
    "subject",
    "from_day",
    "to_day",
    "code",
    "next",
    "closed",
    "disabled",
    "ended",
]


def must_refuse(value: Any, type_: Any) -> bool:
    """Whether a value is none of the field's type, as the document promises it."""
    try:
        msgspec.convert(value, type_, strict=True)
    except (msgspec.ValidationError, OverflowError):
        return True
    return False


def encoded(body: dict[str, Any]) -> bytes:
    """JSON as anybody's client writes it."""
    return json.dumps(body).encode()
