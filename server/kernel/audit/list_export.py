"""Who took which list out as a table: recorded before it is handed over, after it was read."""

import msgspec

from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork


class ListExport(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: which list (`assets`); `title`: its name for people; `asked`: what it was narrowed to; `rows`: how many
    were written."""

    kind: str
    title: str
    format: str
    asked: dict[str, str]
    rows: int


@command("list.export")
async def record_list_export(uow: UnitOfWork, actor: Actor, wanted: ListExport) -> None:
    """Record that the actor takes a list out. Whether the actor may read it, the list itself has asked."""
    await uow.record(
        "list.exported",
        "list",
        wanted.kind,
        title=wanted.title,
        format=wanted.format,
        asked=wanted.asked,
        rows=wanted.rows,
    )
