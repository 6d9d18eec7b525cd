# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Cards as people see them, with what the reader may do to each."""

from typing import Any

from server.assets.access import MANAGERS, is_keeper_there, readable_clause
from server.assets.states import CONDITION_NAMES, MOVABLE, STATE_NAMES, AssetState, can_be_listed
from server.assets.types import AssetView
from server.identity.scope import is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.storage.database import Row
from server.places.queries import place_facts

_PLAIN = (
    "id",
    "code",
    "name",
    "item_name",
    "brand",
    "model",
    "specification",
    "category_code",
    "value_fen",
    "condition",
    "state",
    "owner_unit_id",
    "holder_unit_id",
    "lent_to_unit_id",
    "custodian_id",
    "place_id",
    "finance_card_no",
    "frozen_reason",
    "picture_id",
    "version",
)
_NAMES = ("category_name", "owner_unit_name", "holder_unit_name")
_SELECT = (
    f"SELECT {', '.join('c.' + column for column in _PLAIN)}, c.acquired_on, c.is_classified, c.is_storage_medium,"
    " c.cleared_at, c.created_at, c.holder_unit_path, g.name AS category_name, o.name AS owner_unit_name,"
    " h.name AS holder_unit_name, b.name AS lent_to_unit_name, k.name AS custodian_name,"
    " (SELECT l.serial FROM asset_label l WHERE l.asset_id = c.id AND l.voided_at IS NULL) AS label_serial"
    " FROM asset_card c LEFT JOIN category g ON g.code = c.category_code LEFT JOIN unit o ON o.id = c.owner_unit_id"
    " LEFT JOIN unit h ON h.id = c.holder_unit_id LEFT JOIN unit b ON b.id = c.lent_to_unit_id"
    " LEFT JOIN person k ON k.id = c.custodian_id"
)


async def read_view(rows: RowSource, actor: Actor, asset_id: str) -> AssetView:
    """One card in full; NotFound `asset.not_found` where the actor may not see it."""
    clause, values = readable_clause(actor)
    row = await rows.fetch_one(f"{_SELECT} WHERE c.id = ? AND {clause}", asset_id, *values)
    if row is None:
        raise NotFound("asset.not_found")
    place = await place_facts(rows, row["place_id"])
    is_manager = is_in_scope(actor, row["holder_unit_path"], *MANAGERS)
    is_handler = is_manager or await is_keeper_there(rows, actor, place.path)
    named: dict[str, Any] = {column: row[column] or "" for column in _NAMES}
    return AssetView(
        **{column: row[column] for column in _PLAIN},
        **{column: row[column] for column in ("lent_to_unit_name", "custodian_name", "label_serial")},
        **named,
        **_facts(row),
        **_permissions(row, is_manager, is_handler),
        place_name=place.full_name,
    )


def _facts(row: Row) -> dict[str, Any]:
    is_medium, is_classified = bool(row["is_storage_medium"]), bool(row["is_classified"])
    return {
        "acquired_on": from_day_number(row["acquired_on"]),
        "condition_name": CONDITION_NAMES[row["condition"]],
        "state_name": STATE_NAMES[row["state"]],
        "is_classified": is_classified,
        "is_storage_medium": is_medium,
        "cleared_at": None if row["cleared_at"] is None else from_microseconds(row["cleared_at"]),
        "created_at": from_microseconds(row["created_at"]),
        "can_be_listed": can_be_listed(
            row["state"],
            is_classified=is_classified,
            is_frozen=row["frozen_reason"] is not None,
            is_uncleared=is_medium and row["cleared_at"] is None,
        ),
    }


def _permissions(row: Row, is_manager: bool, is_handler: bool) -> dict[str, Any]:
    is_open = row["state"] != AssetState.DISPOSED
    is_frozen = row["frozen_reason"] is not None
    return {
        "can_correct": is_manager and is_open and not is_frozen,
        "can_change_custodian": is_manager and is_open and not is_frozen,
        "can_freeze": is_manager and is_open and not is_frozen,
        "can_unfreeze": is_manager and is_frozen,
        "can_move": is_handler and row["state"] in MOVABLE and not is_frozen,
        "can_record_clearing": is_handler and bool(row["is_storage_medium"]) and row["state"] in MOVABLE,
        "can_attach_picture": is_handler and is_open,
        "can_print_label": is_handler and is_open,
    }
