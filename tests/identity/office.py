"""An office in which things are changed while others come: somebody logged in, a colleague, and who manages there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from server.gateways.wechat import WechatSandbox
from server.identity.commands import (
    BindByInvitation,
    Delegate,
    DisablePerson,
    bind_wechat_by_invitation,
    disable_person,
    invite_person,
)
from server.identity.roles import Role
from server.identity.types import PersonView
from server.kernel.actor import Actor
from server.kernel.reading import present_day
from server.settings import Settings
from tests.factories.identity import PASSWORD, SYSTEM, City, make_actor, make_person, make_post
from tests.identity.asking import NOBODY, actor_by, enter, stored
from tests.support.meanwhile import while_finishing


@dataclass(frozen=True, slots=True)
class Office:
    """`wang` works in 区卫健局 and also in its hospital, and is logged in (`session`); `li` is a colleague,
    `chief` manages the assets there."""

    city: City
    settings: Settings
    wechat: WechatSandbox
    wang: PersonView
    session: Actor
    li: Actor
    chief: Actor

    async def while_disabled(self, second: Callable[[], Awaitable[object]]) -> str:
        """What `second` hears that comes while wang is being disabled."""
        request = DisablePerson(self.wang.id, "调离本单位")
        ended, heard = await while_finishing(self.settings, lambda: disable_person(SYSTEM, request), second)
        assert ended == "done"
        assert await stored("SELECT id FROM session WHERE person_id = ? AND ended_at IS NULL", self.wang.id) == []
        return heard


async def make_office(city: City, settings: Settings, wechat: WechatSandbox) -> Office:
    """The city's health office as the tests of guards find it."""
    person = await make_person("王建国", city.health, Role.BORROWER, login_name="wangjianguo", password=PASSWORD)
    return Office(
        city=city,
        settings=settings,
        wechat=wechat,
        wang=await make_post(person, city.hospital, Role.BORROWER),
        session=await actor_by(await enter("wangjianguo")),
        li=await make_actor("李晓梅", city.health, Role.BORROWER),
        chief=await make_actor("吴芳", city.health, Role.ASSET_MANAGER),
    )


def leave(to_person_id: str) -> Delegate:
    """A role of the giver for somebody else, from today."""
    day = present_day()
    return Delegate(to_person_id, Role.BORROWER, day, day + timedelta(days=3), "外出学习")


async def bind(office: Office) -> None:
    """Bind wang to WeChat, by an invitation."""
    code = (await invite_person(SYSTEM, office.wang.id)).code
    await bind_wechat_by_invitation(NOBODY, BindByInvitation(code, code=office.wechat.mint_login_code("wang")))
