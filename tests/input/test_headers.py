"""Headers and addresses that are meant to harm."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from server.settings import Settings
from tests.support.http import served

SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
PAGES = ("/login", "/mini/v1/me", "/admin/", "/openapi.json", "/no-such-page", "/healthz")
CLIMBING = (
    "/static/../server/settings.py",
    "/static/..%2f..%2fserver%2fsettings.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static//etc/passwd",
    "/static/css/..%5c..%5cpyproject.toml",
    "/static/%00",
    "/files/..%2f..%2fetc%2fpasswd",
    "/files/../../etc/passwd",
    "/mini/v1/files/..%2f..%2f..%2fetc%2fpasswd/thumbnail",
    "/mini/v1/files/%2e%2e/thumbnail",
)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with served(settings) as client:
        yield client


@pytest.fixture
async def guarded(product_environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The product with its own host named, as in production."""
    settings = Settings.from_environment({**product_environment, "TRUSTED_HOSTS": "gongwucang.test,127.0.0.1"})
    async with served(settings) as client:
        yield client


@pytest.mark.parametrize(
    "given",
    [
        "short",
        "x" * 65,
        "<script>alert(1)</script>",
        "abc def ghi jkl",
        "abcdefgh\tx",
        "../../../../etc",
        '{"a": "b"} injected',
        "\u00e7\u00bc\u0096abcdefgh",
    ],
)
async def test_request_id_is_made_anew_when_the_client_s_is_not_harmless(client: httpx.AsyncClient, given: str) -> None:
    for path in PAGES:
        answer = await client.get(path, headers=[(b"X-Request-ID", given.encode("latin-1"))])
        assert SAFE_ID.fullmatch(answer.headers["x-request-id"]), (path, answer.headers["x-request-id"])
        assert answer.headers["x-request-id"] != given
        assert "<script>alert" not in answer.text


async def test_request_id_is_kept_when_it_is_harmless(client: httpx.AsyncClient) -> None:
    answer = await client.get("/mini/v1/me", headers={"X-Request-ID": "phone-20261121.1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "phone-20261121.1"


async def test_answer_is_an_ordinary_one_when_headers_are_endless_or_strange(client: httpx.AsyncClient) -> None:
    headers = (
        {"Authorization": "Bearer " + "x" * 60_000},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": "Bearer \xff\xfe".encode("latin-1").decode("latin-1")},
        {"Cookie": "gwc_session=" + "x" * 60_000},
        {"Cookie": "gwc_session=;;;=;" + "a=b;" * 5_000},
        {"Cookie": "gwc_flash=not-a-flash; gwc_preferences=%7B%7B; gwc_visitor=<script>"},
        {"Referer": "javascript:alert(1)"},
        {"Accept-Language": "x" * 10_000},
        {"If-None-Match": '"' + "x" * 10_000},
        {"User-Agent": "\u007f" * 300},
        {"X-Forwarded-For": "1.2.3.4, " * 2_000},
        {"Content-Length": "-1"},
        {"Content-Type": "multipart/form-data"},
    )
    for path in PAGES:
        for each in headers:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in each.items()]
            answer = await client.get(path, headers=raw)
            assert answer.status_code in {200, 303, 400, 401, 404}, (path, each.keys(), answer.status_code)


@pytest.mark.parametrize(
    "host", ["evil.example", "gongwucang.test.evil.example", "evil.example:80", "gongwucang.test@evil.example", ""]
)
async def test_request_is_refused_when_its_host_is_not_ours(guarded: httpx.AsyncClient, host: str) -> None:
    for path in ("/login", "/mini/v1/me", "/admin/", "/static/css/app.css", "/openapi.json"):
        answer = await guarded.get(path, headers={"Host": host})
        assert answer.status_code == 403, (path, host, answer.status_code)
        assert not host or "evil.example" not in answer.text
        assert "evil.example" not in answer.headers.get("location", "")


async def test_request_is_answered_when_its_host_is_ours(guarded: httpx.AsyncClient) -> None:
    for host in ("gongwucang.test", "gongwucang.test:8443", "127.0.0.1:8000"):
        assert (await guarded.get("/login", headers={"Host": host})).status_code == 200, host


async def test_nothing_outside_is_shown_when_an_address_climbs(client: httpx.AsyncClient) -> None:
    for path in CLIMBING:
        # httpx would tidy the address up; the raw path reaches the product as it is.
        request = httpx.Request("GET", httpx.URL("http://gongwucang.test", raw_path=path.encode()))
        answer = await client.send(request)
        assert answer.status_code in {303, 400, 401, 404}, (path, answer.status_code)
        assert "root:" not in answer.text
        assert "[tool." not in answer.text


async def test_nobody_is_led_to_another_site_when_next_names_one(client: httpx.AsyncClient) -> None:
    for target in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ):
        answer = await client.get("/login", params={"next": target})
        assert answer.status_code == 200
        assert f'value="{target}"' not in answer.text
        assert "javascript:" not in answer.text
