"""One access token for every process.

WeChat honours only its latest token, so processes that fetched their own would keep invalidating each other's.
They share one through a store, and renew it behind the store's lock.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import msgspec
from redis.asyncio import Redis

# How often a waiter asks for the lock again. A renewal takes about one request's time, so this adds little.
LOCK_POLL_SECONDS = 0.05

# In a token's last 5 minutes WeChat's normal mode hands out a new one and honours both. Letting go inside that
# window (not at its very start, where the same token could come back) renews without anybody noticing.
RENEWAL_MARGIN_SECONDS = 240

# Deletes the lock only while it is still ours: a holder that overslept its expiry must not free the next one's.
RELEASE_SCRIPT = """
if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
end
return 0
"""


class TokenStore(Protocol):
    """A small shared memory with expiry and a lock that outlives no dead holder. All durations in seconds."""

    async def get(self, name: str) -> str | None:
        """Return the value, or None when it was never set or has expired."""
        ...

    async def set(self, name: str, value: str, seconds: float) -> None:
        """Keep the value for that long."""
        ...

    def lock(self, name: str, seconds: float) -> AbstractAsyncContextManager[None]:
        """Hold `name` alone for at most `seconds`; waits for another holder to finish or to expire."""
        ...


class MemoryTokenStore:
    """For the embedded mode, where one process is all there is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, tuple[str, float]] = {}
        self._locks: dict[str, tuple[str, float]] = {}

    async def get(self, name: str) -> str | None:
        return self._read(self._values, name)

    async def set(self, name: str, value: str, seconds: float) -> None:
        self._values[name] = (value, self._clock() + seconds)

    @asynccontextmanager
    async def lock(self, name: str, seconds: float) -> AsyncIterator[None]:
        mark = secrets.token_hex(16)

        async def take() -> bool:
            if self._read(self._locks, name) is not None:
                return False
            self._locks[name] = (mark, self._clock() + seconds)
            return True

        await _until(take)
        try:
            yield
        finally:
            if self._read(self._locks, name) == mark:
                del self._locks[name]

    def _read(self, shelf: dict[str, tuple[str, float]], name: str) -> str | None:
        value, expires_at = shelf.get(name, (None, 0.0))
        return value if expires_at > self._clock() else None


class RedisTokenStore:
    """For any number of processes. Losing the Redis loses nothing: the next call fetches the token again."""

    def __init__(self, redis: Redis, prefix: str = "wechat:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._release = redis.register_script(RELEASE_SCRIPT)

    async def get(self, name: str) -> str | None:
        value = await self._redis.get(self._prefix + name)
        return value.decode() if isinstance(value, bytes) else value

    async def set(self, name: str, value: str, seconds: float) -> None:
        await self._redis.set(self._prefix + name, value, px=_milliseconds(seconds))

    @asynccontextmanager
    async def lock(self, name: str, seconds: float) -> AsyncIterator[None]:
        key, mark = f"{self._prefix}lock:{name}", secrets.token_hex(16)

        async def take() -> bool:
            return bool(await self._redis.set(key, mark, nx=True, px=_milliseconds(seconds)))

        await _until(take)
        try:
            yield
        finally:
            await self._release(keys=[key], args=[mark])


async def _until(attempt: Callable[[], Awaitable[bool]]) -> None:
    """Repeat an attempt until it succeeds; the caller's deadline ends the wait."""
    while True:
        if await attempt():
            return
        await asyncio.sleep(LOCK_POLL_SECONDS)


def _milliseconds(seconds: float) -> int:
    # Redis refuses an expiry of 0.
    return max(1, round(seconds * 1000))


class IssuedToken(msgspec.Struct, frozen=True):
    """A token as WeChat issues it; `expires_in` in seconds, at most 7200."""

    access_token: str
    expires_in: int

    def __repr__(self) -> str:
        return f"IssuedToken(expires_in={self.expires_in})"


class TokenFetch(Protocol):
    """Asks WeChat for a token; `force_refresh` ends the present one."""

    async def __call__(self, *, force_refresh: bool) -> IssuedToken: ...


class AccessToken:
    """The shared token, fetched when absent and replaced when WeChat refuses it."""

    def __init__(self, store: TokenStore, fetch: TokenFetch, *, name: str, lock_seconds: float) -> None:
        """`lock_seconds` must outlast two fetches."""
        self._store = store
        self._fetch = fetch
        self._name = name
        self._lock_seconds = lock_seconds

    async def current(self) -> str:
        """Return the shared token, fetching it when there is none."""
        return await self._store.get(self._name) or await self._renew(rejected=None)

    async def replace(self, rejected: str) -> str:
        """Return a token other than the one WeChat just refused, if WeChat has one."""
        return await self._renew(rejected=rejected)

    async def _renew(self, rejected: str | None) -> str:
        async with self._store.lock(self._name, self._lock_seconds):
            present = await self._store.get(self._name)
            if present is not None and present != rejected:
                return present  # another caller renewed it while we waited
            issued = await self._fetch(force_refresh=False)
            if issued.access_token == rejected:
                # Only now force: WeChat allows that 20 times a day, and it ends the old token for everybody.
                issued = await self._fetch(force_refresh=True)
            await self._store.set(self._name, issued.access_token, _seconds_kept(issued.expires_in))
            return issued.access_token


def _seconds_kept(expires_in: int) -> float:
    return max(expires_in - RENEWAL_MARGIN_SECONDS, expires_in / 2)
