"""The ports behave the same in this process and over Redis, and stand in for a Redis that is away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis as Client

from server.kernel.ids import new_id
from server.kernel.ports.cache import Cache, MemoryCache, RedisCache
from server.kernel.ports.pubsub import MISSED, MemoryPubSub, PubSub, RedisPubSub
from server.kernel.ports.rate_limit import MemoryRateLimiter, RateLimiter, RedisRateLimiter
from tests.support.process import free_port
from tests.support.servers import Redis
from tests.support.waiting import eventually

BOTH = ["memory", pytest.param("redis", marks=pytest.mark.needs("redis"))]
WITH_ABSENT = [*BOTH, "redis_away"]


@pytest.fixture
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[str], Client]]:
    """A new client of the run's Redis (`redis`) or of one that is not there (`redis_away`)."""
    async with AsyncExitStack() as stack:

        def connected(kind: str) -> Client:
            away = f"redis://127.0.0.1:{free_port()}"
            url = away if kind == "redis_away" else request.getfixturevalue("redis_url")
            client = Client.from_url(url, socket_timeout=1, socket_connect_timeout=1)
            stack.push_async_callback(client.aclose)
            return client

        yield connected


@pytest.fixture(params=BOTH)
def cache(request: pytest.FixtureRequest, connect: Callable[[str], Client]) -> Cache:
    return MemoryCache() if request.param == "memory" else RedisCache(connect(request.param), f"{new_id()}:")


@pytest.fixture(params=WITH_ABSENT)
def limiter(request: pytest.FixtureRequest, connect: Callable[[str], Client]) -> RateLimiter:
    return MemoryRateLimiter() if request.param == "memory" else RedisRateLimiter(connect(request.param))


# Cache


async def test_value_is_kept_until_it_is_replaced_or_deleted_when_it_was_set(cache: Cache):
    assert await cache.get("列表") is None
    await cache.set("列表", b"\x00\xff", 60)
    assert await cache.get("列表") == b"\x00\xff"
    await cache.set("列表", b"", 60)
    assert await cache.get("列表") == b""
    await cache.delete("列表")
    await cache.delete("列表")
    assert await cache.get("列表") is None


async def test_value_goes_by_itself_when_its_time_is_over(cache: Cache):
    await cache.set("short", b"1", 1)
    await cache.set("long", b"2", 60)

    async def is_gone() -> bool:
        return await cache.get("short") is None

    assert not await is_gone()
    await eventually(is_gone)
    assert await cache.get("long") == b"2"


async def test_least_recently_used_goes_first_when_the_cache_is_full():
    cache = MemoryCache(entries=3)
    for key in ("a", "b", "c"):
        await cache.set(key, key.encode(), 60)
    assert await cache.get("a") == b"a"
    await cache.set("d", b"d", 60)
    assert [cache.read(key) for key in "abcd"] == [b"a", None, b"c", b"d"]


def test_keys_of_one_prefix_go_when_it_is_cleared():
    cache = MemoryCache()
    for key in ("hall:1", "hall:2", "session:1"):
        cache.write(key, b"1", 60)
    cache.clear("hall:")
    assert [cache.read(key) for key in ("hall:1", "hall:2", "session:1")] == [None, None, b"1"]
    cache.clear()
    assert cache.read("session:1") is None


async def test_every_key_is_a_miss_when_redis_is_away(connect: Callable[[str], Client]):
    cache = RedisCache(connect("redis_away"))
    await cache.set("列表", b"1", 60)
    await cache.delete("列表")
    assert await cache.get("列表") is None


# Pub/sub


@pytest.fixture(params=BOTH)
async def two_ends(
    request: pytest.FixtureRequest, connect: Callable[[str], Client]
) -> AsyncIterator[tuple[PubSub, PubSub]]:
    """Where something is said and where it is to be heard: one process, or two over Redis."""
    if request.param == "memory":
        pubsub = MemoryPubSub()
        yield pubsub, pubsub
        return
    name = new_id()
    here, there = (RedisPubSub(connect("redis"), connect("redis"), name) for _ in range(2))
    await here.open()
    await there.open()
    await eventually(lambda: here.is_connected and there.is_connected)
    yield here, there
    await here.close()
    await there.close()


async def test_message_is_heard_on_its_channel_alone_when_another_says_it(two_ends: tuple[PubSub, PubSub]):
    here, there = two_ends
    sessions: list[str] = []
    policies: list[str] = []
    there.listen("session", sessions.append)
    there.listen("policy", policies.append)
    await here.publish("session", "王晓梅|退出")
    await here.publish("session", "")
    await here.publish("policy", "borrowing")
    await eventually(lambda: "borrowing" in policies)
    assert [text for text in sessions if text != MISSED] == ["王晓梅|退出", ""]
    assert [text for text in policies if text != MISSED] == ["borrowing"]


async def test_own_listeners_hear_at_once_when_something_is_said(two_ends: tuple[PubSub, PubSub]):
    here, _ = two_ends
    heard: list[str] = []
    here.listen("session", heard.append)
    await here.publish("session", "s1")
    assert "s1" in heard


async def test_own_listeners_hear_when_redis_is_away(connect: Callable[[str], Client]):
    pubsub = RedisPubSub(connect("redis_away"), connect("redis_away"))
    heard: list[str] = []
    pubsub.listen("session", heard.append)
    await pubsub.open()
    await pubsub.publish("session", "s1")
    assert "s1" in heard
    assert not pubsub.is_connected
    await pubsub.close()


@pytest.mark.needs("redis")
async def test_listener_is_told_that_it_missed_something_when_redis_was_restarted():
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(stack.enter_context, Redis())
        clients = [Client.from_url(server.url, socket_connect_timeout=1) for _ in range(2)]
        for client in clients:
            stack.push_async_callback(client.aclose)
        pubsub = RedisPubSub(*clients)
        await pubsub.open()
        stack.push_async_callback(pubsub.close)
        await eventually(lambda: pubsub.is_connected)
        heard: list[str] = []
        pubsub.listen("session", heard.append)
        await pubsub.publish("session", "before")
        await asyncio.to_thread(server.kill9)
        await eventually(lambda: not pubsub.is_connected)
        assert MISSED in heard
        heard.clear()
        await asyncio.to_thread(server.start)
        await eventually(lambda: pubsub.is_connected)
        await eventually(lambda: MISSED in heard)
        await pubsub.publish("session", "after")
        assert "after" in heard


# Rate limit


async def test_exactly_the_limit_is_let_through_when_forty_come_at_once(limiter: RateLimiter):
    key = new_id()
    waits = await asyncio.gather(*(limiter.take(key, 10, 60) for _ in range(40)))
    assert sorted(waits)[:10] == [0] * 10
    assert all(1 <= wait <= 60 for wait in sorted(waits)[10:])


async def test_others_are_let_through_when_one_has_used_up_their_share(limiter: RateLimiter):
    busy, quiet = new_id(), new_id()
    waits = [await limiter.take(busy, 1, 60) for _ in range(3)]
    assert waits[0] == 0
    assert min(waits[1:]) >= 1
    assert await limiter.take(quiet, 1, 60) == 0


async def test_window_begins_anew_when_it_has_ended(limiter: RateLimiter):
    key = new_id()
    assert await limiter.take(key, 1, 1) == 0
    assert await limiter.take(key, 1, 1) >= 1

    async def is_let_through() -> bool:
        return await limiter.take(key, 1, 1) == 0

    await eventually(is_let_through)
    assert await limiter.take(key, 1, 1) >= 1
