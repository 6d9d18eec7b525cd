"""A door of pages: registers handlers that draw HTML, guards their forms, and draws their refusals.

A page handler is `async def name(request, **path) -> HTTPResponse`; it draws with `Page.draw` and ends a write with
`redirect_with`. Forms work without JavaScript: POST, then redirect and flash.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html, redirect

from server.kernel.errors import DomainError, Unauthenticated
from server.kernel.ids import new_id
from server.kernel.messages import sentence_for
from server.web.flashes import clear_flashes, read_flashes, set_flash
from server.web.pages import Flash, NavItem, PageContext, render
from server.web.preferences import read_preferences
from server.web.routes import Access, Route, methods_of, register_route
from server.web.sessions import (
    OF_PAGES,
    SAFE,
    actor_of,
    admit,
    check_form,
    cookie_token,
    recognise,
    set_visitor_cookie,
    visitor_token,
)
from server.web.statuses import retry_after, status_of

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[HTTPResponse]])


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a door puts around every page of its own."""

    nav: tuple[NavItem, ...] = ()
    halls: tuple[NavItem, ...] = ()
    inbox_count: int = 0
    home_href: str = "/"
    search_href: str = "/"
    search_text: str = ""


class Surround(Protocol):
    """Finds out what surrounds the page that answers `request`."""

    async def __call__(self, request: Request) -> Surroundings:
        """The surroundings for whoever asks."""
        ...


class PageDoor:
    """Routes of one HTML door under `prefix`."""

    def __init__(self, name: str, prefix: str, surround: Surround, layout: str) -> None:
        self.blueprint = Blueprint(name, url_prefix=prefix or None)
        self.prefix = prefix
        self._name = name
        self._surround = surround
        self._layout = layout

    def get(self, path: str, *, summary: str, access: Access = Access.SIGNED_IN) -> Callable[[Handler], Handler]:
        """Register a page."""
        return self._register("GET", path, summary, access, is_upload=False)

    def post(
        self, path: str, *, summary: str, access: Access = Access.SIGNED_IN, is_upload: bool = False
    ) -> Callable[[Handler], Handler]:
        """Register a form's target."""
        return self._register("POST", path, summary, access, is_upload=is_upload)

    def _register(
        self, method: str, path: str, summary: str, access: Access, *, is_upload: bool
    ) -> Callable[[Handler], Handler]:
        register_route(Route(method, self.prefix + path, self._name, access, summary, is_upload=is_upload))

        def decorate(handler: Handler) -> Handler:
            @functools.wraps(handler)
            async def respond(request: Request, **values: Any) -> HTTPResponse:
                await recognise(request, cookie_token(request), OF_PAGES)
                if method == "POST":
                    check_form(request)
                try:
                    admit(request, access)
                except Unauthenticated as error:
                    return self._to_login(request, error)
                return await handler(request, **values)

            self.blueprint.add_route(
                respond, path, methods=methods_of(method), name=f"{method.lower()}_{handler.__name__}"
            )
            return handler

        return decorate

    async def draw(self, request: Request, template: str, status: int = 200, **facts: Any) -> HTTPResponse:
        """A page with its surroundings; `facts` go to the template by name, `page` is added."""
        page = await self.context(request)
        response = html(render(template, page=page, **facts), status=status)
        set_visitor_cookie(request, response)
        if page.flashes:
            clear_flashes(request, response)
        return response

    async def context(self, request: Request) -> PageContext:
        """The `page` of a template."""
        around = await self._surround(request)
        actor = actor_of(request)
        preferences = read_preferences(request)
        return PageContext(
            request_id=request.ctx.request_id,
            csrf_token=visitor_token(request),
            person_name=actor.person_name if actor.person_id else "",
            unit_name=actor.unit_name,
            person_key=actor.person_id or "",
            nav=around.nav,
            halls=around.halls,
            flashes=read_flashes(request),
            theme=preferences.theme,
            is_elder=preferences.is_elder,
            text_size=preferences.text_size,
            inbox_count=around.inbox_count,
            here=request.path + (f"?{request.query_string}" if request.query_string else ""),
            search_text=around.search_text,
            home_href=around.home_href,
            search_href=around.search_href,
        )

    def render_failure(self, request: Request, error: DomainError) -> HTTPResponse:
        """The page of a refusal that no handler drew beside its form. Draws nothing that needs the storage."""
        if error.kind == "unauthenticated":
            return self._to_login(request, error)
        preferences = read_preferences(request)
        request_id = getattr(request.ctx, "request_id", "")
        page = PageContext(
            request_id=request_id,
            theme=preferences.theme,
            is_elder=preferences.is_elder,
            text_size=preferences.text_size,
            here=request.path,
            home_href=self.prefix or "/",
        )
        body = render(
            "failure.html",
            page=page,
            layout=self._layout,
            status=status_of(error),
            code=error.code,
            sentence=sentence_for(error),
        )
        seconds = retry_after(error)
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        return html(body, status=status_of(error), headers=headers)

    def _to_login(self, request: Request, error: DomainError) -> HTTPResponse:
        target = "/login/second-factor" if error.code == "session.unfinished" else "/login"
        back = request.path if request.method in SAFE else _own_path(request.headers.get("referer", ""))
        query = f"?{request.query_string}" if request.method in SAFE and request.query_string else ""
        response = redirect(f"{target}?next={_quoted(back + query)}", status=303)
        if request.headers.get("hx-request"):
            # htmx follows redirects unseen and would put the login page into a corner of this one.
            response = HTTPResponse(status=204, headers={"HX-Redirect": response.headers["Location"]})
        return response


def redirect_with(request: Request, href: str, flash: Flash | None = None) -> HTTPResponse:
    """End a write: go to `href`, and say there what happened and what comes next."""
    response = redirect(href, status=303)
    if flash is not None:
        set_flash(request, response, flash)
    return response


def own_target(href: str | None, otherwise: str) -> str:
    """`href` where it is an address of this site (no other host, no `//`), else `otherwise`."""
    if not href or not href.startswith("/") or href.startswith("//"):
        return otherwise
    # Browsers drop control characters and read a backslash as a slash, which would make `//` of harmless looks.
    return otherwise if any(letter <= " " or letter == "\\" for letter in href) else href


def new_form_key() -> str:
    """The idempotency key of one drawn form: a double click or a repeated POST is one write."""
    return f"form-{new_id()}"


def _own_path(address: str) -> str:
    parts = urlsplit(address)
    return own_target(parts.path, "/")


def _quoted(text: str) -> str:
    return quote(text, safe="")
