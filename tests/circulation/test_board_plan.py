"""The board is read along its indexes: the work of one page does not grow with the number of cards."""

from datetime import date

import pytest

from server.circulation.queries.board_sql import board_page, region_prefixes
from server.circulation.types import ListingFilter
from server.kernel.reading import present_day, reading

CARDS = 3000
COLUMNS = (
    "id, asset_id, open_key, is_open, code, name, brand, model, specification, category_code, category_name,"
    " `condition`, value_fen, holder_unit_id, holder_unit_name, region_code, region_name, reach_path, place_id,"
    " place_path, place_name, terms, longest_days, listed_at, listed_by"
)
VIEWER = "330000/330100/330113/"


def card(number: int) -> tuple:
    key = f"{number:016d}"
    reach = "330000/330100/" if number % 5 else "330000/330100/330113/"
    return (
        *(key, key, key, 1, f"C{key}", "投影仪", "爱普生", "CB-X06", "", f"A0202{number % 90:02d}00", "投影仪", "good"),
        *(number * 100, "u", "区卫健局", "330113", "临平区", reach, "p", "p/", "主仓", "自取自还", 30, number, "x"),
    )


@pytest.fixture
async def full_board(runtime):
    async with runtime.database.transaction() as transaction:
        marks = ", ".join("?" * 25)
        await transaction.execute_many(
            f"INSERT INTO asset_listing ({COLUMNS}) VALUES ({marks})", [card(number) for number in range(CARDS)]
        )
        await transaction.commit()
    await runtime.database.run_script(
        ["ANALYZE" if runtime.database.dialect == "sqlite" else "ANALYZE TABLE asset_listing"]
    )


WANTED = {
    "plain": ListingFilter(),
    "dearest": ListingFilter(sort="value"),
    "district": ListingFilter(region_code="330113"),
    "condition": ListingFilter(condition="good"),
    "category": ListingFilter(category_prefix="A02021100"),
    "free": ListingFilter(free_from=date(2030, 1, 1), free_to=date(2030, 1, 9)),
}


@pytest.mark.parametrize("name", list(WANTED))
async def test_page_is_read_along_an_index_when_the_board_is_full(full_board, name):
    sql, values = board_page(region_prefixes(VIEWER), WANTED[name], None, present_day(), 20)
    async with reading() as db:
        rows = await db.fetch_all(sql, *values)
        if db.dialect == "sqlite":
            plan = [row["detail"] for row in await db.fetch_all(f"EXPLAIN QUERY PLAN {sql}", *values)]
            on_listings = [line for line in plan if line.split()[1:2] == ["p"]]
            assert all(line.startswith("SEARCH p USING") and "reach_path=?" in line for line in on_listings)
        else:
            plan = await db.fetch_all(f"EXPLAIN {sql}", *values)
            on_listings = [row["key"] for row in plan if row["table"] == "p"]
            assert None not in on_listings
    assert len(on_listings) == 3
    assert len(rows) == 21
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
