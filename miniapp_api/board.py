"""The sharing board's first pages, kept as finished JSON in this process: the hottest read of the phone client."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from server.kernel.ports.cache import MemoryCache
from server.kernel.ports.pubsub import PubSub
from server.web.api import Encoded

CHANNEL = "listing"
# A change is heard at once through the channel; the time to live only bounds what the clock changes by itself.
SECONDS = 15


class Board:
    """Pages by who looks from where and at what. Used only while changes made elsewhere are being heard."""

    def __init__(self) -> None:
        self._cache = MemoryCache(entries=2048)
        self._pubsub: PubSub | None = None
        self._generation = 0
        self._encoder = msgspec.json.Encoder()

    def listen(self, pubsub: PubSub) -> None:
        """Forget every page when a listing changes, anywhere."""
        self._forget()
        self._pubsub = pubsub
        pubsub.listen(CHANNEL, self._forget)

    @property
    def is_usable(self) -> bool:
        """Whether a kept page can be trusted now."""
        return self._pubsub is not None and self._pubsub.is_connected

    async def page(self, key: str, read: Callable[[], Awaitable[Any]]) -> Encoded:
        """The page kept under `key`, or a fresh one from `read`."""
        if not self.is_usable:
            return Encoded(self._encoder.encode(await read()))
        kept = self._cache.read(key)
        if kept is None:
            generation = self._generation
            kept = self._encoder.encode(await read())
            # A change heard while we read would be overwritten by what was true before it.
            if generation == self._generation:
                self._cache.write(key, kept, SECONDS)
        return Encoded(kept)

    def _forget(self, message: str = "") -> None:
        self._generation += 1
        self._cache.clear()
