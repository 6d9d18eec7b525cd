"""What the locks of identity are for: who comes while somebody is being disabled, or loses a post, comes too late."""

from server.identity.commands import (
    AddPost,
    BindByInvitation,
    BindByPhone,
    BootstrapAdministrators,
    CreatePerson,
    DisablePerson,
    EndPost,
    FirstAdministrator,
    GrantRole,
    HandOver,
    LogInByWechat,
    RevokeDelegation,
    add_post,
    begin_totp_setup,
    bind_wechat_by_invitation,
    bind_wechat_by_phone,
    bootstrap_administrators,
    create_person,
    delegate,
    disable_person,
    end_post,
    grant_role,
    hand_over,
    invite_person,
    log_in_by_wechat,
    log_out,
    reissue_first_passwords,
    reset_password,
    revoke_delegation,
    switch_unit,
    unbind_wechat,
)
from server.identity.roles import ADMINISTRATORS, Role
from tests.factories.identity import PASSWORD, SYSTEM, actor_of, make_person
from tests.identity.asking import NOBODY, enter, stored
from tests.identity.office import Office, bind, leave
from tests.support.meanwhile import while_changing, while_finishing


async def test_login_fails_when_it_comes_while_the_person_is_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: enter("wangjianguo")) == "login.failed"


async def test_temporary_password_is_refused_when_the_person_is_being_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: reset_password(SYSTEM, office.wang.id)) == "record.not_found"


async def test_unit_is_not_switched_when_the_person_is_being_disabled(office: Office) -> None:
    heard = await office.while_disabled(lambda: switch_unit(office.session, office.city.hospital.id))
    assert heard == "session.required"


async def test_second_factor_is_not_begun_when_the_person_is_being_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: begin_totp_setup(office.session)) == "session.required"


async def test_post_is_not_added_when_the_person_is_being_disabled(office: Office) -> None:
    request = AddPost(office.wang.id, office.city.culture.id, "科员")
    assert await office.while_disabled(lambda: add_post(SYSTEM, request)) == "record.not_found"
    posts = await stored("SELECT id FROM post WHERE person_id = ?", office.wang.id)
    assert len(posts) == 2


async def test_role_is_not_granted_when_the_person_is_being_disabled(office: Office) -> None:
    request = GrantRole(office.wang.posts[0].post_id, Role.ASSET_MANAGER, False)
    assert await office.while_disabled(lambda: grant_role(SYSTEM, request)) == "record.not_found"


async def test_role_is_not_granted_when_the_post_is_being_ended(office: Office) -> None:
    post = next(each for each in office.wang.posts if each.unit_id == office.city.hospital.id)
    answers = await while_finishing(
        office.settings,
        lambda: end_post(SYSTEM, EndPost(post.post_id, "借调期满")),
        lambda: grant_role(SYSTEM, GrantRole(post.post_id, Role.ASSET_MANAGER, False)),
    )
    assert answers == ("done", "record.not_found")
    assert await stored("SELECT id FROM role_grant WHERE post_id = ? AND revoked_at IS NULL", post.post_id) == []


async def test_unit_is_not_switched_to_when_the_post_there_is_being_ended(office: Office) -> None:
    post = next(each for each in office.wang.posts if each.unit_id == office.city.hospital.id)
    answers = await while_finishing(
        office.settings,
        lambda: end_post(SYSTEM, EndPost(post.post_id, "借调期满")),
        lambda: switch_unit(office.session, office.city.hospital.id),
    )
    assert answers == ("done", "record.not_found")


async def test_session_is_not_replaced_when_it_is_being_ended(office: Office) -> None:
    answers = await while_finishing(
        office.settings,
        lambda: log_out(office.session),
        lambda: switch_unit(office.session, office.city.hospital.id),
    )
    assert answers == ("done", "session.required")
    assert await stored("SELECT id FROM session WHERE person_id = ? AND ended_at IS NULL", office.wang.id) == []


async def test_role_is_not_delegated_when_the_recipient_is_being_disabled(office: Office) -> None:
    assert await office.while_disabled(lambda: delegate(office.li, leave(office.wang.id))) == "record.not_found"


async def test_role_is_delegated_once_when_asked_for_twice(office: Office) -> None:
    ask = leave(office.wang.id)
    answers = await while_finishing(office.settings, lambda: delegate(office.li, ask), lambda: delegate(office.li, ask))
    assert answers == ("done", "delegation.overlaps")


async def test_delegation_ends_once_when_ended_twice(office: Office) -> None:
    view = await delegate(office.li, leave(office.wang.id))
    request = RevokeDelegation(view.id)
    answers = await while_finishing(
        office.settings, lambda: revoke_delegation(office.li, request), lambda: revoke_delegation(SYSTEM, request)
    )
    assert answers == ("done", "delegation.ended")


async def test_nothing_is_handed_over_when_the_recipient_is_being_disabled(office: Office) -> None:
    request = HandOver(office.li.person_id or "", office.wang.id, "岗位调整")
    assert await office.while_disabled(lambda: hand_over(office.li, request)) == "record.not_found"


async def test_invitation_is_worth_nothing_when_the_person_is_being_disabled(office: Office) -> None:
    code = (await invite_person(SYSTEM, office.wang.id)).code
    request = BindByInvitation(code, code=office.wechat.mint_login_code("wang"))
    assert await office.while_disabled(lambda: bind_wechat_by_invitation(NOBODY, request)) == "invitation.unknown"


async def test_phone_is_not_bound_when_the_person_is_being_disabled(office: Office) -> None:
    lin = await create_person(SYSTEM, CreatePerson("林晓燕", None, "13777880001", office.city.health.id, "科员"))
    request = BindByPhone(office.wechat.mint_phone_code("13777880001"), code=office.wechat.mint_login_code("lin"))
    answers = await while_finishing(
        office.settings,
        lambda: disable_person(SYSTEM, DisablePerson(lin.id, "调离本单位")),
        lambda: bind_wechat_by_phone(NOBODY, request),
    )
    assert answers == ("done", "wechat.phone_unknown")


async def test_wechat_login_is_refused_when_the_person_is_being_disabled(office: Office) -> None:
    await bind(office)
    request = LogInByWechat(office.wechat.mint_login_code("wang"))
    assert await office.while_disabled(lambda: log_in_by_wechat(NOBODY, request)) == "wechat.not_bound"


async def test_binding_ends_once_when_ended_twice(office: Office) -> None:
    await bind(office)
    answers = await while_finishing(
        office.settings,
        lambda: unbind_wechat(office.session, office.wang.id),
        lambda: unbind_wechat(office.session, office.wang.id),
    )
    assert answers == ("done", "wechat.nothing_bound")


async def test_one_administrator_stays_when_two_disable_each_other(office: Office) -> None:
    one = await make_person("赵刚", office.city.city, Role.SECURITY_ADMIN, is_subtree=True)
    other = await make_person("孙悦", office.city.city, Role.SECURITY_ADMIN, is_subtree=True)
    first, second = await actor_of(one, office.city.city), await actor_of(other, office.city.city)
    answers = await while_finishing(
        office.settings,
        lambda: disable_person(first, DisablePerson(other.id, "调离")),
        lambda: disable_person(second, DisablePerson(one.id, "调离")),
    )
    assert answers == ("done", "role.required")


async def test_post_is_not_added_when_the_unit_is_being_abolished(office: Office) -> None:
    """As by a merger, whose own transaction changes the unit."""
    culture = office.city.culture.id
    heard = await while_changing(
        office.settings,
        lambda: add_post(SYSTEM, AddPost(office.wang.id, culture, "科员")),
        "UPDATE unit SET is_active = 0 WHERE id = ?",
        culture,
    )
    assert heard == "record.not_found"
    assert await stored("SELECT id FROM post WHERE unit_id = ?", culture) == []


async def test_three_administrators_are_appointed_once_when_two_installations_come_at_once(office: Office) -> None:
    answers = await while_finishing(
        office.settings,
        lambda: bootstrap_administrators(SYSTEM, first_administrators(office, "east")),
        lambda: bootstrap_administrators(SYSTEM, first_administrators(office, "west")),
    )
    assert answers == ("done", "bootstrap.done")
    assert len(await stored("SELECT id FROM person WHERE login_name LIKE ?", "%.east")) == 3


async def test_first_passwords_stay_when_one_of_the_three_is_being_logged_in(office: Office) -> None:
    wanted = first_administrators(office, "east")
    await bootstrap_administrators(SYSTEM, wanted)
    answers = await while_finishing(
        office.settings,
        lambda: enter(wanted.administrators[0].login_name),
        lambda: reissue_first_passwords(SYSTEM, wanted.administrators),
    )
    assert answers == ("done", "bootstrap.done")


def first_administrators(office: Office, where: str) -> BootstrapAdministrators:
    three = [FirstAdministrator(role, "管理员", f"{role}.{where}", PASSWORD) for role in sorted(ADMINISTRATORS)]
    return BootstrapAdministrators(office.city.city.id, three)
