"""Waiting for a condition, never for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01


async def eventually(condition: Callable[[], T | Awaitable[T]], seconds: float = 10.0) -> T:
    """Look until `condition` gives something true, and return that. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still {found!r} after {seconds} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(POLL_SECONDS)
