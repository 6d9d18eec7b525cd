"""Domain errors: a stable dotted code, the data its sentence needs, and a kind that the web maps to a status.

The core knows no HTTP. `code` is stable and may be shown to support; the Chinese sentence that people read
comes from the message catalogue (`server.kernel.messages`) by that code.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Something the caller asked for cannot be done, for a reason that has a name.

    `code` is a stable dotted string such as `asset.not_available`; `data` fills the sentence's placeholders
    and may be sent to the client, so it never holds secrets or another unit's facts.
    """

    kind: ClassVar[str] = "domain"

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class InvalidInput(DomainError):
    """A field is missing, of the wrong type, or out of its limits. `fields`: a list of FieldError."""

    kind = "invalid_input"

    def __init__(self, code: str = "input.invalid", *, fields: "list[FieldError] | None" = None, **data: Any) -> None:
        super().__init__(code, **data)
        self.fields = fields or []


class FieldError:
    """One field's fault: `field` is a dotted path, `code` a stable string, `data` what the sentence needs."""

    __slots__ = ("code", "data", "field")

    def __init__(self, field: str, code: str, **data: Any) -> None:
        self.field = field
        self.code = code
        self.data = data


class Unauthenticated(DomainError):
    """Nobody is logged in, or the session has ended."""

    kind = "unauthenticated"


class Forbidden(DomainError):
    """The person is known and the thing is within sight, but this person may not do this."""

    kind = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or it is another unit's: the two are never told apart."""

    kind = "not_found"


class StateConflict(DomainError):
    """The thing is not in a state in which this can be done (already lent, decided, taken)."""

    kind = "state_conflict"


class LimitReached(DomainError):
    """Too many, too often or too large. `data['retry_after']`: seconds, where waiting helps."""

    kind = "limit_reached"


class Unavailable(DomainError):
    """Something this needs (database, WeChat, storage) does not answer now; nothing is known to be done."""

    kind = "unavailable"
