"""What became of each of several things that were done in one go."""

from collections.abc import Sequence

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from server.web.parts import Badge, Link


class Result(msgspec.Struct, frozen=True):
    """What happened to one of them. `text`: in a sentence; `href`: where it can be looked at."""

    title: str
    badge: Badge
    text: str
    href: str


async def draw_results(request: Request, title: str, lead: str, results: Sequence[Result], back: Link) -> HTTPResponse:
    """The page of results; `back`: the list from which they were chosen."""
    return await door.draw(
        request,
        "admin/results.html",
        title=title,
        lead=lead,
        results=results,
        back=back,
        crumbs=(back, Link(title)),
    )
