"""How often somebody may do something: a fixed window per key, in this process or in Redis.

When Redis is away the limiter of this process stands in, so that neither the door closes nor the limit vanishes.
"""

import logging
import time
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = logging.getLogger("server.rate_limit")


class RateLimiter(Protocol):
    """Counts uses by key."""

    async def take(self, key: str, limit: int, seconds: int) -> int:
        """Use one of `limit` per `seconds`; 0 when allowed, else the seconds until the window ends."""
        ...


class MemoryRateLimiter:
    """Counts in this process."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}

    async def take(self, key: str, limit: int, seconds: int) -> int:
        present = time.monotonic()
        ends, used = self._windows.get(key, (0.0, 0))
        if ends <= present:
            ends, used = present + seconds, 0
        self._windows[key] = (ends, used + 1)
        if len(self._windows) > 50_000:
            self._windows = {name: window for name, window in self._windows.items() if window[0] > present}
        return 0 if used < limit else max(1, int(ends - present))


# One round trip; the first use of a window sets its end, so that a key without an end cannot exist.
_TAKE = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if used <= tonumber(ARGV[1]) then return 0 end
return math.max(1, math.ceil(redis.call('PTTL', KEYS[1]) / 1000))
"""


class RedisRateLimiter:
    """Counts for all processes."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._stand_in = MemoryRateLimiter()

    async def take(self, key: str, limit: int, seconds: int) -> int:
        try:
            return int(await self._take(keys=[f"rate:{key}"], args=[limit, seconds * 1000]))
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("rate limit falls back to this process: %s", type(error).__name__)
            return await self._stand_in.take(key, limit, seconds)
