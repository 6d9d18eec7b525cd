"""A thing gets its card."""

import asyncio
from datetime import date, timedelta

import pytest

from server.assets.commands import register_asset
from server.assets.verification import verify_cards
from server.identity.roles import Role
from server.kernel.errors import DomainError, Forbidden, InvalidInput, StateConflict
from server.kernel.reading import present_day, reading
from server.kernel.runtime import Runtime
from tests.factories.assets import DESK, Ledger, make_card, make_ledger, make_place, projector
from tests.factories.identity import actor_of, make_person


async def faults_of(ledger: Ledger, **changes: object) -> dict[str, str]:
    """The faults by field when a projector is registered with these changes."""
    with pytest.raises(InvalidInput) as caught:
        await register_asset(ledger.health_manager, projector(ledger.health_room, **changes))
    return {fault.field: fault.code for fault in caught.value.fields}


async def stored_codes() -> list[str]:
    async with reading() as db:
        return [row["code"] for row in await db.fetch_all("SELECT code FROM asset_card ORDER BY code")]


async def test_card_has_code_name_and_owner_by_rule_when_registered(runtime: Runtime):
    ledger = await make_ledger()
    view = await register_asset(ledger.health_manager, projector(ledger.health_room))
    assert view.name == "投影仪 爱普生 CB-X06"
    assert view.code == f"A02020200-{ledger.city.health.code}-{present_day().year}-0001"
    assert view.owner_unit_id == view.holder_unit_id == ledger.city.health.id
    assert (view.state_name, view.place_name, view.category_name) == ("在用", "区卫健局办公楼", "投影仪")
    assert view.can_correct and view.can_move and view.can_print_label and view.can_be_listed
    assert await verify_cards() == []


async def test_card_is_in_store_when_its_place_is_in_a_warehouse(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.keeper, ledger.shelf)
    assert view.state_name == "在库"
    assert (view.can_move, view.can_print_label, view.can_correct) == (True, True, False)


async def test_serials_run_by_category_unit_and_year_when_codes_are_made(runtime: Runtime):
    ledger = await make_ledger()
    first = await make_card(ledger.health_manager, ledger.health_room)
    other_unit = await make_card(ledger.culture_manager, ledger.culture_room)
    other_category = await make_card(ledger.health_manager, ledger.health_room, category_code=DESK)
    second = await make_card(ledger.health_manager, ledger.health_room)
    codes = [card.code for card in (first, other_unit, other_category, second)]
    assert [code[-4:] for code in codes] == ["0001", "0001", "0001", "0002"]
    assert len(set(codes)) == 4


async def test_serials_have_no_gap_when_registrations_fail_in_between(runtime: Runtime, is_full_size: bool):
    ledger = await make_ledger()
    await make_card(ledger.culture_manager, ledger.culture_room, finance_card_no="FC-TAKEN")
    number = 100 if is_full_size else 40

    async def register(turn: int) -> str:
        # Every fourth one names a card number that is taken, and so rolls back.
        card_no = "FC-TAKEN" if turn % 4 == 3 else f"FC-{turn}"
        try:
            await register_asset(ledger.health_manager, projector(ledger.health_room, finance_card_no=card_no))
        except StateConflict as error:
            return "refused" if error.code == "asset.finance_card_taken" else error.code
        return "done"

    results = await asyncio.gather(*(register(turn) for turn in range(number)))
    registered = number - number // 4
    assert (results.count("done"), results.count("refused")) == (registered, number // 4)
    own = [code for code in await stored_codes() if ledger.city.health.code in code]
    assert [code[-4:] for code in own] == [f"{serial:04d}" for serial in range(1, registered + 1)]


async def test_one_card_wins_when_forty_claim_a_finance_card_number(runtime: Runtime):
    ledger = await make_ledger()

    async def register(turn: int) -> str:
        actor, room = (
            (ledger.health_manager, ledger.health_room) if turn % 2 else (ledger.culture_manager, ledger.culture_room)
        )
        try:
            await register_asset(actor, projector(room, finance_card_no="330113-2024-000871"))
        except DomainError as error:
            return error.code
        return "done"

    answers = await asyncio.gather(*(register(turn) for turn in range(40)))
    assert answers.count("done") == 1
    assert set(answers) == {"done", "asset.finance_card_taken", "asset.finance_card_taken_by"}
    assert len(await stored_codes()) == 1


async def test_taken_finance_card_is_named_only_when_it_is_within_sight(runtime: Runtime):
    ledger = await make_ledger()
    own = await make_card(ledger.health_manager, ledger.health_room, finance_card_no="FC-1")
    with pytest.raises(StateConflict) as caught:
        await make_card(ledger.health_manager, ledger.health_room, finance_card_no=" FC-1 ")
    assert (caught.value.code, caught.value.data) == ("asset.finance_card_taken_by", {"asset_code": own.code})
    with pytest.raises(StateConflict) as caught:
        await make_card(ledger.culture_manager, ledger.culture_room, finance_card_no="FC-1")
    assert (caught.value.code, caught.value.data) == ("asset.finance_card_taken", {})


async def test_every_wrong_field_is_named_when_a_card_is_refused(runtime: Runtime):
    ledger = await make_ledger()
    faults = await faults_of(
        ledger,
        item_name="  ",
        brand="爱" * 65,
        model="CB\nX06",
        value_fen=0,
        acquired_on=present_day() + timedelta(days=1),
        condition="shiny",
        category_code="A99999999",
    )
    assert faults == {
        "item_name": "input.required",
        "brand": "input.too_long",
        "model": "input.control_character",
        "value_fen": "input.too_small",
        "acquired_on": "asset.acquired_in_future",
        "condition": "input.not_a_choice",
        "category_code": "asset.category_unknown",
    }
    assert await stored_codes() == []


async def test_category_is_refused_when_it_is_no_leaf_or_no_goods(runtime: Runtime):
    ledger = await make_ledger()
    assert await faults_of(ledger, category_code="A02010000") == {"category_code": "asset.category_too_broad"}
    assert await faults_of(ledger, category_code="C23000000") == {"category_code": "asset.category_not_goods"}
    assert await faults_of(ledger, value_fen=10**12 + 1) == {"value_fen": "input.too_large"}
    assert await faults_of(ledger, acquired_on=date(1900, 1, 1)) == {"acquired_on": "asset.acquired_too_early"}


async def test_place_and_custodian_are_refused_when_they_are_another_units(runtime: Runtime):
    ledger = await make_ledger()
    stranger = ledger.culture_manager.person_id
    assert await faults_of(ledger, place_id=ledger.culture_room.id) == {"place_id": "asset.place_unknown"}
    assert await faults_of(ledger, place_id=ledger.store.id) == {"place_id": "asset.place_unknown"}
    assert await faults_of(ledger, place_id="nowhere") == {"place_id": "asset.place_unknown"}
    assert await faults_of(ledger, custodian_id=stranger) == {"custodian_id": "asset.custodian_unknown"}
    assert await faults_of(ledger, picture_id="0000000000000000") == {"picture_id": "file.unknown"}


async def test_keeper_registers_only_where_the_warehouse_is_assigned(runtime: Runtime):
    ledger = await make_ledger()
    lobby = await make_place(ledger.city.district_operator, "服务大厅")
    with pytest.raises(InvalidInput):
        await make_card(ledger.keeper, lobby)
    operators = await make_card(ledger.operator, lobby)
    assert operators.state_name == "在用"


async def test_registration_is_forbidden_without_a_role(runtime: Runtime):
    ledger = await make_ledger()
    person = await make_person("李娜", ledger.city.health)
    for role in (Role.BORROWER, Role.UNIT_ACCOUNTANT, Role.FINANCE_REVIEWER, Role.SYSTEM_ADMIN):
        actor = await actor_of(person, ledger.city.health, role)
        with pytest.raises(Forbidden, match=r"role\.required"):
            await make_card(actor, ledger.health_room)
    assert await stored_codes() == []
