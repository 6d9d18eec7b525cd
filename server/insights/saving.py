"""Money saved by not buying (rules: Figures people ask for): the standard's price of what was borrowed instead."""

from datetime import date

import msgspec

from server.classification.standards.queries import StandardBook, standard_book
from server.identity.types import RowSource
from server.insights.scope import YearScope
from server.insights.sql import ordinal_of_instant
from server.insights.types import SavedThing, Saving
from server.kernel.storage.database import Row

# A standard by the square metre prices no single thing.
_BY_AREA = frozenset({"㎡", "平方米", "元/㎡", "元/平方米", "延米", "米"})
# Each thing once for each unit that borrowed it in the year: its first line.
_FIRST = (
    "SELECT MIN(l.id) AS first_id FROM borrowing b"
    " JOIN borrowing_line l ON l.borrowing_id = b.id AND l.issued_at IS NOT NULL"
    " WHERE b.issued_at >= ? AND b.issued_at < ? AND {} GROUP BY b.borrower_unit_id, l.asset_id"
)
# All of them are there: LEFT JOIN says that the year's lines come first, and not every card there is.
_OF_FIRST = (
    " FROM ({}) f LEFT JOIN borrowing_line l ON l.id = f.first_id LEFT JOIN borrowing b ON b.id = l.borrowing_id"
    " LEFT JOIN asset_card c ON c.id = l.asset_id LEFT JOIN category g ON g.code = c.category_code"
    " LEFT JOIN unit u ON u.id = b.borrower_unit_id LEFT JOIN region r ON r.code = u.region_code"
)
_DAY = ordinal_of_instant("l.issued_at")
_PRICED = "l.value_fen, COALESCE(g.path, '') AS category_path, r.path AS region_path"


class Price(msgspec.Struct, frozen=True):
    """What one thing would have cost, and where the price comes from."""

    fen: int
    is_by_standard: bool
    source: str


class PriceBook:
    """Prices for things not bought, asked for by region, category and day."""

    def __init__(self, rows: RowSource) -> None:
        self._rows = rows
        self._books: dict[str, StandardBook] = {}

    async def price(self, row: Row, day: date) -> Price:
        """`row`: `value_fen`, `category_path` and `region_path` (whose standards bind the unit that would have bought).

        The ceiling of the lowest grade, since nobody knows for whom it would have been; the book value otherwise.
        """
        region = row["region_path"]
        if region not in self._books:
            self._books[region] = await standard_book(self._rows, region)
        standard = self._books[region].of(row["category_path"], day) if row["category_path"] else None
        if standard is None or standard.items[0].measure in _BY_AREA:
            return Price(row["value_fen"], is_by_standard=False, source="没有按件定价的配置标准，按账面原值")
        source = f"{standard.region_name}配置标准“{standard.name}”（{standard.source}）"
        return Price(standard.floor_fen, is_by_standard=True, source=source)


async def saving_of(rows: RowSource, scope: YearScope) -> Saving:
    """The sum of a year. Equal things of one day are priced together."""
    sql, values = _of_first(scope)
    found = await rows.fetch_all(
        f"SELECT {_PRICED}, {_DAY} AS day, COUNT(*) AS pieces{sql}"
        " GROUP BY l.value_fen, COALESCE(g.path, ''), r.path, day",
        *values,
    )
    book, pieces, fen, by_standard, by_standard_fen = PriceBook(rows), 0, 0, 0, 0
    for row in found:
        price = await book.price(row, date.fromordinal(int(row["day"])))
        pieces += row["pieces"]
        fen += price.fen * row["pieces"]
        if price.is_by_standard:
            by_standard += row["pieces"]
            by_standard_fen += price.fen * row["pieces"]
    return Saving(pieces=pieces, fen=fen, by_standard=by_standard, by_standard_fen=by_standard_fen)


async def saved_rows(
    rows: RowSource, scope: YearScope, before: str | None, size: int
) -> tuple[list[SavedThing], str | None]:
    """The things behind the sum, the latest first, from below the line `before`; and the last one's line."""
    sql, values = _of_first(scope)
    beyond = "" if before is None else " WHERE f.first_id < ?"
    found = await rows.fetch_all(
        f"SELECT l.id, l.asset_code, l.asset_name, b.borrower_unit_name, b.number, b.id AS borrowing_id, {_PRICED},"
        f" {_DAY} AS day{sql}{beyond} ORDER BY f.first_id DESC LIMIT ?",
        *values,
        *([] if before is None else [before]),
        size,
    )
    book = PriceBook(rows)
    return [await _thing(book, row) for row in found], found[-1]["id"] if found else None


def _of_first(scope: YearScope) -> tuple[str, tuple[object, ...]]:
    clause, values = scope.clause("b.borrower_unit_path")
    return _OF_FIRST.format(_FIRST.format(clause)), (scope.start, scope.end, *values)


async def _thing(book: PriceBook, row: Row) -> SavedThing:
    day = date.fromordinal(int(row["day"]))
    price = await book.price(row, day)
    return SavedThing(
        asset_code=row["asset_code"],
        asset_name=row["asset_name"],
        unit_name=row["borrower_unit_name"],
        number=row["number"],
        borrowing_id=row["borrowing_id"],
        borrowed_on=day,
        price_fen=price.fen,
        is_by_standard=price.is_by_standard,
        source=price.source,
    )
