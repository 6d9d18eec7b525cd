"""What a loan does to a card."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from server.assets import ops
from server.assets.commands import freeze_asset, record_clearing
from server.assets.queries import card_view, history
from server.assets.types import FreezeAsset, RecordClearing
from server.assets.verification import verify_cards
from server.kernel.errors import DomainError, NotFound, StateConflict
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from tests.factories.assets import (
    finish_inspection_now,
    finish_repair_now,
    lend_now,
    make_card,
    make_ledger,
    take_back_now,
)
from tests.factories.identity import SYSTEM


async def test_owner_holder_and_home_stay_when_a_thing_is_lent(runtime: Runtime):
    ledger = await make_ledger()
    before = await make_card(ledger.health_manager, ledger.health_room)
    await lend_now(ledger.health_manager, before.id, ledger.city.culture.id)
    lent = await card_view(ledger.health_manager, before.id)
    assert (lent.state_name, lent.lent_to_unit_name) == ("借出", "临平区文化和广电旅游体育局")
    assert (lent.owner_unit_id, lent.holder_unit_id, lent.place_id) == (
        before.owner_unit_id,
        before.holder_unit_id,
        before.place_id,
    )
    assert not lent.can_move and not lent.can_be_listed


async def test_thing_is_home_again_when_it_was_returned_and_inspected(runtime: Runtime):
    ledger = await make_ledger()
    for manager, place, state_name in (
        (ledger.health_manager, ledger.health_room, "在用"),
        (ledger.keeper, ledger.shelf, "在库"),
    ):
        card = await make_card(manager, place)
        await lend_now(manager, card.id, ledger.city.culture.id)
        await take_back_now(manager, card.id)
        waiting = await card_view(manager, card.id)
        assert (waiting.state_name, waiting.lent_to_unit_id) == ("归还待验", None)
        await finish_inspection_now(manager, card.id, condition="usable")
        home = await card_view(manager, card.id)
        assert (home.state_name, home.condition_name, home.can_be_listed) == (state_name, "可用", True)
        events = await history(manager, card.id)
        assert [event.kind_name for event in events] == ["登记建卡", "借出", "归还", "归还验收"]
        assert events[1].document_no == "借2026-0001"
    assert await verify_cards() == []


async def test_damaged_thing_goes_through_repair_before_it_is_home(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room)
    await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)
    await take_back_now(ledger.health_manager, card.id)
    await finish_inspection_now(ledger.health_manager, card.id, "repair", "damaged")
    assert (await card_view(ledger.health_manager, card.id)).state_name == "维修中"
    with pytest.raises(StateConflict, match=r"asset\.wrong_state"):
        await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)
    await finish_repair_now(ledger.health_manager, card.id)
    assert (await card_view(ledger.health_manager, card.id)).state_name == "在用"


async def test_steps_are_refused_when_they_come_out_of_turn(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room)
    manager = ledger.health_manager
    for step, code in (
        (take_back_now(manager, card.id), "asset.not_on_loan"),
        (finish_inspection_now(manager, card.id), "asset.not_in_inspection"),
        (finish_repair_now(manager, card.id), "asset.not_in_repair"),
    ):
        with pytest.raises(StateConflict) as caught:
            await step
        assert caught.value.code == code
    with pytest.raises(NotFound, match=r"asset\.not_found"):
        await lend_now(manager, "0000000000000000", ledger.city.culture.id)


async def test_loss_is_refused_when_it_comes_out_of_turn(runtime: Runtime):
    ledger = await make_ledger()
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room)
    paper = {"document_no": "失2026-1", "reason": "撤展时不见"}

    async def refusal(step: Callable[..., Awaitable[object]], **facts: str) -> str:
        try:
            async with unit_of_work(SYSTEM) as uow:
                await step(uow, card.id, **paper, **facts)
        except StateConflict as error:
            return error.code
        return ""

    assert await refusal(ops.lose) == "asset.not_on_loan"
    assert await refusal(ops.regain, condition="good") == await refusal(ops.write_off) == "asset.not_lost"
    await lend_now(manager, card.id, ledger.city.culture.id)
    assert await refusal(ops.regain, condition="good") == await refusal(ops.write_off) == "asset.not_lost"
    assert await refusal(ops.lose) == ""
    await freeze_asset(manager, FreezeAsset(asset_id=card.id, reason="审计封存", document_no="临审〔2026〕3号"))
    assert await refusal(ops.write_off) == "asset.frozen"
    assert await refusal(ops.regain, condition="good") == ""


async def test_classified_thing_is_never_lent(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room, is_classified=True)
    with pytest.raises(StateConflict, match=r"asset\.classified"):
        await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)


async def test_storage_medium_needs_clearing_again_when_it_comes_back(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room, is_storage_medium=True)
    request = RecordClearing(asset_id=card.id, method="三次覆写", document_no="清除2026-012")
    await record_clearing(ledger.health_manager, request)
    await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)
    await take_back_now(ledger.health_manager, card.id)
    await finish_inspection_now(ledger.health_manager, card.id)
    with pytest.raises(StateConflict, match=r"asset\.not_cleared"):
        await lend_now(ledger.health_manager, card.id, ledger.city.culture.id)
    assert await verify_cards() == []


async def test_one_loan_wins_when_forty_take_the_same_thing(runtime: Runtime):
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room)
    units = [ledger.city.culture.id, ledger.city.school.id, ledger.city.hospital.id]

    async def lend(turn: int) -> str:
        try:
            await lend_now(ledger.health_manager, card.id, units[turn % 3])
        except DomainError as error:
            return error.code
        return "done"

    answers = await asyncio.gather(*(lend(turn) for turn in range(40)))
    assert (answers.count("done"), answers.count("asset.already_lent")) == (1, 39)
    assert [event.kind for event in await history(ledger.health_manager, card.id)] == ["registered", "lent"]
    back = await asyncio.gather(
        *(take_back_now(ledger.health_manager, card.id) for _ in range(10)), return_exceptions=True
    )
    assert sorted(str(answer) for answer in back) == ["None", *["asset.not_on_loan"] * 9]
