"""Several cards of the ledger are put on the board in one go; each stands for itself."""

import pytest

from server.assets.commands import freeze_asset
from server.assets.types import AssetView, FreezeAsset
from server.circulation.commands import MOST_LISTED_AT_ONCE, open_listings
from server.circulation.queries import list_listings
from server.circulation.types import OpenListing
from server.kernel.errors import InvalidInput
from server.kernel.ids import new_id
from tests.admin.conftest import Office
from tests.factories.assets import make_card
from tests.storefront.drawn import Drawn

ADDRESS = "/admin/listings/several"
TERMS = {"terms": "自行运输", "longest_days": "15", "reach": "city"}


async def three_cards(office: Office) -> list[AssetView]:
    room = office.hall.ledger.health_room
    return [await make_card(office.hall.lender, room, finance_card_no=f"330113-1{number}") for number in range(3)]


async def chosen(office: Office, cards: list[AssetView]) -> Drawn:
    return await office.lender.get(f"{ADDRESS}?" + "&".join(f"asset={card.id}" for card in cards))


async def listed(office: Office) -> set[str]:
    return {row.asset_id for row in (await list_listings(office.hall.borrower)).items}


async def test_chosen_cards_are_listed_on_the_same_terms(office: Office) -> None:
    cards = await three_cards(office)
    ledger = await office.lender.get("/admin/assets")
    assert all(f'name="asset" value="{card.id}"' in ledger.answer.text for card in cards)
    page = await chosen(office, cards)
    assert "上架这 3 件" in page.words
    done = await office.lender.submit(page, ADDRESS, **TERMS)
    assert done.status == 200 and "上架了 3 件。" in done.words
    assert {card.id for card in cards} <= await listed(office)
    again = await office.lender.submit(page, ADDRESS, **TERMS)
    assert "上架了 3 件。" in again.words


async def test_one_that_may_not_be_listed_spoils_no_other(office: Office) -> None:
    cards = await three_cards(office)
    page = await chosen(office, cards)
    await freeze_asset(office.hall.lender, FreezeAsset(asset_id=cards[1].id, reason="审计", document_no="1号"))
    done = await office.lender.submit(page, ADDRESS, **TERMS)
    assert "上架了 2 件，1 件没有上架。" in done.words and "已冻结" in done.words
    assert {card.id for card in cards} & await listed(office) == {cards[0].id, cards[2].id}
    ledger = await office.lender.get("/admin/assets")
    assert f'name="asset" value="{cards[1].id}"' not in ledger.answer.text


async def test_nothing_is_listed_and_nothing_typed_is_lost_when_the_terms_are_wrong(office: Office) -> None:
    cards = await three_cards(office)
    page = await chosen(office, cards)
    for wrong, field in (
        ({"longest_days": "9999"}, "longest_days"),
        ({"terms": ""}, "terms"),
        ({"reach": "x"}, "reach"),
    ):
        answer = await office.lender.submit(page, ADDRESS, **{**TERMS, **wrong})
        assert answer.status == 400, wrong
        assert f"{field}-error" in answer.answer.text or f'id="{field}' in answer.answer.text
        assert "上架这 3 件" in answer.words
    assert not {card.id for card in cards} & await listed(office)


async def test_cards_out_of_sight_are_not_told_from_none(office: Office) -> None:
    [card, *_] = await three_cards(office)
    page = await office.approver.get(f"{ADDRESS}?asset={card.id}&asset={new_id()}")
    assert card.code not in page.words and "没有选中资产" in page.words
    own = await make_card(office.hall.approver, office.hall.ledger.culture_room)
    mine = await office.approver.get(f"{ADDRESS}?asset={own.id}")
    values = {name: value for name, value in mine.form(ADDRESS).values.items() if name != f"asset-{own.id}"}
    answer = await office.approver.send("POST", ADDRESS, data={**values, **TERMS, f"asset-{card.id}": "1"})
    assert "没有找到的资产" in answer.words and not {card.id} & await listed(office)
    assert (await office.borrower.get(ADDRESS)).status == 403
    # Whoever may not lend hears that, and not what is wrong with the terms.
    theirs = (await office.borrower.get("/admin/needs/new")).form("/admin/needs").values
    kept = {name: value for name, value in theirs.items() if name in {"csrf_token", "idempotency_key"}}
    refused = await office.borrower.send("POST", ADDRESS, data={**kept, "terms": "", f"asset-{card.id}": "1"})
    assert (refused.status, "role.required" in refused.answer.text) == (403, True)


async def test_too_many_none_and_twice_are_refused(office: Office) -> None:
    [card, *_] = await three_cards(office)
    wanted = OpenListing(card.id, "自取", 10)
    many = [OpenListing(new_id(), "自取", 10) for _ in range(MOST_LISTED_AT_ONCE + 1)]
    for given, code in (([], "none_chosen"), (many, "too_many"), ([wanted, wanted], "chosen_twice")):
        with pytest.raises(InvalidInput, match=rf"listing\.{code}"):
            await open_listings(office.hall.lender, given)
    assert card.id not in await listed(office)


async def test_page_says_what_stands_in_the_way_and_sends_the_others_alone(office: Office) -> None:
    cards = await three_cards(office)
    await open_listings(office.hall.lender, [OpenListing(cards[0].id, "自取", 10)])
    await freeze_asset(office.hall.lender, FreezeAsset(asset_id=cards[1].id, reason="审计", document_no="1号"))
    classified = await make_card(office.hall.lender, office.hall.ledger.health_room, is_classified=True)
    medium = await make_card(office.hall.lender, office.hall.ledger.health_room, is_storage_medium=True)
    page = await chosen(office, [*cards, classified, medium])
    for obstacle in ("已在大厅", "已冻结", "涉密", "未清除信息"):
        assert page.words.count(f"不能：{obstacle}") == 1
    assert "上架这 1 件" in page.words
    assert [name for name in page.form(ADDRESS).values if name.startswith("asset-")] == [f"asset-{cards[2].id}"]
    # Nor does the ledger offer to choose what is there already.
    ledger = await office.lender.get("/admin/assets")
    offered = [card.id for card in cards if f'name="asset" value="{card.id}"' in ledger.answer.text]
    assert offered == [cards[2].id]
    nothing = await chosen(office, cards[:2])
    assert "上架这" not in nothing.words and "回到台账" in nothing.words
