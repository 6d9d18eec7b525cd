"""The sharing board: who puts what on it, who sees what, and how it is narrowed."""

from datetime import date

import pytest

from server.assets.commands import freeze_asset, move_asset
from server.assets.types import FreezeAsset, MoveAsset
from server.circulation.commands import close_listing, open_listing, submit_borrowing
from server.circulation.queries import availability, borrowing_view, list_listings, listing_view
from server.circulation.types import ListingFilter, OpenListing
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import DESK, LAPTOP, make_card, make_place
from tests.factories.circulation import application, day, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor


def offer(asset_id: str, **changes) -> OpenListing:
    return OpenListing(**{"asset_id": asset_id, "terms": "自取自还", "longest_days": 30, **changes})


async def names(actor, **wanted) -> list[str]:
    return [row.name for row in (await list_listings(actor, ListingFilter(**wanted))).items]


async def test_listing_refused_when_nobody_may_offer_it(hall):
    card = await make_card(hall.lender, hall.ledger.health_room)
    with expect_refusal(Forbidden, "role.required"):
        await open_listing(hall.borrower, offer(card.id))
    with expect_refusal(NotFound, "asset.not_found"):
        await open_listing(hall.approver, offer(card.id))


async def test_operator_offers_its_warehouse_stock_and_only_that(hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    stock = await make_card(manager, ledger.shelf)
    assert (await open_listing(ledger.operator, offer(stock.id))).is_open
    other = await make_card(hall.lender, ledger.health_room)
    with expect_refusal(NotFound, "asset.not_found"):
        await open_listing(ledger.operator, offer(other.id))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"terms": "  "}, "terms"),
        ({"terms": "长" * 501}, "terms"),
        ({"longest_days": 0}, "longest_days"),
        ({"longest_days": 181}, "longest_days"),
        ({"reach": "world"}, "reach"),
    ],
)
async def test_listing_refused_when_a_field_is_wrong(hall, changes, field):
    card = await make_card(hall.lender, hall.ledger.health_room)
    with pytest.raises(InvalidInput) as refused:
        await open_listing(hall.lender, offer(card.id, **changes))
    assert [fault.field for fault in refused.value.fields] == [field]


@pytest.mark.parametrize("card", [{"is_classified": True}, {"is_storage_medium": True}])
async def test_listing_refused_when_rules_forbid_it(hall, card):
    card = await make_card(hall.lender, hall.ledger.health_room, **card)
    with expect_refusal(StateConflict, "listing.asset_not_listable"):
        await open_listing(hall.lender, offer(card.id))


async def test_listing_refused_when_the_card_is_on_the_board(hall):
    with expect_refusal(StateConflict, "listing.already_open"):
        await open_listing(hall.lender, offer(hall.projector.id))


async def test_card_can_be_offered_again_when_its_listing_was_closed(hall):
    closed = await close_listing(hall.lender, hall.listing.id, "本单位要用")
    assert (closed.is_open, closed.close_reason) == (False, "本单位要用")
    assert await names(hall.borrower) == []
    with expect_refusal(StateConflict, "listing.closed"):
        await close_listing(hall.lender, hall.listing.id, "再关一次")
    await open_listing(hall.lender, offer(hall.projector.id))
    assert len(await names(hall.borrower)) == 1


async def test_closing_refused_when_it_is_anothers(hall):
    with expect_refusal(NotFound, "listing.not_found"):
        await close_listing(hall.approver, hall.listing.id, "不关我事")
    with expect_refusal(Forbidden, "role.required"):
        await close_listing(hall.borrower, hall.listing.id, "不关我事")


async def test_other_district_sees_only_what_reaches_the_city(hall):
    await make_listed_projector(hall.ledger, reach="district", model="CB-L520U")
    stranger = await make_actor("何静", hall.ledger.city.xihu_education, Role.BORROWER)
    assert len(await names(hall.borrower)) == 2
    assert len(await names(stranger)) == 1
    near = next(row for row in (await list_listings(hall.borrower)).items if "L520U" in row.name)
    with expect_refusal(NotFound, "listing.not_found"):
        await listing_view(stranger, near.id)
    with expect_refusal(NotFound, "listing.not_found"):
        await availability(stranger, near.asset_id, day(0))
    with expect_refusal(NotFound, "listing.not_found"):
        await submit_borrowing(stranger, application(near.asset_id))


async def test_board_is_narrowed_by_every_filter(hall):
    await make_listed_projector(
        hall.ledger, item_name="笔记本电脑", category_code=LAPTOP, value_fen=800_000, condition="new"
    )
    await make_listed_projector(hall.ledger, item_name="会议桌", category_code=DESK, value_fen=90_000)
    assert len(await names(hall.borrower, text="投影")) == 1
    assert len(await names(hall.borrower, text="卫健局 爱普生")) == 3
    assert await names(hall.borrower, text="投影机器人") == []
    assert len(await names(hall.borrower, category_prefix="A0202")) == 1
    assert len(await names(hall.borrower, condition="new")) == 1
    assert len(await names(hall.borrower, region_code="330113")) == 3
    assert await names(hall.borrower, region_code="330106") == []
    values = [row.value_fen for row in (await list_listings(hall.borrower, ListingFilter(sort="value"))).items]
    assert values == [800_000, 459_900, 90_000]


async def test_board_shows_what_is_free_between_two_days(hall):
    await make_borrowing(hall, 3, 5)
    assert await names(hall.borrower, free_from=day(5), free_to=day(8)) == []
    assert len(await names(hall.borrower, free_from=day(0), free_to=day(2))) == 1
    assert (await list_listings(hall.borrower)).items[0].free_from == day(0)
    await make_borrowing(hall, 0, 2)
    assert (await list_listings(hall.borrower)).items[0].free_from == day(6)
    assert (await listing_view(hall.borrower, hall.listing.id)).free_from == day(6)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"sort": "colour"}, "input.not_a_choice"),
        ({"condition": "shiny"}, "input.not_a_choice"),
        ({"free_from": date(2027, 3, 3)}, "listing.free_days_incomplete"),
        ({"free_from": date(2027, 3, 3), "free_to": date(2027, 3, 1)}, "listing.free_days_incomplete"),
        ({"free_from": date(2027, 3, 3), "free_to": date(2028, 6, 1)}, "listing.free_days_too_long"),
    ],
)
async def test_board_refuses_when_a_filter_is_wrong(hall, wanted, code):
    with expect_refusal(InvalidInput, code):
        await list_listings(hall.borrower, ListingFilter(**wanted))


@pytest.mark.parametrize("sort", ["newest", "value"])
async def test_pages_hold_every_listing_once_when_turned(hall, sort):
    for number in range(6):
        await make_listed_projector(hall.ledger, model=f"CB-{number}", reach="district" if number % 2 else "city")
    seen, cursor = [], None
    while True:
        page = await list_listings(hall.borrower, ListingFilter(sort=sort), cursor, size=3)
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    everything = await list_listings(hall.borrower, ListingFilter(sort=sort), size=50)
    assert seen == [row.id for row in everything.items]
    assert len(set(seen)) == 7
    with expect_refusal(InvalidInput, "input.bad_cursor"):
        await list_listings(hall.borrower, cursor="nonsense")


async def test_board_follows_the_card_when_it_moves_or_is_sealed(hall):
    borrowing = await make_borrowing(hall)
    other = await make_place(hall.ledger.city.health, "新办公楼")
    await move_asset(hall.lender, MoveAsset(asset_id=hall.projector.id, place_id=other.id, reason="搬到新办公楼"))
    await deliver_until_quiet()
    assert (await list_listings(hall.borrower)).items[0].place_name == "新办公楼"
    assert (await borrowing_view(hall.borrower, borrowing.id)).place_name == "新办公楼"
    await freeze_asset(
        hall.lender, FreezeAsset(asset_id=hall.projector.id, reason="纪检封存", document_no="临纪封〔2026〕3号")
    )
    await deliver_until_quiet()
    assert await names(hall.borrower) == []


async def deliver_until_quiet() -> None:
    while await deliver_due():
        pass


async def test_calendar_tells_free_held_past_and_too_far(hall):
    await make_borrowing(hall, 1, 2)
    states = {}
    for offset in (-40, 0, 3, 40, 400):
        for each in await availability(hall.borrower, hall.projector.id, day(offset)):
            states[each.day] = each.state
    assert [states[day(offset)] for offset in (-40, 0, 1, 2, 3, 400)] == [
        "past",
        "free",
        "held",
        "held",
        "free",
        "beyond",
    ]
