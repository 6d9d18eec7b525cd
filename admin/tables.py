"""A list of the desk as a table to take along."""

from collections.abc import Mapping
from typing import TypeVar

from sanic import HTTPResponse, Request

from admin.lists import query_of
from server.files.list_files import Format, ListTable, list_file
from server.files.tables import Rows
from server.kernel.errors import FieldError, InvalidInput
from server.web.downloads import answer_file
from server.web.sessions import actor_of

T = TypeVar("T")


def export_query(request: Request, type_: type[T]) -> T:
    """What a list is narrowed to, as its page's address says it. It is taken along whole: InvalidInput
    `input.bad_address` for a place in it, as for all that is made up."""
    if "cursor" in request.args:
        raise InvalidInput("input.bad_address", fields=[FieldError("cursor", "input.unknown_field")], names="cursor")
    return query_of(request, type_)


async def answer_list(request: Request, table: ListTable, form: Format, rows: Rows) -> HTTPResponse:
    """The list as a download. Raises InvalidInput where it is too large."""
    made = await list_file(actor_of(request), table, form, rows, is_head_only=request.method == "HEAD")
    return answer_file(made.name, made.content_type, made.content)


def said(words: Mapping[str, str | None]) -> dict[str, str]:
    """What a list is narrowed to, in words: what is not narrowed is left out."""
    return {name: word for name, word in words.items() if word}
