"""Forms of the desk as data: one template draws them all, one function answers them all."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FieldError, InvalidInput, Unauthenticated
from server.web.forms import Problems, TypedForm
from server.web.page_door import new_form_key, redirect_with
from server.web.pages import Flash
from server.web.parts import Fact, Fault, Link, Option
from server.web.sessions import actor_for_write
from server.web.statuses import status_of

T = TypeVar("T")
_LONGEST_FIELD = 64
FieldKind = Literal[
    "text", "textarea", "select", "radio", "checkbox", "checkboxes", "date", "file", "files", "heading", "signature"
]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One control. `value`: what it holds before anything was typed."""

    name: str
    label: str
    kind: FieldKind = "text"
    value: str | tuple[str, ...] = ""
    help: str = ""
    options: tuple[Option, ...] = ()
    required: bool = True
    suffix: str = ""
    short: bool = False
    maxlength: int = 0
    inputmode: str = ""
    rows: int = 3
    autofocus: bool = False


class FormPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page with one form. `facts` stand beside it; `hidden` goes along unseen."""

    title: str
    action: str
    fields: tuple[Field, ...]
    submit: str
    back: Link
    lead: str = ""
    facts: tuple[Fact, ...] = ()
    crumbs: tuple[Link, ...] = ()
    hidden: dict[str, str] = {}
    is_danger: bool = False
    is_upload: bool = False
    draft: str = ""


class Nothing(msgspec.Struct, frozen=True):
    """What a form that only confirms sends."""


class Done(msgspec.Struct, frozen=True):
    """How a write ended well: where to go, and what to say there."""

    href: str
    text: str
    next_label: str = ""
    next_href: str = ""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it is drawn: what was typed, what is wrong with it, and its key."""

    typed: dict[str, Any] = {}
    problems: Problems = Problems()
    key: str = ""
    is_answered: bool = False

    def faults(self, fields: tuple[Field, ...]) -> tuple[Fault, ...]:
        """What is wrong, each with the name of its field in front: the summary stands far from the fields."""
        labels = {field.name: field.label for field in fields}
        return tuple(
            Fault(name, f"{labels[name]}：{text}" if name in labels else text)
            for name, text in self.problems.fields.items()
        )

    def value(self, field: Field) -> Any:
        """What the control shows: the typed text where there is one. A box left empty sends nothing at all."""
        if field.name in self.typed:
            return self.typed[field.name]
        return ("" if field.kind != "checkboxes" else ()) if self.is_answered else field.value


# An act ends in Done, or draws what is shown once and must not be reached by an address.
Act = Callable[[Actor, T], Awaitable[Done | HTTPResponse]]
Draw = Callable[[Drawn, int], Awaitable[HTTPResponse]]


def fresh() -> Drawn:
    """A form that nobody has filled in yet."""
    return Drawn(key=new_form_key())


async def draw_form(request: Request, sheet: FormPage, drawn: Drawn | None = None, status: int = 200) -> HTTPResponse:
    """The page of one form."""
    return await door.draw(request, "admin/form.html", status, sheet=sheet, drawn=drawn or fresh())


async def answer_form(request: Request, sheet: FormPage, type_: type[T], act: Act[T]) -> HTTPResponse:
    """Read the form, act, and go on; what is refused is drawn again with what was typed."""

    async def draw(drawn: Drawn, status: int) -> HTTPResponse:
        return await draw_form(request, sheet, _beside(drawn, sheet.fields), status)

    return await answer(request, type_, act, draw)


def _beside(drawn: Drawn, fields: tuple[Field, ...]) -> Drawn:
    """What a command says of `value_fen` belongs beside the field `value`, in which yuan were typed."""
    there = {field.name for field in fields}
    found = {
        typed if name not in there and (typed := name.removesuffix("_fen")) in there else name: text
        for name, text in drawn.problems.fields.items()
    }
    return msgspec.structs.replace(drawn, problems=msgspec.structs.replace(drawn.problems, fields=found))


async def answer(request: Request, type_: type[T], act: Act[T], draw: Draw) -> HTTPResponse:
    """As `answer_form`, for a form that is part of another page, which `draw` draws."""
    return await _answer(request, lambda form: form.read(type_), act, draw)


async def answer_loose(request: Request, fields: re.Pattern[str], act: Act[dict[str, Any]], draw: Draw) -> HTTPResponse:
    """As `answer`, for a form whose fields depend on the thing: the act gets them as they were typed. A field whose
    name is not of the pattern `fields` is refused, as everywhere."""

    def read(form: TypedForm[dict[str, Any]]) -> dict[str, Any]:
        unknown = [
            FieldError(name[:_LONGEST_FIELD], "input.unknown_field")
            for name in form.typed
            if not fields.fullmatch(name)
        ]
        if unknown:
            raise InvalidInput(fields=unknown)
        return form.typed

    return await _answer(request, read, act, draw)


async def _answer(request: Request, read: Callable[[TypedForm[T]], T], act: Act[T], draw: Draw) -> HTTPResponse:
    form = TypedForm[T].of(request)
    try:
        body = read(form)
        done = await act(actor_for_write(request, form.key), body)
    except Unauthenticated:
        raise
    except DomainError as error:
        # Where nothing is known to be done, the same key goes along, so that trying again cannot do it twice.
        key = form.key if error.kind == "unavailable" and form.key else new_form_key()
        drawn = Drawn(typed=form.typed, problems=Problems.of(error), key=key, is_answered=True)
        return await draw(drawn, status_of(error))
    if isinstance(done, HTTPResponse):
        return done
    return redirect_with(request, done.href, Flash("ok", done.text, done.next_label, done.next_href))
