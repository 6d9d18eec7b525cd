"""Nothing is written over what changed meanwhile, and a whole import is taken back while nobody has touched it."""

import pytest

from server import wiring
from server.assets.commands import correct_asset, print_label, register_asset
from server.assets.importing.choosing import choose_all, choose_rows
from server.assets.importing.commands import (
    apply_import,
    discard_import,
    undo_import,
)
from server.assets.importing.queries import import_view
from server.assets.importing.types import ChooseRows
from server.assets.queries import card_view, list_cards
from server.assets.types import CorrectAsset
from server.assets.verification import verify_cards
from server.circulation.commands import open_listing
from server.circulation.types import OpenListing
from server.kernel.errors import StateConflict
from server.kernel.runtime import Runtime
from server.places.commands import close_place
from server.settings import Settings
from tests.factories.assets import make_card, make_ledger, make_place, projector
from tests.factories.ledgers import (
    HEADINGS,
    LAPTOP,
    PROJECTOR,
    checked,
    codes,
    count,
    imported,
    rows_of,
    work,
    workbook,
)


async def test_differences_are_applied_field_by_field_when_chosen(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room, finance_card_no="330113-0001")
    rows = [HEADINGS, (*PROJECTOR[:2], "明基", *PROJECTOR[3:5], 4600, *PROJECTOR[6:])]
    view = await checked(manager, workbook(rows), ledger.health_room.id)
    different = (await rows_of(manager, view, "different"))[0]
    wanted = ChooseRows(import_id=view.id, shown=[different.id], fields={different.id: ["brand"]})
    await choose_rows(manager, wanted)
    await apply_import(manager, view.id)
    await work()
    now = await card_view(manager, card.id)
    assert (now.brand, now.name, now.value_fen, now.version) == ("明基", "投影仪 明基 CB-X06", 459_900, 2)
    assert (await import_view(manager, view.id)).changed == 1
    await undo_import(manager, view.id)
    await work()
    assert (await card_view(manager, card.id)).brand == "爱普生"
    assert await verify_cards() == []


async def test_nothing_is_written_when_a_card_changed_after_its_difference_was_shown(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room, finance_card_no="330113-0001")
    rows = [HEADINGS, (*PROJECTOR[:2], "明基", *PROJECTOR[3:]), LAPTOP]
    view = await checked(manager, workbook(rows), ledger.health_room.id)
    await choose_all(manager, view.id, "different", True)
    await correct_asset(manager, CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="索尼"))
    await apply_import(manager, view.id)
    await work()
    view = await import_view(manager, view.id)
    assert (view.state, view.made) == ("ready", 0)
    assert "已重新核对" in view.refusal
    assert len(await codes()) == 1


async def test_nothing_is_written_when_a_number_was_taken_after_the_check(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    await register_asset(ledger.culture_manager, projector(ledger.culture_room, finance_card_no=LAPTOP[0]))
    await apply_import(manager, view.id)
    await work()
    view = await import_view(manager, view.id)
    assert (view.state, view.counts) == ("ready", {"new": 1, "error": 1, "skipped": 1})
    assert len(await codes()) == 1


async def test_nothing_is_written_when_a_place_was_closed_after_the_check(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    room = await make_place(ledger.city.health, "临时用房")
    view = await checked(manager, workbook([HEADINGS, (*PROJECTOR[:7], "临时用房", "")]), ledger.health_room.id)
    assert view.chosen == 1
    await close_place(manager, room.id)
    await apply_import(manager, view.id)
    await work()
    assert (await import_view(manager, view.id)).counts == {"unconfirmed": 1, "skipped": 1}
    assert await codes() == []


async def test_cards_are_gone_and_their_codes_unused_when_their_import_is_taken_back(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await imported(manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    await undo_import(manager, view.id)
    await work()
    assert (await import_view(manager, view.id)).state == "undone"
    assert (await count("asset_card"), await count("asset_event")) == (0, 0)
    assert (await make_card(manager, ledger.health_room)).code.endswith("-0002")
    assert await verify_cards() == []


@pytest.mark.parametrize("touch", ["correct", "label", "listing"])
async def test_nothing_is_taken_back_when_one_card_was_touched(runtime: Runtime, settings: Settings, touch: str):
    wiring.wire(settings)
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await imported(manager, workbook([HEADINGS, PROJECTOR, LAPTOP]), ledger.health_room.id)
    card = next(card for card in (await list_cards(manager)).items if "T14" in card.name)
    if touch == "correct":
        await correct_asset(manager, CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="华为"))
    elif touch == "label":
        await print_label(manager, card.id)
    else:
        await open_listing(manager, OpenListing(card.id, "自取自还", 30, "city"))
    await undo_import(manager, view.id)
    await work()
    view = await import_view(manager, view.id)
    assert (view.state, card.code in view.refusal) == ("done", True)
    assert len(await codes()) == 2


async def test_import_is_given_up_when_discarded(runtime: Runtime):
    ledger = await make_ledger()
    view = await checked(ledger.health_manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    await discard_import(ledger.health_manager, view.id)
    assert (await import_view(ledger.health_manager, view.id)).state == "discarded"
    assert await count("ledger_import_row") == 0
    with pytest.raises(StateConflict, match=r"import\.wrong_state"):
        await apply_import(ledger.health_manager, view.id)
