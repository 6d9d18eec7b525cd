"""Files that are handed over, and the links to a list's."""

from urllib.parse import quote, urlencode

from sanic import HTTPResponse, Request
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


def list_links(path: str, **kept: str) -> tuple[Link, ...]:
    """The ways to take along the list at `path`, narrowed as `kept` says."""
    return tuple(
        Link(f"导出 {form.upper()}", f"{path}/export?{urlencode({**kept, 'format': form})}") for form in FORMATS
    )


def export_links(request: Request, path: str = "") -> tuple[Link, ...]:
    """The ways to take a list along as it is narrowed now; it is at `path` where that is not the page's own."""
    kept = {name: values[0] for name, values in request.args.items() if values[0].strip() and name not in _POSITIONS}
    return list_links(path or request.path, **kept)
