"""What the checks of a card are for: a second card with the same number, and a card that is closed for good."""

from collections.abc import Awaitable

import pytest
from tortoise.exceptions import IntegrityError

from server.assets.cards import locked_card
from server.assets.commands import (
    attach_picture,
    change_custodian,
    correct_asset,
    freeze_asset,
    move_asset,
    print_label,
    record_clearing,
    register_asset,
    set_accessories,
)
from server.assets.events import Happening, change_card
from server.assets.handlers import held_cards, move_cards
from server.assets.models import AssetLabel
from server.assets.queries import card_view
from server.assets.restating import restate
from server.assets.states import AssetState
from server.assets.types import (
    Accessory,
    AssetView,
    AttachPicture,
    ChangeCustodian,
    CorrectAsset,
    FreezeAsset,
    MoveAsset,
    RecordClearing,
    SetAccessories,
)
from server.identity.ops import ChangeKind, Reorganisation, UnitSide
from server.identity.roles import Role
from server.kernel.errors import DomainError, StateConflict
from server.kernel.ids import new_id
from server.kernel.reading import present
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.factories.assets import Ledger, lend_now, make_card, make_ledger, make_place, projector
from tests.factories.circulation import make_photograph
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing


@pytest.fixture
async def ledger(runtime: Runtime) -> Ledger:
    return await make_ledger()


async def code_of(asked) -> str:
    with pytest.raises(DomainError) as refused:
        await asked
    return refused.value.code


async def test_finance_number_is_one_card_s_when_two_register_it_at_once(ledger: Ledger, settings: Settings):
    request = projector(ledger.health_room, finance_card_no="TY2026000123")
    answers = await while_finishing(
        settings,
        lambda: register_asset(ledger.health_manager, request),
        lambda: register_asset(ledger.health_manager, request),
    )
    assert answers == ("done", "asset.finance_card_taken_by")


async def test_finance_number_is_one_card_s_when_two_cards_get_it_at_once(ledger: Ledger, settings: Settings):
    one, other = [await make_card(ledger.health_manager, ledger.health_room) for _ in range(2)]

    def correct(card: AssetView) -> Awaitable[AssetView]:
        return correct_asset(
            ledger.health_manager,
            CorrectAsset(asset_id=card.id, version=card.version, reason="补登", finance_card_no="TY2026000124"),
        )

    answers = await while_finishing(settings, lambda: correct(one), lambda: correct(other))
    assert answers == ("done", "asset.finance_card_taken_by")


async def test_card_is_frozen_once_when_two_freeze_it_at_once(ledger: Ledger, settings: Settings):
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room)
    request = FreezeAsset(asset_id=card.id, reason="审计封存", document_no="临审〔2026〕3号")
    answers = await while_finishing(
        settings, lambda: freeze_asset(manager, request), lambda: freeze_asset(manager, request)
    )
    assert answers == ("done", "asset.already_frozen")


async def test_nothing_is_done_to_a_card_when_it_is_disposed(ledger: Ledger, runtime: Runtime):
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room)
    picture = await make_photograph(manager)
    await rewrite("UPDATE asset_card SET state = 'disposed' WHERE id = ?", card.id)
    change = CorrectAsset(asset_id=card.id, version=card.version, reason="补登", brand="明基")
    for asked in (
        correct_asset(manager, change),
        freeze_asset(manager, FreezeAsset(asset_id=card.id, reason="审计封存", document_no="临审〔2026〕3号")),
        change_custodian(manager, ChangeCustodian(asset_id=card.id, custodian_id=None, reason="调离")),
        print_label(manager, card.id),
        attach_picture(manager, AttachPicture(asset_id=card.id, picture_id=picture)),
        set_accessories(manager, SetAccessories(asset_id=card.id, accessories=[Accessory("遥控器", 1)])),
    ):
        assert await code_of(asked) == "asset.wrong_state"


async def test_thing_is_neither_moved_nor_cleared_when_it_is_out_on_loan(ledger: Ledger):
    manager = ledger.health_manager
    card = await make_card(manager, ledger.health_room, is_storage_medium=True)
    elsewhere = await make_place(ledger.city.health, "新办公楼")
    clearing = RecordClearing(asset_id=card.id, method="三次覆写", document_no="清除2026-012")
    await record_clearing(manager, clearing)
    await lend_now(manager, card.id, ledger.city.culture.id)
    move = MoveAsset(asset_id=card.id, place_id=elsewhere.id, reason="搬迁")
    for asked in (move_asset(manager, move), record_clearing(manager, clearing)):
        assert await code_of(asked) == "asset.wrong_state"


async def test_picture_of_another_unit_is_not_put_on_a_card(ledger: Ledger):
    card = await make_card(ledger.health_manager, ledger.health_room)
    foreign = await make_photograph(ledger.culture_manager)
    assert await code_of(
        attach_picture(ledger.health_manager, AttachPicture(asset_id=card.id, picture_id=foreign))
    ) == ("input.invalid")
    assert (await card_view(ledger.health_manager, card.id)).picture_id is None


async def test_card_is_written_only_as_it_was_read_and_by_a_step_of_its_life(ledger: Ledger):
    card = await make_card(ledger.health_manager, ledger.health_room)
    happening = Happening(kind="corrected", reason="更正")

    async def change(is_stale: bool, **changes: object) -> None:
        async with unit_of_work(SYSTEM) as uow:
            read = await locked_card(uow, card.id)
            read.version -= is_stale
            await change_card(uow, read, happening, **changes)

    assert await code_of(change(True, brand="明基")) == "record.changed"
    assert await code_of(change(False, state=AssetState.DISPOSED.value)) == "asset.wrong_state"
    assert (await card_view(ledger.health_manager, card.id)).version == card.version


async def test_card_that_is_gone_does_not_follow_its_unit(ledger: Ledger):
    sides = [UnitSide(unit.id, unit.name, unit.path) for unit in (ledger.city.health, ledger.city.culture)]
    change = Reorganisation(
        change_id="", kind=ChangeKind.MERGE, before=sides[0], after=sides[1], document_no="1", reason="合并"
    )
    gone = {"id": new_id(), "lent_to_unit_id": sides[0].id}
    with pytest.raises(StateConflict, match=r"record\.changed"):
        async with unit_of_work(SYSTEM) as uow:
            await restate(uow, change, [gone], [{"lent_to_unit_id": sides[1].id}])


async def test_card_is_handed_over_to_a_colleague_alone(ledger: Ledger):
    card = await make_card(ledger.health_manager, ledger.health_room, custodian_id=ledger.health_manager.person_id)
    custodian, stranger = ledger.health_manager.person_id, ledger.culture_manager.person_id
    assert custodian is not None and stranger is not None

    async def move() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await move_cards(uow, custodian, stranger, await held_cards(uow, custodian))

    assert await code_of(move()) == "input.invalid"
    assert (await card_view(ledger.health_manager, card.id)).custodian_id == custodian


async def test_only_who_has_the_thing_in_hand_is_offered_to_handle_it(ledger: Ledger):
    card = await make_card(ledger.operator, ledger.shelf)
    reader = await make_actor("钱进", ledger.city.district_operator, Role.UNIT_ACCOUNTANT)

    async def offers(actor) -> tuple[bool, bool, bool, bool]:
        view = await card_view(actor, card.id)
        return view.can_move, view.can_attach_picture, view.can_print_label, view.can_correct

    assert await offers(ledger.operator) == (True, True, True, True)
    assert await offers(ledger.keeper) == (True, True, True, False)
    assert await offers(reader) == (False, False, False, False)


async def test_code_and_label_are_one_thing_s(ledger: Ledger, runtime: Runtime):
    manager = ledger.health_manager
    card, other = [await make_card(manager, ledger.health_room) for _ in range(2)]
    token = (await print_label(manager, card.id)).token
    # A series set back would give out a code that is taken: nobody gets it twice.
    await rewrite("UPDATE counter SET value = value - 1 WHERE series LIKE 'asset:%'")
    with pytest.raises(IntegrityError):
        await make_card(manager, ledger.health_room)
    label = AssetLabel(asset_id=other.id, token=token, serial=1, printed_at=present(), printed_by="")
    with pytest.raises(IntegrityError):
        async with unit_of_work(SYSTEM) as uow:
            await uow.add(label)
