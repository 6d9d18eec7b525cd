"""The long work of imports, in the background: one import at a time in each process, by a lease on its row.

Each stage ends in one conditional change of state. A process that is killed leaves its import in the stage it was in;
whoever finds its lease ended begins that stage anew, and stages are made so that nothing of a broken try remains.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from server.assets.importing.check import check_rows
from server.assets.importing.read import read_file
from server.assets.importing.types import AT_WORK, ImportState
from server.assets.importing.undo import undo_cards
from server.assets.importing.write import write_cards
from server.assets.models import LedgerImport
from server.kernel.actor import Actor, system_actor
from server.kernel.background import in_background
from server.kernel.command import command
from server.kernel.instants import to_microseconds
from server.kernel.reading import present, reading
from server.kernel.unit_of_work import UnitOfWork

_log = logging.getLogger("server.ledger_import")
_LEASE = timedelta(seconds=60)
_STAGES: dict[str, Callable[[Actor, str], Awaitable[None]]] = {
    ImportState.READING: read_file,
    ImportState.CHECKING: check_rows,
    ImportState.WRITING: write_cards,
    ImportState.UNDOING: undo_cards,
}


@in_background("assets.importing")
async def work_on_imports() -> bool:
    """Bring one import through its present stage; whether there was one that waits."""
    states = ", ".join("?" * len(AT_WORK))
    async with reading() as db:
        row = await db.fetch_one(
            f"SELECT id, state FROM ledger_import WHERE state IN ({states}) AND worked_until <= ?"  # noqa: S608
            " ORDER BY worked_until, id LIMIT 1",
            *AT_WORK,
            to_microseconds(present()),
        )
    if row is None:
        return False
    actor = await _take(system_actor("ledger.import"), row["id"], row["state"])
    if actor is not None:
        _log.info("import %s: %s", row["id"], row["state"])
        await _STAGES[row["state"]](actor, row["id"])
    return True


@command("ledger.take_import", is_audited=False)
async def _take(uow: UnitOfWork, actor: Actor, import_id: str, state: str) -> Actor | None:
    """Whoever asked for the stage, where the import is ours to work on now."""
    now = await uow.now()
    taken = await uow.change(
        LedgerImport,
        {"id": import_id, "state": state, "worked_until__lte": now},
        worked_until=now + _LEASE,
    )
    found = await uow.find(LedgerImport, id=import_id)
    return msgspec.convert(found.asked_by, Actor) if taken and found is not None else None
