"""Rows of the lists for the thumb, and the ways to a list's other pages."""

from datetime import datetime
from urllib.parse import urlencode

import msgspec
from sanic import Request

from server.web.parts import Badge


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row, one target. `next_step`: what the reader has to do."""

    href: str
    title: str
    detail: str
    badge: Badge
    next_step: str = ""
    at: datetime | None = None


def paging_hrefs(request: Request, next_cursor: str | None) -> tuple[str, str]:
    """Where the first and the next page are; empty where the list is already there, or ends."""
    kept = {name: value for name in request.args if name != "after" and (value := request.args.get(name))}
    first = f"{request.path}?{urlencode(kept)}" if kept else request.path
    following = f"{request.path}?{urlencode({**kept, 'after': next_cursor})}" if next_cursor else ""
    return (first if request.args.get("after") else ""), following
