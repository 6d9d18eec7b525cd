"""What the address of a page asks for."""

from datetime import date
from typing import Annotated, TypeVar

import msgspec
from sanic import Request

from server.web.parsing import build_address

T = TypeVar("T")
Cursor = Annotated[str, msgspec.Meta(max_length=300)]
Words = Annotated[str, msgspec.Meta(max_length=60)]


def asked(request: Request, type_: type[T]) -> T:
    """The address's parameters as a struct; an empty one is an absent one. A name that the struct does not have is left
    out: chats and mail programs add marks of their own. Raises InvalidInput for a made-up value of one that it has."""
    names = [field.encode_name for field in msgspec.structs.fields(type_)]  # type: ignore[arg-type]
    typed = {name: request.args.get(name, "").strip() for name in names}
    return build_address({name: value for name, value in typed.items() if value}, type_)


def typed_day(text: str) -> date | None:
    """The day that somebody typed into a form that was refused; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
