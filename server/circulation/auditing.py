# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Borrowings and listings, as the audit finds and names them; both belong to the card that they are of."""

from server.kernel.audit.subjects import MOST_FOUND, Subject, register_related, register_subject
from server.kernel.storage.database import Reader


async def _find_borrowings(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        f"SELECT id, number FROM borrowing WHERE number = ? OR id = ? ORDER BY id LIMIT {MOST_FOUND}", text, text
    )
    return [Subject("borrowing", row["id"], row["number"]) for row in found]


async def _name_borrowings(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"SELECT id, number FROM borrowing WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: row["number"] for row in found}


async def _find_listings(rows: Reader, text: str) -> list[Subject]:
    # A listing is found by its card; by itself it has nothing that people know it by but its id.
    names = await _name_listings(rows, [text])
    return [Subject("listing", listing_id, label) for listing_id, label in names.items()]


async def _name_listings(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(
        f"SELECT id, code, name FROM asset_listing WHERE id IN ({', '.join('?' * len(ids))})", *ids
    )
    return {row["id"]: f"{row['code']} {row['name']}" for row in found}


async def _name_renewals(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(
        "SELECT n.id, b.number FROM borrowing_renewal n JOIN borrowing b ON b.id = n.borrowing_id"
        f" WHERE n.id IN ({', '.join('?' * len(ids))})",
        *ids,
    )
    return {row["id"]: f"{row['number']} 续借" for row in found}


async def _find_renewals(rows: Reader, text: str) -> list[Subject]:
    # By its borrowing; by itself it has nothing that people know it by but its id.
    names = await _name_renewals(rows, [text])
    return [Subject("renewal", renewal_id, label) for renewal_id, label in names.items()]


async def _of_card(rows: Reader, asset_id: str) -> list[tuple[str, str]]:
    listings = await rows.fetch_all("SELECT id FROM asset_listing WHERE asset_id = ? ORDER BY id DESC", asset_id)
    loans = await rows.fetch_all(
        "SELECT DISTINCT borrowing_id FROM borrowing_line WHERE asset_id = ? ORDER BY borrowing_id DESC", asset_id
    )
    renewals = await rows.fetch_all(
        "SELECT DISTINCT n.id FROM borrowing_renewal n JOIN borrowing_line l ON l.borrowing_id = n.borrowing_id"
        " WHERE l.asset_id = ? ORDER BY n.id DESC",
        asset_id,
    )
    return [
        *(("listing", row["id"]) for row in listings),
        *(("borrowing", row["borrowing_id"]) for row in loans),
        *(("renewal", row["id"]) for row in renewals),
    ]


async def _of_loan(rows: Reader, borrowing_id: str) -> list[tuple[str, str]]:
    """What was decided about a longer loan stands under the renewal."""
    renewals = await rows.fetch_all(
        "SELECT id FROM borrowing_renewal WHERE borrowing_id = ? ORDER BY id DESC", borrowing_id
    )
    return [("renewal", row["id"]) for row in renewals]


register_subject("borrowing", find=_find_borrowings, name=_name_borrowings)
register_subject("renewal", find=_find_renewals, name=_name_renewals)
register_subject("listing", find=_find_listings, name=_name_listings)
register_related("asset", _of_card)
register_related("borrowing", _of_loan)
