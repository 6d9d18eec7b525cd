"""What is stored, as a whole: to see that a refusal left nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

from server.kernel.instants import to_microseconds
from server.kernel.reading import present, reading
from server.kernel.runtime import current_runtime
from tests.support.waiting import eventually

Contents = dict[str, list[str]]
# What the product writes of its own accord while requests are refused: who was seen, what was refused, jobs.
UNCOUNTED = {"audit_event", "audit_head", "session", "scheduled_job", "outbox_event", "outbox_delivery"}


def changes(before: Contents, after: Contents) -> list[str]:
    """The rows that came, went or changed."""
    return [f"{table}: {set(after[table]) ^ set(before[table])}" for table in before if before[table] != after[table]]


async def contents() -> Contents:
    """Every row of every table that people's things are in, once what was under way has been done."""
    done: Callable[[], bool | Awaitable[bool]] = is_all_delivered
    await eventually(done, seconds=60)
    async with reading() as rows:
        if current_runtime().database.dialect == "sqlite":
            found = await rows.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")
        else:
            found = await rows.fetch_all(
                "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
            )
        names = {row["name"] for row in found} - UNCOUNTED
        names = {name for name in names if not name.startswith(("sqlite_", "search_"))}
        tables = {name: await rows.fetch_all(f"SELECT * FROM {name}") for name in sorted(names)}
    return {name: sorted(map(repr, found)) for name, found in tables.items()}


async def is_all_delivered() -> bool:
    """Whether all that is due or in hand is done: messages to the product's own handlers, then those to WeChat."""
    now = to_microseconds(present())
    async with reading() as rows:
        row: dict[str, Any] | None = await rows.fetch_one(
            "SELECT (SELECT COUNT(*) FROM outbox_event WHERE delivered_at IS NULL AND (due_at <= ? OR attempts > 0))"
            " + (SELECT COUNT(*) FROM wechat_message WHERE state = 'sending' OR (state = 'waiting' AND due_at <= ?))"
            " AS number",
            now,
            now,
        )
    return row is not None and row["number"] == 0
