"""Leave and leaving: delegation, handover, disabling, and what the purge throws away."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from server.identity import handover
from server.identity.commands import (
    Delegate,
    DisablePerson,
    EndPost,
    GrantRole,
    HandOver,
    ReceiveHandover,
    RevokeDelegation,
    delegate,
    disable_person,
    end_post,
    grant_role,
    hand_over,
    invite_person,
    log_out,
    receive_handover,
    revoke_delegation,
)
from server.identity.jobs import purge_old_rows
from server.identity.ops import HeldItem, register_handover, register_holding
from server.identity.queries import list_delegations, list_handovers, people_with_role, person_by_id
from server.identity.roles import Role
from server.identity.types import PersonView
from server.kernel.reading import present_day, reading
from server.kernel.unit_of_work import UnitOfWork
from tests.factories.identity import PASSWORD, SYSTEM, City, actor_of, make_actor, make_person, make_post
from tests.identity.asking import actor_by, enter, outcomes, refusal_code, refused, stored

MoveClock = Callable[[timedelta], None]


class Keys:
    """Something that people hold, as an upper domain would tell: keys by who has them."""

    def __init__(self) -> None:
        self.held: dict[str, list[HeldItem]] = {}

    async def of(self, uow: UnitOfWork, person_id: str) -> list[HeldItem]:
        return list(self.held.get(person_id, []))

    async def move(self, uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
        self.held[from_id] = [item for item in self.held.get(from_id, []) if item not in items]
        self.held.setdefault(to_id, []).extend(items)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Keys, registered for the time of one test."""
    keys = Keys()
    monkeypatch.setattr(handover, "_holdings", {})
    monkeypatch.setattr(handover, "_movings", {})
    register_holding("keys", keys.of)
    register_handover("keys", keys.move, locks="notice")
    return keys


def leave(to: PersonView, role: str = Role.ASSET_MANAGER, first: int = 0, last: int = 6) -> Delegate:
    return Delegate(to.id, role, day(first), day(last), "年休假")


def day(offset: int) -> date:
    return present_day() + timedelta(days=offset)


async def test_delegate_holds_the_role_only_within_the_days(city: City, move_clock: MoveClock) -> None:
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    colleague = await make_person("李梅", city.health, Role.BORROWER, login_name="limei", password=PASSWORD)
    given = await delegate(manager, leave(colleague, first=1, last=3))
    assert given.state == "coming" and given.role_name == "单位资产管理员"
    for offset, is_held in ((0, False), (1, True), (3, True), (4, False)):
        move_clock(timedelta(days=offset))
        grant = (await actor_by(await enter("limei"))).grant_for(Role.ASSET_MANAGER)
        assert (grant is not None and grant.delegated_by == manager.person_id) is is_held
        async with reading() as rows:
            holders = await people_with_role(rows, Role.ASSET_MANAGER, city.health.path)
        assert (colleague.id in holders) is is_held and manager.person_id in holders


async def test_delegation_ends_at_once_when_revoked(city: City) -> None:
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    colleague = await make_person("李梅", city.health, login_name="limei", password=PASSWORD)
    grant = await enter("limei")
    given = await delegate(manager, leave(colleague))
    assert (await actor_by(grant)).has_role(Role.ASSET_MANAGER)
    stranger = await make_actor("沈西湖", city.xihu_education, Role.SECURITY_ADMIN)
    assert await refusal_code(revoke_delegation(stranger, RevokeDelegation(given.id))) == "record.not_found"
    assert (await revoke_delegation(manager, RevokeDelegation(given.id))).state == "revoked"
    assert not (await actor_by(grant)).has_role(Role.ASSET_MANAGER)
    assert await refusal_code(revoke_delegation(manager, RevokeDelegation(given.id))) == "delegation.ended"
    assert [each.state for each in await list_delegations(await actor_by(grant))] == ["revoked"]


async def test_delegation_ends_when_its_giver_loses_the_role(city: City) -> None:
    giver = await make_person("吴芳", city.health, Role.ASSET_MANAGER)
    manager = await actor_of(giver, city.health)
    colleague = await make_person("李梅", city.health, login_name="limei", password=PASSWORD)
    await delegate(manager, leave(colleague))
    await make_post(giver, city.hospital)
    await end_post(SYSTEM, EndPost(giver.posts[0].post_id, "调任"))
    assert not (await actor_by(await enter("limei"))).has_role(Role.ASSET_MANAGER)


async def test_delegation_is_refused_when_it_is_not_the_actors_to_give(city: City) -> None:
    manager_person = await make_person("吴芳", city.health, Role.ASSET_MANAGER, Role.BORROWER)
    manager = await actor_of(manager_person, city.health)
    colleague = await make_person("李梅", city.health, login_name="limei", password=PASSWORD)
    elsewhere = await make_person("院办", city.hospital)
    admin = await make_person("孙系统", city.health, Role.SYSTEM_ADMIN)
    guard = await actor_of(await make_person("周宁", city.health, Role.SECURITY_ADMIN), city.health)
    for giver, to, role, code in (
        (manager, manager_person, Role.ASSET_MANAGER, "delegation.to_oneself"),
        (manager, elsewhere, Role.ASSET_MANAGER, "record.not_found"),
        (manager, colleague, Role.WAREHOUSE_KEEPER, "role.required"),
        (manager, admin, Role.ASSET_MANAGER, "delegation.separation"),
        (guard, colleague, Role.SECURITY_ADMIN, "delegation.role_fixed"),
    ):
        assert await refusal_code(delegate(giver, leave(to, role))) == code
    await delegate(manager, leave(colleague))
    assert await refusal_code(delegate(manager, leave(colleague, first=6, last=9))) == "delegation.overlaps"
    delegated = await actor_by(await enter("limei"))
    third = await make_person("赵强", city.health)
    assert await refusal_code(delegate(delegated, leave(third))) == "role.required"
    post_id = colleague.posts[0].post_id
    assert await refusal_code(grant_role(SYSTEM, GrantRole(post_id, Role.AUDIT_ADMIN))) == "role.separation"


async def test_days_are_checked_when_delegating(city: City) -> None:
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    colleague = await make_person("李梅", city.health)
    for first, last, code in (
        (-1, 3, "delegation.starts_in_past"),
        (3, 2, "delegation.ends_before_start"),
        (0, 90, "delegation.too_long"),
    ):
        request = leave(colleague, first=first, last=last)
        assert await refusal_code(delegate(manager, request)) == code
    no_reason = Delegate(colleague.id, Role.ASSET_MANAGER, day(0), day(1), "")
    assert await refusal_code(delegate(manager, no_reason)) == "input.required"


async def test_person_is_disabled_only_after_the_handover(city: City, keys: Keys) -> None:
    leaving = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    staying = await make_person("李梅", city.health)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    keys.held[leaving.id] = [HeldItem("key", "k1", "三号仓钥匙"), HeldItem("key", "k2", "档案室钥匙", city.health.id)]
    error = await refused(disable_person(guard, DisablePerson(leaving.id, "调离")))
    assert error.code == "person.still_holds" and error.data["count"] == 2
    assert error.data["items"][0] == {"kind": "key", "id": "k1", "label": "三号仓钥匙"}
    signed = await hand_over(manager, HandOver(leaving.id, staying.id, "两把钥匙当面点清"))
    assert [item.label for item in signed.items] == ["三号仓钥匙", "档案室钥匙"]
    assert keys.held[leaving.id] == [] and len(keys.held[staying.id]) == 2
    assert [each.id for each in await list_handovers(manager, leaving.id)] == [signed.id]
    elsewhere = await make_actor("沈西湖", city.xihu_education, Role.ASSET_MANAGER)
    assert await list_handovers(elsewhere, leaving.id) == []
    await receive_handover(await actor_of(staying, city.health), ReceiveHandover(signed.id, staying.name))
    await disable_person(guard, DisablePerson(leaving.id, "调离"))
    assert await refusal_code(enter("wangjg")) == "login.failed"
    assert await refusal_code(disable_person(guard, DisablePerson(leaving.id, "调离"))) == "record.not_found"


async def test_other_units_things_stay_when_a_person_of_two_units_hands_over(city: City, keys: Keys) -> None:
    leaving = await make_person("王建国", city.health)
    await make_post(leaving, city.hospital)
    staying = await make_person("李梅", city.health)
    theirs = HeldItem("key", "k3", "医院库房钥匙", city.hospital.id)
    keys.held[leaving.id] = [HeldItem("key", "k2", "档案室钥匙", city.health.id), theirs]
    await hand_over(await actor_of(leaving, city.health), HandOver(leaving.id, staying.id, ""))
    assert keys.held[leaving.id] == [theirs]
    posts = (await person_by_id(SYSTEM, leaving.id)).posts
    hospital_post = next(post for post in posts if post.unit_id == city.hospital.id)
    assert await refusal_code(end_post(SYSTEM, EndPost(hospital_post.post_id, "调任"))) == "person.still_holds"


async def test_handover_is_refused_when_it_cannot_be_signed(city: City, keys: Keys) -> None:
    leaving, staying = await make_person("王建国", city.health), await make_person("李梅", city.health)
    elsewhere = await make_person("沈西湖", city.xihu_education)
    own = await actor_of(leaving, city.health)
    manager = await make_actor("外单位", city.culture, Role.ASSET_MANAGER)
    clerk = await make_actor("赵强", city.health, Role.BORROWER)
    for signer, to, code in (
        (own, leaving, "handover.to_oneself"),
        (own, elsewhere, "handover.recipient_elsewhere"),
        (own, staying, "handover.nothing_held"),
        (manager, staying, "record.not_found"),
        (clerk, staying, "role.required"),
    ):
        assert await refusal_code(hand_over(signer, HandOver(leaving.id, to.id, ""))) == code


async def test_nobody_disables_himself_and_not_both_each_other(city: City) -> None:
    first_person = await make_person("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    second_person = await make_person("郑安", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    first, second = await actor_of(first_person, city.city), await actor_of(second_person, city.city)
    assert await refusal_code(disable_person(first, DisablePerson(first_person.id, "x"))) == "person.own_account"
    counted = await outcomes(
        [
            disable_person(first, DisablePerson(second_person.id, "互相停用")),
            disable_person(second, DisablePerson(first_person.id, "互相停用")),
        ]
    )
    assert counted == {"done": 1, "role.required": 1}


async def test_old_rows_go_and_young_ones_stay_when_purged(city: City, move_clock: MoveClock) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    await log_out(await actor_by(await enter("wangjg")))
    await invite_person(SYSTEM, person.id)
    await refused(enter("wangjg", "wrong"))
    assert await purge_old_rows(SYSTEM) == 0
    move_clock(timedelta(days=31))
    await enter("wangjg")
    assert await purge_old_rows(SYSTEM) == 1
    assert len(await stored("SELECT id FROM session")) == 1 and len(await stored("SELECT id FROM invitation")) == 1
    move_clock(timedelta(days=38))
    assert await purge_old_rows(SYSTEM) == 1
