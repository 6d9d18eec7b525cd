"""Opens and closes what one process needs: storage, ports, keys, models. Used by the app, the worker and the CLI."""

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from redis.asyncio import Redis

from server.files.store import use_folder
from server.kernel.clock import Clock, ShiftedClock, SystemClock
from server.kernel.command import finish_commands
from server.kernel.crypto import FieldCipher
from server.kernel.model_modules import model_modules
from server.kernel.ports.cache import Cache, MemoryCache, RedisCache
from server.kernel.ports.pubsub import MemoryPubSub, PubSub, RedisPubSub
from server.kernel.ports.rate_limit import MemoryRateLimiter, RateLimiter, RedisRateLimiter
from server.kernel.runtime import Runtime, install_runtime, remove_runtime
from server.kernel.storage.database import Database
from server.kernel.storage.mysql_engine import MariaDatabase
from server.kernel.storage.orm import bind_models
from server.kernel.storage.sqlite_engine import SqliteDatabase
from server.settings import Settings, SettingsError, load_secrets

_REDIS_SECONDS = 1.0


def build_database(settings: Settings) -> Database:
    """The configured storage, not yet opened."""
    if settings.is_embedded:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return SqliteDatabase(database_file(settings))
    return MariaDatabase(settings.database_url, settings.database_pool)


@contextmanager
def sole_process(settings: Settings) -> Iterator[None]:
    """Hold the embedded storage for this process; raises SettingsError in a sentence where another one holds it.

    Caches and limits live in the process, so a second one would show what is no longer so. With MariaDB nothing is
    held. The lock goes with the process, however it ends.
    """
    if not settings.is_embedded:
        yield
        return
    with _lock_file(settings) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(
                f"数据目录 {settings.data_dir} 正由另一个进程使用：请先停止它，或另设 DATA_DIR"
            ) from error
        yield


def _lock_file(settings: Settings) -> IO[str]:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return (settings.data_dir / ".lock").open("a")
    except OSError as error:
        raise SettingsError(f"数据目录 {settings.data_dir} 不可写：请核对 DATA_DIR 及其权限") from error


def database_file(settings: Settings) -> Path:
    """Where the embedded storage lies."""
    return settings.data_dir / "gwc.sqlite3"


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Runtime]:
    """Open everything, install it as this process's runtime, and close it again."""
    keys = load_secrets(settings)
    async with AsyncExitStack() as stack:
        database = build_database(settings)
        await bind_models(database.dialect, model_modules())
        stack.push_async_callback(database.close)
        await database.open()
        cache, pubsub, limiter = await _ports(settings, stack)
        runtime = Runtime(
            database=database,
            clock=_clock(settings),
            cache=cache,
            pubsub=pubsub,
            rate_limiter=limiter,
            cipher=FieldCipher(keys.field_keys, keys.main),
            anchor_file=settings.anchor_file,
            public_url=settings.public_url,
            command_seconds=settings.command_seconds,
        )
        install_runtime(runtime)
        use_folder(settings.data_dir / "files")
        stack.callback(remove_runtime)
        stack.push_async_callback(finish_commands)
        yield runtime


async def _ports(settings: Settings, stack: AsyncExitStack) -> tuple[Cache, PubSub, RateLimiter]:
    if not settings.redis_url:
        return MemoryCache(), MemoryPubSub(), MemoryRateLimiter()
    redis = Redis.from_url(settings.redis_url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
    # Listening waits for as long as nothing is said; its connection has no read deadline of its own.
    listening = Redis.from_url(settings.redis_url, socket_connect_timeout=_REDIS_SECONDS, health_check_interval=5)
    # Channels are not split by Redis database number, so the number is part of the name.
    pubsub = RedisPubSub(redis, listening, f"gwc{urlsplit(settings.redis_url).path}")
    stack.push_async_callback(redis.aclose)
    stack.push_async_callback(listening.aclose)
    await pubsub.open()
    stack.push_async_callback(pubsub.close)
    return RedisCache(redis), pubsub, RedisRateLimiter(redis)


def _clock(settings: Settings) -> Clock:
    return ShiftedClock(settings.clock_offset_file) if settings.clock_offset_file else SystemClock()
