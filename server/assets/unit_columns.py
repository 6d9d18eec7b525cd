# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What follows a unit among the cards: whose it is, who holds it, who has it on loan; each card's history says so."""

from typing import Any

from server.assets.events import CHANGED
from server.assets.restating import AT_ONCE, INDEX_AGAIN, marks, restate
from server.assets.states import AssetState
from server.files.ops import share_file
from server.identity.ops import (
    ChangeKind,
    Reorganisation,
    UnitColumns,
    follow,
    keep,
    on_unit_changed,
    own_clause,
    register_obstacles,
)
from server.identity.scope import prefix_clause
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

_UNITS = ("owner_unit_id", "holder_unit_id", "lent_to_unit_id")
_UNENDED = f"state <> '{AssetState.DISPOSED.value}'"
HOLDER = follow(
    UnitColumns(
        table="asset_card",
        unit_id="holder_unit_id",
        path="holder_unit_path",
        label="持有的资产",
        open=_UNENDED,
        held=_UNENDED,
        with_place="place_id",
        is_handled=True,
    )
)
OWNER = follow(
    UnitColumns(
        table="asset_card",
        unit_id="owner_unit_id",
        label="权属资产",
        open=_UNENDED,
        held=_UNENDED,
        with_place="place_id",
        is_handled=True,
    )
)
BORROWER = follow(
    UnitColumns(table="asset_card", unit_id="lent_to_unit_id", label="借入在用的资产", open=_UNENDED, is_handled=True)
)
# Whoever has taken the unit over can look at its imports, go on with them and take them back.
follow(UnitColumns(table="ledger_import", unit_id="unit_id", label="台账导入"))
keep("ledger_memory", "unit_id", "台账里的写法是原单位的，并入后各自说明")
keep("asset_event", "unit_id", "履历记当时经办人所在的单位")


async def restate_cards(uow: UnitOfWork, change: Reorganisation) -> int:
    """Let the cards follow, each with an event that says what differs."""
    if change.kind is ChangeKind.RENAME:
        held = await uow.fetch_all("SELECT id FROM asset_card WHERE holder_unit_id = ?", change.before.id)
        await _tell(uow, [row["id"] for row in held])
        return 0
    condition, values = _touched(change)
    lock = "" if uow.transaction.dialect == "sqlite" else " FOR UPDATE"
    cards = await uow.fetch_all(
        "SELECT id, version, state, place_id, picture_id, owner_unit_id, holder_unit_id, holder_unit_path,"
        f" lent_to_unit_id FROM asset_card WHERE {condition} ORDER BY id{lock}",
        *values,
    )
    await restate(uow, change, cards, [_after(card, change) for card in cards])
    await _tell(uow, [card["id"] for card in cards])
    if change.kind is ChangeKind.SPLIT:
        for picture_id in sorted({card["picture_id"] for card in cards if card["picture_id"]}):
            await share_file(uow, picture_id, change.after.id)
    return len(cards)


async def _tell(uow: UnitOfWork, asset_ids: list[str]) -> None:
    """Let the copies of these cards follow after the commit, and the index by which they are found, some at a time."""
    await uow.emit_all(CHANGED, [{"asset_id": each} for each in asset_ids])
    some = [asset_ids[start : start + AT_ONCE] for start in range(0, len(asset_ids), AT_ONCE)]
    await uow.emit_all(INDEX_AGAIN, [{"asset_ids": each} for each in some])


def _touched(change: Reorganisation) -> tuple[str, list[str]]:
    clauses = [clause for clause in (own_clause(columns, change) for columns in (HOLDER, OWNER, BORROWER)) if clause]
    if change.kind in {ChangeKind.MOVE, ChangeKind.MERGE}:
        clauses.append(prefix_clause("holder_unit_path", change.before.path))
    sql = " OR ".join(f"({clause})" for clause, _ in clauses) or "1 = 0"
    return sql, [value for _, values in clauses for value in values]


def _after(card: Row, change: Reorganisation) -> dict[str, Any]:
    """The columns that differ afterwards, with their new values."""
    after: dict[str, Any] = {}
    if change.kind is not ChangeKind.MOVE and card["state"] != AssetState.DISPOSED:
        # What is on loan goes with the loan; in a split the loan says where to.
        columns = _UNITS[:2] if change.kind is ChangeKind.SPLIT else _UNITS
        after = {column: change.after.id for column in columns if card[column] == change.before.id}
    path: str = card["holder_unit_path"]
    if path.startswith(change.before.path) and (change.kind is not ChangeKind.SPLIT or "holder_unit_id" in after):
        after["holder_unit_path"] = change.after.path + path[len(change.before.path) :]
    return after


async def torn_custody(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """A split takes a thing and whoever answers for it, or neither: otherwise nobody would answer for it."""
    if change.kind is not ChangeKind.SPLIT:
        return []
    people, places = [*change.people, ""], [*change.places, ""]
    row = await rows.fetch_one(
        f"SELECT COUNT(*) AS number FROM asset_card WHERE holder_unit_id = ? AND {_UNENDED}"
        f" AND custodian_id IS NOT NULL AND (CASE WHEN place_id IN ({marks(places)}) THEN 1 ELSE 0 END)"
        f" <> (CASE WHEN custodian_id IN ({marks(people)}) THEN 1 ELSE 0 END)",
        change.before.id,
        *places,
        *people,
    )
    if row is None or not row["number"]:
        return []
    return [StateConflict("unit_change.custody_torn", number=row["number"])]


on_unit_changed("asset_card", restate_cards)
register_obstacles(torn_custody)
