"""The second factor: what a privileged role may do before it, and each code once."""

from collections.abc import Callable
from datetime import timedelta

from server.identity.commands import (
    begin_totp_setup,
    confirm_second_factor,
    confirm_totp,
    reset_second_factor,
)
from server.identity.queries import session_for_token
from server.identity.roles import Role
from tests.factories.identity import PASSWORD, City, make_actor, make_person
from tests.identity.asking import actor_by, code_now, enter, facts_of, outcomes, refusal_code, set_up_totp, stored

MoveClock = Callable[[timedelta], None]


async def test_privileged_role_is_withheld_when_there_is_no_second_factor(city: City) -> None:
    await make_person(
        "陈晓", city.finance, Role.FINANCE_REVIEWER, Role.BORROWER, login_name="chenxiao", password=PASSWORD
    )
    grant = await enter("chenxiao")
    facts = await facts_of(grant)
    assert grant.needs_totp_setup and facts.needs_totp_setup and not facts.needs_second_factor
    assert [each.role for each in facts.actor.grants] == [Role.BORROWER]


async def test_privileged_role_is_held_under_a_new_session_when_totp_is_confirmed(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    before = await enter("chenxiao")
    _, after = await set_up_totp(before)
    facts = await facts_of(after)
    assert facts.actor.has_role(Role.FINANCE_REVIEWER) and facts.actor.has_second_factor
    assert after.token != before.token and await session_for_token(before.token) is None


async def test_nothing_is_granted_before_the_code_when_totp_is_set_up(city: City) -> None:
    await make_person(
        "陈晓", city.finance, Role.FINANCE_REVIEWER, Role.BORROWER, login_name="chenxiao", password=PASSWORD
    )
    secret, _ = await set_up_totp(await enter("chenxiao"))
    before = await enter("chenxiao")
    facts = await facts_of(before)
    assert before.needs_second_factor and facts.needs_second_factor and facts.actor.grants == ()
    after = await confirm_second_factor(facts.actor, code_now(secret))
    assert (await actor_by(after)).has_role(Role.FINANCE_REVIEWER)
    assert await session_for_token(before.token) is None


async def test_one_session_gets_through_when_ten_bring_the_same_code(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    secret, _ = await set_up_totp(await enter("chenxiao"))
    actors = [await actor_by(await enter("chenxiao")) for _ in range(10)]
    code = code_now(secret)
    counted = await outcomes(confirm_second_factor(actor, code) for actor in actors)
    assert counted["done"] == 1 and counted["totp.wrong"] + counted["login.too_often"] == 9


async def test_code_is_refused_when_it_was_used_before(city: City, move_clock: MoveClock) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    secret, _ = await set_up_totp(await enter("chenxiao"))
    code = code_now(secret)
    await confirm_second_factor(await actor_by(await enter("chenxiao")), code)
    actor = await actor_by(await enter("chenxiao"))
    assert await refusal_code(confirm_second_factor(actor, code)) == "totp.wrong"
    assert await refusal_code(confirm_second_factor(actor, "000000")) == "login.too_often"
    move_clock(timedelta(minutes=2))
    assert (await confirm_second_factor(actor, code_now(secret))).token


async def test_stolen_password_cannot_replace_the_factor_when_one_is_set(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    await set_up_totp(await enter("chenxiao"))
    actor = await actor_by(await enter("chenxiao"))
    assert await refusal_code(begin_totp_setup(actor)) == "totp.already_set"
    assert await refusal_code(confirm_totp(actor, "123456")) == "totp.already_set"


async def test_code_cannot_be_confirmed_when_nothing_was_set_up(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    actor = await actor_by(await enter("chenxiao"))
    assert await refusal_code(confirm_second_factor(actor, "123456")) == "totp.not_begun"
    await begin_totp_setup(actor)
    assert await refusal_code(confirm_second_factor(actor, "123456")) == "totp.not_begun"


async def test_secret_is_sealed_when_stored(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    setup = await begin_totp_setup(await actor_by(await enter("chenxiao")))
    (row,) = await stored("SELECT totp_sealed FROM person WHERE login_name = 'chenxiao'")
    assert row["totp_sealed"] and setup.secret not in row["totp_sealed"]
    assert not [row for row in await stored("SELECT facts FROM audit_event") if setup.secret in row["facts"]]


async def test_setup_begins_anew_when_the_security_administrator_resets_it(city: City) -> None:
    person = await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    _, grant = await set_up_totp(await enter("chenxiao"))
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    await reset_second_factor(guard, person.id)
    assert await session_for_token(grant.token) is None
    assert (await enter("chenxiao")).needs_totp_setup


async def test_one_setup_wins_when_two_sessions_confirm_at_once(city: City) -> None:
    await make_person("陈晓", city.finance, Role.FINANCE_REVIEWER, login_name="chenxiao", password=PASSWORD)
    actor, other = await actor_by(await enter("chenxiao")), await actor_by(await enter("chenxiao"))
    setup = await begin_totp_setup(actor)
    code = code_now(setup.secret)
    counted = await outcomes([confirm_totp(actor, code), confirm_totp(other, code)])
    assert counted["done"] == 1
