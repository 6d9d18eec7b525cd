"""What a browser brings back: looks, flashes, form tokens and sessions, none of them believed unseen."""

import base64
import re

import httpx
import msgspec
import pytest

from server.web.flashes import FLASH_COOKIE
from server.web.preferences import COOKIE
from server.web.sessions import SESSION_COOKIE, VISITOR_COOKIE
from tests.support.http import code_of

HOSTILE = ["", ".", "...", "dark", "purple.1.9", "dark.1.99", "auto.1.-1", "<script>", "x" * 5000, "深色.1.2", "ÿ.1.2"]


def cookie(name: str, value: str) -> dict[str, bytes]:
    return {"Cookie": f"{name}={value}".encode("utf-8", "replace")}


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def change(client: httpx.AsyncClient, token: str, headers: dict[str, str] | None = None) -> httpx.Response:
    form = {"csrf_token": token, "name": "theme", "value": "dark", "theme": "dark"}
    return await client.post("/preferences", data=form, headers=headers)


async def test_page_looks_as_was_chosen_when_the_browser_comes_back(client: httpx.AsyncClient):
    plain = await client.get("/login")
    chosen = await client.get("/login", headers=cookie(COOKIE, "dark.1.3"))
    assert 'data-theme="dark"' in chosen.text
    assert 'data-elder="1"' in chosen.text
    assert 'data-theme="dark"' not in plain.text


@pytest.mark.parametrize("value", HOSTILE)
async def test_page_is_drawn_when_a_cookie_is_made_up(client: httpx.AsyncClient, value: str):
    for name in (COOKIE, FLASH_COOKIE, SESSION_COOKIE, VISITOR_COOKIE):
        page = await client.get("/login", headers=cookie(name, value))
        assert page.status_code == 200
        assert "<script>" not in page.text


async def test_nothing_is_shown_when_a_flash_is_not_signed_by_us(client: httpx.AsyncClient):
    told = [{"kind": "ok", "text": "您中奖了", "next_label": "领取", "next_href": "http://evil.example"}]
    body = base64.urlsafe_b64encode(msgspec.json.encode(told)).decode()
    for signature in ("0" * 64, "", "签"):
        page = await client.get("/login", headers=cookie(FLASH_COOKIE, f"{signature}.{body}"))
        assert page.status_code == 200
        assert "中奖" not in page.text


async def test_form_is_taken_when_it_carries_its_own_token(client: httpx.AsyncClient):
    token = token_of(await client.get("/login"))
    assert (await change(client, token)).status_code < 400
    assert COOKIE in client.cookies


@pytest.mark.parametrize("token", ["", "0" * 64, "令牌", "ÿ"])
async def test_form_is_refused_when_its_token_is_another(client: httpx.AsyncClient, token: str):
    await client.get("/login")
    assert (await change(client, token)).status_code == 403
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
async def test_form_is_refused_when_it_comes_from_elsewhere(client: httpx.AsyncClient, headers: dict[str, str]):
    token = token_of(await client.get("/login"))
    assert (await change(client, token, headers)).status_code == 403


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer short", "Basic " + "a" * 40, "Bearer " + "a" * 40, "Bearer 令"]
)
async def test_nobody_is_let_in_when_the_token_is_made_up(client: httpx.AsyncClient, sent: str):
    answer = await client.get("/mini/v1/me", headers={"Authorization": sent.encode()})
    assert code_of(answer, 401) == "session.required"
