"""What stands before every handler: hosts, sizes, rates, ids, headers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sanic import Request

from server.kernel.ids import new_id
from server.settings import Settings
from server.web.guard import client_address
from tests.support.http import code_of, served

Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def opened_with(settings: Settings) -> Open:
    """The product with some settings changed."""

    @asynccontextmanager
    async def open_with(**changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        async with served(replace(settings, **changes)) as client:
            yield client

    return open_with


async def write(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.post("/mini/v1/borrowings", json={}, headers={"Idempotency-Key": new_id(), **headers})


async def test_host_is_refused_when_it_is_not_ours(opened_with: Open):
    async with opened_with(trusted_hosts=("gwc.example.gov.cn",)) as client:
        for host in ("evil.example", "", "gwc.example.gov.cn.evil.example"):
            answer = await client.get("/mini/v1/listings", headers={"Host": host})
            assert code_of(answer, 403) == "request.foreign_host"
            assert answer.headers["x-request-id"]
        for host in ("gwc.example.gov.cn", "gwc.example.gov.cn:8443"):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


async def test_body_is_refused_when_it_is_larger_than_the_setting(opened_with: Open):
    async with opened_with(request_bytes=1000, upload_bytes=3000) as client:
        for size, status in ((900, 400), (1001, 413)):
            answer = await client.post("/mini/v1/session/password", content=b"x" * size)
            assert answer.status_code == status
        assert code_of(answer, 413) == "request.too_large"
        files = {"file": ("照片.jpg", b"x" * 4000, "image/jpeg")}
        assert code_of(await client.post("/mini/v1/files", files=files), 413) == "request.upload_too_large"


@pytest.mark.parametrize("length", ["-1", "²", "1e9", "abc", "9" * 400])
async def test_answer_is_no_fault_of_ours_when_the_length_is_made_up(opened_with: Open, length: str):
    async with opened_with() as client:
        headers = {"Content-Length": length.encode("latin-1")}
        answer = await client.send(
            client.build_request("POST", "/mini/v1/session/password", content=b"{}", headers=headers)
        )
        assert 400 <= answer.status_code < 500


async def test_writes_are_refused_when_there_are_too_many_of_one_address(opened_with: Open):
    async with opened_with(requests_per_minute=3, is_behind_proxy=True) as client:
        one = f"2001:db8::{new_id()[-4:]}"
        address = {"X-Forwarded-For": "10.0.0.1, 192.0.2.1"}
        answers = [await write(client, **address) for _ in range(4)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
        assert code_of(answers[-1], 429) == "request.too_often"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        # What the client itself wrote before the last hop changes nothing; another address has its own share.
        assert (await write(client, **{"X-Forwarded-For": "10.9.9.9, 192.0.2.1"})).status_code == 429
        assert (await write(client, **{"X-Forwarded-For": one})).status_code != 429
        assert (await client.get("/mini/v1/listings", headers=address)).status_code != 429


@pytest.mark.parametrize(
    ("sent", "is_behind_proxy", "address"),
    [
        ("192.0.2.1", False, "127.0.0.1"),
        ("192.0.2.1", True, "192.0.2.1"),
        ("evil, 192.0.2.1 ", True, "192.0.2.1"),
        ("", True, "127.0.0.1"),
        ("2001:db8::1", True, "2001:db8::1"),
        ("192.0.2.1\udcff\n;" + "1" * 99, True, "192.0.2.1" + "1" * 33),
    ],
)
def test_address_is_the_last_hops_word_when_it_is_our_proxy(sent: str, is_behind_proxy: bool, address: str):
    class Asked:
        headers = {"x-forwarded-for": sent}
        ip = "127.0.0.1"

    asked: Request = Asked()  # type: ignore[assignment]
    assert client_address(asked, is_behind_proxy=is_behind_proxy) == address


async def test_id_is_taken_over_when_it_is_harmless(client: httpx.AsyncClient):
    answer = await client.get("/mini/v1/me", headers={"X-Request-ID": "phone-2026.03_05"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "phone-2026.03_05"
    for hostile in ("short", "<script>alert(1)</script>", "a" * 65, 'a"b"c"d"e"'):
        answer = await client.get("/mini/v1/me", headers={"X-Request-ID": hostile})
        assert answer.headers["x-request-id"] == answer.json()["request_id"] != hostile


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/mini/v1/me", "/openapi.json", "/healthz"])
async def test_every_answer_has_its_guards_when_it_is_sent(client: httpx.AsyncClient, path: str):
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"]
    assert "strict-transport-security" not in answer.headers


async def test_browsers_are_held_to_https_when_it_is_secure(opened_with: Open):
    async with opened_with(is_secure=True) as client:
        for path in ("/login", "/mini/v1/me"):
            assert "max-age=31536000" in (await client.get(path)).headers["strict-transport-security"]
        cookies = (await client.get("/login")).headers.get_list("set-cookie")
        assert cookies
        assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
