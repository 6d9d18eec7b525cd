"""The door itself: what surrounds every staff page."""

from pathlib import Path

from sanic import Request

from admin.navigation import ways_for
from server.web.page_door import PageDoor, Surroundings
from server.web.pages import NavItem
from server.web.sessions import actor_of

TEMPLATES = Path(__file__).with_name("templates")
PREFIX = "/admin"


async def surround(request: Request) -> Surroundings:
    """The ways that the actor's roles open, the present one marked."""
    actor = actor_of(request)
    # A session that still owes its second factor has no grants, and so no ways.
    items = await ways_for(actor) if actor.person_id else ()
    return Surroundings(
        nav=_marked(items, request.path.removesuffix("/")), home_href=PREFIX + "/", search_href=PREFIX + "/assets"
    )


def _marked(items: tuple[NavItem, ...], path: str) -> tuple[NavItem, ...]:
    """The same items; the one whose address is the longest beginning of `path` is the current one."""
    fitting = [item.href for item in items if f"{path}/".startswith(f"{item.href.removesuffix('/')}/")]
    current = max(fitting, key=len, default="")
    return tuple(NavItem(item.label, item.href, item.icon, item.count, item.href == current) for item in items)


door = PageDoor("admin", PREFIX, surround, layout="desk")
