"""The things of the matrix: each maker gives the facts by which addresses and bodies call one."""

import itertools
from collections.abc import Awaitable, Callable

from server.identity.commands import Delegate, HandOver, begin_totp_setup, delegate, hand_over, make_feed_key
from server.identity.models import Person
from server.identity.queries import session_for_token
from server.identity.roles import Role
from server.identity.sessions import session_id_of
from server.identity.totp import code_at, step_of
from server.identity.types import PersonView
from server.kernel.actor import Actor, system_actor
from server.kernel.ids import new_id
from server.kernel.reading import present, reading
from server.kernel.unit_of_work import unit_of_work
from server.notices.ops import notify
from server.notices.wechat.commands import answer_consents
from server.notices.wechat.types import ConsentAnswer
from server.places.types import PlaceKind
from tests.access.administration import ADMINISTRATION
from tests.access.cards import card, frozen, hourly, labelled, listing, make_a_card, medium, new_card
from tests.access.corrections import (
    my_need_sent_back,
    my_renewal_sent_back,
    my_sent_back,
    need_sent_back,
    renewal_sent_back,
    sent_back,
)
from tests.access.ledgers import ledger_import
from tests.access.loans import (
    borrowed,
    chosen,
    consent,
    in_basket,
    lent_longer,
    loan,
    make_an_application,
    out,
    renewing,
    task,
    to_sign,
)
from tests.access.losses import LOSSES, taken
from tests.access.needs import my_need, my_post_wanted, need, proof, searched, wanted
from tests.access.occasions import OCCASIONS
from tests.access.rules import RULES
from tests.access.search_things import my_search, saved, synonyms
from tests.access.talking import my_talk, talk
from tests.access.world import Facts, Maker, Office, World
from tests.factories.circulation import day
from tests.factories.classification import make_standard
from tests.factories.identity import bind_wechat, make_actor, make_person, make_post
from tests.factories.places import make_place, make_warehouse
from tests.support.http import signed_in

_numbers = itertools.count(1)


# Places


async def site(world: World, office: Office) -> Facts:
    return {"place_id": (await make_place(PlaceKind.SITE, "东楼", office.unit)).id}


async def warehouse(world: World, office: Office) -> Facts:
    keeper = await make_person("仓管员小李", office.unit, Role.WAREHOUSE_KEEPER)
    place = await make_warehouse(office.unit, name="周转仓")
    return {"place_id": place.id, "keeper_id": keeper.id}


async def kept(world: World, office: Office) -> Facts:
    keeper = await make_person("仓管员小张", office.unit, Role.WAREHOUSE_KEEPER)
    place = await make_warehouse(office.unit, keeper, name="应急仓")
    return {"place_id": place.id, "person_id": keeper.id}


def new_place(kind: str) -> Maker:
    async def make(world: World, office: Office) -> Facts:
        return {"place_kind": kind, "place_code": f"N{next(_numbers):05d}"}

    return make


def place_below(kind: str) -> Maker:
    async def make(world: World, office: Office) -> Facts:
        above = PlaceKind.SITE if kind == PlaceKind.ROOM else PlaceKind.WAREHOUSE
        parent = await make_place(above, "上级场所", office.unit)
        return {"place_kind": kind, "place_code": f"N{next(_numbers):05d}", "parent_id": parent.id}

    return make


# People and units


async def make_somebody(office: Office, *roles: Role) -> PersonView:
    return await make_person("钱文华", office.unit, *roles, login_name=f"wenhua{next(_numbers)}")


async def person(world: World, office: Office) -> Facts:
    somebody = await make_somebody(office, Role.BORROWER)
    return {"person_id": somebody.id, "post_id": somebody.posts[0].post_id}


async def second_post(world: World, office: Office) -> Facts:
    somebody = await make_post(await make_somebody(office), world.elsewhere)
    posts = {post.unit_id: post.post_id for post in somebody.posts}
    return {"person_id": somebody.id, "post_id": posts[office.unit.id]}


async def leaving(world: World, office: Office) -> Facts:
    """Somebody who holds a card, and a colleague to take it over."""
    somebody, colleague = await make_somebody(office), await make_somebody(office)
    await make_a_card(world, office, custodian_id=somebody.id)
    return {"person_id": somebody.id, "colleague_id": colleague.id}


async def new_person(world: World, office: Office) -> Facts:
    return {"unit_id": office.unit.id}


async def year_of_unit(world: World, office: Office) -> Facts:
    return {"unit_id": office.unit.id, "figure": "lent"}


async def unit(world: World, office: Office) -> Facts:
    return {"unit_id": office.unit.id}


async def standard(world: World, office: Office) -> Facts:
    return {"standard_id": (await make_standard(office.unit.region_code)).id}


async def measured(world: World, office: Office) -> Facts:
    """A unit to which a standard applies."""
    await make_standard(office.unit.region_code)
    return {"unit_id": office.unit.id}


async def parent(world: World, office: Office) -> Facts:
    number = next(_numbers)
    return {"parent_id": office.unit.id, "unit_code": f"N{number:08d}", "unit_name": f"第{number}办事处"}


async def signed(world: World, office: Office) -> Facts:
    """A handover list that its receiver has not signed yet."""
    facts = await leaving(world, office)
    done = await hand_over(office.manager, HandOver(facts["person_id"], facts["colleague_id"], "调离"))
    return {"handover_id": done.id, "receiver_name": done.to_name}


async def colleague(world: World, office: Office) -> Facts:
    return {"to_person_id": (await make_somebody(office)).id}


async def delegation(world: World, office: Office) -> Facts:
    giver = await make_actor("请假人", office.unit, Role.UNIT_ACCOUNTANT)
    return {"delegation_id": await delegated(giver, Role.UNIT_ACCOUNTANT, await make_somebody(office))}


async def delegated(giver: Actor, role: Role, to: PersonView) -> str:
    return (await delegate(giver, Delegate(to.id, role, day(0), day(3), "年休假"))).id


async def post(world: World, office: Office) -> Facts:
    return {"unit_id": office.unit.id}


async def session(world: World, office: Office) -> Facts:
    somebody = await make_actor("孙丽华", office.unit, Role.BORROWER)
    return {"session_id": session_id_of(await signed_in(somebody))}


async def notice(world: World, office: Office) -> Facts:
    somebody = await make_somebody(office)
    return {"notice_id": await notified(somebody.id)}


async def file(world: World, office: Office) -> Facts:
    return {"file_id": office.picture_id}


async def event(world: World, office: Office) -> Facts:
    await make_a_card(world, office)
    async with reading() as rows:
        row = await rows.fetch_one(
            "SELECT id FROM audit_event WHERE unit_id = ? ORDER BY at DESC, id DESC LIMIT 1", office.unit.id
        )
    assert row is not None
    return {"event_id": row["id"]}


MAKERS: dict[str, Maker] = {
    **{
        each.__name__: each
        for each in (
            card,
            medium,
            labelled,
            frozen,
            listing,
            hourly,
            new_card,
            borrowed,
            in_basket,
            out,
            renewing,
            lent_longer,
            to_sign,
            task,
            consent,
        )
    },
    **{each.__name__: each for each in (site, warehouse, kept, person, second_post, leaving, new_person, unit, parent)},
    "standard": standard,
    "measured": measured,
    "year_of_unit": year_of_unit,
    "talk": talk,
    **{each.__name__: each for each in (sent_back, renewal_sent_back, need_sent_back)},
    **{each.__name__: each for each in (need, searched, proof, wanted)},
    **ADMINISTRATION,
    **{each.__name__: each for each in (colleague, delegation, post, session, notice, saved, synonyms, file, event)},
    **RULES,
    **OCCASIONS,
    **LOSSES,
    "signed": signed,
    "lent": loan("submitted"),
    **{name: loan(name) for name in ("approved", "issued", "returned", "damaged")},
    **{f"{until}_import": ledger_import(until) for until in ("reading", "ready", "done")},
    "new_site": new_place("site"),
    "new_warehouse": new_place("warehouse"),
    "below_site": place_below("room"),
    "below_warehouse": place_below("zone"),
}


# Things of the very person who asks


async def my_session(world: World, me: Actor) -> Facts:
    return {"session_id": session_id_of(await signed_in(me))}


async def my_notice(world: World, me: Actor) -> Facts:
    assert me.person_id is not None
    return {"notice_id": await notified(me.person_id)}


async def notified(person_id: str) -> str:
    key = new_id()
    async with unit_of_work(system_actor("test")) as uow:
        await notify(uow, [person_id], "借用申请待审批", "请尽快办理", "borrowing", new_id(), key)
    async with reading() as rows:
        row = await rows.fetch_one("SELECT id FROM notice WHERE person_id = ? ORDER BY id DESC LIMIT 1", person_id)
    assert row is not None
    return str(row["id"])


async def my_application(world: World, me: Actor) -> Facts:
    return {"borrowing_id": (await make_an_application(world, me)).id}


async def my_delegation(world: World, me: Actor) -> Facts:
    somebody = await make_somebody(world.offices["own"])
    return {"delegation_id": await delegated(me, Role(me.grants[0].role), somebody)}


async def my_handover(world: World, me: Actor) -> Facts:
    """Something that a colleague hands to me."""
    office, giver = world.offices["own"], await make_somebody(world.offices["own"])
    await make_a_card(world, office, custodian_id=giver.id)
    assert me.person_id is not None
    done = await hand_over(office.manager, HandOver(giver.id, me.person_id, ""))
    return {"handover_id": done.id, "receiver_name": done.to_name}


async def my_post(world: World, me: Actor) -> Facts:
    assert me.unit_id is not None
    return {"unit_id": me.unit_id}


async def my_binding(world: World, me: Actor) -> Facts:
    async with unit_of_work(system_actor("test")) as uow:
        await uow.change(Person, {"id": me.person_id}, wechat_index=new_id())
    return {}


async def my_consent(world: World, me: Actor) -> Facts:
    """My WeChat is bound, and one message about borrowings is allowed."""
    await bind_wechat(me)
    await answer_consents(me, [ConsentAnswer(template_id="sandbox-template-borrowing", answer="accept")])
    return {}


async def my_feed(world: World, me: Actor) -> Facts:
    await make_feed_key(me)
    return {}


async def my_totp(world: World, me: Actor) -> Facts:
    facts = await session_for_token(await signed_in(me))
    assert facts is not None
    setup = await begin_totp_setup(facts.actor)
    return {"totp_code": code_at(setup.secret, step_of(present()))}


MINE: dict[str, Callable[[World, Actor], Awaitable[Facts]]] = {
    "session": my_session,
    "notice": my_notice,
    "saved": my_search,
    "applied": my_application,
    "in_basket": chosen,
    "taken": taken,
    "needed": my_need,
    "my_talk": my_talk,
    "sent_back": my_sent_back,
    "renewal_sent_back": my_renewal_sent_back,
    "need_sent_back": my_need_sent_back,
    "posted": my_post_wanted,
    "given": my_delegation,
    "post": my_post,
    "given_me": my_handover,
    "bound": my_binding,
    "allowed": my_consent,
    "with_feed": my_feed,
    "totp": my_totp,
}
