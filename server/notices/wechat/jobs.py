"""What goes out by itself, and what an ended binding takes along."""

from typing import Any

from server.kernel.actor import system_actor
from server.kernel.background import in_background
from server.kernel.instants import to_microseconds
from server.kernel.outbox import on_event
from server.kernel.reading import present, reading
from server.kernel.unit_of_work import UnitOfWork
from server.notices.wechat.personal_data import erase_consents
from server.notices.wechat.sending import send_message

_AT_ONCE = 50


@in_background("notices.send_to_wechat")
async def send_due_messages() -> bool:
    """Send the messages that are due, and give up those whose sender died; whether there were any."""
    async with reading() as rows:
        due = await rows.fetch_all(
            "SELECT id FROM wechat_message WHERE state IN ('waiting', 'sending') AND due_at <= ?"
            " ORDER BY due_at, id LIMIT ?",
            to_microseconds(present()),
            _AT_ONCE,
        )
    for row in due:
        await send_message(system_actor("wechat_messages"), row["id"])
    return bool(due)


@on_event("person.wechat_unbound", "notices.forget_consents")
async def forget_consents(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """What was allowed was allowed to one WeChat user: whoever is bound next is asked anew."""
    await erase_consents(uow, payload["person_id"])
