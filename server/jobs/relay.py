"""The relay hands outbox events to their handlers: at least once, each handler's effect in the database once."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from server.kernel.actor import Actor, system_actor
from server.kernel.command import command
from server.kernel.instants import to_microseconds
from server.kernel.outbox import Handler, handlers_of
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_log = logging.getLogger("server.relay")
_BATCH = 100
_LEASE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)


async def deliver_due() -> int:
    """Deliver the events that are due; returns how many were taken in hand (0: nothing to do)."""
    runtime = current_runtime()
    async with reading() as reader:
        rows = await reader.fetch_all(
            "SELECT id, topic, payload, due_at, attempts FROM outbox_event"
            f" WHERE delivered_at IS NULL AND due_at <= ? ORDER BY due_at, id LIMIT {_BATCH}",
            to_microseconds(runtime.clock.here()),
        )
    taken = 0
    for row in rows:
        actor = system_actor(f"outbox.{row['topic']}"[:64])
        if await _take_event(actor, row["id"], row["due_at"]):
            taken += 1
            await _deliver(actor, row)
    return taken


async def _deliver(actor: Actor, row: Row) -> None:
    payload = msgspec.json.decode(row["payload"])
    failures = []
    for name, handler in handlers_of(row["topic"]).items():
        try:
            await _run_handler(actor, f"{row['id']}:{name}", handler, payload)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # one that fails must hold up neither the others nor other events; it is tried again
            _log.exception("handler %s of event %s (%s) failed", name, row["id"], row["topic"])
            failures.append(f"{name}: {type(error).__name__}: {error}")
    if failures:
        await _put_off(actor, row["id"], row["attempts"], "; ".join(failures)[:255])
    else:
        await _finish(actor, row["id"])


@command("outbox.take", is_audited=False)
async def _take_event(uow: UnitOfWork, actor: Actor, event_id: str, due_at: int) -> bool:
    later = to_microseconds(await uow.now() + _LEASE)
    return (
        await uow.execute(
            "UPDATE outbox_event SET due_at = ?, attempts = attempts + 1"
            " WHERE id = ? AND due_at = ? AND delivered_at IS NULL",
            later,
            event_id,
            due_at,
        )
        == 1
    )


@command("outbox.handle", is_audited=False)
async def _run_handler(
    uow: UnitOfWork, actor: Actor, delivery_id: str, handler: Handler, payload: dict[str, Any]
) -> None:
    instant = to_microseconds(await uow.now())
    try:
        await uow.execute("INSERT INTO outbox_delivery (id, delivered_at) VALUES (?, ?)", delivery_id, instant)
    except IntegrityError as error:
        if is_duplicate(error):
            return  # an earlier try delivered it
        raise
    await handler(uow, payload)


@command("outbox.put_off", is_audited=False)
async def _put_off(uow: UnitOfWork, actor: Actor, event_id: str, attempts: int, error: str) -> None:
    wait = min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_WAIT)
    await uow.execute(
        "UPDATE outbox_event SET due_at = ?, last_error = ? WHERE id = ? AND delivered_at IS NULL",
        to_microseconds(await uow.now() + wait),
        error,
        event_id,
    )


@command("outbox.finish", is_audited=False)
async def _finish(uow: UnitOfWork, actor: Actor, event_id: str) -> None:
    instant = to_microseconds(await uow.now())
    await uow.execute("UPDATE outbox_event SET delivered_at = ? WHERE id = ?", instant, event_id)
