"""What people allow to be sent to their WeChat, and take back."""

import asyncio

import pytest

from server.gateways.wechat import WechatSandbox
from server.identity.commands import unbind_wechat
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, StateConflict, Unauthenticated
from server.kernel.reading import reading
from server.notices.wechat.commands import answer_consents, withdraw_consent
from server.notices.wechat.queries import my_consents
from server.notices.wechat.templates import use_templates
from server.notices.wechat.types import ConsentAnswer
from server.setting_values import MessageTemplate
from tests.factories.identity import SYSTEM, City, bind_wechat, make_actor
from tests.gateways.wechat_world import FaultyLine
from tests.notices.phones import APPROVAL, BORROWING, answer, left, messages, send_all, tell

pytestmark = pytest.mark.usefixtures("line")

LONG_TERM = MessageTemplate("borrowing", BORROWING, "thing1", "thing2", "time3", is_standing=True)


async def test_each_acceptance_allows_one_more(reader: Actor) -> None:
    view = await my_consents(reader)
    assert view.is_bound and [(each.kind, each.remaining) for each in view.items] == [
        ("approval", 0),
        ("borrowing", 0),
        ("reuse", 0),
    ]
    await answer_consents(reader, answer("accept"))
    await answer_consents(reader, [*answer("accept"), *answer("accept", APPROVAL)])
    assert (await left(reader), await left(reader, APPROVAL)) == (2, 1)


@pytest.mark.parametrize("choice", ["reject", "ban", "filter"])
async def test_single_consents_stay_when_a_later_question_is_not_accepted(reader: Actor, choice: str) -> None:
    await answer_consents(reader, answer("accept"))
    await answer_consents(reader, answer(choice))
    assert await left(reader) == 1
    async with reading() as rows:
        assert [row["last_answer"] for row in await rows.fetch_all("SELECT last_answer FROM message_consent")] == [
            choice
        ]


async def test_long_term_consent_stands_until_it_is_refused(reader: Actor) -> None:
    use_templates((LONG_TERM,))
    await answer_consents(reader, answer("accept"))
    [item] = (await my_consents(reader)).items
    assert item.is_standing and item.is_long_term and item.remaining == 0
    await answer_consents(reader, answer("filter"))
    assert (await my_consents(reader)).items[0].is_standing
    await answer_consents(reader, answer("reject"))
    assert not (await my_consents(reader)).items[0].is_standing


async def test_consents_of_forty_taps_at_once_are_all_counted(reader: Actor) -> None:
    await asyncio.gather(*(answer_consents(reader, answer("accept")) for _ in range(40)))
    assert await left(reader) == 40


async def test_consent_is_ones_own(reader: Actor, city: City, sandbox: WechatSandbox) -> None:
    colleague = await make_actor("周敏", city.health)
    await bind_wechat(colleague, sandbox.openid_of("zhou-min"))
    await answer_consents(reader, answer("accept"))
    assert await left(colleague) == 0
    with pytest.raises(StateConflict, match=r"consent\.nothing_allowed"):
        await withdraw_consent(colleague, BORROWING)
    assert await left(reader) == 1


async def test_nothing_is_noted_when_one_answer_is_wrong(reader: Actor) -> None:
    with pytest.raises(InvalidInput) as caught:
        await answer_consents(reader, [*answer("accept"), ConsentAnswer(template_id="nothing", answer="accept")])
    assert [(each.field, each.code) for each in caught.value.fields] == [
        ("answers.1.template_id", "consent.template_unknown")
    ]
    with pytest.raises(InvalidInput) as caught:
        await answer_consents(reader, [*answer("accept"), *answer("accept")])
    assert [(each.field, each.code) for each in caught.value.fields] == [("answers.1.template_id", "consent.repeated")]
    assert await left(reader) == 0


async def test_whoever_has_no_wechat_cannot_allow(city: City) -> None:
    colleague = await make_actor("周敏", city.health)
    assert not (await my_consents(colleague)).is_bound
    with pytest.raises(StateConflict, match=r"consent\.not_bound"):
        await answer_consents(colleague, answer("accept"))
    with pytest.raises(Unauthenticated):
        await my_consents(SYSTEM)


async def test_nothing_is_sent_when_consent_is_taken_back(
    reader: Actor, sandbox: WechatSandbox, line: FaultyLine
) -> None:
    sandbox.subscriptions.accept(sandbox.openid_of("wang-fang"), BORROWING)
    await answer_consents(reader, answer("accept"))
    await tell(reader)
    view = await withdraw_consent(reader, BORROWING)
    assert [each.remaining for each in view.items] == [0, 0, 0]
    await send_all()
    assert [row["state"] for row in await messages()] == ["dropped"]
    await tell(reader)
    assert len(await messages()) == 1 and not sandbox.sent


async def test_consents_end_with_the_binding(reader: Actor, sandbox: WechatSandbox) -> None:
    await answer_consents(reader, answer("accept"))
    await tell(reader)
    assert reader.person_id is not None
    await unbind_wechat(reader, reader.person_id)
    while await deliver_due():
        pass
    await bind_wechat(reader, sandbox.openid_of("another-phone"))
    assert await left(reader) == 0 and not await messages()
