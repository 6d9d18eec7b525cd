"""Request bodies that several subjects share. What a thing is comes from the address, never from a body."""

from typing import Annotated

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=500)]
RequiredText = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: RequiredText


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Where the next page begins; absent for the first."""

    cursor: str | None = None


class Count(msgspec.Struct, frozen=True):
    """A number for a badge."""

    number: int
