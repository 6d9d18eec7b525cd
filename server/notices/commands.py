"""Reading one's messages."""

from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.instants import to_microseconds
from server.kernel.unit_of_work import UnitOfWork
from server.notices.models import Notice
from server.notices.queries import count_unread, owner_of
from server.notices.types import UnreadView

MOST_AT_ONCE = 200


@command("notices.mark_read")
async def mark_read(uow: UnitOfWork, actor: Actor, ids: list[str] | None = None) -> UnreadView:
    """Mark these of one's own messages as read, or (None) all of them; again changes nothing.

    NotFound `notice.not_found` where one of `ids` is not the actor's, and then none is marked; InvalidInput
    `notice.none_chosen` for an empty list or more than 200.
    """
    person_id = owner_of(actor)
    sql, values = "UPDATE notice SET read_at = ? WHERE person_id = ? AND read_at IS NULL", [person_id]
    if ids is not None:
        wanted = sorted(set(ids))
        await _require_own(uow, person_id, wanted)
        sql += f" AND id IN ({', '.join('?' * len(wanted))})"
        values += wanted
    marked = await uow.execute(sql, to_microseconds(await uow.now()), *values)
    await uow.record("notice.read", "person", person_id, marked=marked)
    uow.publish_after_commit("notice", person_id)
    return UnreadView(unread=await count_unread(uow, person_id))


async def _require_own(uow: UnitOfWork, person_id: str, ids: list[str]) -> None:
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise InvalidInput("notice.none_chosen")
    if len(await uow.find_all(Notice, id__in=ids, person_id=person_id)) != len(ids):
        raise NotFound("notice.not_found")
