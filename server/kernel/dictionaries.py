"""What has changed in the product's dictionaries: which entry, from what into what, by whom and by which paper.

The audit says that a file was imported, with its digest; this says what it changed, so that people can look it up.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from server.kernel.ids import new_id
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork

_BATCH = 500
_LONGEST = 64
_SYSTEM = "系统"


class Change(NamedTuple):
    """One entry by its code, and what it was and became in words; None for nothing."""

    entry: str
    before: str | None
    after: str | None


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a dictionary's history."""

    id: str
    entry: str
    at: datetime
    actor_name: str
    source: str
    before: str | None
    after: str | None


async def note_changes(uow: UnitOfWork, dictionary: str, source: str, changes: Iterable[Change]) -> None:
    """Write down what this unit of work changes in a dictionary."""
    at, name = to_microseconds(await uow.now()), uow.actor.person_name if uow.actor.person_id else _SYSTEM
    rows = [
        (new_id(), dictionary, each.entry[:_LONGEST], at, name, source, each.before, each.after) for each in changes
    ]
    for start in range(0, len(rows), _BATCH):
        await _insert(uow, rows[start : start + _BATCH])


async def list_changes(dictionary: str, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[ChangeView]:
    """A dictionary's history, newest first. What is in it anybody may know who may look the dictionary up."""
    position = decode_cursor(cursor, str)
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id, entry, at, actor_name, source, `before`, `after` FROM dictionary_change WHERE dictionary = ?"
            " AND id < ? ORDER BY id DESC LIMIT ?",
            dictionary,
            position[0] if position else "~",
            size + 1,
        )
    views = [ChangeView(**{**row, "at": from_microseconds(row["at"])}) for row in rows]
    return page_of(views, size, lambda view: encode_cursor(view.id))


async def _insert(uow: UnitOfWork, rows: Sequence[tuple[object, ...]]) -> None:
    places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(rows))
    await uow.execute(
        "INSERT INTO dictionary_change (id, dictionary, entry, at, actor_name, source, `before`, `after`)"
        f" VALUES {places}",
        *[value for row in rows for value in row],
    )
