"""Who may, over whom, and what of another unit is seen."""

import msgspec

from server.identity.commands import (
    AddPost,
    DisablePerson,
    EndPost,
    HandOver,
    add_post,
    delegate,
    disable_person,
    end_post,
    hand_over,
    invite_person,
    reset_password,
    reset_second_factor,
)
from server.identity.commands.held import list_held
from server.identity.queries import list_delegations, list_people
from server.identity.roles import Role
from server.kernel.actor import Grant
from server.kernel.runtime import Runtime
from tests.factories.identity import SYSTEM, make_actor, make_person
from tests.identity.asking import refusal_code, stored
from tests.identity.office import Office, bind, leave


async def test_person_of_another_unit_is_not_disabled_by_its_security_administrator(office: Office) -> None:
    stranger = await make_actor("钱宁", office.city.culture, Role.SECURITY_ADMIN)
    request = DisablePerson(office.wang.id, "调离本单位")
    assert await refusal_code(disable_person(stranger, request)) == "record.not_found"
    assert await refusal_code(disable_person(office.chief, request)) == "role.required"


async def test_what_somebody_holds_is_not_told_to_another_unit(office: Office) -> None:
    stranger = await make_actor("钱宁", office.city.culture, Role.ASSET_MANAGER)
    assert await refusal_code(list_held(stranger, office.wang.id)) == "record.not_found"
    assert await refusal_code(list_held(office.li, office.wang.id)) == "role.required"


async def test_delegation_ends_when_the_delegate_is_disabled(office: Office) -> None:
    view = await delegate(office.li, leave(office.wang.id))
    await disable_person(SYSTEM, DisablePerson(office.wang.id, "调离本单位"))
    assert await stored("SELECT id FROM delegation WHERE id = ? AND revoked_at IS NULL", view.id) == []


async def test_role_is_not_passed_on_when_the_session_has_it_by_delegation_only(office: Office) -> None:
    acting = msgspec.structs.replace(office.li, grants=(Grant(Role.BORROWER, delegated_by=office.wang.id),))
    assert await refusal_code(delegate(acting, leave(office.wang.id))) == "role.required"


async def test_invitation_is_refused_when_the_person_is_bound_already(office: Office) -> None:
    await bind(office)
    assert await refusal_code(invite_person(SYSTEM, office.wang.id)) == "person.wechat_bound"


async def test_nothing_is_handed_over_to_somebody_unknown(office: Office) -> None:
    request = HandOver(office.li.person_id or "", "0123456789abcdef", "岗位调整")
    assert await refusal_code(hand_over(office.li, request)) == "record.not_found"


async def test_post_is_refused_when_the_unit_was_abolished(office: Office, runtime: Runtime) -> None:
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE unit SET is_active = 0 WHERE id = ?", office.city.culture.id)
        await transaction.commit()
    request = AddPost(office.wang.id, office.city.culture.id, "科员")
    assert await refusal_code(add_post(SYSTEM, request)) == "record.not_found"


async def test_own_account_is_refused_when_a_security_administrator_resets_it(office: Office) -> None:
    admin = await make_actor("钱宁", office.city.health, Role.SECURITY_ADMIN)
    assert await refusal_code(reset_password(admin, admin.person_id or "")) == "person.own_account"
    assert await refusal_code(reset_second_factor(admin, admin.person_id or "")) == "person.own_account"


async def test_delegations_of_another_unit_are_not_listed(office: Office) -> None:
    await delegate(office.li, leave(office.wang.id))
    near = await make_actor("钱宁", office.city.health, Role.SECURITY_ADMIN)
    far = await make_actor("郭敏", office.city.culture, Role.SECURITY_ADMIN)
    assert len(await list_delegations(near)) == 1
    assert await list_delegations(far) == []


async def test_subtree_ends_with_the_unit_that_the_role_is_held_in(office: Office) -> None:
    near = await make_actor("钱宁", office.city.health, Role.SECURITY_ADMIN, is_subtree=True)
    await make_person("院办", office.city.hospital)
    await make_person("郭敏", office.city.culture)
    assert {person.name for person in (await list_people(near)).items} == {"王建国", "李晓梅", "吴芳", "钱宁", "院办"}


async def test_nothing_is_listed_for_whoever_acts_for_no_unit(office: Office) -> None:
    between = msgspec.structs.replace(office.chief, unit_id=None, unit_path="")
    assert await refusal_code(list_people(between)) == "role.required"


async def test_post_ends_once_when_it_is_ended_again(office: Office) -> None:
    request = EndPost(office.wang.posts[0].post_id, "借调期满")
    await end_post(SYSTEM, request)
    assert await refusal_code(end_post(SYSTEM, request)) == "post.ended"
