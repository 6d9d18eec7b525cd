"""What `python -m server verify` checks across the domains."""

import asyncio
from collections.abc import Awaitable, Callable

from server.assets.verification import verify_cards
from server.circulation.verification import verify_promises
from server.procurement.verification import verify_proofs
from server.settings import Settings

_SECOND_LOOK_SECONDS = 1.0


async def verify_ledger(settings: Settings) -> list[str]:
    """Every difference between the ledger, its history and the promises made on it."""
    return await lasting_faults(_look)


async def _look() -> list[str]:
    return [*await verify_cards(), *await verify_promises(), *await verify_proofs()]


async def lasting_faults(check: Callable[[], Awaitable[list[str]]]) -> list[str]:
    """What is still wrong at a second look: on a working product a command that commits between two reads of one look
    makes the first half seem to contradict the second."""
    first = await check()
    if not first:
        return []
    await asyncio.sleep(_SECOND_LOOK_SECONDS)
    again = set(await check())
    return [fault for fault in first if fault in again]
