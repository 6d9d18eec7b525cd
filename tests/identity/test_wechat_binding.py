"""Logging in from the mini-program: binding by invitation or phone, tickets, races."""

import re
from collections.abc import Callable
from datetime import timedelta

from server.gateways.wechat import WechatSandbox
from server.identity.commands import (
    BindByInvitation,
    BindByPhone,
    CreatePerson,
    DisablePerson,
    LogInByWechat,
    bind_wechat_by_invitation,
    bind_wechat_by_phone,
    create_person,
    disable_person,
    invite_person,
    log_in_by_wechat,
    unbind_wechat,
)
from server.identity.queries import session_for_token
from server.identity.roles import Role
from server.kernel.actor import Actor
from tests.factories.identity import SYSTEM, City, make_actor, make_person
from tests.identity.asking import NOBODY, actor_by, facts_of, outcomes, refusal_code, refused, stored

MoveClock = Callable[[timedelta], None]


async def ticket_of(sandbox: WechatSandbox, name: str) -> str:
    """The ticket that somebody not bound gets."""
    error = await refused(log_in_by_wechat(NOBODY, LogInByWechat(sandbox.mint_login_code(name))))
    assert error.code == "wechat.not_bound"
    return str(error.data["ticket"])


async def manager_of(city: City) -> Actor:
    return await make_actor("吴芳", city.health, Role.ASSET_MANAGER)


async def test_person_logs_in_by_wechat_when_bound_by_invitation(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("王建国", city.health, Role.BORROWER)
    invitation = await invite_person(await manager_of(city), person.id)
    assert re.fullmatch(r"[A-Z2-9]{5}-[A-Z2-9]{5}", invitation.code)
    ticket = await ticket_of(wechat, "wang")
    typed = f" {invitation.code.lower().replace('-', ' ')}"
    first = await bind_wechat_by_invitation(NOBODY, BindByInvitation(typed, ticket))
    again = await log_in_by_wechat(NOBODY, LogInByWechat(wechat.mint_login_code("wang")))
    facts = await facts_of(again)
    assert facts.channel == "mini" and facts.actor.person_id == person.id and facts.actor.has_role(Role.BORROWER)
    assert (await actor_by(first)).person_id == person.id


async def test_openid_and_invitation_are_not_in_clear_when_stored(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("王建国", city.health)
    invitation = await invite_person(SYSTEM, person.id)
    await bind_wechat_by_invitation(NOBODY, BindByInvitation(invitation.code, await ticket_of(wechat, "wang")))
    everything = str(
        await stored("SELECT * FROM person")
        + await stored("SELECT * FROM invitation")
        + await stored("SELECT * FROM audit_event")
        + await stored("SELECT * FROM idempotency_key")
    )
    assert wechat.openid_of("wang") not in everything
    assert invitation.code.replace("-", "") not in everything and invitation.code not in everything


async def test_session_opens_again_when_the_binding_is_repeated_after_a_lost_answer(
    city: City, wechat: WechatSandbox
) -> None:
    person = await make_person("王建国", city.health)
    request = BindByInvitation((await invite_person(SYSTEM, person.id)).code, await ticket_of(wechat, "wang"))
    await bind_wechat_by_invitation(NOBODY, request)
    assert (await actor_by(await bind_wechat_by_invitation(NOBODY, request))).person_id == person.id


async def test_one_user_is_bound_when_ten_use_an_invitation_at_once(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("王建国", city.health)
    code = (await invite_person(SYSTEM, person.id)).code
    tickets = [await ticket_of(wechat, f"user{number}") for number in range(10)]
    counted = await outcomes(bind_wechat_by_invitation(NOBODY, BindByInvitation(code, ticket)) for ticket in tickets)
    assert counted == {"done": 1, "invitation.used": 9}
    (row,) = await stored("SELECT wechat_index FROM person")
    assert row["wechat_index"] is not None and len(await stored("SELECT id FROM session")) == 1


async def test_one_person_is_bound_when_a_user_is_invited_as_two(city: City, wechat: WechatSandbox) -> None:
    people = [await make_person(name, city.health) for name in ("王建国", "李梅")]
    codes = [(await invite_person(SYSTEM, person.id)).code for person in people]
    ticket = await ticket_of(wechat, "wang")
    counted = await outcomes(bind_wechat_by_invitation(NOBODY, BindByInvitation(code, ticket)) for code in codes)
    assert counted == {"done": 1, "wechat.already_bound": 1}
    assert len(await stored("SELECT id FROM invitation WHERE used_at IS NULL")) == 1


async def test_guesses_are_slowed_when_invitations_are_wrong(city: City, wechat: WechatSandbox) -> None:
    ticket = await ticket_of(wechat, "wang")
    guess = BindByInvitation("ABCDE-FGHJK", ticket)
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, guess)) == "invitation.unknown"
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, guess)) == "login.too_often"


async def test_invitation_is_refused_when_it_is_old_or_replaced(
    city: City, wechat: WechatSandbox, move_clock: MoveClock
) -> None:
    person = await make_person("王建国", city.health)
    replaced, code = (await invite_person(SYSTEM, person.id)).code, (await invite_person(SYSTEM, person.id)).code
    request = BindByInvitation(replaced, await ticket_of(wechat, "other"))
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, request)) == "invitation.used"
    move_clock(timedelta(days=7, seconds=5))
    request = BindByInvitation(code, await ticket_of(wechat, "wang"))
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, request)) == "invitation.used"


async def test_ticket_is_needed_when_the_login_code_was_used(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("王建国", city.health)
    invitation = (await invite_person(SYSTEM, person.id)).code
    spent = wechat.mint_login_code("wang")
    await refused(log_in_by_wechat(NOBODY, LogInByWechat(spent)))
    request = BindByInvitation(invitation, code=spent)
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, request)) == "wechat.code_invalid"
    request = BindByInvitation(invitation, ticket="made-up")
    assert await refusal_code(bind_wechat_by_invitation(NOBODY, request)) == "wechat.ticket_expired"
    request = BindByInvitation(invitation, code=wechat.mint_login_code("wang"))
    assert (await bind_wechat_by_invitation(NOBODY, request)).token


async def test_person_is_bound_when_wechat_confirms_their_phone(city: City, wechat: WechatSandbox) -> None:
    person = await create_person(SYSTEM, CreatePerson("林晓燕", None, "13777880001", city.health.id, "科员"))
    request = BindByPhone(wechat.mint_phone_code("13777880001"), await ticket_of(wechat, "lin"))
    assert (await actor_by(await bind_wechat_by_phone(NOBODY, request))).person_id == person.id
    request = BindByPhone(wechat.mint_phone_code("13999999999"), await ticket_of(wechat, "unknown"))
    assert await refusal_code(bind_wechat_by_phone(NOBODY, request)) == "wechat.phone_unknown"
    request = BindByPhone(wechat.mint_phone_code("13777880001"), await ticket_of(wechat, "thief"))
    assert await refusal_code(bind_wechat_by_phone(NOBODY, request)) == "person.wechat_bound"


async def test_binding_ends_when_undone_or_the_person_is_disabled(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("王建国", city.health)
    request = BindByInvitation((await invite_person(SYSTEM, person.id)).code, await ticket_of(wechat, "wang"))
    grant = await bind_wechat_by_invitation(NOBODY, request)
    await unbind_wechat(await actor_by(grant), person.id)
    assert await session_for_token(grant.token) is None
    request = BindByInvitation((await invite_person(SYSTEM, person.id)).code, await ticket_of(wechat, "wang"))
    grant = await bind_wechat_by_invitation(NOBODY, request)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    await disable_person(guard, DisablePerson(person.id, "退休"))
    assert await session_for_token(grant.token) is None
    assert await ticket_of(wechat, "wang")
    assert await refusal_code(unbind_wechat(await manager_of(city), person.id)) == "role.required"


async def test_invitation_is_made_only_within_scope(city: City) -> None:
    person = await make_person("沈西湖", city.xihu_education)
    assert await refusal_code(invite_person(await manager_of(city), person.id)) == "record.not_found"
    clerk = await make_actor("赵强", city.xihu_education, Role.BORROWER)
    assert await refusal_code(invite_person(clerk, person.id)) == "role.required"


async def test_privileged_role_is_withheld_on_the_phone_too(city: City, wechat: WechatSandbox) -> None:
    person = await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, Role.BORROWER)
    request = BindByInvitation((await invite_person(SYSTEM, person.id)).code, await ticket_of(wechat, "chen"))
    grant = await bind_wechat_by_invitation(NOBODY, request)
    assert grant.needs_totp_setup
    assert [each.role for each in (await actor_by(grant)).grants] == [Role.BORROWER]


async def test_session_lasts_thirty_days_unused_on_the_phone(
    city: City, wechat: WechatSandbox, move_clock: MoveClock
) -> None:
    person = await make_person("王建国", city.health)
    request = BindByInvitation((await invite_person(SYSTEM, person.id)).code, await ticket_of(wechat, "wang"))
    grant = await bind_wechat_by_invitation(NOBODY, request)
    move_clock(timedelta(days=29))
    assert await session_for_token(grant.token) is not None
    move_clock(timedelta(days=30, seconds=5))
    assert await session_for_token(grant.token) is None
