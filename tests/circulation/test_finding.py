"""Finding on the board: ranked, counted, sorted, with the reason for every hit; and where things are."""

import pytest

from server.circulation.finding_types import Tally
from server.circulation.queries import find_listings, list_listings, whereabouts
from server.circulation.types import ListingFilter
from server.identity.roles import Role
from server.kernel.errors import InvalidInput
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import DESK, LAPTOP
from tests.factories.circulation import Hall, day, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor


@pytest.fixture
async def stocked(hall: Hall) -> Hall:
    """Beside the projector: a laptop that a synonym finds, a desk, and a lamp of the projector's name."""
    ledger = hall.ledger
    await make_listed_projector(
        ledger, item_name="便携式计算机", category_code=LAPTOP, value_fen=800_000, condition="new", model="E14"
    )
    await make_listed_projector(ledger, item_name="办公桌", category_code=DESK, value_fen=90_000, brand="无", model="")
    await make_listed_projector(ledger, item_name="投影仪灯泡", value_fen=12_000, model="LP96")
    return hall


async def names(hall: Hall, **wanted: object) -> list[str]:
    found = await find_listings(hall.borrower, ListingFilter(**wanted))  # type: ignore[arg-type]
    return [row.name.split()[0] for row in found.items]


async def test_best_match_comes_first_and_says_why(stocked: Hall):
    found = await find_listings(stocked.borrower, ListingFilter(text="投影仪"))
    assert [(row.name, row.why) for row in found.items] == [
        ("投影仪 爱普生 CB-X06", ("名称相符",)),
        ("投影仪灯泡 爱普生 LP96", ("品类相符",)),
    ]
    assert (found.sort, found.total, found.is_capped, found.reads_as) == ("match", 2, False, [])
    laptop = await find_listings(stocked.borrower, ListingFilter(text="笔记本 爱普生"))
    assert [row.why for row in laptop.items] == [("同义词“便携式计算机”", "品牌相符")]
    initials = await find_listings(stocked.borrower, ListingFilter(text="tyy"))
    assert initials.items[0].why == ("拼音首字母“投影仪”",)
    slip = await find_listings(stocked.borrower, ListingFilter(text="头影仪"))
    assert slip.items[0].why == ("近似“投影仪”",)
    assert [(each.typed, each.meant) for each in slip.reads_as] == [("头影仪", "投影仪")]


async def test_finds_are_sorted_as_asked(stocked: Hall):
    await make_borrowing(stocked, 0, 4)
    assert await names(stocked, text="投影", sort="newest") == ["投影仪灯泡", "投影仪"]
    assert await names(stocked, text="投影", sort="value") == ["投影仪", "投影仪灯泡"]
    assert await names(stocked, text="投影", sort="free") == ["投影仪灯泡", "投影仪"]
    assert (await names(stocked, sort="free"))[-1] == "投影仪"
    assert (await names(stocked, sort="value"))[0] == "便携式计算机"
    assert (await names(stocked, sort="match"))[0] == "投影仪灯泡"


async def test_everything_found_is_counted(stocked: Hall):
    await make_borrowing(stocked, 0, 4)
    counted = (await find_listings(stocked.borrower)).tallies
    assert {tally.value: tally.count for tally in counted.categories} == {"A02020200": 2, LAPTOP: 1, DESK: 1}
    assert counted.conditions == (Tally("good", 3, "良好"), Tally("new", 1, "全新"))
    assert [(tally.label, tally.count) for tally in counted.units] == [("杭州市临平区卫生健康局", 4)]
    assert [(tally.value, tally.count) for tally in counted.free] == [("0", 3), ("7", 4), ("30", 4)]
    assert [(tally.value, tally.count) for tally in counted.values] == [("0", 2), ("100000", 1), ("500000", 1)]
    searched = (await find_listings(stocked.borrower, ListingFilter(text="投影"))).tallies
    assert sum(tally.count for tally in searched.categories) == 2


async def test_finds_are_narrowed_by_value_unit_place_and_first_free_day(stocked: Hall):
    await make_borrowing(stocked, 0, 4)
    assert await names(stocked, text="爱普生", value_from=100_000, value_to=500_000) == ["投影仪"]
    assert set(await names(stocked, free_by=day(0))) == {"便携式计算机", "办公桌", "投影仪灯泡"}
    assert len(await names(stocked, free_by=day(7))) == 4
    holder = (await find_listings(stocked.borrower)).tallies.units[0].value
    place = (await find_listings(stocked.borrower)).tallies.places[0].value
    assert len(await names(stocked, holder_unit_id=holder, place_id=place)) == 4
    assert await names(stocked, holder_unit_id="nobody") == await names(stocked, text="投影", place_id="nowhere") == []


@pytest.mark.parametrize("text", ["", "投影", "爱普生"])
async def test_pages_hold_every_find_once_when_turned(stocked: Hall, text: str):
    wanted = ListingFilter(text=text)
    seen, cursor = [], None
    while True:
        page = await find_listings(stocked.borrower, wanted, cursor, size=1)
        seen += [row.id for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [row.id for row in (await list_listings(stocked.borrower, wanted)).items]
    assert len(set(seen)) == len(seen) >= 2
    with expect_refusal(InvalidInput, "input.bad_cursor"):
        await find_listings(stocked.borrower, wanted, "nonsense")


async def test_search_finds_nothing_of_another_district_that_keeps_it_to_itself(hall: Hall):
    await make_listed_projector(hall.ledger, reach="district", model="CB-L520U")
    stranger = await make_actor("何静", hall.ledger.city.xihu_education, Role.BORROWER)
    for text in ("投影", "touying", "tyy", "头影仪", "L520U", "投影仪 临平区"):
        seen = (await find_listings(stranger, ListingFilter(text=text))).items
        assert not [row.name for row in seen if "L520U" in row.name], text
    assert len((await find_listings(hall.borrower, ListingFilter(text="投影"))).items) == 2
    assert (await find_listings(stranger, ListingFilter(text="投影"))).tallies.regions[0].count == 1
    assert [spot.count for spot in (await whereabouts(stranger)).spots] == [1]


async def test_whereabouts_lead_from_district_to_unit_to_place(stocked: Hall):
    top = await whereabouts(stocked.borrower)
    assert [(spot.name, spot.count) for spot in top.spots] == [("临平区", 4)]
    units = await whereabouts(stocked.borrower, top.spots[0].id)
    assert (units.region_name, [(spot.name, spot.count) for spot in units.spots]) == (
        "临平区",
        [("杭州市临平区卫生健康局", 4)],
    )
    places = await whereabouts(stocked.borrower, top.spots[0].id, units.spots[0].id)
    assert [spot.count for spot in places.spots] == [4] and places.spots[0].name
    for region, unit in (("330106", ""), ("nowhere", ""), ("", "nobody"), ("330106", units.spots[0].id)):
        assert (await whereabouts(stocked.borrower, region, unit)).spots == []


@pytest.mark.parametrize(
    ("text", "found", "meant"),
    [
        ("高清投影仪", {"投影仪", "投影仪灯泡"}, "投影仪"),
        ("黑色笔记本电脑", {"便携式计算机"}, "笔记本电脑"),
        ("碎纸机、办公桌", {"办公桌"}, "办公桌"),
        ("投影仪、办公桌", {"投影仪", "投影仪灯泡"}, "投影仪"),
        ("要两台投影仪", {"投影仪", "投影仪灯泡"}, None),
        ("二十张办公桌", {"办公桌"}, None),
        ("急需全新办公桌", {"办公桌"}, None),
        ("投影仪 ZX9999", {"投影仪", "投影仪灯泡"}, "投影仪"),
    ],
)
async def test_part_of_the_words_finds_when_nothing_has_them_all(
    stocked: Hall, text: str, found: set[str], meant: str | None
):
    loose = await find_listings(stocked.borrower, ListingFilter(text=text, is_loose=True))
    assert {row.name.split()[0] for row in loose.items} == found
    assert [(each.typed, each.meant) for each in loose.reads_as] == ([(text, meant)] if meant else [])
    if meant:
        # A saved search, or what a need is proved by, means every word.
        assert (await find_listings(stocked.borrower, ListingFilter(text=text))).items == []


async def test_nothing_is_found_when_no_word_is_known(stocked: Hall):
    for text in ("挖掘机", "ZX9999", "高清"):
        loose = await find_listings(stocked.borrower, ListingFilter(text=text, is_loose=True))
        assert (loose.items, loose.reads_as) == ([], []), text
