"""Puts the believable cards on the board of a migrated product, in bulk, and into the index as the product does."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from bench.search_corpus import BUREAUS, DISTRICTS, PUBLISHED, Thing
from server.circulation.indexing import SEARCH_KIND, listing_documents
from server.classification.catalogue import read_catalogue
from server.classification.commands import import_categories
from server.classification.types import ImportCategories
from server.kernel.actor import system_actor
from server.kernel.storage.database import Database, Transaction
from server.search.ops import write_documents

REACH = "330000/330100/"
_BATCH = 2000
_LISTED = 10**15


async def enter_catalogue(codes: set[str]) -> None:
    """The categories of the published catalogue that `codes` need, with all above them."""
    rows = {row.code: row for row in read_catalogue(PUBLISHED.read_text(encoding="utf-8"))}
    wanted = set[str]()
    for each in codes:
        code = each
        while code and code not in wanted:
            wanted.add(code)
            code = rows[code].parent_code
    request = ImportCategories(
        source="政府采购品目分类目录", version="2022", rows=tuple(rows[code] for code in sorted(wanted))
    )
    await import_categories(system_actor("bench"), request)


async def enter_units(database: Database) -> None:
    """A unit for each bureau of each district."""
    async with database.transaction() as transaction:
        rows = [
            {
                "id": _unit_id(district, bureau),
                "party_id": f"party{_unit_id(district, bureau)}"[:16],
                "code": f"{code}B{bureau:02d}",
                "name": name + BUREAUS[bureau][0],
                "short_name": name.removesuffix("区") + BUREAUS[bureau][1],
                "kind": "organ",
                "region_code": code,
                "path": f"{_unit_id(district, bureau)}/",
                "is_finance_authority": 0,
                "is_operator": 0,
                "is_active": 1,
                "version": 1,
            }
            for district, (code, name) in enumerate(DISTRICTS)
            for bureau in range(len(BUREAUS))
        ]
        await _insert(transaction, "unit", rows)
        await transaction.commit()


async def enter_things(database: Database, things: Iterable[Thing], first: int = 0) -> int:
    """Cards with their open listings, numbered from `first`; returns how many."""
    source, number = iter(things), first
    while some := list(islice(source, _BATCH)):
        rows = [(number + place, thing) for place, thing in enumerate(some)]
        async with database.transaction() as transaction:
            names = await _category_names(transaction, {thing.category_code for thing in some})
            await _insert(transaction, "asset_card", [_card(place, thing) for place, thing in rows])
            await _insert(
                transaction,
                "asset_listing",
                [_listing(place, thing, names[thing.category_code]) for place, thing in rows],
            )
            ids = [listing_id(place) for place, _ in rows]
            await write_documents(transaction, SEARCH_KIND, await listing_documents(transaction, ids))
            await transaction.commit()
        number += len(some)
    return number - first


async def _category_names(transaction: Transaction, codes: set[str]) -> dict[str, str]:
    rows = await transaction.fetch_all(
        f"SELECT code, name FROM category WHERE code IN ({', '.join('?' * len(codes))})", *codes
    )
    return {row["code"]: row["name"] for row in rows}


async def _insert(transaction: Transaction, table: str, rows: list[dict[str, Any]]) -> None:
    quote = "`" if transaction.dialect == "mariadb" else '"'
    columns = ", ".join(f"{quote}{column}{quote}" for column in rows[0])
    marks = ", ".join("?" * len(rows[0]))
    await transaction.execute_many(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})", [tuple(row.values()) for row in rows]
    )


def listing_id(number: int) -> str:
    """The id of the listing of the card with this number."""
    return f"l{number:015d}"


def _unit_id(district: int, bureau: int) -> str:
    return f"u{district:02d}{bureau:02d}"


def _card(number: int, thing: Thing) -> dict[str, Any]:
    return {
        "id": f"b{number:015d}",
        "code": thing.code,
        "name": " ".join(filter(None, (thing.name, thing.brand, thing.model))),
        "item_name": thing.name,
        "brand": thing.brand,
        "model": thing.model,
        "specification": thing.specification,
        "category_code": thing.category_code,
        "value_fen": thing.value_fen,
        "acquired_on": 20240312,
        "condition": ("good", "good", "usable", "new")[number % 4],
        "state": "in_use",
        "owner_unit_id": _unit_id(thing.district, thing.bureau),
        "holder_unit_id": _unit_id(thing.district, thing.bureau),
        "holder_unit_path": f"{_unit_id(thing.district, thing.bureau)}/",
        "place_id": f"p{thing.district:02d}",
        "is_classified": 0,
        "is_storage_medium": 0,
        "version": 1,
        "created_at": _LISTED + number,
    }


def _listing(number: int, thing: Thing, category_name: str) -> dict[str, Any]:
    card = _card(number, thing)
    copied = ("code", "name", "brand", "model", "specification", "category_code", "condition", "value_fen", "place_id")
    return {
        **{column: card[column] for column in (*copied, "holder_unit_id")},
        "id": listing_id(number),
        "asset_id": card["id"],
        "open_key": card["id"],
        "is_open": 1,
        "category_name": category_name,
        "holder_unit_name": thing.unit_name,
        "region_code": DISTRICTS[thing.district][0],
        "region_name": DISTRICTS[thing.district][1],
        "reach_path": REACH,
        "place_name": thing.place,
        "place_path": f"p{thing.district:02d}/",
        "terms": "自提自还",
        "longest_days": 60,
        "listed_at": card["created_at"],
        "listed_by": "bench",
    }
