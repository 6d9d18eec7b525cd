"""Passwords, second factors and sessions: guesses that come at once, and what came in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import pytest

from server.gateways.wechat import WechatSandbox
from server.identity import passwords, session_facts
from server.identity.commands import (
    ChangePassword,
    LogInByWechat,
    begin_totp_setup,
    change_password,
    confirm_totp,
    log_in_by_wechat,
    log_out,
    reset_password,
    switch_unit,
)
from server.identity.queries import session_for_token
from server.identity.session_facts import read_session
from server.identity.types import RowSource, SessionFacts
from server.kernel.ports.pubsub import MISSED
from server.kernel.runtime import Runtime
from tests.factories.identity import PASSWORD, SYSTEM
from tests.identity.asking import NOBODY, actor_by, code_now, enter, facts_of, refusal_code, stored
from tests.identity.office import Office, bind
from tests.support.meanwhile import while_finishing

NEW_PASSWORD = "longjing-hupao-2027"
RIGHT = ChangePassword(PASSWORD, NEW_PASSWORD)
WRONG = ChangePassword("not-the-old-password", NEW_PASSWORD)


async def test_new_password_is_refused_when_its_owner_is_being_disabled(office: Office) -> None:
    request = ChangePassword(PASSWORD, NEW_PASSWORD)
    assert await office.while_disabled(lambda: change_password(office.session, request)) == "session.required"


async def test_two_failures_are_counted_when_both_come_at_once(office: Office) -> None:
    answers = await while_finishing(
        office.settings,
        lambda: enter("wangjianguo", "wrong-password-1"),
        lambda: enter("wangjianguo", "wrong-password-2"),
    )
    assert answers == ("login.failed", "login.too_often")


async def test_failures_of_a_name_that_nobody_has_are_counted_one_by_one(
    office: Office, move_clock: Callable[[timedelta], None]
) -> None:
    assert await refusal_code(enter("nobody", "wrong-password-0")) == "login.failed"
    move_clock(timedelta(seconds=5))
    answers = await while_finishing(
        office.settings, lambda: enter("nobody", "wrong-password-1"), lambda: enter("nobody", "wrong-password-2")
    )
    assert answers == ("login.failed", "login.too_often")
    assert await stored("SELECT failures FROM login_failure") == [{"failures": 2}]


async def test_right_password_opens_nothing_while_a_wrong_one_is_being_counted(office: Office) -> None:
    answers = await while_finishing(
        office.settings, lambda: enter("wangjianguo", "wrong-password-1"), lambda: enter("wangjianguo")
    )
    assert answers == ("login.failed", "login.too_often")


async def test_old_password_opens_nothing_while_it_is_being_replaced(office: Office) -> None:
    answers = await while_finishing(
        office.settings, lambda: reset_password(SYSTEM, office.wang.id), lambda: enter("wangjianguo")
    )
    assert answers == ("done", "login.failed")


async def both_change(office: Office, first: ChangePassword, second: ChangePassword) -> tuple[str, str]:
    """What each hears when the second comes while the first is being written."""
    return await while_finishing(
        office.settings,
        lambda: change_password(office.session, first),
        lambda: change_password(office.session, second),
    )


async def test_second_guess_at_the_old_password_waits_when_two_come_at_once(office: Office) -> None:
    assert await both_change(office, WRONG, WRONG) == ("password.wrong", "login.too_often")


async def test_password_stays_when_the_right_one_comes_while_a_wrong_one_is_being_counted(office: Office) -> None:
    assert await both_change(office, WRONG, RIGHT) == ("password.wrong", "login.too_often")


async def test_password_is_changed_once_when_two_changes_come_at_once(office: Office) -> None:
    other = ChangePassword(PASSWORD, "manlong-guiyu-2028")
    assert await both_change(office, RIGHT, other) == ("done", "record.changed")
    assert (await enter("wangjianguo", NEW_PASSWORD)).token


async def test_old_password_is_not_guessed_again_before_the_delay_has_passed(office: Office) -> None:
    wrong = ChangePassword("not-the-old-password", NEW_PASSWORD)
    assert await refusal_code(change_password(office.session, wrong)) == "password.wrong"
    assert await refusal_code(change_password(office.session, ChangePassword(PASSWORD, NEW_PASSWORD))) == (
        "login.too_often"
    )


async def test_no_hash_is_computed_while_the_delay_lasts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise guessing would cost the guesser nothing and this machine 64 MiB each time."""
    assert await refusal_code(enter("wangjianguo", "wrong-password-1")) == "login.failed"
    assert await refusal_code(change_password(office.session, WRONG)) == "password.wrong"

    async def computed(_: object) -> NoReturn:
        raise AssertionError("a hash was computed")

    monkeypatch.setattr(passwords, "_in_thread", computed)
    assert await refusal_code(enter("wangjianguo")) == "login.too_often"
    assert await refusal_code(change_password(office.session, RIGHT)) == "login.too_often"


async def test_second_factor_is_not_begun_anew_while_another_session_confirms_it(office: Office) -> None:
    other = await actor_by(await enter("wangjianguo"))
    secret = (await begin_totp_setup(office.session)).secret
    answers = await while_finishing(
        office.settings,
        lambda: confirm_totp(office.session, code_now(secret)),
        lambda: begin_totp_setup(other),
    )
    assert answers == ("done", "totp.already_set")


async def test_session_is_worth_nothing_when_its_person_is_not_active(office: Office, runtime: Runtime) -> None:
    grant = await enter("wangjianguo")
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE person SET is_active = 0 WHERE id = ?", office.wang.id)
        await transaction.commit()
    assert await session_for_token(grant.token) is None


async def test_unit_is_not_switched_when_the_session_has_run_out(
    office: Office, move_clock: Callable[[timedelta], None]
) -> None:
    move_clock(timedelta(hours=13))
    assert await refusal_code(switch_unit(office.session, office.city.hospital.id)) == "session.required"


async def test_kept_session_is_worth_nothing_once_it_has_run_out(
    office: Office, move_clock: Callable[[timedelta], None]
) -> None:
    grant = await enter("wangjianguo")
    await facts_of(grant)
    move_clock(timedelta(hours=12, seconds=1))
    assert await session_for_token(grant.token) is None


async def test_use_is_not_noted_when_the_session_has_run_out(
    office: Office, wechat: WechatSandbox, move_clock: Callable[[timedelta], None]
) -> None:
    await bind(office)
    grant = await log_in_by_wechat(NOBODY, LogInByWechat(wechat.mint_login_code("wang")))
    before = await stored("SELECT id, seen_at FROM session")
    move_clock(timedelta(days=31))
    assert await session_for_token(grant.token) is None
    assert await stored("SELECT id, seen_at FROM session") == before


async def test_storage_is_asked_again_when_changes_elsewhere_are_not_heard(
    office: Office, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await enter("wangjianguo")
    await facts_of(grant)
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE person SET name = ? WHERE id = ?", "改名", office.wang.id)
        await transaction.commit()
    monkeypatch.setattr(type(runtime.pubsub), "is_connected", False)
    assert (await facts_of(grant)).actor.person_name == "改名"


async def test_session_is_not_kept_when_it_ended_while_it_was_read(
    office: Office, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await enter("wangjianguo")
    actor = await actor_by(grant)
    await runtime.pubsub.publish("session", MISSED)

    async def ending_meanwhile(rows: RowSource, session_id: str) -> tuple[SessionFacts, bool] | None:
        found = await read_session(rows, session_id)
        await log_out(actor)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(session_facts, "read_session", ending_meanwhile)
        assert await session_for_token(grant.token) is not None
    assert await session_for_token(grant.token) is None
