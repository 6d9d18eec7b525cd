"""What stands around every page of this door: the ways to go, and how much waits at each."""

from sanic import Request

from server.circulation.queries import Waiting, waiting_for
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.web.page_door import PageDoor, Surroundings
from server.web.pages import NavItem
from server.web.sessions import actor_of, nobody

HALL = "/sharing"
# Whoever may be asked to decide; others see the way there only while something waits for them.
DECIDING = (Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER, Role.OPERATIONS)
DESK = (
    *DECIDING,
    Role.UNIT_ACCOUNTANT,
    Role.WAREHOUSE_KEEPER,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)


async def surroundings(request: Request) -> Surroundings:
    """Nothing but the way in for the public; the five ways and their counts for whoever is signed in."""
    actor = actor_of(request)
    if not is_signed_in(request):
        return Surroundings(search_href=HALL)
    waiting = await waiting_for(actor)
    return Surroundings(
        nav=_ways(actor, request.path, waiting),
        inbox_count=waiting.unread,
        search_href=HALL,
        search_text=_typed_search(request),
    )


def is_signed_in(request: Request) -> bool:
    """Whether a complete session asks: not one that still owes a second factor or a new password."""
    session = request.ctx.session
    return session is not None and not session.is_half_open


def viewer_of(request: Request) -> Actor:
    """Who looks at a page that is open to the public: a login that is not complete yet counts for nobody."""
    return actor_of(request) if is_signed_in(request) else nobody(request)


def has_desk(actor: Actor) -> bool:
    """Whether the staff pages hold anything for this person."""
    return actor.has_role(*DESK)


def _ways(actor: Actor, path: str, waiting: Waiting) -> tuple[NavItem, ...]:
    pending, unread = waiting.to_approve, waiting.unread
    ways = [
        ("首页", "/", "house", 0),
        ("大厅", HALL, "store", 0),
        ("审批", "/approvals", "stamp", pending),
        ("借用", "/borrowings", "clipboard-list", waiting.to_correct + waiting.to_collect + waiting.overdue),
        ("消息", "/messages", "bell", unread),
    ]
    if not pending and not actor.has_role(*DECIDING):
        ways[2] = ("我的", "/me", "user", 0)
        ways.append(ways.pop(2))
    return tuple(NavItem(label, href, icon, count, _is_under(path, href)) for label, href, icon, count in ways)


def _is_under(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))


def _typed_search(request: Request) -> str:
    return request.args.get("q", "") if request.path == HALL else ""


door = PageDoor("storefront", "", surroundings, layout="layouts/storefront.html")
