"""What assets do in the background: imports, stage by stage, and keeping cards to be found by words."""

from typing import Any

from server.assets.importing import work  # noqa: F401 - its step is registered by being imported
from server.assets.importing.staging import range_of
from server.assets.importing.write import WRITTEN
from server.assets.indexing import index_cards
from server.assets.models import AssetCard
from server.assets.restating import INDEX_AGAIN
from server.kernel.outbox import on_event
from server.kernel.unit_of_work import UnitOfWork

_SLICE = 200


@on_event(INDEX_AGAIN, "assets.index_again")
async def index_again(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Let cards be found by the name that their unit has now. Under their locks, as every change of them: what was read
    before somebody's change must not be written after it."""
    cards = await uow.lock_all(AssetCard, payload["asset_ids"])
    await index_cards(uow, [card.id for card in cards])


@on_event(WRITTEN, "assets.index_imported")
async def index_imported(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Let the next cards of an import be found by words; the event that follows deals with those after them.

    In slices, so that other events are not held up, and after the import's own transaction, which has enough to do.
    """
    first, end = range_of(payload["import_id"])
    rows = await uow.fetch_all(
        f"SELECT id, asset_id FROM ledger_import_card WHERE id > ? AND id < ? ORDER BY id LIMIT {_SLICE}",  # noqa: S608
        payload["after"] or first,
        end,
    )
    if rows:
        cards = await uow.lock_all(AssetCard, [row["asset_id"] for row in rows])
        await index_cards(uow, [card.id for card in cards])
    if len(rows) == _SLICE:
        await uow.emit(WRITTEN, {**payload, "after": rows[-1]["id"]})
