"""The sandbox judged by WeChat's documents, spoken to in bare HTTP."""

from typing import Any

import httpx
import pytest

from tests.gateways.wechat_world import (
    APP_ID,
    APP_SECRET,
    BASE_URL,
    LOGIN_PATH,
    PHONE_PATH,
    TOKEN_PATH,
    Clock,
    make_sandbox,
)

CREDENTIALS = {"appid": APP_ID, "secret": APP_SECRET}


async def ask_token(client: httpx.AsyncClient, *, is_forced: bool = False) -> dict[str, Any]:
    body = CREDENTIALS | {"grant_type": "client_credential", "force_refresh": is_forced}
    answer: dict[str, Any] = (await client.post(TOKEN_PATH, json=body)).json()
    return answer


async def ask_phone(client: httpx.AsyncClient, token: str, code: str) -> int:
    response = await client.post(PHONE_PATH, params={"access_token": token}, json={"code": code})
    return int(response.json()["errcode"])


async def test_token_is_the_same_when_asked_again_before_its_last_five_minutes() -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    async with httpx.AsyncClient(transport=sandbox.transport(), base_url=BASE_URL) as client:
        first = await ask_token(client)
        clock.advance(6899)
        second = await ask_token(client)
        clock.advance(1)
        third = await ask_token(client)

        assert first["expires_in"] == 7200
        assert second == {"access_token": first["access_token"], "expires_in": 301}
        assert third["access_token"] != first["access_token"]
        # Both hold until the first one ends.
        assert await ask_phone(client, first["access_token"], "sandbox-phone-13857100001") == 0
        assert await ask_phone(client, third["access_token"], "sandbox-phone-13857100002") == 0
        clock.advance(300)
        assert await ask_phone(client, first["access_token"], "sandbox-phone-13857100003") == 40001
        assert await ask_phone(client, third["access_token"], "sandbox-phone-13857100003") == 0


async def test_old_token_ends_when_a_refresh_is_forced() -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    async with httpx.AsyncClient(transport=sandbox.transport(), base_url=BASE_URL) as client:
        first = await ask_token(client)
        forced = await ask_token(client, is_forced=True)
        clock.advance(29)
        too_soon = await ask_token(client, is_forced=True)

        assert forced["access_token"] != first["access_token"]
        assert too_soon["access_token"] == forced["access_token"]
        assert await ask_phone(client, first["access_token"], "sandbox-phone-13857100001") == 40001


async def test_refresh_is_refused_when_forced_more_than_twenty_times_a_day() -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    async with httpx.AsyncClient(transport=sandbox.transport(), base_url=BASE_URL) as client:
        for _ in range(20):
            assert "access_token" in await ask_token(client, is_forced=True)
            clock.advance(30)
        assert (await ask_token(client, is_forced=True))["errcode"] == 45009
        assert "access_token" in await ask_token(client)
        clock.advance(86_400)
        assert "access_token" in await ask_token(client, is_forced=True)


@pytest.mark.parametrize(
    ("method", "path", "parameters", "body", "errcode"),
    [
        ("POST", LOGIN_PATH, {}, b"{}", 43002),
        ("GET", LOGIN_PATH, {"appid": "wx-other"}, None, 40013),
        ("GET", LOGIN_PATH, {"appid": APP_ID, "secret": "wrong"}, None, 40125),
        ("GET", LOGIN_PATH, CREDENTIALS, None, 40002),
        ("GET", LOGIN_PATH, CREDENTIALS | {"grant_type": "authorization_code"}, None, 40029),
        ("GET", TOKEN_PATH, {}, None, 43002),
        ("POST", TOKEN_PATH, {}, b"{", 47001),
        ("POST", TOKEN_PATH, {}, b"[]", 47001),
        ("POST", TOKEN_PATH, {}, f'{{"appid":"{APP_ID}","secret":"wrong"}}'.encode(), 40001),
        ("POST", PHONE_PATH, {}, b"{}", 41001),
        ("POST", PHONE_PATH, {"access_token": "invented"}, b"{}", 40001),
    ],
)
async def test_errcode_comes_with_status_200_when_request_is_wrong(
    method: str, path: str, parameters: dict[str, str], body: bytes | None, errcode: int
) -> None:
    async with httpx.AsyncClient(transport=make_sandbox().transport(), base_url=BASE_URL) as client:
        response = await client.request(method, path, params=parameters, content=body)

    assert (response.status_code, response.json()["errcode"]) == (200, errcode)


async def test_status_is_404_when_path_is_unknown() -> None:
    async with httpx.AsyncClient(transport=make_sandbox().transport(), base_url=BASE_URL) as client:
        assert (await client.get("/sns/oauth2")).status_code == 404
