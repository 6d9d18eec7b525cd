"""Work that takes longer than a request or a scheduled job may: done step by step beside them, in one loop for each.

A step takes in hand what is waiting (by a lease in the database, so that two processes do not do the same), works on
it by commands of its own, and says whether there was anything to do. Killed half way, it goes on at the next start.
"""

from collections.abc import Awaitable, Callable

Step = Callable[[], Awaitable[bool]]
_steps: dict[str, Step] = {}


def in_background(name: str) -> Callable[[Step], Step]:
    """Run the decorated coroutine function again and again; it returns whether there was anything to do."""

    def register(step: Step) -> Step:
        if _steps.get(name, step) is not step:
            raise ValueError(f"two background steps named {name}")
        _steps[name] = step
        return step

    return register


def background_steps() -> dict[str, Step]:
    """All registered steps by name."""
    return dict(_steps)
