"""What the database says in the end, read beside a product in processes of its own."""

import asyncio
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server.kernel.audit.verify import verify_audit
from server.kernel.storage.database import Reader
from server.opening import opened
from server.settings import Settings, load_secrets
from server.verification import verify_ledger
from tests.support.served import ROOT
from tests.support.waiting import eventually

BEYOND_LEASE_SECONDS = 180


@asynccontextmanager
async def reading_beside(environment: Mapping[str, str]) -> AsyncIterator[Reader]:
    """The product's database, read from this process."""
    async with opened(Settings.from_environment(environment)) as runtime, runtime.database.reading() as reader:
        yield reader


async def rows(environment: Mapping[str, str], sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of the product's database; `?` placeholders."""
    async with reading_beside(environment) as reader:
        return await reader.fetch_all(sql, *values)


async def audited(environment: Mapping[str, str], subject_id: str) -> list[str]:
    """The actions that the audit holds of a subject, oldest first."""
    found = await rows(environment, "SELECT action FROM audit_event WHERE subject_id = ? ORDER BY id", subject_id)
    return [row["action"] for row in found]


async def settle(environment: Mapping[str, str]) -> None:
    """Wait until every event was delivered and every audit row sealed.

    What a killed process had in hand is delivered by another when its lease has run out, and what was put off when its
    time has come: a movable clock is moved on.
    """
    _move_clock(environment, BEYOND_LEASE_SECONDS)
    await _come_to_what_was_put_off(environment)

    async def look() -> bool:
        return await _is_settled(environment)

    is_settled: Callable[[], bool | Awaitable[bool]] = look
    await eventually(is_settled, 60)


def _move_clock(environment: Mapping[str, str], seconds: int) -> None:
    """Let the clock be at least so far ahead."""
    if moved := environment.get("CLOCK_OFFSET_FILE"):
        path = Path(moved)
        ahead = int(path.read_text() or 0) if path.exists() else 0
        path.write_text(str(max(ahead, seconds)))


async def _come_to_what_was_put_off(environment: Mapping[str, str]) -> None:
    [row] = await rows(
        environment,
        "SELECT MAX(due_at) AS latest FROM outbox_event WHERE delivered_at IS NULL AND attempts = 0",
    )
    if row["latest"] is not None:
        _move_clock(environment, math.ceil(row["latest"] / 1_000_000 - time.time()) + 1)


async def _is_settled(environment: Mapping[str, str]) -> bool:
    left = await rows(
        environment,
        "SELECT id FROM outbox_event WHERE delivered_at IS NULL UNION ALL"
        " SELECT id FROM audit_event WHERE sequence IS NULL",
    )
    return not left


async def verdicts(environment: Mapping[str, str]) -> list[str]:
    """What `verify` would find in the audit and the ledger when the work behind the scenes is done."""
    await settle(environment)
    settings = Settings.from_environment(environment)
    async with opened(settings):
        found = await verify_audit(load_secrets(settings).audit, settings.anchor_file)
        return found + await verify_ledger(settings)


async def faults(environment: Mapping[str, str], what: str) -> list[str]:
    """The faults that `python -m server verify <what>` prints; its exit code must say the same."""
    code, printed = await command_line(environment, "verify", what)
    *found, last = printed.strip().splitlines()
    assert code == (1 if found else 0), (code, printed)
    assert last == (f"发现 {len(found)} 处差异" if found else "核对一致，没有差异"), printed
    return found


async def command_line(environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Run `python -m server …` to its end. Returns the exit code, and both outputs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server", *arguments),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()
