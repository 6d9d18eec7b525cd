"""Roles are asked for by one administrator, given by another, watched by a third; why is written down."""

from collections import Counter

from server.identity.commands import (
    AnswerRequest,
    EndPost,
    GrantRole,
    RequestRole,
    RevokeRole,
    end_post,
    grant_request,
    grant_role,
    refuse_request,
    request_role,
    revoke_role,
    withdraw_request,
)
from server.identity.queries import (
    count_role_requests,
    grants_of_person,
    list_role_requests,
    person_by_id,
    role_request_by_id,
    wide_grants,
)
from server.identity.roles import Role
from server.identity.types import PersonView
from tests.factories.identity import SYSTEM, City, actor_of, make_actor, make_person, make_post
from tests.identity.asking import outcomes, refusal_code


def asked(person: PersonView, role: str = Role.UNIT_ACCOUNTANT, reason: str = "接任会计") -> RequestRole:
    return RequestRole(person.posts[0].post_id, role, False, reason)


async def test_role_is_given_with_its_reason_when_security_agrees(city: City) -> None:
    clerk = await make_person("王建国", city.health)
    system = await make_actor("钱系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    audit = await make_actor("方审计", city.city, Role.AUDIT_ADMIN, is_subtree=True)
    made = await request_role(system, asked(clerk))
    assert made.state_name == "待授权" and await count_role_requests(security) == 1
    elsewhere = await make_actor("韩冰", city.xihu, Role.SECURITY_ADMIN, is_subtree=True)
    assert await count_role_requests(elsewhere) == 0
    # Each of the three sees it.
    for actor in (system, security, audit):
        assert [each.id for each in (await list_role_requests(actor)).items] == [made.id]
        assert (await role_request_by_id(actor, made.id)).reason == "接任会计"
    assert (await grant_request(security, AnswerRequest(made.id))).state_name == "已授权"
    [role] = (await person_by_id(SYSTEM, clerk.id)).posts[0].roles
    assert role.role == Role.UNIT_ACCOUNTANT
    [given] = await grants_of_person(audit, clerk.id)
    assert (given.reason, given.granted_by_name, given.revoked_at) == ("接任会计", "周安全", None)
    assert await refusal_code(grant_request(security, AnswerRequest(made.id))) == "role.request_decided"
    assert await count_role_requests(security) == 0


async def test_nothing_is_given_when_a_request_is_refused_or_taken_back(city: City) -> None:
    clerk = await make_person("王建国", city.health)
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    security = await make_actor("周安全", city.health, Role.SECURITY_ADMIN)
    first = await request_role(manager, asked(clerk, Role.WAREHOUSE_KEEPER))
    assert await refusal_code(request_role(manager, asked(clerk, Role.WAREHOUSE_KEEPER))) == "role.already_requested"
    assert await refusal_code(refuse_request(security, AnswerRequest(first.id))) == "input.required"
    assert (await refuse_request(security, AnswerRequest(first.id, "没有仓库"))).decision_note == "没有仓库"
    second = await request_role(manager, asked(clerk, Role.BORROWER))
    assert (await withdraw_request(manager, AnswerRequest(second.id, "填错"))).state_name == "已撤回"
    assert await refusal_code(grant_request(security, AnswerRequest(second.id))) == "role.request_decided"
    assert (await person_by_id(SYSTEM, clerk.id)).posts[0].roles == []


async def test_nobody_asks_or_answers_for_oneself_or_in_anothers_post(city: City) -> None:
    clerk = await make_person("王建国", city.health)
    system_person = await make_person("钱系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    system = await actor_of(system_person, city.city)
    security_person = await make_person("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    security = await actor_of(security_person, city.city)
    audit = await make_actor("方审计", city.city, Role.AUDIT_ADMIN, is_subtree=True)
    far = await make_actor("西湖", city.xihu, Role.ASSET_MANAGER)
    assert await refusal_code(request_role(system, asked(system_person))) == "role.own_post"
    for actor, code in ((security, "role.required"), (audit, "role.required"), (far, "record.not_found")):
        assert await refusal_code(request_role(actor, asked(clerk))) == code
    made = await request_role(system, asked(clerk))
    for actor, code in ((system, "role.required"), (audit, "role.required"), (far, "role.required")):
        assert await refusal_code(grant_request(actor, AnswerRequest(made.id))) == code
    assert await refusal_code(withdraw_request(security, AnswerRequest(made.id, "x"))) == "role.required"
    assert await refusal_code(withdraw_request(far, AnswerRequest(made.id, "x"))) == "record.not_found"
    assert await refusal_code(role_request_by_id(far, made.id)) == "record.not_found"
    assert await refusal_code(grant_request(security, AnswerRequest("unknown"))) == "record.not_found"


async def test_request_is_refused_at_once_when_the_role_could_not_be_given(city: City) -> None:
    clerk = await make_person("王建国", city.health, Role.BORROWER)
    system = await make_actor("钱系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    for role, code in (
        (Role.BORROWER, "role.already_granted"),
        (Role.AUDIT_ADMIN, "role.separation"),
        (Role.OPERATIONS, "role.unit_unfit"),
        ("emperor", "input.not_a_choice"),
    ):
        assert await refusal_code(request_role(system, asked(clerk, role))) == code
    assert await refusal_code(request_role(system, asked(clerk, reason=" "))) == "input.required"


async def test_one_grant_comes_of_a_request_when_two_answer_at_once(city: City) -> None:
    clerk = await make_person("王建国", city.health)
    first = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    second = await make_actor("郑安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    made = await request_role(SYSTEM, asked(clerk))
    counted = await outcomes([grant_request(each, AnswerRequest(made.id)) for each in (first, second)])
    assert counted["done"] == 1 and sum(counted.values()) == 2
    assert len(await grants_of_person(first, clerk.id)) == 1


async def test_history_says_who_took_a_role_and_why(city: City) -> None:
    clerk = await make_person("王建国", city.health)
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    await grant_role(security, GrantRole(clerk.posts[0].post_id, Role.BORROWER, reason="办公室借用"))
    await revoke_role(security, RevokeRole(clerk.posts[0].post_id, Role.BORROWER, "岗位调整"))
    await grant_role(security, GrantRole(clerk.posts[0].post_id, Role.WAREHOUSE_KEEPER))
    await make_post(clerk, city.culture)
    await end_post(SYSTEM, EndPost(clerk.posts[0].post_id, "调任"))
    keeper, borrower = await grants_of_person(security, clerk.id)
    assert (borrower.revoke_reason, borrower.revoked_by_name) == ("岗位调整", "周安全")
    assert (keeper.revoke_reason, keeper.revoked_by_name) == ("调任", "系统")
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    assert await refusal_code(grants_of_person(manager, clerk.id)) == "role.required"
    far = await make_actor("西湖安全", city.xihu, Role.SECURITY_ADMIN)
    assert await refusal_code(grants_of_person(far, clerk.id)) == "record.not_found"


async def test_wide_roles_are_listed_with_why_when_somebody_watches(city: City) -> None:
    await make_person("普通", city.health, Role.BORROWER)
    await make_person("宽管", city.health, Role.ASSET_MANAGER, is_subtree=True)
    four = (Role.BORROWER, Role.ASSET_MANAGER, Role.UNIT_ACCOUNTANT, Role.WAREHOUSE_KEEPER)
    await make_person("多面手", city.culture, *four)
    audit = await make_actor("方审计", city.linping, Role.AUDIT_ADMIN, is_subtree=True)
    seen = Counter(grant.person_name for grant in await wide_grants(audit))
    assert seen == {"宽管": 1, "多面手": 4, "方审计": 1}
    why = {grant.person_name: grant.why_wide for grant in await wide_grants(audit)}
    assert "下级 1 个单位" in why["宽管"] and "4 个角色" in why["多面手"] and "动态口令" in why["方审计"]
