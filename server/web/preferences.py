"""How a visitor wants to see the pages: theme, elder mode, text size. A cookie, no account needed."""

from typing import cast

import msgspec
from sanic import HTTPResponse, Request

from server.web.pages import TextSize, Theme

COOKIE = "gwc_look"
_YEAR = 365 * 86400
_THEMES = ("auto", "light", "dark")


class Preferences(msgspec.Struct, frozen=True):
    """The choices."""

    theme: Theme = "auto"
    is_elder: bool = False
    text_size: TextSize = 1


def read_preferences(request: Request) -> Preferences:
    """The visitor's choices; anything unknown is the default."""
    theme, _, rest = (request.cookies.get(COOKIE) or "").partition(".")
    elder, _, size = rest.partition(".")
    return Preferences(
        cast(Theme, theme if theme in _THEMES else "auto"),
        elder == "1",
        cast(TextSize, int(size) if size in {"1", "2", "3"} else 1),
    )


def change_preferences(request: Request, name: str, value: str) -> Preferences:
    """The choices after one was changed by the forms of the layouts."""
    present = read_preferences(request)
    if name == "theme" and value in _THEMES:
        return msgspec.structs.replace(present, theme=value)
    if name == "elder":
        return msgspec.structs.replace(present, is_elder=value == "1")
    if name == "text_size" and value in {"1", "2", "3"}:
        return msgspec.structs.replace(present, text_size=int(value))
    return present


def keep_preferences(request: Request, response: HTTPResponse, chosen: Preferences) -> None:
    """Remember the choices in this browser."""
    response.add_cookie(
        COOKIE,
        f"{chosen.theme}.{int(chosen.is_elder)}.{chosen.text_size}",
        httponly=True,
        samesite="Lax",
        path="/",
        max_age=_YEAR,
        secure=request.app.ctx.settings_is_secure,
    )
