"""Every error becomes an answer: domain errors by their kind, Sanic's own by their status, all others a logged 500."""

import logging
from collections.abc import Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException

from server.kernel.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotFound,
    StateConflict,
    Unavailable,
)
from server.web.api import failure
from server.web.guard import too_large

Renderer = Callable[[Request, DomainError], HTTPResponse]
_log = logging.getLogger("server.failure")
# Enough for the method and the beginning of an address.
_HEAD_BYTES = 200
_renderers: list[tuple[str, Renderer]] = []


class InternalError(DomainError):
    """A fault of ours; people get its number, the log gets the rest."""

    kind = "internal"


def render_failures_under(prefix: str, renderer: Renderer) -> None:
    """Let a door draw the errors of its addresses; the longest prefix wins."""
    _renderers[:] = sorted(
        [*(pair for pair in _renderers if pair[0] != prefix), (prefix, renderer)], key=lambda pair: -len(pair[0])
    )


def install_failures(app: "Sanic[Any, Any]") -> None:
    """Answer every exception of `app`'s handlers."""

    async def on_error(request: Request, exception: Exception) -> HTTPResponse:
        error = as_domain_error(request, exception)
        path = _path_of(request)
        for prefix, renderer in _renderers:
            if path.startswith(prefix):
                return renderer(request, error)
        return failure(request, error)

    app.error_handler.add(Exception, on_error)


def _path_of(request: Request) -> str:
    """The address; of a request whose head was too long to be read through, what stands at its beginning."""
    if request.path.startswith("/") or request.stream is None:
        return request.path
    head = bytes(getattr(request.stream, "recv_buffer", b"")[:_HEAD_BYTES])
    return b" ".join(head.split(b" ")[1:2]).decode(errors="replace")


def as_domain_error(request: Request, exception: Exception) -> DomainError:
    """The domain error that says what an exception means to people."""
    if isinstance(exception, DomainError):
        return exception
    if isinstance(exception, SanicException):
        if exception.status_code == 413 and request.headers.get("content-type", "").startswith("multipart/form-data"):
            # Sanic itself turns away what is beyond every limit, before the guard sees it.
            return too_large(request.app.config.REQUEST_MAX_SIZE)
        known = _of_status(exception.status_code)
        if known is not None:
            return known
    request_id = getattr(request.ctx, "request_id", "")
    _log.error("unhandled error", exc_info=exception, extra={"facts": {"path": request.path[:200]}})
    return InternalError("internal.error", request_id=request_id)


def _of_status(status: int) -> DomainError | None:
    return {
        400: InvalidInput("input.invalid"),
        403: Forbidden("role.required"),
        404: NotFound("request.not_found"),
        405: StateConflict("request.method_not_allowed"),
        408: Unavailable("request.timeout"),
        413: LimitReached("request.too_large"),
        415: InvalidInput("request.unsupported_type"),
        417: InvalidInput("input.invalid"),
        503: Unavailable("storage.unavailable"),
    }.get(status)
