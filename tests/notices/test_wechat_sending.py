"""Messages on their way to WeChat: sent once, put off, given up; consent spent once and given back."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from server.gateways.wechat import SubscribeOutcome, SubscribeResult, WechatSandbox
from server.identity.models import Person
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.notices.queries import list_notices
from server.notices.wechat.commands import answer_consents
from server.notices.wechat.sending import TRIES, put_off, settle_message, take_message
from server.notices.wechat.templates import fitted, use_templates
from server.setting_values import MessageTemplate
from tests.factories.identity import SYSTEM
from tests.gateways.wechat_world import SUBSCRIBE_PATH, FaultyLine
from tests.notices.phones import BORROWING, TITLE, allow, answer, left, messages, send_all, states, tell

pytestmark = pytest.mark.usefixtures("line")

MoveClock = Callable[[timedelta], None]


@pytest.fixture
def openid(sandbox: WechatSandbox) -> str:
    return sandbox.openid_of("wang-fang")


async def test_message_reaches_the_phone_when_its_kind_is_allowed(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    await send_all()
    [sent] = sandbox.sent
    [notice] = (await list_notices(reader)).items
    assert (sent.openid, sent.template_id, sent.page) == (openid, BORROWING, f"pages/messages/show?id={notice.id}")
    assert sent.data["thing1"] == TITLE and sent.data["thing2"] == "领取地点：区公物仓一楼。"
    [row] = await messages()
    assert (row["state"], row["errcode"], row["notice_id"]) == ("sent", 0, notice.id)
    assert await left(reader) == 0


async def test_inbox_alone_is_told_when_nothing_or_another_kind_is_allowed(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await tell(reader)
    await allow(reader, sandbox, openid)
    await tell(reader, kind="wanted")
    await tell(reader, kind="handover")
    assert not await messages() and len((await list_notices(reader)).items) == 3


async def test_one_consent_lets_one_message_go(reader: Actor, sandbox: WechatSandbox, openid: str) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    await tell(reader)
    sandbox.subscriptions.accept(openid, BORROWING)
    await send_all()
    assert await states() == ["sent", "dropped"] and len(sandbox.sent) == 1


async def test_long_term_consent_is_not_spent(reader: Actor, sandbox: WechatSandbox, openid: str) -> None:
    use_templates((MessageTemplate("borrowing", BORROWING, "thing1", "thing2", "time3", is_standing=True),))
    await answer_consents(reader, answer("accept"))
    for _ in range(3):
        sandbox.subscriptions.accept(openid, BORROWING)
        await tell(reader)
    await send_all()
    assert await states() == ["sent"] * 3


async def test_consent_is_gone_when_wechat_says_so(reader: Actor, sandbox: WechatSandbox, openid: str) -> None:
    await allow(reader, sandbox, openid, times=3)
    sandbox.subscriptions.refuse(openid, BORROWING)
    await tell(reader)
    await send_all()
    [row] = await messages()
    assert (row["state"], row["errcode"]) == ("refused", 43101) and await left(reader) == 0


async def test_message_is_put_off_when_it_was_surely_not_sent(
    reader: Actor, sandbox: WechatSandbox, openid: str, line: FaultyLine, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    line.answer(SUBSCRIBE_PATH, httpx.ConnectError("refused"))
    await send_all()
    [row] = await messages()
    assert (row["state"], row["attempts"]) == ("waiting", 1) and await left(reader) == 1
    line.mend(SUBSCRIBE_PATH)
    move_clock(timedelta(seconds=25))
    await send_all()
    assert await states() == ["waiting"]
    move_clock(timedelta(seconds=35))
    await send_all()
    assert await states() == ["sent"] and await left(reader) == 0


async def test_message_waits_as_long_as_wechat_asks(
    reader: Actor, sandbox: WechatSandbox, openid: str, line: FaultyLine, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    line.answer(SUBSCRIBE_PATH, httpx.Response(200, json={"errcode": 45011, "errmsg": ""}))
    await send_all()
    move_clock(timedelta(seconds=45))
    await send_all()
    assert line.calls[SUBSCRIBE_PATH] == 1
    move_clock(timedelta(seconds=65))
    await send_all()
    assert line.calls[SUBSCRIBE_PATH] == 2


async def test_message_is_given_up_when_wechat_stays_away(
    reader: Actor, sandbox: WechatSandbox, openid: str, line: FaultyLine, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    line.answer(SUBSCRIBE_PATH, httpx.ConnectError("refused"))
    for hour in range(TRIES + 2):
        move_clock(timedelta(hours=hour, minutes=hour))
        await send_all()
    assert line.calls[SUBSCRIBE_PATH] == TRIES
    assert await states() == ["failed"] and await left(reader) == 1


@pytest.mark.parametrize("fault", [httpx.ReadTimeout("no answer"), httpx.Response(502)], ids=["timeout", "gateway"])
async def test_message_is_not_sent_again_when_nobody_knows(
    reader: Actor,
    sandbox: WechatSandbox,
    openid: str,
    line: FaultyLine,
    move_clock: MoveClock,
    fault: httpx.Response | Exception,
) -> None:
    await allow(reader, sandbox, openid, times=2)
    await tell(reader)
    line.answer(SUBSCRIBE_PATH, fault)
    await send_all()
    assert await states() == ["unknown"] and await left(reader) == 1
    move_clock(timedelta(hours=2))
    await send_all()
    assert line.calls[SUBSCRIBE_PATH] == 1


async def test_text_that_wechat_does_not_take_costs_no_consent(
    reader: Actor, sandbox: WechatSandbox, openid: str, line: FaultyLine
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    line.answer(SUBSCRIBE_PATH, httpx.Response(200, json={"errcode": 47003, "errmsg": "argument invalid!"}))
    await send_all()
    assert await states() == ["failed"] and await left(reader) == 1


async def test_message_is_dropped_when_it_is_a_day_old(
    reader: Actor, sandbox: WechatSandbox, openid: str, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    move_clock(timedelta(hours=24, seconds=1))
    await send_all()
    assert await states() == ["dropped"] and await left(reader) == 1 and not sandbox.sent


async def test_message_is_dropped_when_its_person_is_disabled(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    async with unit_of_work(SYSTEM) as uow:
        await uow.change(Person, {"id": reader.person_id}, is_active=False)
    await send_all()
    assert await states() == ["dropped"] and not sandbox.sent


async def test_message_is_dropped_when_the_mini_program_has_another_template(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await allow(reader, sandbox, openid)
    await tell(reader)
    use_templates((MessageTemplate("borrowing", "a-newer-template", "thing1", "thing2", "time3", is_standing=False),))
    await send_all()
    assert await states() == ["dropped"] and not sandbox.sent


async def test_one_takes_the_message_when_ten_want_it_at_once(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await allow(reader, sandbox, openid, times=10)
    await tell(reader)
    [row] = await messages()
    taken = await asyncio.gather(*(take_message(SYSTEM, row["id"]) for _ in range(10)))
    assert len([each for each in taken if each is not None]) == 1 and await left(reader) == 9


async def test_ten_messages_at_once_do_not_share_one_consent(
    reader: Actor, sandbox: WechatSandbox, openid: str
) -> None:
    await allow(reader, sandbox, openid)
    for _ in range(10):
        await tell(reader)
    taken = await asyncio.gather(*(take_message(SYSTEM, row["id"]) for row in await messages()))
    assert len([each for each in taken if each is not None]) == 1
    assert sorted(await states()) == ["dropped"] * 9 + ["sending"]


async def test_message_is_unknown_when_its_sender_died(
    reader: Actor, sandbox: WechatSandbox, openid: str, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid, times=2)
    await tell(reader)
    [row] = await messages()
    taken = await take_message(SYSTEM, row["id"])
    assert taken is not None
    await send_all()
    assert await states() == ["sending"]
    move_clock(timedelta(seconds=65))
    await send_all()
    assert await states() == ["unknown"] and await left(reader) == 1 and not sandbox.sent
    # Whoever was only slow comes too late to change it.
    await settle_message(SYSTEM, taken, SubscribeResult(SubscribeOutcome.ACCEPTED, 0))
    await put_off(SYSTEM, taken, 0)
    assert await states() == ["unknown"] and await left(reader) == 1
    async with reading() as rows:
        found = await rows.fetch_all(
            "SELECT outcome FROM audit_event WHERE action = 'wechat_message.settled' ORDER BY id"
        )
    assert [each["outcome"] for each in found] == ["done", "late"]


async def test_slow_sender_does_not_end_a_later_try(
    reader: Actor, sandbox: WechatSandbox, openid: str, move_clock: MoveClock
) -> None:
    await allow(reader, sandbox, openid, times=2)
    await tell(reader)
    [row] = await messages()
    first = await take_message(SYSTEM, row["id"])
    assert first is not None
    await put_off(SYSTEM, first, 0)
    move_clock(timedelta(seconds=35))
    second = await take_message(SYSTEM, row["id"])
    assert second is not None and second.attempts == 2
    await put_off(SYSTEM, first, 0)
    await settle_message(SYSTEM, first, SubscribeResult(SubscribeOutcome.REFUSED, 43101))
    assert await states() == ["sending"] and await left(reader) == 1


def test_long_texts_keep_their_number_and_their_end() -> None:
    assert fitted("已备好") == "已备好"
    assert fitted("一" * 20) == "一" * 20
    long = fitted("杭州市临平区文化和广电旅游体育局借〔2026〕118号 已备好")
    assert len(long) == 20 and long.startswith("杭州市临平区") and long.endswith("118号 已备好")
    assert fitted("第一行\n第二行") == "第一行 第二行"
