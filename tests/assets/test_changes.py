"""A card changes only through its commands, each leaving one event."""

import asyncio
from datetime import date

import pytest

from server.assets.commands import (
    change_custodian,
    correct_asset,
    freeze_asset,
    move_asset,
    print_label,
    record_clearing,
    unfreeze_asset,
)
from server.assets.queries import card_view, history, label_pdf
from server.assets.types import (
    AssetView,
    ChangeCustodian,
    CorrectAsset,
    FreezeAsset,
    MoveAsset,
    RecordClearing,
    UnfreezeAsset,
)
from server.assets.verification import verify_cards
from server.identity.roles import Role
from server.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.runtime import Runtime
from tests.factories.assets import Ledger, lend_now, make_card, make_ledger, make_place
from tests.factories.identity import actor_of, make_person


def correction(card: AssetView, **changes: object) -> CorrectAsset:
    """A correction of the card as it was read."""
    return CorrectAsset(asset_id=card.id, version=card.version, reason="登记时填错", **changes)


def freezing(card: AssetView) -> FreezeAsset:
    return FreezeAsset(asset_id=card.id, reason="涉案封存", document_no="临公封〔2026〕3号")


async def health_card(ledger: Ledger, **changes: object) -> AssetView:
    return await make_card(ledger.health_manager, ledger.health_room, **changes)


async def test_correction_keeps_old_and_new_when_fields_were_wrong(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger, finance_card_no="FC-1")
    corrected = await correct_asset(
        ledger.health_manager,
        correction(
            card,
            model="CB-X49",
            value_fen=389_900,
            acquired_on=date(2023, 9, 1),
            condition="usable",
            finance_card_no="",
        ),
    )
    assert (corrected.name, corrected.value_fen, corrected.version) == ("投影仪 爱普生 CB-X49", 389_900, 2)
    assert corrected.finance_card_no is None
    event = (await history(ledger.health_manager, card.id))[-1]
    assert (event.kind_name, event.reason, event.actor_name) == ("更正信息", "登记时填错", "王秀英")
    told = {change.name: (change.before, change.after) for change in event.changes}
    assert told == {
        "型号": ("CB-X06", "CB-X49"),
        "价值": ("4,599.00 元", "3,899.00 元"),
        "取得日期": ("2024-03-18", "2023-09-01"),
        "成色": ("良好", "可用"),
        "财政资产卡片号": ("FC-1", ""),
    }
    assert await verify_cards() == []


async def test_one_correction_wins_when_forty_start_from_the_same_version(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)

    async def correct(turn: int) -> str:
        try:
            await correct_asset(ledger.health_manager, correction(card, value_fen=100_000 + turn))
        except DomainError as error:
            return error.code
        return "done"

    answers = await asyncio.gather(*(correct(turn) for turn in range(40)))
    assert (answers.count("done"), answers.count("record.changed")) == (1, 39)
    assert (await card_view(ledger.health_manager, card.id)).version == 2


async def test_correction_is_refused_when_nothing_or_nonsense_is_said(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    with pytest.raises(InvalidInput, match=r"asset\.nothing_changed"):
        await correct_asset(ledger.health_manager, correction(card, brand="爱普生"))
    request = CorrectAsset(asset_id=card.id, version=1, reason=" ", value_fen=-5, item_name="")
    with pytest.raises(InvalidInput) as caught:
        await correct_asset(ledger.health_manager, request)
    assert {fault.field for fault in caught.value.fields} == {"reason", "value_fen", "item_name"}
    other = await health_card(ledger, finance_card_no="FC-9")
    with pytest.raises(StateConflict) as conflict:
        await correct_asset(ledger.health_manager, correction(card, finance_card_no="FC-9"))
    assert conflict.value.data == {"asset_code": other.code}
    assert (await card_view(ledger.health_manager, card.id)).version == 1


async def test_another_units_card_is_not_found_whatever_is_asked(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    stranger, room = ledger.culture_manager, ledger.culture_room
    asked = [
        card_view(stranger, card.id),
        history(stranger, card.id),
        label_pdf(stranger, card.id, "http://127.0.0.1:8000"),
        correct_asset(stranger, correction(card, brand="索尼")),
        move_asset(stranger, MoveAsset(asset_id=card.id, place_id=room.id, reason="移走")),
        change_custodian(stranger, ChangeCustodian(asset_id=card.id, custodian_id=None, reason="无")),
        freeze_asset(stranger, freezing(card)),
        print_label(stranger, card.id),
        card_view(stranger, "0000000000000000"),
        print_label(stranger, "0000000000000000"),
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [(type(answer), str(answer)) for answer in answers] == [(NotFound, "asset.not_found")] * len(asked)


async def test_changes_are_forbidden_without_a_role_in_the_same_unit(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    colleague = await actor_of(await make_person("李娜", ledger.city.health), ledger.city.health, Role.BORROWER)
    for asked in (
        correct_asset(colleague, correction(card, brand="索尼")),
        freeze_asset(colleague, freezing(card)),
        print_label(colleague, card.id),
    ):
        with pytest.raises(Forbidden, match=r"role\.required"):
            await asked


async def test_thing_changes_state_with_its_place_when_moved_in_and_out_of_a_warehouse(runtime: Runtime):
    ledger = await make_ledger()
    hall = await make_place(ledger.city.district_operator, "服务大厅")
    card = await make_card(ledger.operator, hall)
    stored = await move_asset(ledger.operator, MoveAsset(asset_id=card.id, place_id=ledger.shelf.id, reason="入库"))
    assert (stored.state_name, stored.place_name) == ("在库", "临平区公物仓主仓 / A 区")
    moved = await move_asset(ledger.keeper, MoveAsset(asset_id=card.id, place_id=ledger.store.id, reason="倒架"))
    assert moved.state_name == "在库"
    with pytest.raises(StateConflict, match=r"asset\.already_at_place"):
        await move_asset(ledger.keeper, MoveAsset(asset_id=card.id, place_id=ledger.store.id, reason="倒架"))
    with pytest.raises(InvalidInput):
        await move_asset(ledger.keeper, MoveAsset(asset_id=card.id, place_id=hall.id, reason="出库"))
    used = await move_asset(ledger.operator, MoveAsset(asset_id=card.id, place_id=hall.id, reason="出库使用"))
    assert (used.state_name, used.owner_unit_id, used.holder_unit_id) == (
        "在用",
        *[ledger.city.district_operator.id] * 2,
    )
    kinds = [event.kind for event in await history(ledger.operator, card.id)]
    assert kinds == ["registered", "moved", "moved", "moved"]


async def test_custodian_changes_within_the_unit_and_sees_the_card(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    person = await make_person("李娜", ledger.city.health)
    request = ChangeCustodian(asset_id=card.id, custodian_id=person.id, reason="岗位调整")
    assert (await change_custodian(ledger.health_manager, request)).custodian_name == "李娜"
    with pytest.raises(StateConflict, match=r"asset\.already_with_custodian"):
        await change_custodian(ledger.health_manager, request)
    outsider = await make_person("周涛", ledger.city.culture)
    with pytest.raises(InvalidInput):
        await change_custodian(
            ledger.health_manager, ChangeCustodian(asset_id=card.id, custodian_id=outsider.id, reason="岗位调整")
        )
    seen = await card_view(await actor_of(person, ledger.city.health, Role.BORROWER), card.id)
    assert (seen.custodian_id, seen.can_correct, seen.can_move) == (person.id, False, False)


async def test_frozen_thing_stays_as_it_is_until_it_is_unfrozen(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    manager = ledger.health_manager
    other_room = await make_place(ledger.city.health, "区卫健局档案室")
    frozen = await freeze_asset(manager, freezing(card))
    assert (frozen.frozen_reason, frozen.can_be_listed, frozen.can_move) == ("涉案封存", False, False)
    for asked in (
        correct_asset(manager, correction(frozen, brand="索尼")),
        move_asset(manager, MoveAsset(asset_id=card.id, place_id=other_room.id, reason="搬家")),
        change_custodian(manager, ChangeCustodian(asset_id=card.id, custodian_id=manager.person_id, reason="接管")),
        lend_now(manager, card.id, ledger.city.culture.id),
    ):
        with pytest.raises(StateConflict, match=r"asset\.frozen") as caught:
            await asked
        assert caught.value.data == {"frozen_reason": "涉案封存"}
    with pytest.raises(StateConflict, match=r"asset\.already_frozen"):
        await freeze_asset(manager, freezing(card))
    request = UnfreezeAsset(asset_id=card.id, reason="案件办结", document_no="临公解〔2026〕1号")
    assert (await unfreeze_asset(manager, request)).can_be_listed
    with pytest.raises(StateConflict, match=r"asset\.not_frozen"):
        await unfreeze_asset(manager, request)
    event = (await history(manager, card.id))[-1]
    assert (event.kind_name, event.document_no) == ("解冻", "临公解〔2026〕1号")


async def test_storage_medium_may_be_lent_only_when_it_was_cleared(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger, item_name="移动硬盘", is_storage_medium=True)
    assert not card.can_be_listed
    with pytest.raises(StateConflict, match=r"asset\.not_cleared"):
        await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)
    request = RecordClearing(asset_id=card.id, method="三次覆写", document_no="清除2026-012")
    assert (await record_clearing(ledger.health_manager, request)).can_be_listed
    projector = await health_card(ledger)
    with pytest.raises(StateConflict, match=r"asset\.not_a_storage_medium"):
        await record_clearing(
            ledger.health_manager, RecordClearing(asset_id=projector.id, method="三次覆写", document_no="1")
        )


async def test_label_is_drawn_when_it_was_printed_before(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    with pytest.raises(StateConflict, match=r"asset\.no_label"):
        await label_pdf(ledger.health_manager, card.id, "https://gwc.example.gov.cn")
    await print_label(ledger.health_manager, card.id)
    paper = await label_pdf(ledger.health_manager, card.id, "https://gwc.example.gov.cn")
    assert paper.startswith(b"%PDF-") and len(paper) > 1000
    assert (await card_view(ledger.health_manager, card.id)).label_serial == 1


async def test_one_label_stays_valid_when_forty_are_printed_at_once(runtime: Runtime):
    ledger = await make_ledger()
    card = await health_card(ledger)
    labels = await asyncio.gather(*(print_label(ledger.health_manager, card.id) for _ in range(40)))
    assert sorted(label.serial for label in labels) == list(range(1, 41))
    assert (await card_view(ledger.health_manager, card.id)).label_serial == 40
    assert await verify_cards() == []
