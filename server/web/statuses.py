"""Which HTTP status a kind of domain error has. The core knows none of this."""

from server.kernel.errors import DomainError

_STATUS = {
    "invalid_input": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "state_conflict": 409,
    "limit_reached": 429,
    "unavailable": 503,
}


def status_of(error: DomainError) -> int:
    """The status of an error; something too large is 413, not too often."""
    if error.kind == "limit_reached" and error.code.endswith("too_large"):
        return 413
    if error.code == "request.method_not_allowed":
        return 405
    if error.code == "request.unsupported_type":
        return 415
    return _STATUS.get(error.kind, 500)


def retry_after(error: DomainError) -> int | None:
    """Seconds after which the same may be tried again, where waiting helps."""
    if error.kind == "unavailable":
        return 2
    seconds = error.data.get("retry_after")
    return seconds if isinstance(seconds, int) else None
