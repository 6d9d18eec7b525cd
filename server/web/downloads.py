"""Files that are handed over, and the links to a list's."""

from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from sanic import HTTPResponse
from sanic.response import raw

from server.web.parts import Link

FORMATS = ("xlsx", "csv")
# Where a page begins: a list is taken along whole.
_POSITIONS = ("cursor", "after")


def attachment(name: str) -> dict[str, str]:
    """Headers of a download with a Chinese name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def answer_file(name: str, content_type: str, content: bytes) -> HTTPResponse:
    """The answer with a file."""
    return raw(content, content_type=content_type, headers=attachment(name))


def list_links(path: str, query: msgspec.Struct | None = None) -> tuple[Link, ...]:
    """The ways to take along the list at `path`, narrowed as the page's address (`query`) says."""
    kept = {} if query is None else _kept(query)
    return tuple(
        Link(f"导出 {form.upper()}", f"{path}/export?{urlencode({**kept, 'format': form})}") for form in FORMATS
    )


def _kept(query: msgspec.Struct) -> dict[str, str]:
    """What the address says beside where the page begins, as an address says it."""
    fields = msgspec.structs.fields(query)
    said = {field.encode_name: (getattr(query, field.name), field.default) for field in fields}
    return {name: _word(value) for name, (value, usual) in said.items() if name not in _POSITIONS and value != usual}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
