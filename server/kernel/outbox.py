"""Handlers of outbox events. A domain registers its own in its `jobs.py`; `server.jobs` delivers.

A handler joins the relay's unit of work, in which the delivery is recorded too: its writes happen once, however often
the event is handed out. What it does outside the database must be idempotent by itself.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from server.kernel.unit_of_work import UnitOfWork

Handler = Callable[[UnitOfWork, dict[str, Any]], Awaitable[None]]
_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


def on_event(topic: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler of `topic` under a stable `name` (it is stored with each delivery)."""

    def register(handler: Handler) -> Handler:
        if _handlers[topic].get(name, handler) is not handler:
            raise ValueError(f"two handlers named {name} for {topic}")
        _handlers[topic][name] = handler
        return handler

    return register


def handlers_of(topic: str) -> dict[str, Handler]:
    """The handlers of a topic by name."""
    return dict(_handlers[topic])
