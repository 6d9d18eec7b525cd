# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Cards as other files of this domain read them: by id under a lock, by code or label, as facts for other domains."""

from server.assets.models import AssetCard
from server.assets.scan import normalized_scan
from server.assets.states import can_be_listed
from server.assets.types import AssetFacts
from server.identity.types import RowSource
from server.kernel.errors import NotFound, StateConflict
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

_COLUMNS = (
    "id",
    "code",
    "name",
    "brand",
    "model",
    "specification",
    "category_code",
    "value_fen",
    "condition",
    "state",
    "owner_unit_id",
    "holder_unit_id",
    "holder_unit_path",
    "custodian_id",
    "lent_to_unit_id",
    "place_id",
    "is_classified",
    "is_storage_medium",
    "cleared_at",
    "frozen_reason",
    "picture_id",
    "version",
)
# Qualified throughout: `condition` alone is a reserved word on MariaDB.
_FACTS = f"SELECT {', '.join('c.' + column for column in _COLUMNS)} FROM asset_card c"


async def locked_card(uow: UnitOfWork, asset_id: str) -> AssetCard:
    """The card, held until the end of the unit of work; raises NotFound `asset.not_found`."""
    card = await uow.lock(AssetCard, asset_id)
    if card is None:
        raise NotFound("asset.not_found")
    return card


async def facts_by_id(rows: RowSource, asset_id: str) -> AssetFacts | None:
    """The card with this id, without a lock."""
    row = await rows.fetch_one(f"{_FACTS} WHERE c.id = ?", asset_id)
    return None if row is None else _facts_of_row(row)


async def facts_by_scan(rows: RowSource, text: str) -> AssetFacts | None:
    """The card whose code or valid label this is; None where there is none.

    Raises StateConflict `asset.label_voided` for a label that a reprint has voided.
    """
    scanned = normalized_scan(text)
    if not scanned:
        return None
    row = await rows.fetch_one(f"{_FACTS} WHERE c.code = ?", scanned)
    if row is not None:
        return _facts_of_row(row)
    label = await rows.fetch_one("SELECT asset_id, voided_at FROM asset_label WHERE token = ?", scanned)
    if label is None:
        return None
    if label["voided_at"] is not None:
        raise StateConflict("asset.label_voided")
    return await facts_by_id(rows, label["asset_id"])


def facts_of(card: AssetCard) -> AssetFacts:
    """A card's facts for other domains."""
    return _facts_of_row({name: getattr(card, name) for name in _COLUMNS})


def _facts_of_row(row: Row) -> AssetFacts:
    is_classified, is_storage_medium = bool(row["is_classified"]), bool(row["is_storage_medium"])
    is_cleared = row["cleared_at"] is not None
    kept = {column: row[column] for column in _COLUMNS if column != "cleared_at"}
    return AssetFacts(
        **{
            **kept,
            "is_classified": is_classified,
            "is_storage_medium": is_storage_medium,
            "is_cleared": is_cleared,
            "can_be_listed": can_be_listed(
                row["state"],
                is_classified=is_classified,
                is_frozen=row["frozen_reason"] is not None,
                is_uncleared=is_storage_medium and not is_cleared,
            ),
        }
    )
