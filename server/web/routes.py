"""Every route that exists, with who may knock: deny by default, and the access matrix reads this list."""

from enum import StrEnum
from typing import Any

import msgspec


class Access(StrEnum):
    """Who may reach a handler at all; what they may do there, the domain decides."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    # Known by password, but the second factor or a new password is still owed.
    HALF_SIGNED_IN = "half_signed_in"


class Route(msgspec.Struct, frozen=True):
    """One address and method."""

    method: str
    path: str
    door: str
    access: Access
    summary: str = ""
    tag: str = ""
    body: Any = None
    query: Any = None
    answer: Any = None
    is_upload: bool = False
    status: int = 200


ROUTES: dict[tuple[str, str], Route] = {}


def methods_of(method: str) -> list[str]:
    """What a handler of `method` answers: whoever may read may ask for the head alone."""
    return ["GET", "HEAD"] if method == "GET" else [method]


def register_route(route: Route) -> None:
    """Note a route; the same address and method twice is a programming error, unless it is the very same."""
    key = (route.method, route.path)
    if ROUTES.get(key, route) != route:
        raise ValueError(f"{route.method} {route.path} is registered twice")
    ROUTES[key] = route
