"""Chosen differences become changes of cards, each with its event; and are taken back with the import."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from server.assets.access import get_card_for_management
from server.assets.events import Happening, change_card
from server.assets.guards import require_not_disposed, require_state, require_unfrozen
from server.assets.importing.staging import slices
from server.assets.importing.types import Verdict
from server.assets.models import AssetCard, LedgerImport
from server.assets.states import AT_HOME, MOVABLE, home_state
from server.classification.naming import asset_name
from server.kernel.actor import Actor
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_facts


async def adopt_changes(uow: UnitOfWork, actor: Actor, found: LedgerImport) -> int:
    """Apply every chosen difference of an import; how many cards changed.

    Raises StateConflict `import.overtaken` where a card is not as it was when the differences were shown, and
    `asset.frozen`, `asset.wrong_state` for a card that may not be touched now.
    """
    wanted: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {}
    async for rows in slices(uow, found.id, "verdict = ? AND fields <> ''", Verdict.DIFFERENT.value):
        for row in rows:
            differences = [each for each in row.outcome.differences if each.field in row.fields]
            before = {each.field: each.before for each in differences}
            after = {each.field: each.after for each in differences}
            wanted[row.outcome.asset_id or ""] = (row.id, before, after)
    for asset_id, (row_id, before, after) in sorted(wanted.items()):
        card = await _locked(uow, actor, asset_id)
        if any(_told(card, field) != value for field, value in before.items()):
            raise StateConflict("import.overtaken")
        changed = await set_fields(uow, card, after, f"台账核对：{found.file_name}"[:200])
        await _note(uow, found.id, row_id, changed, before)
    return len(wanted)


async def _locked(uow: UnitOfWork, actor: Actor, asset_id: str) -> AssetCard:
    try:
        return await get_card_for_management(uow, actor, asset_id)
    except NotFound:
        raise StateConflict("import.overtaken") from None


async def set_fields(uow: UnitOfWork, card: AssetCard, fields: Mapping[str, Any], reason: str) -> AssetCard:
    """Give a locked card what a ledger (or, taken back, its past) says; the name and the state follow."""
    require_unfrozen(card)
    require_not_disposed(card)
    changes = dict(fields)
    if "acquired_on" in changes:
        changes["acquired_on"] = date.fromisoformat(changes["acquired_on"])
    if "place_id" in changes:
        require_state(card, MOVABLE)
        if card.state in AT_HOME:
            changes["state"] = home_state((await place_facts(uow, changes["place_id"])).is_warehouse).value
    name = asset_name(*(changes.get(part, getattr(card, part)) for part in ("item_name", "brand", "model")))
    return await change_card(uow, card, Happening(kind="corrected", reason=reason), **changes, name=name)


def _told(card: AssetCard, field: str) -> Any:
    return msgspec.to_builtins(getattr(card, field))


async def _note(uow: UnitOfWork, import_id: str, row_id: str, card: AssetCard, before: dict[str, Any]) -> None:
    quote = "`before`" if uow.transaction.dialect == "mariadb" else '"before"'
    await uow.execute(
        f"INSERT INTO ledger_import_card (id, row_id, asset_id, code, version, {quote}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
        f"{import_id}:{card.id}",
        row_id,
        card.id,
        card.code,
        card.version,
        msgspec.json.encode(before).decode(),
    )
