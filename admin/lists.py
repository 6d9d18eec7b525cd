"""What every list of the desk needs: its typed query, and addresses with one part changed."""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from sanic import Request

from server.web.parsing import build_address
from server.web.parts import Option

T = TypeVar("T")


class Paging(msgspec.Struct, frozen=True):
    """Where the page of a list begins that is not narrowed."""

    cursor: str | None = None


def query_of(request: Request, type_: type[T]) -> T:
    """The address's parameters as a struct; an empty one is an absent one. Raises InvalidInput for a made-up one."""
    raw = {name: values[0] for name, values in request.args.items() if values[0].strip() != ""}
    return build_address(raw, type_)


def href_with(request: Request, **changes: str | None) -> str:
    """The present address with some parameters changed, or taken away by None."""
    kept = {name: values[0] for name, values in request.args.items() if values[0].strip() != ""}
    merged = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"{request.path}?{urlencode(merged)}" if merged else request.path


def label_among(options: Iterable[Option], value: str | None) -> str:
    """What a choice is called; the bare value where it is none of these."""
    return next((option.label for option in options if option.value == value), value or "")


def next_href(request: Request, cursor: str | None) -> str:
    """The address of the next page; empty on the last one."""
    return href_with(request, cursor=cursor) if cursor else ""


def page_hrefs(request: Request, previous: str | None, following: str | None) -> tuple[str, str]:
    """The addresses of the page before and of the one after; each empty where there is none."""
    return next_href(request, previous), next_href(request, following)


def first_href(request: Request) -> str:
    """The address of the first page, from any other; empty on the first one."""
    return href_with(request, cursor=None) if request.args.get("cursor") else ""
