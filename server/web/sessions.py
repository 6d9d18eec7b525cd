"""Who is asking: the session of a cookie (pages) or of a bearer token (mini-program), and the actor it gives."""

import hashlib
import hmac
import re
import secrets

from sanic import HTTPResponse, Request

from server.identity.queries import session_for_token
from server.identity.sessions import API, MINI, WEB
from server.identity.types import SessionFacts
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, InvalidInput, Unauthenticated
from server.web.routes import Access

SESSION_COOKIE = "gwc_session"
VISITOR_COOKIE = "gwc_visitor"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
_KEY = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,128}$")
OF_PAGES = frozenset({WEB})
OF_CLIENTS = frozenset({MINI, API})
SAFE = {"GET", "HEAD", "OPTIONS"}


def nobody(request: Request) -> Actor:
    """The actor of a request without a session."""
    return Actor(kind=ActorKind.PERSON, request_id=request.ctx.request_id)


async def recognise(request: Request, token: str | None, channels: frozenset[str]) -> None:
    """Put the session (or None) and the actor into `request.ctx`.

    A session counts only at the door it was opened for: one that is in a browser's cookie is no bearer token, and a
    phone's token in a cookie would have the phone's longer life without the browser's rest.
    """
    facts: SessionFacts | None = None
    if token and _TOKEN.fullmatch(token):
        facts = await session_for_token(token, request.ctx.request_id)
        if facts is not None and facts.channel not in channels:
            facts = None
    request.ctx.session = facts
    request.ctx.actor = facts.actor if facts is not None else nobody(request)


def cookie_token(request: Request) -> str | None:
    """The token of the session cookie."""
    return request.cookies.get(SESSION_COOKIE)


def bearer_token(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def admit(request: Request, access: Access) -> None:
    """Raise Unauthenticated unless the session is good enough for `access`."""
    session: SessionFacts | None = request.ctx.session
    if access is Access.PUBLIC:
        return
    if session is None:
        raise Unauthenticated("session.required")
    if access is Access.SIGNED_IN and (session.needs_second_factor or session.must_change_password):
        raise Unauthenticated("session.unfinished")


def actor_of(request: Request) -> Actor:
    """Who asks."""
    actor: Actor = request.ctx.actor
    return actor


def actor_for_write(request: Request, key: str | None) -> Actor:
    """Who writes, with the idempotency key that every write carries; InvalidInput without a proper one."""
    if not key:
        raise InvalidInput("idempotency.key_required")
    if not _KEY.fullmatch(key):
        raise InvalidInput("idempotency.key_malformed")
    return actor_of(request).with_key(key)


# Forms of pages


def visitor_token(request: Request) -> str:
    """The CSRF token of a page's forms: the session's, or for nobody yet one bound to the visitor's cookie."""
    session: SessionFacts | None = request.ctx.session
    if session is not None:
        token: str = session.csrf_token
        return token
    visitor = getattr(request.ctx, "visitor", None) or request.cookies.get(VISITOR_COOKIE)
    if not visitor:
        visitor = secrets.token_urlsafe(24)
        request.ctx.new_visitor = visitor
    request.ctx.visitor = visitor
    key: bytes = request.app.ctx.form_key
    return hmac.new(key, _bytes_of(visitor), hashlib.sha256).hexdigest()


def check_form(request: Request) -> None:
    """Refuse a write that did not come from a form of ours: origin first, then the token."""
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"}:
        raise Forbidden("request.foreign_origin")
    origin = request.headers.get("origin")
    if origin not in {None, "null"} and origin.partition("://")[2] != request.headers.get("host", ""):
        raise Forbidden("request.foreign_origin")
    sent = request.headers.get(CSRF_HEADER) or _form_value(request, CSRF_FIELD)
    if not hmac.compare_digest(_bytes_of(sent), visitor_token(request).encode()):
        raise Forbidden("request.bad_csrf")


def _form_value(request: Request, name: str) -> str:
    value = request.form.get(name) if request.form else None
    return value if isinstance(value, str) else ""


def _bytes_of(text: str) -> bytes:
    # Odd bytes of a header come as lone surrogates, which the strict encoding refuses.
    return text.encode(errors="surrogateescape")


def set_session_cookie(request: Request, response: HTTPResponse, token: str, seconds: int) -> None:
    """Hand the token to the browser, out of scripts' reach."""
    response.add_cookie(
        SESSION_COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        path="/",
        max_age=seconds,
        secure=request.app.ctx.settings_is_secure,
    )


def clear_session_cookie(request: Request, response: HTTPResponse) -> None:
    """Take the token back."""
    # Not `delete_cookie`, which always says Secure: over plain HTTP a browser would keep the cookie.
    set_session_cookie(request, response, "", 0)


def set_visitor_cookie(request: Request, response: HTTPResponse) -> None:
    """Keep a new visitor's cookie, where a form was drawn for one."""
    visitor = getattr(request.ctx, "new_visitor", None)
    if visitor:
        response.add_cookie(
            VISITOR_COOKIE,
            visitor,
            httponly=True,
            samesite="Lax",
            path="/",
            secure=request.app.ctx.settings_is_secure,
        )
