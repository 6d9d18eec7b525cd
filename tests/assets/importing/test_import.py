"""A ledger becomes cards, written in one go: once, with codes in a row, and its history."""

import asyncio

import msgspec

from server import wiring
from server.assets.importing.commands import (
    apply_import,
    begin_import,
    map_columns,
)
from server.assets.importing.queries import import_view, list_imports
from server.assets.importing.types import MapColumns
from server.assets.queries import card_view, history, list_cards
from server.assets.types import CardFilter
from server.assets.verification import verify_cards
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.errors import DomainError
from server.kernel.reading import present_day
from server.kernel.runtime import Runtime
from server.settings import Settings
from tests.factories.assets import PROJECTOR as PROJECTOR_CODE
from tests.factories.assets import Ledger, make_card, make_ledger
from tests.factories.identity import make_actor
from tests.factories.ledgers import (
    HEADINGS,
    LAPTOP,
    PROJECTOR,
    checked,
    codes,
    imported,
    kept_ledger,
    work,
    workbook,
)

SHORT = ("资产名称", "原值", "取得日期", "分类代码", "数量")


async def test_ledger_becomes_cards_when_its_rows_are_sound(runtime: Runtime):
    ledger = await make_ledger()
    await make_card(ledger.health_manager, ledger.health_room)
    view = await imported(ledger.health_manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    assert (view.state, view.made, view.counts) == ("done", 2, {"new": 2, "skipped": 1})
    cards = {card.name: card for card in (await list_cards(ledger.health_manager)).items}
    card = await card_view(ledger.health_manager, cards["投影仪 爱普生 CB-X06"].id)
    # The register's own card has 0001 of the series; the ledger's goes on from there.
    assert card.code == f"{PROJECTOR_CODE}-{ledger.city.health.code}-{present_day().year}-0001"
    assert len(await codes()) == 3
    made = next(card for card in (await list_cards(ledger.health_manager)).items if "T14" in card.name)
    told = (await history(ledger.health_manager, made.id))[0]
    assert (told.kind, told.reason, told.actor_name) == ("registered", "台账导入：台账.xlsx", "王秀英")
    assert await verify_cards() == []


async def test_serials_have_no_gap_when_imports_and_registrations_take_turns(runtime: Runtime):
    ledger = await make_ledger()
    rows = [HEADINGS, *((f"N{number}", *PROJECTOR[1:]) for number in range(5))]
    await make_card(ledger.health_manager, ledger.health_room)
    await imported(ledger.health_manager, workbook(rows), ledger.health_room.id)
    await make_card(ledger.health_manager, ledger.health_room)
    assert [code[-4:] for code in await codes()] == [f"{number:04d}" for number in range(1, 8)]


async def test_one_row_becomes_several_cards_when_it_says_how_many(runtime: Runtime):
    ledger = await make_ledger()
    rows = [SHORT, ("投影仪", "100.00", "2024-03-18", PROJECTOR_CODE, 3)]
    view = await imported(ledger.health_manager, workbook(rows), ledger.health_room.id)
    assert view.made == 3
    cards = (await list_cards(ledger.health_manager)).items
    assert sorted(card.value_fen for card in cards) == [3333, 3333, 3334]
    assert await verify_cards() == []


async def test_words_find_the_cards_once_the_relay_has_been(runtime: Runtime, settings: Settings):
    wiring.wire(settings)
    ledger = await make_ledger()
    await imported(ledger.health_manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    while await deliver_due():
        pass
    found = await list_cards(ledger.health_manager, CardFilter(text="T14"))
    assert [card.name for card in found.items] == ["笔记本电脑 联想 T14"]


async def test_cards_are_a_lower_units_own_when_somebody_above_brings_its_ledger(runtime: Runtime):
    ledger = await make_ledger()
    city = ledger.city
    above = await make_actor("郑琦", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    request = await kept_ledger(workbook([HEADINGS, PROJECTOR]))
    import_id = await begin_import(above, msgspec.structs.replace(request, unit_id=city.health.id))
    await work()
    view = await import_view(above, import_id)
    wanted = MapColumns(
        import_id=import_id,
        mapping=view.plan.mapping,
        default_place_id=ledger.health_room.id,
        default_condition="good",
    )
    await map_columns(above, wanted)
    await work()
    await apply_import(above, import_id)
    await work()
    card = (await list_cards(ledger.health_manager)).items[0]
    told = (await history(ledger.health_manager, card.id))[0]
    assert (card.holder_unit_id, told.actor_name, told.unit_name) == (city.health.id, "郑琦", city.linping.name)
    assert city.health.code in card.code
    assert [view.id for view in (await list_imports(ledger.health_manager)).items] == [import_id]
    assert await verify_cards() == []


async def test_each_is_written_once_when_two_are_imported_at_the_same_time(runtime: Runtime):
    ledger = await make_ledger()
    same = [workbook([HEADINGS, PROJECTOR, LAPTOP]) for _ in range(2)]
    views = [await checked(ledger.health_manager, content, ledger.health_room.id) for content in same]
    for view in views:
        await apply_import(ledger.health_manager, view.id)
    await asyncio.gather(work(), work(), work())
    ends = [await import_view(ledger.health_manager, view.id) for view in views]
    assert sorted(view.state for view in ends) == ["done", "ready"]
    assert len(await codes()) == 2
    loser = next(view for view in ends if view.state == "ready")
    assert loser.counts == {"same": 2, "skipped": 1}
    assert await verify_cards() == []


async def test_import_is_refused_a_second_time_when_it_has_been_asked_for(runtime: Runtime):
    ledger: Ledger = await make_ledger()
    view = await checked(ledger.health_manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    endings: list[str] = []

    async def ask() -> None:
        try:
            await apply_import(ledger.health_manager, view.id)
            endings.append("done")
        except DomainError as error:
            endings.append(error.code)

    await asyncio.gather(*(ask() for _ in range(4)))
    assert sorted(endings) == ["done", *["import.wrong_state"] * 3]
    await work()
    assert len(await codes()) == 1
