"""Probes and figures: alive is not ready, and figures are for those who may read them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from server.kernel.runtime import current_runtime
from server.settings import Settings
from tests.kernel.things import ACTOR, Step, count_up
from tests.support.databases import new_database
from tests.support.http import code_of, served
from tests.support.product import migrate_now, settings_for
from tests.support.servers import MariaDB
from tests.support.waiting import eventually


async def test_it_is_alive_and_ready_when_all_is_well(client: httpx.AsyncClient):
    assert (await client.get("/healthz")).json() == {"status": "ok"}

    async def checks() -> bool:
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        return bool(ready.json() == {"status": "ok", "checks": {"database": "ok", "pubsub": "ok", "disk": "ok"}})

    await eventually(checks)


async def test_it_is_not_ready_when_its_disk_is_full(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.web.health._LEAST_FREE_BYTES", 1 << 60)
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["disk"]) == (503, "full")


async def test_head_is_answered_as_the_page_is_without_its_body(client: httpx.AsyncClient):
    for path in ("/healthz", "/login", "/openapi.json"):
        page, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (page.status_code, b"")
    assert (await client.head("/me")).status_code == 303
    assert (await client.head("/mini/v1/listings")).status_code == 401


@pytest.fixture
async def losing(storage: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A product whose storage has just gone: its server was killed, or its readers are all held."""
    async with AsyncExitStack() as stack:
        if storage == "sqlite":
            settings = settings_for(tmp_path / "data")
            await asyncio.to_thread(migrate_now, settings)
            client = await stack.enter_async_context(served(settings))
            database = current_runtime().database
            for _ in range(4):
                await stack.enter_async_context(database.reading())
        else:
            server = await asyncio.to_thread(stack.enter_context, MariaDB())
            url = await asyncio.to_thread(new_database, server.url)
            settings = settings_for(tmp_path / "data", DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0")
            await asyncio.to_thread(migrate_now, settings)
            client = await stack.enter_async_context(served(settings))
            await asyncio.to_thread(server.kill9)
        yield client


async def test_it_is_alive_and_not_ready_when_the_storage_is_gone(losing: httpx.AsyncClient):
    ready = await losing.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["status"] == "unavailable"
    assert ready.json()["checks"]["database"] == "unavailable"
    assert (await losing.get("/healthz")).status_code == 200


async def test_figures_tell_of_requests_and_backlogs_when_they_are_read(settings: Settings):
    async with served(replace(settings, metrics_token="let-me-read")) as client:
        await client.get("/mini/v1/me")
        await count_up(ACTOR, Step())
        figures = await client.get("/metrics", headers={"Authorization": "Bearer let-me-read"})
        assert figures.status_code == 200
        assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert re.search(r'gwc_requests_total\{method="GET",route="mini/v1/me",status="401"\} [1-9]', figures.text)
        assert re.search(r"gwc_outbox_waiting \d+", figures.text)
        assert re.search(r"gwc_audit_unsealed \d+", figures.text)
        for line in figures.text.splitlines():
            assert re.fullmatch(r'# TYPE \w+ (counter|histogram|gauge)|\w+(\{(\w+="[^"]*",?)+\})? [\d.]+', line), line


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer let-me", "let-me-read ", "Bearer 让我看", "Basic let-me-read"])
async def test_figures_are_refused_when_the_token_is_wrong(settings: Settings, sent: str):
    async with served(replace(settings, metrics_token="let-me-read")) as client:
        answer = await client.get("/metrics", headers={"Authorization": sent.encode()})
        assert answer.status_code == 404
        assert "gwc_" not in answer.text


async def test_figures_are_refused_when_a_proxy_stands_before_and_there_is_no_token(settings: Settings):
    async with served(replace(settings, is_behind_proxy=True)) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_figures_are_refused_when_they_are_asked_for_from_elsewhere(settings: Settings):
    async with served(settings) as here:
        transport = httpx.ASGITransport(app=here._transport.app, client=("192.0.2.7", 40000))  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=transport, base_url="http://gongwucang.test") as elsewhere:
            answer = await elsewhere.get("/metrics")
            assert answer.status_code == 404
            assert "gwc_" not in answer.text
            assert code_of(await elsewhere.get("/mini/v1/nowhere"), 404) == "request.not_found"
        assert (await here.get("/metrics")).status_code == 200
