"""Last stage: a whole import is taken back while nobody has touched what it made.

Cards that an import made go with their only event, as if they had never been; the rows and the audit keep their codes,
which are never given out again. Cards that it changed get their past back by another change.
"""

import hashlib

import msgspec

from server.assets.importing.adopting import set_fields
from server.assets.importing.progress import end_stage, show_done
from server.assets.importing.staging import range_of
from server.assets.importing.types import ImportState
from server.assets.importing.write import WRITE_SECONDS
from server.assets.indexing import forget_cards
from server.assets.models import AssetCard, LedgerImport
from server.assets.registry import cards_in_use
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import DomainError, InvalidInput, NotFound, StateConflict
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

_SLICE = 500


async def undo_cards(actor: Actor, import_id: str) -> None:
    """Take an import back, or leave it as it is and say why."""
    try:
        await _undo(actor, import_id)
    except (StateConflict, InvalidInput, NotFound) as conflict:
        await _leave(actor, import_id, conflict)


@command("ledger.undo", seconds=WRITE_SECONDS)
async def _undo(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    found = await uow.lock(LedgerImport, import_id)
    if found is None or found.state != ImportState.UNDOING:
        raise StateConflict("import.wrong_state")
    quote = "`before`" if uow.transaction.dialect == "mariadb" else '"before"'
    rows = await uow.fetch_all(
        f"SELECT asset_id, code, version, {quote} AS past FROM ledger_import_card WHERE id >= ? AND id < ? ORDER BY id",  # noqa: S608
        *range_of(import_id),
    )
    codes = hashlib.sha256()
    changed = [row for row in rows if row["past"]]
    made = [row for row in rows if not row["past"]]
    for row in changed:
        await _give_back(uow, row, found.file_name)
    done = 0
    for batch in _batched(made):
        await _take_away(uow, batch)
        codes.update("".join(f"{row['code']}\n" for row in batch).encode())
        done += len(batch)
        await show_done(import_id, done)
    await end_stage(uow, import_id, ImportState.UNDOING, ImportState.UNDONE)
    await uow.record(
        "ledger.undone",
        "ledger_import",
        import_id,
        withdrawn=len(made),
        given_back=len(changed),
        codes_sha256=codes.hexdigest(),
    )


def _batched(rows: list[Row]) -> list[list[Row]]:
    return [rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE)]


async def _give_back(uow: UnitOfWork, row: Row, file_name: str) -> None:
    card = await uow.lock(AssetCard, row["asset_id"])
    if card is None or card.version != row["version"]:
        raise StateConflict("import.touched", asset_code=row["code"])
    await set_fields(uow, card, msgspec.json.decode(row["past"]), f"撤销台账导入：{file_name}"[:200])


async def _take_away(uow: UnitOfWork, rows: list[Row]) -> None:
    """Remove a slice of cards that are as they were made; raises StateConflict `import.touched` naming one that is
    not. Deleting waits for whoever has a card in hand, so that afterwards everybody's use of it shows."""
    ids = [row["asset_id"] for row in rows]
    marks = ", ".join("?" * len(ids))
    removed = await uow.execute(f"DELETE FROM asset_card WHERE id IN ({marks}) AND version = 1", *ids)  # noqa: S608
    told = await uow.fetch_all(
        f"SELECT asset_id FROM asset_event WHERE asset_id IN ({marks}) GROUP BY asset_id HAVING COUNT(*) > 1",  # noqa: S608
        *ids,
    )
    touched = {row["asset_id"] for row in told} | await cards_in_use(uow, ids)
    if removed != len(ids) or touched:
        raise StateConflict("import.touched", asset_code=await _touched_code(uow, rows, touched))
    await uow.execute(f"DELETE FROM asset_event WHERE asset_id IN ({marks})", *ids)  # noqa: S608
    await forget_cards(uow, ids)


async def _touched_code(uow: UnitOfWork, rows: list[Row], touched: set[str]) -> str:
    """The code of a card that somebody has touched: the first that is known, or that is still there."""
    for row in rows:
        is_there = await uow.fetch_one("SELECT id FROM asset_card WHERE id = ?", row["asset_id"]) is not None
        if row["asset_id"] in touched or is_there:
            return str(row["code"])
    return str(rows[0]["code"])


@command("ledger.undo_left", is_audited=False)
async def _leave(uow: UnitOfWork, actor: Actor, import_id: str, error: DomainError) -> None:
    found = await uow.lock(LedgerImport, import_id)
    if found is None or found.state != ImportState.UNDOING:
        return
    refusal = {"code": error.code, "data": error.data}
    await end_stage(uow, import_id, ImportState.UNDOING, ImportState.DONE, refusal=refusal)
