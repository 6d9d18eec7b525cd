"""A unit is split: people and places chosen go, with what hangs on them; the rest stays."""

from server.approvals.queries import waiting_task_for
from server.circulation.commands import renew_borrowing, submit_borrowing
from server.circulation.queries import borrowing_view
from server.circulation.types import RenewBorrowing
from server.identity.commands import (
    Delegate,
    delegate,
    propose_unit_change,
)
from server.identity.queries import (
    list_delegations,
    person_by_id,
    unit_by_id,
)
from server.identity.roles import Role
from server.identity.types import UnitView
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, application, approve, day, make_borrowing, make_listed
from tests.factories.identity import SYSTEM, make_actor, make_person
from tests.factories.procurement import make_need
from tests.factories.reorganisation import administrators, check_whole, now, proposal, reorganise
from tests.identity.asking import refusal_code, stored


async def test_people_and_places_chosen_go_and_the_rest_stays_when_a_unit_is_split(hall: Hall, joint: UnitView) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    lent = await make_borrowing(hall)  # of the projector in the room that goes
    stays = await make_card(ledger.culture_manager, ledger.culture_room)
    keeper = await make_actor("保管员", city.health, Role.BORROWER)
    wanted = proposal("split", city.health, joint, place_ids=(ledger.health_room.id,), person_ids=(keeper.person_id,))
    await reorganise(city, wanted)
    [card] = await stored(
        "SELECT owner_unit_id, holder_unit_id, holder_unit_path FROM asset_card WHERE id = ?", hall.projector.id
    )
    assert card == {"owner_unit_id": joint.id, "holder_unit_id": joint.id, "holder_unit_path": joint.path}
    [other] = await stored("SELECT holder_unit_id FROM asset_card WHERE id = ?", stays.id)
    assert other == {"holder_unit_id": city.culture.id}
    assert (await now(keeper, joint)).has_role(Role.BORROWER)
    assert (await person_by_id(SYSTEM, hall.lender.person_id or "")).posts[0].unit_id == city.health.id
    await approve(lent.id, hall.approver)
    manager = await make_actor("新管理员", joint, Role.ASSET_MANAGER)
    assert await waiting_task_for(hall.lender, "borrowing", lent.id) is None
    await approve(lent.id, manager)
    assert (await unit_by_id(SYSTEM, city.health.id)).is_active
    await check_whole()


async def test_loans_go_with_their_applicant_when_a_unit_is_split(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    view = await make_borrowing(hall, until="issued")
    waiting = await submit_borrowing(hall.borrower, application(hall.projector.id, 10, 12))
    colleague = await make_actor("周小兰", city.culture, Role.BORROWER)
    stays = await submit_borrowing(colleague, application(hall.projector.id, 14, 15))
    await reorganise(city, proposal("split", city.culture, joint, person_ids=(hall.borrower.person_id,)))
    [card] = await stored("SELECT lent_to_unit_id FROM asset_card WHERE id = ?", hall.projector.id)
    assert card == {"lent_to_unit_id": joint.id}
    assert (await borrowing_view(await now(hall.borrower, joint), view.id)).borrower_unit_name == joint.name
    manager = await make_actor("新管理员", joint, Role.ASSET_MANAGER)
    task = await waiting_task_for(manager, "borrowing", waiting.id)
    assert task is not None and task.applicant_unit_name == joint.name
    assert await waiting_task_for(manager, "borrowing", stays.id) is None
    left = await waiting_task_for(hall.approver, "borrowing", stays.id)
    assert left is not None and left.applicant_unit_name == city.culture.name
    await check_whole()


async def test_delegation_ends_when_a_split_takes_one_of_the_two(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    colleague = await make_person("李梅", city.culture)
    await delegate(hall.approver, Delegate(colleague.id, Role.ASSET_MANAGER, day(0), day(3), "年休假"))
    await reorganise(city, proposal("split", city.culture, joint, person_ids=(colleague.id,)))
    assert [each.state for each in await list_delegations(hall.approver)] == ["revoked"]


async def test_split_is_refused_when_a_thing_would_lose_its_custodian(hall: Hall, joint: UnitView) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    custodian = await make_person("保管员", city.health)
    await make_card(ledger.health_manager, ledger.health_room, custodian_id=custodian.id)
    system, _ = await administrators(city)
    torn = proposal("split", city.health, joint, place_ids=(ledger.health_room.id,))
    assert await refusal_code(propose_unit_change(system, torn)) == "unit_change.custody_torn"
    alone = proposal("split", city.health, joint, person_ids=(custodian.id,))
    assert await refusal_code(propose_unit_change(system, alone)) == "unit_change.custody_torn"
    whole = proposal("split", city.health, joint, place_ids=(ledger.health_room.id,), person_ids=(custodian.id,))
    assert (await propose_unit_change(system, whole)).state == "proposed"


async def test_warehouse_stays_when_the_new_unit_may_run_none(hall: Hall, joint: UnitView) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    system, _ = await administrators(city)
    wanted = proposal("split", city.district_operator, joint, place_ids=(ledger.store.id,))
    assert await refusal_code(propose_unit_change(system, wanted)) == "unit_change.warehouse_without_operator"
    to_operator = proposal("split", city.district_operator, city.operator, place_ids=(ledger.store.id,))
    await reorganise(city, to_operator)
    [assignment] = await stored("SELECT ended_at FROM keeper_assignment WHERE place_id = ?", ledger.store.id)
    assert assignment["ended_at"] is not None
    [shelf] = await stored("SELECT unit_id FROM place WHERE id = ?", ledger.shelf.id)
    assert shelf == {"unit_id": city.operator.id}


async def test_needs_and_renewals_ask_the_new_unit_when_a_unit_is_split(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    need = await make_need(hall.borrower, until="submitted", is_emergency=True, emergency_reason="防汛抢险")
    stays = await make_need(
        await make_actor("留下的", city.culture, Role.BORROWER),
        until="submitted",
        is_emergency=True,
        emergency_reason="防汛抢险",
    )
    loan = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, RenewBorrowing(loan.id, day(6), "展期延长"))
    going = {
        "person_ids": (hall.borrower.person_id,),
    }
    await reorganise(city, proposal("split", city.culture, joint, **going))
    manager = await make_actor("新管理员", joint, Role.ASSET_MANAGER)
    task = await waiting_task_for(manager, "purchase_need", need.id)
    assert task is not None and (task.unit_name, task.applicant_unit_name) == (joint.name, joint.name)
    assert await waiting_task_for(hall.approver, "purchase_need", need.id) is None
    assert await waiting_task_for(hall.approver, "purchase_need", stays.id) is not None
    # The renewal goes on being the applicant's, and the lender is asked as before.
    renewal = await waiting_task_for(hall.lender, "renewal", asked.renewals[0].id)
    assert renewal is not None and renewal.applicant_unit_name == joint.name
    place = proposal("split", city.health, joint, place_ids=(hall.ledger.health_room.id,))
    await reorganise(city, place)
    assert await waiting_task_for(hall.lender, "renewal", asked.renewals[0].id) is None
    moved = await waiting_task_for(manager, "renewal", asked.renewals[0].id)
    assert moved is not None and moved.unit_name == joint.name
    await check_whole()


async def test_chains_of_people_and_things_move_together_when_a_unit_is_split(hall: Hall, joint: UnitView) -> None:
    """What is lent was applied for before what is borrowed: both are locked in one order."""
    city = hall.ledger.city
    lent = await make_borrowing(hall)
    person = await make_actor("保管员", city.health, Role.BORROWER)
    card, _ = await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room)
    borrowed = await submit_borrowing(person, application(card.id))
    need = await make_need(person, until="submitted", is_emergency=True, emergency_reason="防汛抢险")
    wanted = proposal(
        "split", city.health, joint, place_ids=(hall.ledger.health_room.id,), person_ids=(person.person_id,)
    )
    await reorganise(city, wanted)
    manager = await make_actor("新管理员", joint, Role.ASSET_MANAGER)
    for kind, subject_id in (("borrowing", borrowed.id), ("purchase_need", need.id)):
        assert await waiting_task_for(manager, kind, subject_id) is not None
    await approve(lent.id, hall.approver, manager)
    await check_whole()
