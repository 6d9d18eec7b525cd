"""Laying a message of the inbox ready for its person's WeChat, inside the caller's unit of work."""

from server.kernel.unit_of_work import UnitOfWork
from server.notices.models import Notice
from server.notices.wechat.models import WechatMessage
from server.notices.wechat.states import MessageState
from server.notices.wechat.templates import template_for


async def lay_ready(uow: UnitOfWork, notice: Notice) -> None:
    """Leave the message for the sender where its person allowed one of its kind.

    The consent is only looked at here and is spent when the message goes out: whoever is told in the middle of a large
    piece of work need not wait for somebody else's.
    """
    template = template_for(notice.link_kind)
    if template is None:
        return
    allowed = await uow.fetch_one(
        "SELECT id FROM message_consent WHERE person_id = ? AND template_id = ? AND (remaining > 0 OR is_standing = 1)",
        notice.person_id,
        template.template_id,
    )
    if allowed is None:
        return
    now = await uow.now()
    await uow.add(
        WechatMessage(
            notice_id=notice.id,
            person_id=notice.person_id,
            template_id=template.template_id,
            state=MessageState.WAITING,
            created_at=now,
            due_at=now,
        )
    )
