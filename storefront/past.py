"""A thing's past as a viewer may see it: the ledger tells it to those who may read the card, and to nobody else."""

from server.assets.queries import history
from server.assets.types import EventView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound
from server.web.parts import Event


async def past_of(actor: Actor, asset_id: str) -> list[Event]:
    """The card's events, newest first; none for a viewer who may not read the card."""
    try:
        events = await history(actor, asset_id)
    except (NotFound, Forbidden):
        # Another unit's card has no past for this viewer; the offer itself may still be seen.
        return []
    return [_event(event) for event in sorted(events, key=lambda event: event.at, reverse=True)]


def _event(event: EventView) -> Event:
    changes = "；".join(f"{change.name}：{change.before or '无'} → {change.after or '无'}" for change in event.changes)
    detail = "。".join(part for part in (event.reason, changes) if part)
    return Event(event.kind_name, event.at, event.actor_name, detail)
