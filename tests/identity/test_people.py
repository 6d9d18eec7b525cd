"""People, posts and roles: three administrators apart, nobody grants to himself, scope by subtree."""

import msgspec

from server.identity.commands import (
    AddPost,
    BootstrapAdministrators,
    CreatePerson,
    EndPost,
    FirstAdministrator,
    GrantRole,
    RevokeRole,
    add_post,
    bootstrap_administrators,
    create_person,
    end_post,
    grant_role,
    reissue_first_passwords,
    revoke_role,
)
from server.identity.queries import (
    PersonFilter,
    list_people,
    my_posts,
    names_of,
    people_with_role,
    person_by_id,
    session_for_token,
)
from server.identity.roles import Role
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from tests.factories.identity import PASSWORD, SYSTEM, City, actor_of, make_actor, make_person, make_post
from tests.identity.asking import actor_by, enter, outcomes, refusal_code, stored
from tests.support.behind import rewrite


def newcomer(city: City, **changes: object) -> CreatePerson:
    values = {
        "name": "林晓燕",
        "login_name": "linxy",
        "phone": "13777880001",
        "unit_id": city.health.id,
        "title": "科员",
    }
    return CreatePerson(**(values | changes))  # type: ignore[arg-type]


async def test_phone_is_sealed_when_stored_and_masked_when_shown(city: City) -> None:
    person = await create_person(SYSTEM, newcomer(city))
    (row,) = await stored("SELECT * FROM person")
    assert person.phone_masked == "137****0001" and "13777880001" not in str(row)
    assert not [row for row in await stored("SELECT facts FROM audit_event") if "13777880001" in row["facts"]]


async def test_name_and_phone_are_unique_when_two_are_registered_at_once(city: City) -> None:
    counted = await outcomes(create_person(SYSTEM, newcomer(city, phone=None)) for _ in range(3))
    assert counted == {"done": 1, "person.login_name_taken": 2}
    counted = await outcomes(create_person(SYSTEM, newcomer(city, login_name=None)) for _ in range(3))
    assert counted == {"done": 1, "person.phone_taken": 2}


async def test_every_field_is_named_when_a_person_is_wrong(city: City) -> None:
    for changes, code in (
        ({"name": ""}, "input.required"),
        ({"login_name": "Lin Xy"}, "input.not_a_login_name"),
        ({"phone": "12345"}, "input.not_a_phone"),
        ({"title": "x" * 65}, "input.too_long"),
        ({"password": "short"}, "input.too_short"),
    ):
        assert await refusal_code(create_person(SYSTEM, newcomer(city, **changes))) == code
    assert await stored("SELECT id FROM person") == []


async def test_person_is_registered_once_when_the_same_key_comes_again(city: City) -> None:
    actor, request = SYSTEM.with_key("register-linxy"), newcomer(city, password=PASSWORD)
    first, again = await create_person(actor, request), await create_person(actor, request)
    assert first == again and (await enter("linxy")).must_change_password
    (row,) = await stored("SELECT answer FROM idempotency_key")
    answer = current_runtime().cipher.decrypt("idempotency_key.answer", row["answer"])
    assert first.id in answer and first.id not in row["answer"]
    assert "argon2" not in answer and PASSWORD not in answer


async def test_person_is_registered_only_within_the_administrators_scope(city: City) -> None:
    district = await make_actor("钱系统", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    assert (await create_person(district, newcomer(city))).posts[0].unit_id == city.health.id
    elsewhere = newcomer(city, unit_id=city.xihu_education.id, login_name="other", phone=None)
    assert await refusal_code(create_person(district, elsewhere)) == "record.not_found"
    guard = await make_actor("周宁", city.linping, Role.SECURITY_ADMIN, is_subtree=True)
    assert await refusal_code(create_person(guard, elsewhere)) == "role.required"


async def test_role_reaches_the_session_at_once_when_granted_and_revoked(city: City) -> None:
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    person = await make_person("王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    assert not (await actor_by(grant)).has_role(Role.ASSET_MANAGER)
    post_id = person.posts[0].post_id
    await grant_role(guard, GrantRole(post_id, Role.ASSET_MANAGER))
    assert (await actor_by(grant)).has_role(Role.ASSET_MANAGER)
    await revoke_role(guard, RevokeRole(post_id, Role.ASSET_MANAGER))
    assert not (await actor_by(grant)).has_role(Role.ASSET_MANAGER)
    assert await refusal_code(revoke_role(guard, RevokeRole(post_id, Role.ASSET_MANAGER))) == "role.not_held"


async def test_role_is_refused_when_the_grantor_may_not(city: City) -> None:
    person = await make_person("王建国", city.health)
    post_id = person.posts[0].post_id
    request = GrantRole(post_id, Role.BORROWER)
    for name, unit, role, code in (
        ("孙系统", city.city, Role.SYSTEM_ADMIN, "role.required"),
        ("吴审计", city.city, Role.AUDIT_ADMIN, "role.required"),
        ("郑资产", city.health, Role.ASSET_MANAGER, "role.required"),
        ("周西湖", city.xihu, Role.SECURITY_ADMIN, "record.not_found"),
    ):
        assert await refusal_code(grant_role(await make_actor(name, unit, role, is_subtree=True), request)) == code
    own_unit_only = await make_actor("周市府", city.city, Role.SECURITY_ADMIN)
    assert await refusal_code(grant_role(own_unit_only, request)) == "record.not_found"


async def test_nobody_grants_to_himself_or_takes_his_own_role(city: City) -> None:
    guard_person = await make_person("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    guard = await actor_of(guard_person, city.city)
    post_id = guard_person.posts[0].post_id
    assert await refusal_code(grant_role(guard, GrantRole(post_id, Role.SYSTEM_ADMIN))) == "role.own_post"
    assert await refusal_code(revoke_role(guard, RevokeRole(post_id, Role.SECURITY_ADMIN))) == "role.own_post"


async def test_three_administrators_stay_apart_when_roles_are_granted(city: City) -> None:
    admin = await make_person("孙系统", city.city, Role.SYSTEM_ADMIN)
    clerk = await make_person("王建国", city.health, Role.BORROWER)
    clerk = await make_post(clerk, city.city)
    here = next(post for post in clerk.posts if post.unit_id == city.city.id)
    for post_id, role in (
        (admin.posts[0].post_id, Role.AUDIT_ADMIN),
        (admin.posts[0].post_id, Role.BORROWER),
        (here.post_id, Role.SECURITY_ADMIN),
    ):
        assert await refusal_code(grant_role(SYSTEM, GrantRole(post_id, role))) == "role.separation"
    assert await refusal_code(grant_role(SYSTEM, GrantRole(admin.posts[0].post_id, "emperor"))) == "input.not_a_choice"


async def test_one_grant_wins_when_two_administrators_roles_are_granted_at_once(city: City) -> None:
    person = await make_person("孙系统", city.city)
    post_id = person.posts[0].post_id
    roles = [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.BORROWER]
    counted = await outcomes(grant_role(SYSTEM, GrantRole(post_id, role)) for role in roles)
    assert counted == {"done": 1, "role.separation": 3}


async def test_role_is_held_once_when_granted_many_times_at_once(city: City) -> None:
    post_id = (await make_person("王建国", city.health)).posts[0].post_id
    counted = await outcomes(grant_role(SYSTEM, GrantRole(post_id, Role.BORROWER)) for _ in range(8))
    assert counted == {"done": 1, "role.already_granted": 7}
    assert len(await stored("SELECT id FROM role_grant")) == 1


async def test_reviewer_belongs_to_the_authority_when_granted(city: City) -> None:
    post_id = (await make_person("王建国", city.health)).posts[0].post_id
    for role in (Role.FINANCE_REVIEWER, Role.OPERATIONS):
        assert await refusal_code(grant_role(SYSTEM, GrantRole(post_id, role))) == "role.unit_unfit"


async def test_post_and_its_roles_and_sessions_end_together(city: City) -> None:
    person = await make_person("王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    post_id = person.posts[0].post_id
    assert await refusal_code(end_post(SYSTEM, EndPost(post_id, "调任"))) == "person.last_post"
    await make_post(person, city.hospital, Role.ASSET_MANAGER)
    person = await end_post(SYSTEM, EndPost(post_id, "调任"))
    assert [post.unit_id for post in person.posts] == [city.hospital.id]
    assert await session_for_token(grant.token) is None
    assert (await actor_by(await enter("wangjg"))).unit_id == city.hospital.id
    again = await add_post(SYSTEM, AddPost(person.id, city.health.id, "科员"))
    assert [post.roles for post in again.posts if post.unit_id == city.health.id] == [[]]
    assert await refusal_code(add_post(SYSTEM, AddPost(person.id, city.health.id, "科员"))) == "post.already_held"


async def test_people_are_seen_within_scope_only(city: City) -> None:
    person = await make_person("王建国", city.health)
    stranger = await make_person("沈西湖", city.xihu_education)
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    assert {each.name for each in (await list_people(manager)).items} == {"王建国", "吴芳"}
    assert [each.name for each in (await list_people(manager, PersonFilter(text="建国"))).items] == ["王建国"]
    assert (await person_by_id(manager, person.id)).name == "王建国"
    assert await refusal_code(person_by_id(manager, stranger.id)) == "record.not_found"
    clerk = await make_actor("赵强", city.health, Role.BORROWER)
    assert await refusal_code(list_people(clerk)) == "role.required"
    assert await refusal_code(person_by_id(clerk, person.id)) == "role.required"
    assert clerk.person_id is not None and (await person_by_id(clerk, clerk.person_id)).name == "赵强"
    assert [post.unit_name for post in await my_posts(clerk)] == [city.health.name]


async def test_pages_of_people_follow_each_other(city: City) -> None:
    made = [(await make_person(f"职工{number}", city.health)).id for number in range(5)]
    first = await list_people(SYSTEM, size=3)
    second = await list_people(SYSTEM, cursor=first.next_cursor, size=3)
    assert [each.id for each in first.items + second.items] == made and second.next_cursor is None


async def test_nearest_holders_answer_when_asked_for_a_role_over_a_unit(city: City) -> None:
    above = await make_person("卫健委", city.health, Role.ASSET_MANAGER, is_subtree=True)
    narrow = await make_person("区府办", city.linping, Role.ASSET_MANAGER)
    async with reading() as rows:
        assert await people_with_role(rows, Role.ASSET_MANAGER, city.hospital.path) == [above.id]
    own = await make_person("院办", city.hospital, Role.ASSET_MANAGER)
    async with reading() as rows:
        assert await people_with_role(rows, Role.ASSET_MANAGER, city.hospital.path) == [own.id]
        assert await people_with_role(rows, Role.ASSET_MANAGER, city.culture.path) == []
        assert await people_with_role(rows, Role.ASSET_MANAGER, "") == []
        assert await names_of(rows, [own.id, narrow.id]) == {own.id: "院办", narrow.id: "区府办"}


FIRST = [
    FirstAdministrator(Role.SYSTEM_ADMIN, "孙系统", "sysadmin", PASSWORD),
    FirstAdministrator(Role.SECURITY_ADMIN, "周安全", "secadmin", PASSWORD),
    FirstAdministrator(Role.AUDIT_ADMIN, "吴审计", "auditadmin", PASSWORD),
]


async def test_three_administrators_are_appointed_once_when_there_is_none(city: City) -> None:
    request = BootstrapAdministrators(city.city.id, FIRST)
    counted = await outcomes(bootstrap_administrators(SYSTEM, request) for _ in range(3))
    assert counted == {"done": 1, "bootstrap.done": 2}
    grant = await enter("secadmin")
    assert grant.must_change_password and grant.needs_totp_setup
    assert not [row for row in await stored("SELECT facts FROM audit_event") if "argon2" in row["facts"]]


async def test_first_passwords_are_reissued_only_for_the_three_whom_nobody_has_used(city: City) -> None:
    chosen = [msgspec.structs.replace(each, must_change_password=False) for each in FIRST[:1]]
    request = BootstrapAdministrators(city.city.id, [*chosen, *FIRST[1:]])
    await bootstrap_administrators(SYSTEM, request)
    others = [msgspec.structs.replace(each, password="Another-2026-secret") for each in FIRST]
    # The first one chose the password: there is nothing left to give out.
    assert await refusal_code(reissue_first_passwords(SYSTEM, others)) == "bootstrap.done"
    await enter("secadmin")
    await rewrite("UPDATE person SET must_change_password = 1")
    assert await refusal_code(reissue_first_passwords(SYSTEM, others)) == "bootstrap.done"
    await rewrite("DELETE FROM session")
    swapped = [msgspec.structs.replace(others[0], role=Role.AUDIT_ADMIN), others[1]]
    swapped.append(msgspec.structs.replace(others[2], role=Role.SYSTEM_ADMIN))
    assert await refusal_code(reissue_first_passwords(SYSTEM, swapped)) == "bootstrap.done"
    clerk = await make_actor("王建国", city.health, Role.BORROWER)
    assert await refusal_code(reissue_first_passwords(clerk, others)) == "role.required"
    await reissue_first_passwords(SYSTEM, others)
    assert await refusal_code(enter("secadmin")) == "login.failed"
    # And the delay after trying the lost one ends with it.
    await reissue_first_passwords(SYSTEM, others)
    assert (await enter("secadmin", "Another-2026-secret")).must_change_password
    assert not [row for row in await stored("SELECT facts FROM audit_event") if "argon2" in row["facts"]]


async def test_first_administrators_are_refused_when_not_three_or_not_by_the_product(city: City) -> None:
    two = BootstrapAdministrators(city.city.id, FIRST[:2])
    assert await refusal_code(bootstrap_administrators(SYSTEM, two)) == "bootstrap.three_needed"
    clerk = await make_actor("王建国", city.health, Role.BORROWER)
    request = BootstrapAdministrators(city.city.id, FIRST)
    assert await refusal_code(bootstrap_administrators(clerk, request)) == "role.required"


async def test_every_field_is_named_when_a_first_administrator_is_wrong(city: City) -> None:
    for changes, code in (
        ({"name": ""}, "input.required"),
        ({"login_name": "Sys Admin"}, "input.not_a_login_name"),
        ({"password": "short"}, "input.too_short"),
    ):
        three = [msgspec.structs.replace(FIRST[0], **changes), *FIRST[1:]]
        request = BootstrapAdministrators(city.city.id, three)
        assert await refusal_code(bootstrap_administrators(SYSTEM, request)) == code
    assert await stored("SELECT id FROM person") == []
