"""What tests of messages to WeChat do and look at."""

from typing import Any

from server.gateways.wechat import WechatSandbox
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.kernel.reading import reading
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import unit_of_work
from server.notices.ops import notify
from server.notices.wechat.commands import answer_consents
from server.notices.wechat.jobs import send_due_messages
from server.notices.wechat.queries import my_consents
from server.notices.wechat.types import ConsentAnswer
from tests.factories.identity import SYSTEM

BORROWING = "sandbox-template-borrowing"
APPROVAL = "sandbox-template-approval"
TITLE = "区文广旅体局借〔2026〕1号 已备好"


def answer(choice: Any, template_id: str = BORROWING) -> list[ConsentAnswer]:
    """What a phone answers about one template."""
    return [ConsentAnswer(template_id=template_id, answer=choice)]


async def allow(actor: Actor, sandbox: WechatSandbox, openid: str, times: int = 1) -> None:
    """Tap 允许: WeChat and the product both hear of it."""
    for _ in range(times):
        sandbox.subscriptions.accept(openid, BORROWING)
        await answer_consents(actor, answer("accept"))


async def tell(actor: Actor, title: str = TITLE, kind: str = "borrowing") -> None:
    """Leave a message in somebody's inbox."""
    assert actor.person_id is not None
    async with unit_of_work(SYSTEM) as uow:
        await notify(uow, [actor.person_id], title, "领取地点：区公物仓一楼。", kind, new_id(), new_id())


async def send_all() -> None:
    """Send until nothing is due."""
    while await send_due_messages():
        pass


async def messages() -> list[Row]:
    """All messages on their way, oldest first."""
    async with reading() as rows:
        return await rows.fetch_all("SELECT * FROM wechat_message ORDER BY id")


async def states() -> list[str]:
    return [row["state"] for row in await messages()]


async def left(actor: Actor, template_id: str = BORROWING) -> int:
    """How many single messages the person still allows."""
    view = await my_consents(actor)
    return next(each.remaining for each in view.items if each.template_id == template_id)
