"""The ledger as a list: scope, filters, search and paging, all in one statement."""

import pytest

from server.assets.commands import correct_asset, freeze_asset, move_asset
from server.assets.queries import card_view, list_cards
from server.assets.types import CardFilter, CorrectAsset, FreezeAsset, MoveAsset
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.runtime import Runtime
from tests.factories.assets import DESK, LAPTOP, Ledger, lend_now, make_card, make_ledger
from tests.factories.identity import actor_of, make_person


async def names_for(actor: Actor, wanted: CardFilter | None = None) -> set[str]:
    """The names on the first page."""
    return {card.name for card in (await list_cards(actor, wanted or CardFilter())).items}


async def stock(ledger: Ledger) -> None:
    """Four things of three units."""
    await make_card(ledger.health_manager, ledger.health_room)
    await make_card(
        ledger.health_manager,
        ledger.health_room,
        item_name="笔记本电脑",
        brand="联想",
        model="ThinkPad X13",
        specification="16 GB 内存",
        category_code=LAPTOP,
    )
    await make_card(
        ledger.culture_manager, ledger.culture_room, item_name="办公桌", brand="无", model="", category_code=DESK
    )
    await make_card(ledger.keeper, ledger.shelf, item_name="便携式投影仪", brand="明基", model="EW800ST")


PROJECTOR_OF_HEALTH, LAPTOP_OF_HEALTH, DESK_OF_CULTURE, PROJECTOR_IN_STORE = (
    "投影仪 爱普生 CB-X06",
    "笔记本电脑 联想 ThinkPad X13",
    "办公桌",
    "便携式投影仪 明基 EW800ST",
)
ALL = {PROJECTOR_OF_HEALTH, LAPTOP_OF_HEALTH, DESK_OF_CULTURE, PROJECTOR_IN_STORE}


async def test_each_role_sees_its_own_scope_when_listing(runtime: Runtime):
    ledger = await make_ledger()
    await stock(ledger)
    city = ledger.city
    person = await make_person("李娜", city.health)
    own = {PROJECTOR_OF_HEALTH, LAPTOP_OF_HEALTH}
    assert await names_for(ledger.health_manager) == own
    assert await names_for(ledger.culture_manager) == {DESK_OF_CULTURE}
    assert await names_for(ledger.keeper) == {PROJECTOR_IN_STORE}
    assert await names_for(await actor_of(person, city.health, Role.UNIT_ACCOUNTANT)) == own
    assert await names_for(await actor_of(person, city.health, Role.BORROWER)) == set()
    assert await names_for(await actor_of(person, city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)) == ALL
    assert await names_for(await actor_of(person, city.linping, Role.COMPETENT_REVIEWER)) == set()
    assert await names_for(await actor_of(person, city.city, Role.FINANCE_REVIEWER, is_subtree=True)) == ALL
    assert await names_for(await actor_of(person, city.xihu, Role.OPERATIONS, is_subtree=True)) == set()
    assert await names_for(await actor_of(person, city.linping, Role.UNIT_ACCOUNTANT, is_subtree=True)) == set()
    assert await names_for(await actor_of(person, city.health, Role.AUDIT_ADMIN, is_subtree=True)) == set()


async def test_keeper_sees_a_card_only_while_it_is_in_an_assigned_warehouse(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.operator, ledger.shelf)
    assert (await card_view(ledger.keeper, card.id)).can_move
    idle = await actor_of(await make_person("老周", ledger.city.district_operator), ledger.city.district_operator)
    stranger = await actor_of(
        await make_person("老吴", ledger.city.district_operator), ledger.city.district_operator, Role.WAREHOUSE_KEEPER
    )
    for actor in (idle, stranger):
        with pytest.raises(NotFound):
            await card_view(actor, card.id)


FOUND_BY: dict[str, set[str]] = {
    "投影": {PROJECTOR_OF_HEALTH, PROJECTOR_IN_STORE},
    "投影仪": {PROJECTOR_OF_HEALTH, PROJECTOR_IN_STORE},
    "影": {PROJECTOR_OF_HEALTH, PROJECTOR_IN_STORE},
    "爱普生": {PROJECTOR_OF_HEALTH},
    "x06": {PROJECTOR_OF_HEALTH},
    "ＣＢＸ０６": {PROJECTOR_OF_HEALTH},
    "明基 投影": {PROJECTOR_IN_STORE},
    "thinkpad x13": {LAPTOP_OF_HEALTH},
    "16gb": {LAPTOP_OF_HEALTH},
    "电脑桌": set(),
    "A05010201": {DESK_OF_CULTURE},
    "，。！": set(),
    "  ": ALL,
    "%": set(),
    "' OR 1=1 --": set(),
}


async def test_part_words_find_cards_when_searching(runtime: Runtime):
    ledger = await make_ledger()
    await stock(ledger)
    reviewer = await actor_of(
        await make_person("钱芳", ledger.city.linping), ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True
    )
    assert {text: await names_for(reviewer, CardFilter(text=text)) for text in FOUND_BY} == FOUND_BY


async def test_search_never_reaches_beyond_scope(runtime: Runtime):
    ledger = await make_ledger()
    await stock(ledger)
    assert await names_for(ledger.health_manager, CardFilter(text="投影")) == {PROJECTOR_OF_HEALTH}
    assert await names_for(ledger.culture_manager, CardFilter(text="投影")) == set()
    assert await names_for(ledger.culture_manager, CardFilter(holder_unit_id=ledger.city.health.id)) == set()


async def test_card_is_found_by_its_new_name_alone_when_it_was_corrected(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room)
    request = CorrectAsset(asset_id=card.id, version=1, reason="品牌填错", brand="索尼")
    await correct_asset(ledger.health_manager, request)
    assert await names_for(ledger.health_manager, CardFilter(text="索尼")) == {"投影仪 索尼 CB-X06"}
    assert await names_for(ledger.health_manager, CardFilter(text="爱普生")) == set()


async def test_filters_narrow_the_list_when_they_are_combined(runtime: Runtime):
    ledger = await make_ledger()
    await stock(ledger)
    lent = await make_card(ledger.health_manager, ledger.health_room, model="CB-2265U")
    await lend_now(ledger.health_manager, lent.id, ledger.city.culture.id)
    manager = ledger.health_manager
    assert await names_for(manager, CardFilter(state="on_loan")) == {"投影仪 爱普生 CB-2265U"}
    assert await names_for(manager, CardFilter(state="in_use", category_prefix="A0202")) == {PROJECTOR_OF_HEALTH}
    assert await names_for(manager, CardFilter(category_prefix="A02010105")) == {LAPTOP_OF_HEALTH}
    assert await names_for(ledger.operator, CardFilter(place_id=ledger.store.id)) == {PROJECTOR_IN_STORE}
    assert await names_for(manager, CardFilter(place_id=ledger.store.id)) == set()
    with pytest.raises(InvalidInput):
        await list_cards(manager, CardFilter(state="reserved"))
    with pytest.raises(InvalidInput):
        await list_cards(manager, CardFilter(text="投" * 65))


async def test_every_card_comes_once_when_paging_through_a_search(runtime: Runtime):
    ledger = await make_ledger()
    ids = [(await make_card(ledger.health_manager, ledger.health_room)).id for _ in range(7)]
    await make_card(ledger.health_manager, ledger.health_room, item_name="办公桌", category_code=DESK)
    seen, cursor = [], None
    while True:
        page = await list_cards(ledger.health_manager, CardFilter(text="投影"), cursor, size=3)
        seen += [card.id for card in page.items]
        if (cursor := page.next_cursor) is None:
            break
        assert len(page.items) == 3
    assert seen == sorted(ids, reverse=True)
    with pytest.raises(InvalidInput, match=r"input\.bad_cursor"):
        await list_cards(ledger.health_manager, CardFilter(), "made-up")


async def test_row_says_what_people_need_when_listed(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.operator, ledger.store)
    await move_asset(ledger.operator, MoveAsset(asset_id=card.id, place_id=ledger.shelf.id, reason="上架"))
    await freeze_asset(ledger.operator, FreezeAsset(asset_id=card.id, reason="盘点", document_no="盘2026-1"))
    (row,) = (await list_cards(ledger.operator)).items
    assert (row.code, row.state_name, row.condition_name, row.place_name) == (card.code, "在库", "良好", "A 区")
    assert (row.holder_unit_name, row.is_frozen, row.value_fen) == ("临平区机关事务服务中心", True, 459_900)


async def test_card_is_found_by_its_finance_number_within_sight(runtime: Runtime):
    ledger = await make_ledger()
    mine = await make_card(ledger.health_manager, ledger.health_room, finance_card_no="330113-0077")
    await make_card(ledger.culture_manager, ledger.culture_room, finance_card_no="330113-0078")
    for text, found in (("330113-0077", [mine.id]), (" 330113-0077 ", [mine.id]), ("330113-0078", [])):
        assert [card.id for card in (await list_cards(ledger.health_manager, CardFilter(text=text))).items] == found
    assert (await list_cards(ledger.health_manager, CardFilter(text="330113-0077", state="on_loan"))).items == []
