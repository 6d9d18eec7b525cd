"""Which standard applies where and when, and every table there was."""

from collections.abc import Iterable
from datetime import date

from server.classification.standards.access import can_import, require_reader
from server.classification.standards.types import (
    EVIDENCE_NAMES,
    FAMILY_NAMES,
    Standard,
    StandardItem,
    StandardVersion,
    StandardView,
)
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number, from_microseconds, to_day_number
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row

__all__ = [
    "StandardBook",
    "can_import",
    "list_standards",
    "standard_book",
    "standard_for",
    "standard_history",
    "standard_view",
    "version_view",
]
DEFAULT_REGION = "全国"
_VERSION = (
    "SELECT s.id, s.region_code, r.name AS region_name, s.version, s.effective_on, s.source, s.reason, s.item_count,"
    " s.digest, s.created_by_name, s.created_at FROM allocation_standard s LEFT JOIN region r ON r.code = s.region_code"
)
_ITEM = (
    "SELECT i.standard_id, i.family, i.item, i.category_code, c.name AS category_name, i.price_ceiling_fen, i.measure,"
    " i.min_years, i.quantity_rule, i.evidence FROM allocation_item i LEFT JOIN category c ON c.code = i.category_code"
)


class StandardBook:
    """The tables of a region and of all above it, from the first to the last: what applied on any day."""

    def __init__(self, chain: list[str], versions: list[Row], items: dict[str, list[Row]]) -> None:
        self._chain = chain
        self._versions = versions
        self._items = items
        self._by_day: dict[date, dict[str, Standard]] = {}

    def of(self, category_path: str, day: date) -> Standard | None:
        """What applies on a day to things of the category (its path from the top down), named for it or for the nearest
        category above; None where nothing does."""
        applying = self.on(day)
        codes = reversed(category_path.strip("/").split("/"))
        return next((applying[code] for code in codes if code in applying), None)

    def on(self, day: date) -> dict[str, Standard]:
        """Every category for which a standard applies on the day: the nearest region that names it has the word."""
        if day not in self._by_day:
            self._by_day[day] = self._apply(day)
        return self._by_day[day]

    def _apply(self, day: date) -> dict[str, Standard]:
        applying: dict[str, Standard] = {}
        for version in _in_force(self._versions, self._chain, day):
            grades: dict[str, list[StandardItem]] = {}
            for row in self._items.get(version["id"], []):
                grades.setdefault(row["category_code"], []).append(_item(row))
            for code, items in grades.items():
                applying.setdefault(code, _standard(version, code, items))
        return applying


async def standard_book(reader: RowSource, region_path: str) -> StandardBook:
    """All that is needed to ask for the standards of one region."""
    chain = _chain_of(region_path)
    versions = await _versions_of(reader, chain)
    rows = await reader.fetch_all(
        f"{_ITEM} JOIN allocation_standard s ON s.id = i.standard_id"
        f" WHERE i.category_code IS NOT NULL AND s.region_code IN ({', '.join('?' * len(chain))}) ORDER BY i.position",
        *chain,
    )
    items: dict[str, list[Row]] = {}
    for row in rows:
        items.setdefault(row["standard_id"], []).append(row)
    return StandardBook(chain, versions, items)


async def standard_for(reader: RowSource, category_code: str, region_path: str, day: date) -> Standard | None:
    """What applies to things of a category in a region (path from the province down) on a day; None where nothing does,
    and for a category that nobody knows."""
    row = await reader.fetch_one("SELECT path FROM category WHERE code = ?", category_code)
    return None if row is None else (await standard_book(reader, region_path)).of(row["path"], day)


async def list_standards(actor: Actor) -> list[StandardView]:
    """The tables that apply today where the actor's unit is, the nearest region's first."""
    require_reader(actor)
    async with reading() as db:
        chain = _chain_of(actor.region_path)
        versions = _in_force(await _versions_of(db, chain), chain, present_day())
        return [StandardView(version=_version(row, {row["id"]}), items=await _items(db, row["id"])) for row in versions]


async def standard_history(actor: Actor, region_code: str) -> list[StandardVersion]:
    """Every table of a region, the newest first. Unauthenticated `session.required`."""
    require_reader(actor)
    async with reading() as db:
        rows = await db.fetch_all(f"{_VERSION} WHERE s.region_code = ? ORDER BY s.version DESC", region_code)
    current = _current(rows, present_day())
    return [_version(row, current) for row in rows]


async def standard_view(actor: Actor, standard_id: str) -> StandardView:
    """One version of any region's, whole. NotFound `standard.not_found`."""
    require_reader(actor)
    async with reading() as db:
        return StandardView(version=await version_view(db, standard_id), items=await _items(db, standard_id))


async def version_view(reader: RowSource, standard_id: str) -> StandardVersion:
    """One version without its items. NotFound `standard.not_found`."""
    row = await reader.fetch_one(f"{_VERSION} WHERE s.id = ?", standard_id)
    if row is None:
        raise NotFound("standard.not_found")
    rows = await reader.fetch_all(f"{_VERSION} WHERE s.region_code = ?", row["region_code"])
    return _version(row, _current(rows, present_day()))


def _chain_of(region_path: str) -> list[str]:
    """The codes of a region and all above it, the nearest first, the whole country (empty) last."""
    return [*reversed([code for code in region_path.split("/") if code]), ""]


async def _versions_of(reader: RowSource, chain: list[str]) -> list[Row]:
    return await reader.fetch_all(f"{_VERSION} WHERE s.region_code IN ({', '.join('?' * len(chain))})", *chain)


def _in_force(versions: list[Row], chain: list[str], day: date) -> list[Row]:
    """Of each region of the chain the version that applies on the day, the nearest region's first."""
    current = _current(versions, day)
    applying = [row for row in versions if row["id"] in current]
    return sorted(applying, key=lambda row: chain.index(row["region_code"]))


def _current(rows: Iterable[Row], day: date) -> set[str]:
    """The ids of each region's version that applies on the day: versions take effect in the order of their numbers."""
    newest: dict[str, Row] = {}
    for row in rows:
        known = newest.get(row["region_code"])
        if row["effective_on"] <= to_day_number(day) and (known is None or known["version"] < row["version"]):
            newest[row["region_code"]] = row
    return {row["id"] for row in newest.values()}


async def _items(reader: RowSource, standard_id: str) -> tuple[StandardItem, ...]:
    rows = await reader.fetch_all(f"{_ITEM} WHERE i.standard_id = ? ORDER BY i.position", standard_id)
    return tuple(_item(row) for row in rows)


def _standard(version: Row, code: str, items: list[StandardItem]) -> Standard:
    return Standard(
        standard_id=version["id"],
        region_code=version["region_code"],
        region_name=version["region_name"] or DEFAULT_REGION,
        source=version["source"],
        effective_on=from_day_number(version["effective_on"]),
        category_code=code,
        items=tuple(items),
    )


def _item(row: Row) -> StandardItem:
    return StandardItem(
        family=row["family"],
        family_name=FAMILY_NAMES[row["family"]],
        item=row["item"],
        category_code=row["category_code"],
        category_name=row["category_name"],
        price_ceiling_fen=row["price_ceiling_fen"],
        measure=row["measure"],
        min_years=row["min_years"],
        quantity_rule=row["quantity_rule"],
        evidence=row["evidence"],
        evidence_name=EVIDENCE_NAMES[row["evidence"]],
    )


def _version(row: Row, current: set[str]) -> StandardVersion:
    return StandardVersion(
        id=row["id"],
        region_code=row["region_code"],
        region_name=row["region_name"] or DEFAULT_REGION,
        version=row["version"],
        effective_on=from_day_number(row["effective_on"]),
        source=row["source"],
        reason=row["reason"],
        item_count=row["item_count"],
        digest=row["digest"],
        created_by_name=row["created_by_name"],
        created_at=from_microseconds(row["created_at"]),
        is_current=row["id"] in current,
    )
