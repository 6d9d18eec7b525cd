"""What cards tell the domains below: who holds them, and where they are."""

import pytest

from server.assets import handlers  # registers them, as the composition root does
from server.assets.commands import change_custodian, move_asset
from server.assets.queries import card_view, history
from server.assets.types import ChangeCustodian, MoveAsset
from server.assets.verification import verify_cards
from server.identity.commands import (
    DisablePerson,
    HandOver,
    ReceiveHandover,
    disable_person,
    hand_over,
    receive_handover,
)
from server.kernel.errors import StateConflict
from server.kernel.runtime import Runtime
from server.places.commands import close_place
from tests.factories.assets import lend_now, make_card, make_ledger, make_place
from tests.factories.identity import SYSTEM, make_person

assert handlers.held_cards is not None


async def test_nobody_is_disabled_before_the_cards_are_handed_over(runtime: Runtime):
    ledger = await make_ledger()
    leaver = await make_person("李娜", ledger.city.health)
    heir = await make_person("周敏", ledger.city.health)
    cards = [
        await make_card(ledger.health_manager, ledger.health_room, custodian_id=leaver.id, model=model)
        for model in ("CB-X06", "CB-X49")
    ]
    await lend_now(ledger.health_manager, cards[0].id, ledger.city.culture.id)
    with pytest.raises(StateConflict, match=r"person\.still_holds"):
        await disable_person(SYSTEM, DisablePerson(leaver.id, "调离"))
    signed = await hand_over(ledger.health_manager, HandOver(leaver.id, heir.id, "两台投影仪，其中一台借出未还"))
    assert {item.id for item in signed.items} == {card.id for card in cards}
    await receive_handover(ledger.health_manager, ReceiveHandover(signed.id, heir.name))
    await disable_person(SYSTEM, DisablePerson(leaver.id, "调离"))
    for card in cards:
        assert (await card_view(ledger.health_manager, card.id)).custodian_name == "周敏"
        event = (await history(ledger.health_manager, card.id))[-1]
        assert (event.kind_name, event.changes[0].before, event.changes[0].after) == ("变更保管人", "李娜", "周敏")
    assert await verify_cards() == []


async def test_cards_of_another_custodian_stay_when_one_hands_over(runtime: Runtime):
    ledger = await make_ledger()
    leaver, heir, other = [await make_person(name, ledger.city.health) for name in ("李娜", "周敏", "何伟")]
    mine = await make_card(ledger.health_manager, ledger.health_room, custodian_id=leaver.id)
    others = await make_card(ledger.health_manager, ledger.health_room, custodian_id=other.id)
    await hand_over(ledger.health_manager, HandOver(leaver.id, heir.id, ""))
    assert (await card_view(ledger.health_manager, mine.id)).custodian_id == heir.id
    assert (await card_view(ledger.health_manager, others.id)).custodian_id == other.id
    with pytest.raises(StateConflict, match=r"asset\.already_with_custodian"):
        await change_custodian(
            ledger.health_manager, ChangeCustodian(asset_id=mine.id, custodian_id=heir.id, reason="交接")
        )


async def test_place_is_closed_only_when_no_card_has_it_as_home(runtime: Runtime):
    ledger = await make_ledger()
    old = await make_place(ledger.city.health, "旧办公楼")
    card = await make_card(ledger.health_manager, old)
    with pytest.raises(StateConflict, match=r"place\.in_use"):
        await close_place(SYSTEM, old.id)
    await move_asset(ledger.health_manager, MoveAsset(asset_id=card.id, place_id=ledger.health_room.id, reason="搬迁"))
    assert not (await close_place(SYSTEM, old.id)).is_active
