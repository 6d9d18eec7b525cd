"""What stands before every handler and behind every answer: ids, hosts, sizes, rates, security headers, access log."""

import logging
import random
import re
import time
from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from server.kernel.errors import Forbidden, LimitReached
from server.kernel.runtime import current_runtime
from server.settings import Settings
from server.web.logs import request_id_of_context
from server.web.metrics import observe

_log = logging.getLogger("server.access")
_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_SLOW_SECONDS = 0.5
_ADDRESS_LETTERS = frozenset("0123456789abcdefABCDEF.:%")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
# Of these, what means something for an answer that is data (OWASP REST Security): each header costs Sanic microseconds.
_DATA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install_guard(app: "Sanic[Any, Any]", settings: Settings) -> None:
    """Put the guard before and behind every handler of `app`."""
    transport = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if settings.is_secure else {}
    headers, data_headers = {**_HEADERS, **transport}, {**_DATA_HEADERS, **transport}
    hosts = frozenset(settings.trusted_hosts)

    async def before(request: Request) -> None:
        request.ctx.started = time.perf_counter()
        request.ctx.request_id = _request_id(request)
        request.ctx.session = None
        request_id_of_context.set(request.ctx.request_id)
        if hosts and request.headers.get("host", "").partition(":")[0] not in hosts:
            raise Forbidden("request.foreign_host")
        _check_size(request, settings)
        if request.method in _WRITES:
            await _check_rate(request, settings)

    async def after(request: Request, response: BaseHTTPResponse) -> None:
        is_data = (response.content_type or "").startswith("application/json")
        for name, value in (data_headers if is_data else headers).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = getattr(request.ctx, "request_id", "")
        _note(request, response)

    app.register_middleware(before, "request")
    app.register_middleware(after, "response")


def client_address(request: Request, *, is_behind_proxy: bool) -> str:
    """The client's address: the last hop's word behind our own proxy, the connection's otherwise."""
    if is_behind_proxy:
        forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        if forwarded:
            # Only what an address is made of: it becomes a key.
            return "".join(letter for letter in forwarded[:45] if letter in _ADDRESS_LETTERS)
    return request.ip


def _request_id(request: Request) -> str:
    # A client's id goes into logs and pages, so only a harmless one is taken.
    sent = request.headers.get("x-request-id", "")
    return sent if _SAFE_ID.fullmatch(sent) else f"{random.getrandbits(64):016x}"


def _check_size(request: Request, settings: Settings) -> None:
    length = request.headers.get("content-length", "0")
    is_upload = request.headers.get("content-type", "").startswith("multipart/form-data")
    limit = settings.upload_bytes if is_upload else settings.request_bytes
    size = int(length) if length.isdecimal() else len(request.body)
    if max(size, len(request.body)) > limit:
        raise too_large(settings.upload_bytes) if is_upload else LimitReached("request.too_large", limit=limit)


def too_large(limit: int) -> LimitReached:
    """What an upload of more bytes is told."""
    return LimitReached("request.upload_too_large", max_mb=limit // 1_000_000)


async def _check_rate(request: Request, settings: Settings) -> None:
    address = client_address(request, is_behind_proxy=settings.is_behind_proxy)
    wait = await current_runtime().rate_limiter.take(f"write:{address}", settings.requests_per_minute, 60)
    if wait:
        raise LimitReached("request.too_often", retry_after=wait)


def _note(request: Request, response: BaseHTTPResponse) -> None:
    seconds = time.perf_counter() - getattr(request.ctx, "started", time.perf_counter())
    route = request.route.path if request.route else "unknown"
    observe(request.method, route, response.status, seconds)
    # A quick read that went well is counted, not told: nginx has the full access log, and a line for each read cost
    # more than the read. What changes something, fails or takes long is always told.
    if request.method in _WRITES or response.status >= 400 or seconds >= _SLOW_SECONDS:
        _tell(request, response, seconds)


def _tell(request: Request, response: BaseHTTPResponse, seconds: float) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    facts = {
        "method": request.method,
        # An address that is itself a secret is named by its handler.
        "path": getattr(request.ctx, "path_for_log", request.path)[:200],
        "status": response.status,
        "milliseconds": round(seconds * 1000, 1),
    }
    # Made by hand: `info` would walk the stack for a place in the code that no line shows.
    record = _log.makeRecord(_log.name, logging.INFO, "", 0, "request", (), None, extra={"facts": facts})
    _log.handle(record)
