# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What follows a unit on the board and among the loans: what is under way goes on, papers that have ended stay."""

from server.approvals.ops import move_waiting
from server.assets import unit_columns  # noqa: F401 - the cards follow first: what is told here is told of them
from server.assets.ops import asset_facts, relend
from server.circulation.alike import alike_key
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.indexing import SEARCH_KIND, listing_documents
from server.circulation.models import AssetListing, BorrowingLine
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
from server.identity.scope import Clause
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_facts
from server.search.ops import index_documents

_AT_ONCE = 200
_OPEN = "state NOT IN ('rejected', 'withdrawn', 'expired', 'closed')"
BORROWED = follow(
    UnitColumns(
        table="borrowing",
        unit_id="borrower_unit_id",
        path="borrower_unit_path",
        name="borrower_unit_name",
        label="未办结的借入",
        open=_OPEN,
        held=_OPEN,
        with_people=("applicant_id",),
        has_version=True,
    )
)
LENT = follow(
    UnitColumns(
        table="borrowing",
        unit_id="holder_unit_id",
        path="holder_unit_path",
        name="holder_unit_name",
        label="未办结的借出",
        open=_OPEN,
        held=_OPEN,
        with_place="place_id",
        has_version=True,
    )
)
# A search is its owner's: it goes where the person goes, and looks from there.
SAVED_SEARCHES = follow(UnitColumns(table="saved_search", unit_id="unit_id", with_people=("person_id",)))
LISTED = follow(
    UnitColumns(
        table="asset_listing",
        unit_id="holder_unit_id",
        name="holder_unit_name",
        label="共享大厅上架",
        open="is_open = 1",
        held="is_open = 1",
        with_place="place_id",
    )
)


async def shared_numbers(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """Two units of one short name may both have a loan of one number; on one unit's shelf a number stands once."""
    clause = own_clause(BORROWED, change)
    if change.kind not in {ChangeKind.MERGE, ChangeKind.SPLIT} or clause is None:
        return []
    row = await rows.fetch_one(
        f"SELECT MIN(number) AS number FROM borrowing WHERE {clause[0]} AND number IN"
        " (SELECT number FROM borrowing WHERE borrower_unit_id = ?)",
        *clause[1],
        change.after.id,
    )
    return [StateConflict("unit_change.number_taken", number=row["number"])] if row and row["number"] else []


async def split_approvals(uow: UnitOfWork, change: Reorganisation) -> int:
    """What the loans that go along still wait for is asked of the new unit; a reviewer's own step stays."""
    if change.kind is not ChangeKind.SPLIT:
        return 0
    moved = 0
    for columns, is_applicant in ((BORROWED, True), (LENT, False)):
        ids = await _ids(uow, own_clause(columns, change))
        moved += await move_waiting(uow, "borrowing", ids, change, is_applicant=is_applicant)
        renewals = await _pending_renewals(uow, ids)
        moved += await move_waiting(uow, "renewal", renewals, change, is_applicant=is_applicant)
    return moved


async def _pending_renewals(uow: UnitOfWork, borrowing_ids: list[str]) -> list[str]:
    renewals: list[str] = []
    for start in range(0, len(borrowing_ids), _AT_ONCE):
        some = borrowing_ids[start : start + _AT_ONCE]
        rows = await uow.fetch_all(
            f"SELECT id FROM borrowing_renewal WHERE open_key IN ({', '.join('?' * len(some))})", *some
        )
        renewals += [row["id"] for row in rows]
    return renewals


async def _ids(uow: UnitOfWork, clause: Clause | None) -> list[str]:
    if clause is None:
        return []
    rows = await uow.fetch_all(f"SELECT id FROM borrowing WHERE {clause[0]} ORDER BY id", *clause[1])
    return [row["id"] for row in rows]


async def relend_things(uow: UnitOfWork, change: Reorganisation) -> int:
    """What people who go along have on loan is on loan to the new unit."""
    if change.kind is ChangeKind.SPLIT:
        out = await uow.fetch_all(
            "SELECT l.asset_id FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id"
            " JOIN asset_card c ON c.id = l.asset_id WHERE b.borrower_unit_id = ? AND b.state = 'issued'"
            " AND l.issued_at IS NOT NULL AND l.returned_at IS NULL AND l.lost_at IS NULL"
            " AND c.lent_to_unit_id = ? ORDER BY l.asset_id",
            change.after.id,
            change.before.id,
        )
        await relend(uow, [row["asset_id"] for row in out], change)
    return 0


async def name_classes_anew(uow: UnitOfWork, change: Reorganisation) -> int:
    """What can stand in for what is a class of one holder's things: with another holder it has another name, on the
    board and in what was promised."""
    if change.kind not in {ChangeKind.MERGE, ChangeKind.SPLIT}:
        return 0
    for listing in await uow.find_all(AssetListing, holder_unit_id=change.after.id, is_open=True):
        key = await _class_of(uow, listing.asset_id)
        if key != listing.alike_key:
            await uow.change(AssetListing, {"id": listing.id, "is_open": True}, alike_key=key)
    waiting = await uow.fetch_all(
        "SELECT l.id, l.asset_id FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        f" WHERE b.holder_unit_id = ? AND b.{_OPEN} AND l.alike_key <> '' AND l.issued_at IS NULL"
        " AND l.released_at IS NULL ORDER BY l.id",
        change.after.id,
    )
    for line in waiting:
        await uow.change(BorrowingLine, {"id": line["id"]}, alike_key=await _class_of(uow, line["asset_id"]))
    return 0


async def _class_of(uow: UnitOfWork, asset_id: str) -> str:
    card = await asset_facts(uow, asset_id)
    assert card is not None
    return alike_key(card, (await place_facts(uow, card.place_id)).path)


async def find_again(uow: UnitOfWork, change: Reorganisation) -> int:
    """The board is searched by the holder's name too."""
    listings = await uow.find_all(AssetListing, holder_unit_id=change.after.id, is_open=True)
    for start in range(0, len(listings), _AT_ONCE):
        ids = [listing.id for listing in listings[start : start + _AT_ONCE]]
        await index_documents(uow, SEARCH_KIND, await listing_documents(uow, ids))
    uow.publish_after_commit(BOARD_CHANNEL)
    return 0


# A basket promises nothing; whoever acts for another unit now begins an empty one.
keep("basket_item", "unit_id", "借用清单不占任何日期，换了单位重新挑选")
register_obstacles(shared_numbers)
on_unit_changed("approval_chain", split_approvals)
on_unit_changed("asset_listing", find_again)
on_unit_changed("asset_card", relend_things)
on_unit_changed("asset_card", name_classes_anew)
