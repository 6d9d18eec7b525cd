"""The shared access token: one renewal for many callers, one retry, and no lock that outlives its holder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from server.gateways.wechat import MemoryTokenStore, RedisTokenStore, TokenStore, WechatSandbox
from server.kernel.errors import LimitReached, Unavailable
from tests.gateways.wechat_world import APP_ID, PHONE_PATH, TOKEN_PATH, Clock, FaultyLine, connect, make_sandbox

TOKEN_NAME = f"access_token:{APP_ID}"


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> TokenStore:
    if request.param == "memory":
        return MemoryTokenStore()
    client: Redis = request.getfixturevalue("redis")
    return RedisTokenStore(client)


class BusyLine(httpx.AsyncBaseTransport):
    """Answers no phone call before `together` of them have set out, and no token call before `may_renew`."""

    def __init__(self, sandbox: WechatSandbox, together: int) -> None:
        self._inner = sandbox.transport()
        self._barrier = asyncio.Barrier(together)
        self._held = together
        self._answered = 0
        self.may_renew = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            await self.may_renew.wait()
            return await self._inner.handle_async_request(request)
        if self._held > 0:
            self._held -= 1
            await self._barrier.wait()
        response = await self._inner.handle_async_request(request)
        self._answered += 1
        if self._answered == self._barrier.parties:
            self.may_renew.set()
        return response


async def test_token_is_fetched_once_when_many_call_at_first(store: TokenStore) -> None:
    sandbox = make_sandbox()
    line = BusyLine(sandbox, together=20)
    gateways = [connect(sandbox, store=store, line=line) for _ in range(4)]

    async def call(n: int) -> str:
        if n == 19:
            line.may_renew.set()  # the nineteen before it have all found no token
        return await gateways[n % 4].fetch_phone_number(f"sandbox-phone-138571000{n:02d}")

    await asyncio.gather(*(call(n) for n in range(20)))

    assert sandbox.calls == {TOKEN_PATH: 1, PHONE_PATH: 20}


async def test_token_is_renewed_once_when_twenty_callers_hold_an_expired_one(store: TokenStore) -> None:
    sandbox = make_sandbox()
    line = BusyLine(sandbox, together=20)
    gateways = [connect(sandbox, store=store, line=line) for _ in range(4)]
    await store.set(TOKEN_NAME, "expired-token", 7200)

    numbers = await asyncio.gather(
        *(gateways[n % 4].fetch_phone_number(f"sandbox-phone-138571000{n:02d}") for n in range(20))
    )

    assert numbers == [f"138571000{n:02d}" for n in range(20)]
    # Each of the twenty was refused once, and repeated its call once with the one new token.
    assert sandbox.calls == {TOKEN_PATH: 1, PHONE_PATH: 40}


async def test_call_goes_on_when_the_lock_holder_died(store: TokenStore) -> None:
    sandbox = make_sandbox()
    is_held, never = asyncio.Event(), asyncio.Event()

    async def hold_and_hang() -> None:
        async with store.lock(TOKEN_NAME, 0.2):
            is_held.set()
            await never.wait()

    holder = asyncio.create_task(hold_and_hang())
    await is_held.wait()

    number = await connect(sandbox, store=store).fetch_phone_number("sandbox-phone-13857100001")

    assert number == "13857100001"
    assert not holder.done()
    never.set()
    await holder


async def test_next_holder_keeps_the_lock_when_the_last_one_wakes_late(store: TokenStore) -> None:
    is_held, may_wake = asyncio.Event(), asyncio.Event()

    async def oversleep() -> None:
        async with store.lock("token", 0.1):
            is_held.set()
            await may_wake.wait()

    sleeper = asyncio.create_task(oversleep())
    await is_held.wait()
    async with store.lock("token", 30):
        may_wake.set()
        await sleeper
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), store.lock("token", 30):
                pass
    async with asyncio.timeout(1), store.lock("token", 30):
        pass


async def test_lock_is_free_when_its_holder_raised(store: TokenStore) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        async with store.lock("token", 30):
            raise RuntimeError("broken")

    async with asyncio.timeout(1), store.lock("token", 30):
        await store.set("token", "值", 30)
    assert await store.get("token") == "值"


async def test_call_gives_up_when_the_lock_never_comes_free(store: TokenStore) -> None:
    sandbox = make_sandbox()
    async with store.lock(TOKEN_NAME, 30):
        with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
            await connect(sandbox, store=store, timeout_seconds=0.05).fetch_phone_number("sandbox-phone-13857100001")
    assert not sandbox.calls


async def test_value_is_gone_when_its_time_has_passed() -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    await store.set("token", "abc", 10)
    clock.advance(9.9)
    assert await store.get("token") == "abc"
    clock.advance(0.1)
    assert await store.get("token") is None


async def test_value_has_its_expiry_when_kept_in_redis(redis: Redis) -> None:
    await RedisTokenStore(redis).set("token", "abc", 6960)

    assert 6_950_000 < await redis.pttl("wechat:token") <= 6_960_000


async def test_call_is_unavailable_when_redis_is_gone(tmp_path: Path) -> None:
    sandbox = make_sandbox()
    async with Redis(unix_socket_path=str(tmp_path / "none.sock"), retry=Retry(ConstantBackoff(0), 0)) as client:
        with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
            await connect(sandbox, store=RedisTokenStore(client)).fetch_phone_number("sandbox-phone-13857100001")


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_call_is_made_twice_and_no_more_when_every_token_is_refused(errcode: int) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(PHONE_PATH, httpx.Response(200, json={"errcode": errcode, "errmsg": "invalid credential"}))

    with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
        await connect(sandbox, line=line).fetch_phone_number("sandbox-phone-13857100001")

    # First the absent token; then normal mode, which repeats the refused one; then forced mode.
    assert line.calls == {PHONE_PATH: 2, TOKEN_PATH: 3}
    assert [b'"force_refresh":true' in r.content for r in line.requests if r.url.path == TOKEN_PATH] == [
        False,
        False,
        True,
    ]


async def test_nothing_is_forced_when_wechat_has_a_newer_token_already() -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    gateway = connect(sandbox, line=line)
    await gateway.fetch_phone_number("sandbox-phone-13857100001")
    sandbox.tokens.expire()

    assert await gateway.fetch_phone_number("sandbox-phone-13857100002") == "13857100002"
    assert all(b'"force_refresh":true' not in request.content for request in line.requests)


async def test_picture_comes_when_the_token_had_expired() -> None:
    sandbox = make_sandbox()
    gateway = connect(sandbox)
    await gateway.fetch_phone_number("sandbox-phone-13857100001")
    sandbox.tokens.expire()

    assert (await gateway.create_page_code("a=9f3c", "pages/asset/show")).startswith(b"\x89PNG")


async def test_token_is_renewed_unnoticed_when_its_end_is_near() -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    gateway = connect(sandbox, store=MemoryTokenStore(clock))
    for seconds in (0, 6959, 1, 6960):
        clock.advance(seconds)
        await gateway.fetch_phone_number(sandbox.mint_phone_code("13857100001"))

    # Fetched at 0, kept at 6959 s, renewed at 6960 s and again 6960 s later; never refused in between.
    assert sandbox.calls == {TOKEN_PATH: 3, PHONE_PATH: 4}


async def test_limit_is_told_when_forced_refreshes_are_used_up() -> None:
    clock = Clock()
    sandbox = make_sandbox(clock)
    for _ in range(20):
        sandbox.tokens.issue_forced()
        clock.advance(31)
    line = FaultyLine(sandbox)
    line.answer(PHONE_PATH, httpx.Response(200, json={"errcode": 40001, "errmsg": "invalid credential"}))

    with pytest.raises(LimitReached, match=r"^wechat\.too_often$"):
        await connect(sandbox, line=line).fetch_phone_number("sandbox-phone-13857100001")

    assert line.calls[PHONE_PATH] == 1


@pytest.mark.parametrize("answer", [{"errcode": 0}, {"access_token": "t", "expires_in": 0}])
async def test_call_is_unavailable_when_wechat_issues_no_token(answer: dict[str, object]) -> None:
    sandbox = make_sandbox()
    line = FaultyLine(sandbox)
    line.answer(TOKEN_PATH, httpx.Response(200, json=answer))

    with pytest.raises(Unavailable, match=r"^wechat\.unavailable$"):
        await connect(sandbox, line=line).fetch_phone_number("sandbox-phone-13857100001")
