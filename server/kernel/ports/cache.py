"""A cache of bytes with a time to live. A miss is always right; an unreachable Redis is a miss."""

import logging
import time
from collections import OrderedDict
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = logging.getLogger("server.cache")


class Cache(Protocol):
    """Bytes by key."""

    async def get(self, key: str) -> bytes | None:
        """The stored bytes, or None."""
        ...

    async def set(self, key: str, value: bytes, seconds: int) -> None:
        """Keep `value` for at most `seconds`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget `key`."""
        ...


class MemoryCache:
    """In this process; the least recently used entries go first."""

    def __init__(self, entries: int = 4096) -> None:
        self._entries = entries
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def read(self, key: str) -> bytes | None:
        """Like `get`, without an await: for paths where one counts."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept[0] < time.monotonic():
            self._kept.pop(key, None)
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def write(self, key: str, value: bytes, seconds: int) -> None:
        """Like `set`, without an await."""
        self._kept[key] = (time.monotonic() + seconds, value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    def clear(self, prefix: str = "") -> None:
        """Forget every key that begins with `prefix`."""
        for key in [key for key in self._kept if key.startswith(prefix)]:
            del self._kept[key]

    async def get(self, key: str) -> bytes | None:
        return self.read(key)

    async def set(self, key: str, value: bytes, seconds: int) -> None:
        self.write(key, value, seconds)

    async def delete(self, key: str) -> None:
        self._kept.pop(key, None)


class RedisCache:
    """Shared by all processes."""

    def __init__(self, redis: Redis, prefix: str = "cache:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def get(self, key: str) -> bytes | None:
        try:
            value = await self._redis.get(self._prefix + key)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("cache read failed: %s", type(error).__name__)
            return None
        # The client answers in bytes unless it is told to decode; a text could only come from such a client.
        return value.encode() if isinstance(value, str) else value

    async def set(self, key: str, value: bytes, seconds: int) -> None:
        try:
            await self._redis.set(self._prefix + key, value, ex=seconds)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("cache write failed: %s", type(error).__name__)

    async def delete(self, key: str) -> None:
        try:
            await self._redis.delete(self._prefix + key)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("cache delete failed: %s", type(error).__name__)
