"""What can be done next with a scanned thing: upper domains say so, because cards know nothing of loans."""

from collections.abc import Awaitable, Callable

from server.assets.types import AssetFacts, NextAction
from server.identity.types import RowSource
from server.kernel.actor import Actor

# handler(rows, actor, card): what this keeper can do with the card now.
Suggesting = Callable[[RowSource, Actor, AssetFacts], Awaitable[list[NextAction]]]
_handlers: dict[str, Suggesting] = {}


def register_next_actions(name: str, handler: Suggesting) -> None:
    """Let `handler` say what a keeper can do next. `name`: the domain, one handler each."""
    if _handlers.get(name, handler) is not handler:
        raise ValueError(f"two handlers named {name}")
    _handlers[name] = handler


def withdraw_next_actions(name: str) -> None:
    """Ask that domain no longer."""
    _handlers.pop(name, None)


async def next_actions(rows: RowSource, actor: Actor, card: AssetFacts) -> list[NextAction]:
    """Everything that can be done next, and at least looking at the card."""
    found = [action for handler in _handlers.values() for action in await handler(rows, actor, card)]
    return [*found, NextAction(kind="card", name="查看账卡", subject_id=card.id)]
