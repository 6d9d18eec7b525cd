"""Logging in by name: delays, unknown names, renewed hashes, races with disabling."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from argon2 import Parameters, Type

from server.identity import passwords
from server.identity.commands import (
    ChangePassword,
    DisablePerson,
    LogIn,
    change_password,
    disable_person,
    end_own_session,
    end_sessions,
    log_in,
    log_out,
    reset_password,
    switch_unit,
    unlock_login,
)
from server.identity.queries import my_sessions, session_for_token
from server.identity.roles import Role
from server.identity.types import SessionGrant
from server.kernel.errors import LimitReached
from server.kernel.ports.pubsub import MISSED
from server.kernel.runtime import Runtime, current_runtime
from tests.factories.identity import CHEAP, PASSWORD, City, actor_of, make_actor, make_person, make_post
from tests.identity.asking import NOBODY, actor_by, enter, facts_of, outcomes, refusal_code, refused, stored

MoveClock = Callable[[timedelta], None]


async def test_session_acts_for_the_unit_when_the_password_is_right(city: City) -> None:
    person = await make_person("王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD)
    facts = await facts_of(await enter("wangjg"))
    assert facts.actor.person_id == person.id and facts.actor.unit_path == city.health.path
    assert facts.actor.region_path == "330000/330100/330113/"
    assert [grant.role for grant in facts.actor.grants] == [Role.BORROWER]
    assert not (facts.needs_second_factor or facts.must_change_password or facts.needs_totp_setup)


async def test_token_is_stored_only_as_its_hash_when_a_session_opens(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    (row,) = await stored("SELECT * FROM session")
    assert len(row["id"]) == 64 and grant.token not in str(row)
    assert len(grant.token) >= 43 and len(grant.csrf_token) >= 43


async def test_every_login_has_an_id_of_its_own_when_one_person_logs_in_twice(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    first, second = await enter("wangjg"), await enter("wangjg")
    assert first.token != second.token
    assert await session_for_token(first.token) is not None


async def test_answer_is_the_same_when_name_or_password_or_account_is_at_fault(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    await make_person("李梅", city.health, login_name="limei")
    gone = await make_person("赵强", city.health, login_name="zhaoqiang", password=PASSWORD)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    await disable_person(guard, DisablePerson(gone.id, "调离本单位"))
    for name, password in (("wangjg", "wrong"), ("nobody", PASSWORD), ("limei", PASSWORD), ("zhaoqiang", PASSWORD)):
        error = await refused(enter(name, password))
        again = await refused(enter(name, password))
        assert (error.code, error.data, again.code, again.data) == (
            "login.failed",
            {},
            "login.too_often",
            {"retry_after": 1},
        )


async def test_time_is_the_same_when_the_name_is_unknown(city: City) -> None:
    slower = Parameters(
        type=Type.ID, version=19, salt_len=16, hash_len=16, time_cost=2, memory_cost=8192, parallelism=1
    )
    passwords.use_parameters(slower)
    try:
        await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
        for_nobody = [await seconds_of(passwords.is_password(None, "anything")) for _ in range(5)]
        for_a_hash = [await seconds_of(passwords.hash_password("anything")) for _ in range(5)]
    finally:
        passwords.use_parameters(CHEAP)
    # A name without a person costs a whole hash, not a look into a table.
    # The shortest of five, because other work on the machine only ever adds.
    assert min(for_nobody) > min(for_a_hash) / 3


async def seconds_of(work: Awaitable[object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def test_delay_doubles_when_failures_follow_each_other(city: City, move_clock: MoveClock) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    offset = timedelta()
    for failures in range(1, 12):
        move_clock(offset)
        assert await refusal_code(enter("wangjg", "wrong")) == "login.failed"
        error = await refused(enter("wangjg"))
        assert isinstance(error, LimitReached)
        assert abs(error.data["retry_after"] - min(2 ** (failures - 1), 900)) <= 1
        offset += timedelta(seconds=1000)
    move_clock(offset)
    assert (await enter("wangjg")).token
    assert await refusal_code(enter("wangjg", "wrong")) == "login.failed"
    (row,) = await stored("SELECT failures FROM login_failure")
    assert row["failures"] == 1


async def test_failure_is_audited_without_the_name_when_nobody_has_it(city: City) -> None:
    await refused(enter("secret-mistyped-here", "wrong"))
    (row,) = await stored("SELECT outcome, facts, actor_id FROM audit_event WHERE action = 'person.log_in'")
    assert row["outcome"] == "refused" and row["actor_id"] is None and "secret" not in row["facts"]


async def test_login_is_audited_under_the_persons_name_when_it_succeeds(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    await enter("wangjg")
    (row,) = await stored("SELECT outcome, actor_id, actor_name FROM audit_event WHERE action = 'person.log_in'")
    assert row == {"outcome": "done", "actor_id": person.id, "actor_name": "王建国"}


async def test_right_guess_is_refused_when_others_failed_at_the_same_time(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    guesses = ["wrong"] * 12 + [PASSWORD] + ["wrong"] * 12
    counted = await outcomes(enter("wangjg", guess) for guess in guesses)
    (row,) = await stored("SELECT failures FROM login_failure")
    # One failure is counted; whatever else was on its way meets its delay.
    assert counted["login.failed"] == 1 and counted["login.too_often"] == 24
    assert row["failures"] == 1


async def test_hash_is_renewed_when_the_parameters_have_changed(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    passwords.use_parameters(
        Parameters(type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=16, parallelism=1)
    )
    try:
        assert (await enter("wangjg")).token
        (row,) = await stored("SELECT password_hash FROM person WHERE id = ?", person.id)
        assert "m=16,t=2" in row["password_hash"] and (await enter("wangjg")).token
    finally:
        passwords.use_parameters(CHEAP)


async def test_huge_password_is_refused_when_it_is_longer_than_any(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    assert await refusal_code(log_in(NOBODY, LogIn("wangjg", PASSWORD * 100_000))) == "login.failed"


async def test_no_session_survives_when_disabling_meets_logins(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    logins = [enter("wangjg") for _ in range(8)]
    answers = await asyncio.gather(
        *logins[:4], disable_person(guard, DisablePerson(person.id, "调离本单位")), *logins[4:], return_exceptions=True
    )
    assert await stored("SELECT id FROM session WHERE ended_at IS NULL") == []
    grants = [answer for answer in answers if isinstance(answer, SessionGrant)]
    assert [await session_for_token(grant.token) for grant in grants] == [None] * len(grants)


async def test_session_ends_at_once_when_logged_out_though_it_was_cached(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    await log_out(await actor_by(grant))
    assert await session_for_token(grant.token) is None


async def test_session_ends_when_unused_for_an_hour_or_twelve_hours_old(city: City, move_clock: MoveClock) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    resting, used = await enter("wangjg"), await enter("wangjg")
    for minutes in range(50, 720, 50):
        move_clock(timedelta(minutes=minutes))
        # Another process, or the same one five seconds later, asks the storage again.
        await forget_cached()
        assert await session_for_token(used.token) is not None
    await forget_cached()
    assert await session_for_token(resting.token) is None
    move_clock(timedelta(hours=12, seconds=1))
    assert await session_for_token(used.token) is None


async def forget_cached() -> None:
    """Hear that something changed: what this process remembers of sessions goes."""
    await current_runtime().pubsub.publish("session", MISSED)


async def test_storage_is_asked_once_when_a_session_is_used_again_within_seconds(city: City, runtime: Runtime) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    first = await facts_of(grant)
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE person SET name = ?", "改名")
        await transaction.commit()
    # Changed behind the commands' back, so nobody was told: within five seconds the old name is right.
    assert (await facts_of(grant)).actor.person_name == first.actor.person_name == "王建国"
    await forget_cached()
    assert (await facts_of(grant)).actor.person_name == "改名"


async def test_own_sessions_are_listed_and_one_is_ended_when_asked(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    other = await make_person("李梅", city.health, login_name="limei", password=PASSWORD)
    lost, present = await enter("wangjg"), await enter("wangjg")
    actor = await actor_by(present)
    listed = await my_sessions(actor)
    assert [session.is_current for session in listed].count(True) == 1 and len(listed) == 2
    theirs = (await actor_by(await enter("limei"))).session_id
    assert theirs is not None and other.id
    assert await refusal_code(end_own_session(actor, theirs)) == "record.not_found"
    await end_own_session(actor, next(session.id for session in listed if not session.is_current))
    assert await session_for_token(lost.token) is None
    assert len(await my_sessions(actor)) == 1


async def test_all_sessions_end_when_the_security_administrator_says_so(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    grants = [await enter("wangjg") for _ in range(3)]
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    assert await end_sessions(guard, person.id) == 3
    assert [await session_for_token(grant.token) for grant in grants] == [None] * 3


async def test_new_session_acts_for_the_other_unit_when_switched(city: City) -> None:
    person = await make_person("王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD)
    await make_post(person, city.hospital, Role.ASSET_MANAGER)
    before = await enter("wangjg")
    after = await switch_unit(await actor_by(before), city.hospital.id)
    actor = await actor_by(after)
    assert actor.unit_id == city.hospital.id and [grant.role for grant in actor.grants] == [Role.ASSET_MANAGER]
    assert after.token != before.token and after.expires_at == before.expires_at
    assert await session_for_token(before.token) is None
    assert await refusal_code(switch_unit(actor, city.culture.id)) == "record.not_found"
    assert (await actor_by(await enter("wangjg"))).unit_id == city.hospital.id


async def test_nothing_is_granted_until_the_password_is_changed_when_it_was_given(city: City) -> None:
    await make_person(
        "王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD, must_change_password=True
    )
    other, grant = await enter("wangjg"), await enter("wangjg")
    facts = await facts_of(grant)
    assert facts.must_change_password and facts.actor.grants == ()
    await change_password(facts.actor, ChangePassword(PASSWORD, "qiantang-chaoxin-8"))
    facts = await facts_of(grant)
    assert not facts.must_change_password and facts.actor.has_role(Role.BORROWER)
    assert await session_for_token(other.token) is None
    assert (await enter("wangjg", "qiantang-chaoxin-8")).token


async def test_password_stays_when_the_old_one_is_wrong_or_the_new_one_weak(city: City) -> None:
    await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    actor = await actor_by(await enter("wangjg"))
    for new, code in (
        ("short", "input.too_short"),
        ("x-WANGJG-2026", "password.has_login_name"),
        (PASSWORD, "password.unchanged"),
    ):
        assert await refusal_code(change_password(actor, ChangePassword(PASSWORD, new))) == code
    change = ChangePassword("wrong-password", "qiantang-chaoxin-8")
    assert await refusal_code(change_password(actor, change)) == "password.wrong"
    assert await refusal_code(change_password(actor, change)) == "login.too_often"
    assert (await enter("wangjg")).token


async def test_delay_ends_and_old_sessions_too_when_the_password_is_reset(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    before = await enter("wangjg")
    await refused(enter("wangjg", "wrong"))
    temporary = await reset_password(guard, person.id)
    assert await session_for_token(before.token) is None
    assert (await enter("wangjg", temporary.password)).must_change_password


async def test_login_works_at_once_when_unlocked(city: City) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    guard = await make_actor("周宁", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    await refused(enter("wangjg", "wrong"))
    manager = await actor_of(await make_person("吴芳", city.health, Role.ASSET_MANAGER), city.health)
    assert await refusal_code(unlock_login(manager, person.id)) == "role.required"
    await unlock_login(guard, person.id)
    assert (await enter("wangjg")).token
