"""The kernel's own scheduled work: anchors of the audit chain, and clearing what has been dealt with."""

from datetime import timedelta

from server.kernel.actor import Actor, system_actor
from server.kernel.audit.anchors import write_anchor
from server.kernel.command import command
from server.kernel.instants import to_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.schedule import every
from server.kernel.unit_of_work import UnitOfWork

# A client that repeats a key later than this has long shown its user another answer.
_KEYS_KEPT = timedelta(days=3)
_DELIVERED_KEPT = timedelta(days=7)
# In slices, so that clearing never holds the one writer for long.
_SLICE = 500


@every(timedelta(minutes=1), "audit.anchor")
async def anchor_audit() -> None:
    """Write the chain's count and head where the database's writers cannot reach."""
    await write_anchor(current_runtime().anchor_file)


@every(timedelta(hours=1), "kernel.clear")
async def clear_old_rows() -> None:
    """Take away answered keys and delivered events that nobody will ask for."""
    actor = system_actor("kernel.clear")
    while await _clear_slice(actor) >= _SLICE:
        pass


@command("kernel.clear", is_audited=False)
async def _clear_slice(uow: UnitOfWork, actor: Actor) -> int:
    now = await uow.now()
    delivered = to_microseconds(now - _DELIVERED_KEPT)
    keys = await _ids(uow, "idempotency_key", "created_at < ?", to_microseconds(now - _KEYS_KEPT))
    events = await _ids(uow, "outbox_event", "delivered_at < ?", delivered)
    await _remove(uow, "idempotency_key", "id", keys)
    # A delivery is kept as long as its event may be handed out again: it is what keeps a handler from running twice.
    for event in events:
        await uow.execute("DELETE FROM outbox_delivery WHERE id >= ? AND id < ?", f"{event}:", f"{event};")
    await _remove(uow, "outbox_event", "id", events)
    return max(len(keys), len(events))


async def _ids(uow: UnitOfWork, table: str, condition: str, before: int) -> list[str]:
    rows = await uow.fetch_all(f"SELECT id FROM {table} WHERE {condition} LIMIT {_SLICE}", before)
    return [row["id"] for row in rows]


async def _remove(uow: UnitOfWork, table: str, column: str, ids: list[str]) -> None:
    if ids:
        await uow.execute(f"DELETE FROM {table} WHERE {column} IN ({', '.join('?' * len(ids))})", *ids)
