"""Logging in and phone numbers, against the sandbox inside the process."""

import httpx
import pytest

from server.gateways.wechat import WechatIdentity
from server.kernel.errors import Forbidden, InvalidInput, LimitReached, Unavailable
from tests.gateways.wechat_world import LOGIN_PATH, PHONE_PATH, Clock, FaultyLine, connect, make_sandbox


async def test_person_is_known_when_login_code_is_fresh() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)

    identity = await gateway.exchange_login_code(sandbox.mint_login_code("chen-jing"))

    assert identity == WechatIdentity(openid=sandbox.openid_of("chen-jing"), unionid=None)
    assert len(identity.openid) == 28


async def test_session_key_stays_behind_when_logged_in() -> None:
    sandbox = make_sandbox()

    identity = await connect(sandbox).exchange_login_code("sandbox-chen-jing")

    assert identity.__struct_fields__ == ("openid", "unionid")


async def test_no_access_token_is_asked_when_logging_in() -> None:
    sandbox = make_sandbox()

    await connect(sandbox).exchange_login_code("sandbox-chen-jing")

    assert sandbox.calls == {LOGIN_PATH: 1}


async def test_same_person_is_found_when_code_differs() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)

    first = await gateway.exchange_login_code(sandbox.mint_login_code("wu-min"))
    second = await gateway.exchange_login_code(sandbox.mint_login_code("wu-min"))
    other = await gateway.exchange_login_code(sandbox.mint_login_code("shen-hao"))

    assert first == second
    assert other.openid != first.openid


async def test_code_is_refused_when_used_twice() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)
    code = sandbox.mint_login_code("wu-min")
    await gateway.exchange_login_code(code)

    with pytest.raises(InvalidInput) as caught:
        await gateway.exchange_login_code(code)

    assert caught.value.code == "wechat.code_invalid"


@pytest.mark.parametrize(("age", "is_accepted"), [(299, True), (300, False)])
async def test_code_is_judged_by_age_when_five_minutes_pass(age: int, is_accepted: bool) -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    gateway = connect(sandbox)
    code = sandbox.mint_login_code("wu-min")
    clock.advance(age)

    if is_accepted:
        assert (await gateway.exchange_login_code(code)).openid == sandbox.openid_of("wu-min")
    else:
        with pytest.raises(InvalidInput, match=r"^wechat\.code_invalid$"):
            await gateway.exchange_login_code(code)


@pytest.mark.parametrize("code", ["", "陈静", "a\r\nb", "x" * 257])
async def test_no_call_is_made_when_code_cannot_be_one(code: str) -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)

    with pytest.raises(InvalidInput) as login:
        await gateway.exchange_login_code(code)
    with pytest.raises(InvalidInput) as phone:
        await gateway.fetch_phone_number(code)

    assert [fault.field for fault in login.value.fields] == ["code"]
    assert phone.value.code == "wechat.code_invalid"
    assert not sandbox.calls


async def test_login_is_forbidden_when_wechat_marks_person_as_risky() -> None:
    sandbox = make_sandbox()
    sandbox.block_person("lin-wei")

    with pytest.raises(Forbidden) as caught:
        await connect(sandbox).exchange_login_code(sandbox.mint_login_code("lin-wei"))

    assert caught.value.code == "wechat.user_blocked"


async def test_operator_is_pointed_to_settings_when_secret_is_wrong() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox, app_secret="not-the-secret")

    with pytest.raises(Unavailable, match=r"^wechat\.misconfigured$"):
        await gateway.exchange_login_code("sandbox-wu-min")
    with pytest.raises(Unavailable, match=r"^wechat\.misconfigured$"):
        await gateway.fetch_phone_number("sandbox-phone-13857100001")


async def test_caller_is_told_to_wait_when_wechat_limits_the_minute() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(LOGIN_PATH, httpx.Response(200, json={"errcode": 45011, "errmsg": "api minute-quota reach limit"}))

    with pytest.raises(LimitReached) as caught:
        await connect(sandbox, line=line).exchange_login_code("sandbox-wu-min")

    assert caught.value.code == "wechat.too_often"
    assert caught.value.data == {"retry_after": 60}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(200, json={"errcode": -1, "errmsg": "system error"}), "wechat.unavailable"),
        (httpx.Response(200, json={"errcode": "-1"}), "wechat.unavailable"),
        (httpx.Response(502, text="bad gateway"), "wechat.unavailable"),
        (httpx.Response(302, headers={"location": "http://elsewhere.test/"}), "wechat.unavailable"),
        (httpx.Response(200, text="<html>"), "wechat.unavailable"),
        (httpx.Response(200, content=b"\xff\xfe"), "wechat.unavailable"),
        (httpx.Response(200, text="[]"), "wechat.unavailable"),
        (httpx.Response(200, json={"session_key": "k"}), "wechat.unavailable"),
        (httpx.Response(200, json={"errcode": 61024, "errmsg": "?"}), "wechat.unexpected"),
        (httpx.ConnectError("refused"), "wechat.unavailable"),
        (httpx.ReadTimeout("slow"), "wechat.unavailable"),
    ],
)
async def test_login_is_unavailable_when_wechat_gives_no_usable_answer(
    answer: httpx.Response | Exception, code: str
) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(LOGIN_PATH, answer)

    with pytest.raises(Unavailable) as caught:
        await connect(sandbox, line=line).exchange_login_code("sandbox-wu-min")

    assert caught.value.code == code


async def test_login_is_unavailable_when_wechat_hangs() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.hang(LOGIN_PATH)

    with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
        await connect(sandbox, line=line, timeout_seconds=0.05).exchange_login_code("sandbox-wu-min")


async def test_phone_number_is_bare_when_from_the_mainland() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)

    assert await gateway.fetch_phone_number(sandbox.mint_phone_code("13857100001")) == "13857100001"
    assert await gateway.fetch_phone_number("sandbox-phone-13857100002") == "13857100002"


async def test_phone_number_is_bare_when_country_code_comes_as_number() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    info = {"phoneNumber": "13857100001", "purePhoneNumber": "13857100001", "countryCode": 86}
    line.answer(PHONE_PATH, httpx.Response(200, json={"errcode": 0, "phone_info": info}))

    assert await connect(sandbox, line=line).fetch_phone_number("sandbox-phone-13857100001") == "13857100001"


async def test_phone_number_keeps_country_when_from_elsewhere() -> None:
    sandbox = make_sandbox()

    number = await connect(sandbox).fetch_phone_number(sandbox.mint_phone_code("61234567", country="852"))

    assert number == "+85261234567"


async def test_phone_code_is_refused_when_used_twice_or_from_login() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)
    code = sandbox.mint_phone_code("13857100001")
    await gateway.fetch_phone_number(code)

    for refused in (code, sandbox.mint_login_code("wu-min")):
        with pytest.raises(InvalidInput, match=r"^wechat\.code_invalid$"):
            await gateway.fetch_phone_number(refused)
    with pytest.raises(InvalidInput, match=r"^wechat\.code_invalid$"):
        await gateway.exchange_login_code(sandbox.mint_phone_code("13857100001"))


async def test_phone_number_is_unavailable_when_answer_lacks_it() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(PHONE_PATH, httpx.Response(200, json={"errcode": 0, "errmsg": "ok"}))

    with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
        await connect(sandbox, line=line).fetch_phone_number("sandbox-phone-13857100001")
