"""A person's own inbox."""

from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, Unauthenticated
from server.kernel.instants import from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Row
from server.notices.types import NOTICE_KINDS, NoticeView

_SELECT = "SELECT id, title, body, link_kind, link_id, created_at, read_at FROM notice WHERE person_id = ?"


async def list_notices(
    actor: Actor,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    *,
    is_unread_only: bool = False,
    kind: str | None = None,
) -> Page[NoticeView]:
    """The actor's messages, newest first; of one kind (`NOTICE_KINDS`), or None for all. Unauthenticated
    `session.required` for anybody but a person; InvalidInput for an unknown kind."""
    sql, values = _SELECT, [owner_of(actor)]
    if kind is not None:
        clause, links = _kind_clause(kind)
        sql += clause
        values += links
    if is_unread_only:
        sql += " AND read_at IS NULL"
    if (position := decode_cursor(cursor, str)) is not None:
        sql += " AND id < ?"
        values += position
    async with reading() as db:
        rows = await db.fetch_all(f"{sql} ORDER BY id DESC LIMIT ?", *values, size + 1)
    return page_of([_view(row) for row in rows], size, lambda view: encode_cursor(view.id))


def _kind_clause(kind: str) -> tuple[str, list[str]]:
    if kind not in NOTICE_KINDS:
        raise InvalidInput(fields=[FieldError("kind", "input.not_a_choice")])
    links = list(NOTICE_KINDS[kind])
    if links:
        return f" AND link_kind IN ({', '.join('?' * len(links))})", links
    known = [link for links in NOTICE_KINDS.values() for link in links]
    return f" AND link_kind NOT IN ({', '.join('?' * len(known))})", known


async def unread_count(actor: Actor) -> int:
    """How many of the actor's messages are unread; 0 where nobody is logged in."""
    if actor.person_id is None:
        return 0
    async with reading() as db:
        return await count_unread(db, actor.person_id)


async def count_unread(reader: RowSource, person_id: str) -> int:
    """How many messages of a person are unread: one count along an index."""
    row = await reader.fetch_one(
        "SELECT COUNT(*) AS unread FROM notice WHERE person_id = ? AND read_at IS NULL", person_id
    )
    assert row is not None
    return int(row["unread"])


def owner_of(actor: Actor) -> str:
    """The person whose inbox it is; Unauthenticated `session.required` where there is none."""
    if actor.person_id is None:
        raise Unauthenticated("session.required")
    return actor.person_id


def _view(row: Row) -> NoticeView:
    return NoticeView(
        id=row["id"],
        title=row["title"],
        body=row["body"],
        link_kind=row["link_kind"],
        link_id=row["link_id"],
        created_at=from_microseconds(row["created_at"]),
        is_read=row["read_at"] is not None,
    )
