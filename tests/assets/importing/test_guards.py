"""What the locks and counts of imports are for: two who bring one on at once leave what one would have left."""

import pytest

from server.assets.commands import correct_asset
from server.assets.importing import check, read
from server.assets.importing.choosing import choose_all
from server.assets.importing.commands import apply_import, discard_import, undo_import
from server.assets.importing.queries import import_view
from server.assets.importing.types import Plan
from server.assets.importing.undo import _leave, undo_cards
from server.assets.importing.write import _send_back, write_cards
from server.assets.jobs import index_again, index_imported
from server.assets.queries import card_view, list_cards
from server.assets.types import CardFilter, CorrectAsset
from server.assets.verification import verify_cards
from server.files.types import SheetRow
from server.kernel.errors import StateConflict
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.factories.assets import lend_now, make_card, make_ledger, make_place
from tests.factories.identity import SYSTEM
from tests.factories.ledgers import HEADINGS, LAPTOP, PROJECTOR, checked, codes, count, imported, work, workbook
from tests.identity.asking import refusal_code
from tests.support.meanwhile import pause_at, while_changing, while_finishing

# Without numbers of the finance system: nothing but the import's own state keeps them from being made twice.
UNNUMBERED = workbook([HEADINGS, ("", *PROJECTOR[1:]), ("", *LAPTOP[1:])])
OTHER_BRAND = workbook([HEADINGS, (*PROJECTOR[:2], "明基", *PROJECTOR[3:])])
GONE = StateConflict("asset.not_found")


async def told(import_id: str) -> list[str]:
    """What the audit holds of an import."""
    async with reading() as db:
        rows = await db.fetch_all("SELECT action FROM audit_event WHERE subject_id = ? ORDER BY id", import_id)
    return [row["action"] for row in rows]


async def test_import_is_discarded_once_when_two_discard_it(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    found = await while_finishing(
        settings, lambda: discard_import(manager, view.id), lambda: discard_import(manager, view.id)
    )
    assert found == ("done", "import.wrong_state")


async def test_cards_are_written_once_when_two_write_them(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    await apply_import(manager, view.id)
    await while_finishing(settings, lambda: write_cards(manager, view.id), lambda: write_cards(manager, view.id))
    assert ((await import_view(manager, view.id)).state, len(await codes())) == ("done", 2)
    assert await verify_cards() == []


async def test_cards_are_taken_back_once_when_two_take_them_back(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await imported(manager, UNNUMBERED, ledger.health_room.id)
    await undo_import(manager, view.id)
    await while_finishing(settings, lambda: undo_cards(manager, view.id), lambda: undo_cards(manager, view.id))
    assert ((await import_view(manager, view.id)).state, await codes()) == ("undone", [])
    assert (await told(view.id)).count("ledger.undone") == 1


async def test_import_is_sent_back_once_when_two_found_it_wrong(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    await apply_import(manager, view.id)
    for _ in range(2):
        await _send_back(manager, view.id, GONE)
    assert (await import_view(manager, view.id)).state == "checking"
    other = await imported(manager, workbook([HEADINGS, LAPTOP]), ledger.health_room.id)
    await undo_import(manager, other.id)
    for _ in range(2):
        await _leave(manager, other.id, GONE)
    assert (await import_view(manager, other.id)).state == "done"


async def test_nothing_is_sent_back_when_somebody_else_does_it_meanwhile(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    await apply_import(manager, view.id)
    moved = "UPDATE ledger_import SET state = ? WHERE id = ?"
    assert (
        await while_changing(settings, lambda: _send_back(manager, view.id, GONE), moved, "checking", view.id) == "done"
    )
    other = await imported(manager, workbook([HEADINGS, LAPTOP]), ledger.health_room.id)
    await undo_import(manager, other.id)
    assert await while_changing(settings, lambda: _leave(manager, other.id, GONE), moved, "done", other.id) == "done"


async def test_card_is_found_by_what_it_says_now_when_it_is_indexed_meanwhile(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room)
    request = CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="索尼")

    async def index() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await index_again(uow, {"asset_ids": [card.id]})

    found = await while_finishing(settings, lambda: correct_asset(manager, request), index)
    assert found == ("done", "done")
    assert [each.id for each in (await list_cards(manager, CardFilter(text="索尼"))).items] == [card.id]
    assert (await list_cards(manager, CardFilter(text="爱普生"))).items == []


async def test_card_is_found_by_what_it_says_now_when_it_is_corrected_while_it_is_being_indexed(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room)
    request = CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="索尼")
    came = pause_at(
        monkeypatch, settings, "server.assets.indexing.place_names", lambda: correct_asset(manager, request)
    )
    async with unit_of_work(SYSTEM) as uow:
        await index_again(uow, {"asset_ids": [card.id]})
    assert await came[0] == "done"
    assert [each.id for each in (await list_cards(manager, CardFilter(text="索尼"))).items] == [card.id]
    assert (await list_cards(manager, CardFilter(text="爱普生"))).items == []


async def test_imported_card_is_found_by_what_it_says_now_when_it_is_indexed_meanwhile(
    runtime: Runtime, settings: Settings
):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await imported(manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    [card] = (await list_cards(manager)).items
    request = CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="索尼")

    async def index() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await index_imported(uow, {"import_id": view.id, "after": ""})

    found = await while_finishing(settings, lambda: correct_asset(manager, request), index)
    assert found == ("done", "done")
    assert [each.id for each in (await list_cards(manager, CardFilter(text="索尼"))).items] == [card.id]
    assert (await list_cards(manager, CardFilter(text="爱普生"))).items == []


async def test_change_is_not_taken_back_when_the_card_is_being_corrected(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await imported(manager, workbook([HEADINGS, PROJECTOR]), ledger.health_room.id)
    [card] = (await list_cards(manager)).items
    await undo_import(manager, view.id)
    request = CorrectAsset(asset_id=card.id, version=1, reason="铭牌看错", brand="索尼")
    found = await while_finishing(
        settings, lambda: correct_asset(manager, request), lambda: undo_cards(manager, view.id)
    )
    assert found == ("done", "done")
    after = await import_view(manager, view.id)
    assert after.state == "done" and after.refusal
    assert len(await codes()) == 1 and await verify_cards() == []


async def test_change_of_a_card_stays_when_its_import_is_taken_back_at_once(runtime: Runtime, settings: Settings):
    ledger = await make_ledger()
    manager = ledger.health_manager
    await make_card(manager, ledger.health_room, finance_card_no=PROJECTOR[0])
    view = await checked(manager, OTHER_BRAND, ledger.health_room.id)
    await choose_all(manager, view.id, "different", True)
    await apply_import(manager, view.id)
    await work()
    [card] = (await list_cards(manager)).items
    await undo_import(manager, view.id)
    request = CorrectAsset(asset_id=card.id, version=2, reason="铭牌看错", brand="索尼")
    found = await while_finishing(
        settings, lambda: correct_asset(manager, request), lambda: undo_cards(manager, view.id)
    )
    assert found == ("done", "done") and (await import_view(manager, view.id)).refusal
    assert (await card_view(manager, card.id)).brand == "索尼" and await verify_cards() == []


async def test_nothing_is_staged_when_another_process_has_brought_the_import_on(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    staged = await count("ledger_import_row")
    late = [
        lambda: read._begin(manager, view.id, 9),
        lambda: read._stage(manager, view.id, 8, [SheetRow(sheet_index=0, sheet="", number=9, cells=["又一行"])]),
        lambda: read._finish(manager, view.id, Plan(sheets=[], hidden=[], examples={})),
        lambda: check._keep(manager, view.id, [], 7),
        lambda: check._finish(manager, view.id, {}, []),
    ]
    for each in late:
        assert await refusal_code(each()) == "import.wrong_state"
    assert (await count("ledger_import_row"), (await import_view(manager, view.id)).state) == (staged, "ready")


@pytest.mark.parametrize(
    "statement", ["UPDATE asset_card SET frozen_reason = '盘点'", "UPDATE asset_card SET state = 'disposed'"]
)
async def test_difference_is_not_written_when_the_card_may_not_change(runtime: Runtime, statement: str):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room, finance_card_no=PROJECTOR[0])
    view = await checked(manager, OTHER_BRAND, ledger.health_room.id)
    await choose_all(manager, view.id, "different", True)
    async with runtime.database.transaction() as transaction:
        assert await transaction.execute(statement) == 1
        await transaction.commit()
    await apply_import(manager, view.id)
    await write_cards(manager, view.id)
    assert ((await import_view(manager, view.id)).state, (await card_view(manager, card.id)).brand) == (
        "checking",
        "爱普生",
    )


async def test_thing_is_not_moved_by_a_ledger_while_it_is_out_on_loan(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    await make_place(ledger.city.health, "新办公楼")
    card = await make_card(manager, ledger.health_room, finance_card_no=PROJECTOR[0])
    view = await checked(manager, workbook([HEADINGS, (*PROJECTOR[:7], "新办公楼", "")]), ledger.health_room.id)
    await choose_all(manager, view.id, "different", True)
    await lend_now(manager, card.id, ledger.city.culture.id)
    await apply_import(manager, view.id)
    await write_cards(manager, view.id)
    found = await import_view(manager, view.id)
    assert found.state == "checking" and "目前是“借出”" in str(found.refusal)
    assert (await card_view(manager, card.id)).place_id == ledger.health_room.id


async def test_difference_is_not_taken_back_when_the_card_was_corrected_since(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room, finance_card_no=PROJECTOR[0])
    view = await checked(manager, OTHER_BRAND, ledger.health_room.id)
    await choose_all(manager, view.id, "different", True)
    await apply_import(manager, view.id)
    await work()
    await correct_asset(manager, CorrectAsset(asset_id=card.id, version=2, reason="铭牌看错", brand="索尼"))
    await undo_import(manager, view.id)
    await work()
    assert ((await import_view(manager, view.id)).state, (await card_view(manager, card.id)).brand) == ("done", "索尼")


async def test_nothing_is_written_when_a_code_would_be_too_long(runtime: Runtime, monkeypatch: pytest.MonkeyPatch):
    ledger = await make_ledger()
    manager = ledger.health_manager
    view = await checked(manager, UNNUMBERED, ledger.health_room.id)
    monkeypatch.setattr("server.assets.importing.write._LONGEST_CODE", 20)
    await apply_import(manager, view.id)
    await write_cards(manager, view.id)
    found = await import_view(manager, view.id)
    assert (found.state, await codes()) == ("checking", [])
    assert "编码规则" in found.refusal
