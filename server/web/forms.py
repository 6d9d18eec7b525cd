"""Forms of pages: what was typed, the typed request made from it, and the problems beside each field."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from sanic import Request
from sanic.request import File

from server.kernel.errors import DomainError, InvalidInput
from server.kernel.messages import sentence_for
from server.web.parsing import build

T = TypeVar("T")
_OWN = {"csrf_token", "idempotency_key"}


class Problems(msgspec.Struct, frozen=True):
    """What is wrong with a form: `summary` on top, `fields` (name → sentence) beside each."""

    summary: str = ""
    code: str = ""
    fields: dict[str, str] = {}

    @classmethod
    def of(cls, error: DomainError) -> "Problems":
        """The problems that an error of parsing or of a command tells of."""
        fields = {}
        if isinstance(error, InvalidInput):
            fields = {problem.field: sentence_for(problem) for problem in error.fields}
        return cls(sentence_for(error), error.code, fields)

    def __bool__(self) -> bool:
        return bool(self.summary)


class TypedForm(msgspec.Struct, Generic[T], frozen=True):
    """A sent form. `typed`: as it was typed, to draw it again; `key`: its idempotency key."""

    typed: dict[str, Any]
    key: str | None

    @classmethod
    def of(cls, request: Request) -> "TypedForm[Any]":
        """The form that `request` carries. A name sent more than once is a list."""
        sent: Mapping[str, list[str]] = request.form or {}
        typed = {name: values[0] if len(values) == 1 else list(values) for name, values in sent.items()}
        key = typed.get("idempotency_key")
        shown = {name: value for name, value in typed.items() if name not in _OWN}
        return cls(shown, key if isinstance(key, str) and key else None)

    def read(self, type_: type[T]) -> T:
        """The typed request; an empty field counts as not sent. Raises InvalidInput naming every wrong field."""
        given = {name: value for name, value in self.typed.items() if value != ""}
        return build(given, type_, is_strict=False)


def uploaded_file(request: Request, name: str) -> File | None:
    """The file of a field, or None where none was chosen."""
    file = request.files.get(name) if request.files else None
    return file if isinstance(file, File) and file.body else None
