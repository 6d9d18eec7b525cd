"""Leaving a message in people's inboxes, inside the caller's unit of work."""

from collections.abc import Iterable

from tortoise.exceptions import IntegrityError

from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.models import Notice
from server.notices.wechat.ops import lay_ready

TITLE_LENGTH = 100
BODY_LENGTH = 500


async def notify(
    uow: UnitOfWork,
    person_ids: Iterable[str],
    title: str,
    body: str,
    link_kind: str,
    link_id: str,
    dedupe_key: str,
) -> int:
    """Leave one message for each person; returns how many are new. `dedupe_key` (≤ 100 characters) names the cause:
    the same cause tells a person once, however often it is told here. A text that is too long ends in an ellipsis.

    Listeners of channel `notice` get the person's id after the commit.
    """
    added = 0
    for person_id in sorted(set(person_ids)):
        if await _add(uow, f"{dedupe_key}:{person_id}", person_id, title, body, link_kind, link_id):
            uow.publish_after_commit("notice", person_id)
            added += 1
    return added


async def _add(uow: UnitOfWork, key: str, person_id: str, title: str, body: str, link_kind: str, link_id: str) -> bool:
    notice = Notice(
        person_id=person_id,
        title=_fitted(title, TITLE_LENGTH),
        body=_fitted(body, BODY_LENGTH),
        link_kind=link_kind,
        link_id=link_id,
        created_at=await uow.now(),
        dedupe_key=key,
    )
    try:
        await uow.add(notice)
    except IntegrityError as error:
        if is_duplicate(error):
            return False  # told before, or by another process at the same time
        raise
    await lay_ready(uow, notice)
    return True


def _fitted(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
