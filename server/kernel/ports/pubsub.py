"""Telling other processes that something changed. Best effort: a listener that was cut off is told so."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio import client as redis_client
from redis.exceptions import RedisError

_log = logging.getLogger("server.pubsub")
# What a listener gets when messages may have been missed: it must treat all it knows as stale.
MISSED = "*missed*"
Listener = Callable[[str], None]


class PubSub(Protocol):
    """Channels of short texts."""

    async def publish(self, channel: str, message: str) -> None:
        """Tell every listener of `channel` in every process; never raises."""
        ...

    def listen(self, channel: str, listener: Listener) -> None:
        """Call `listener(message)` for each message from now on, and with MISSED after an interruption."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether changes made elsewhere are being heard now."""
        ...


class _Listeners:
    def __init__(self) -> None:
        self._by_channel: dict[str, list[Listener]] = {}

    def listen(self, channel: str, listener: Listener) -> None:
        self._by_channel.setdefault(channel, []).append(listener)

    def tell(self, channel: str, message: str) -> None:
        for listener in self._by_channel.get(channel, ()):
            listener(message)

    def tell_all(self, message: str) -> None:
        for channel in self._by_channel:
            self.tell(channel, message)


class MemoryPubSub(_Listeners):
    """Within this process, at once."""

    is_connected = True

    async def publish(self, channel: str, message: str) -> None:
        self.tell(channel, message)


class RedisPubSub(_Listeners):
    """Between processes, by one Redis channel; reconnects by itself."""

    def __init__(self, redis: Redis, listening: Redis, name: str = "gwc") -> None:
        super().__init__()
        self._redis = redis
        self._listening = listening
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._is_connected = False

    @property
    def is_connected(self) -> bool:
        return self._is_connected

    async def publish(self, channel: str, message: str) -> None:
        # Our own listeners must not depend on the way round through Redis.
        self.tell(channel, message)
        try:
            await self._redis.publish(self._name, f"{channel}|{message}")
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("publish failed: %s", type(error).__name__)

    async def open(self) -> None:
        """Start listening."""
        self._task = asyncio.create_task(self._listen(), name="pubsub")

    async def close(self) -> None:
        """Stop listening."""
        # The client swallows a cancellation that meets it while it connects, so one may not be enough.
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=0.1)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._listening.pubsub() as subscription:
                    await subscription.subscribe(self._name)
                    self._is_connected = True
                    await self._hear(subscription)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # whatever it was: not to listen and not to know it would keep stale pages
                _log.warning("not listening: %s", type(error).__name__)
            finally:
                self._is_connected = False
            self.tell_all(MISSED)
            await asyncio.sleep(0.5)

    async def _hear(self, subscription: redis_client.PubSub) -> None:
        # Everything from before the subscription was confirmed may have been missed.
        self.tell_all(MISSED)
        while True:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=1.0)
            if message is not None:
                channel, _, text = message["data"].decode(errors="replace").partition("|")
                self.tell(channel, text)
