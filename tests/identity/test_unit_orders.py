"""Who decides over units: two administrators, a preview, the reasons why not; a unit corrected and closed."""

from datetime import timedelta

from server.circulation.commands import submit_borrowing
from server.identity.commands import (
    CloseUnit,
    CorrectUnit,
    DropChange,
    close_unit,
    confirm_unit_change,
    correct_unit,
    propose_unit_change,
    refuse_unit_change,
    withdraw_unit_change,
)
from server.identity.queries import (
    history_of_unit,
    list_unit_changes,
    person_by_id,
    preview_unit_change,
    unit_by_id,
)
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.reading import present_day
from tests.factories.circulation import Hall, application, make_borrowing
from tests.factories.identity import SYSTEM, actor_of, make_actor, make_unit
from tests.factories.reorganisation import administrators, proposal
from tests.identity.asking import refusal_code, stored


async def test_preview_says_what_would_move_and_changes_nothing(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    await make_borrowing(hall)
    system, security = await administrators(city)
    proposed = await propose_unit_change(system, proposal("merge", city.health, joint))
    shown = await preview_unit_change(security, proposed.id)
    moving = dict(shown.moving)
    assert shown.obstacles == []
    assert (moving["持有的资产"], moving["权属资产"], moving["共享大厅上架"], moving["未办结的借出"]) == (1, 1, 1, 1)
    assert moving["场所"] == 1 and moving["下级单位"] == 1 and moving["在职岗位"] == 1
    assert (await unit_by_id(SYSTEM, city.health.id)).is_active
    done = await confirm_unit_change(security, proposed.id)
    assert dict(done.moved) == moving
    assert await preview_unit_change(security, proposed.id) == type(shown)([], [])


async def test_two_administrators_are_needed_when_units_are_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    narrow = await make_actor("区安全", city.linping, Role.SECURITY_ADMIN)
    audit = await make_actor("审计", city.city, Role.AUDIT_ADMIN, is_subtree=True)
    wanted = proposal("merge", city.health, joint)
    for actor in (security, audit, hall.lender):
        assert await refusal_code(propose_unit_change(actor, wanted)) == "role.required"
    proposed = await propose_unit_change(system, wanted)
    assert await refusal_code(propose_unit_change(system, wanted)) == "unit_change.pending"
    for actor, code in ((system, "role.required"), (audit, "role.required"), (narrow, "record.not_found")):
        assert await refusal_code(confirm_unit_change(actor, proposed.id)) == code
    # Even whoever gets the other post afterwards does not confirm what he proposed.
    same = await actor_of(
        await person_by_id(SYSTEM, system.person_id or ""), city.city, Role.SECURITY_ADMIN, is_subtree=True
    )
    assert await refusal_code(confirm_unit_change(same, proposed.id)) == "unit_change.own_proposal"
    assert [change.id for change in (await list_unit_changes(audit)).items] == [proposed.id]
    assert await refusal_code(list_unit_changes(hall.lender)) == "role.required"
    await confirm_unit_change(security, proposed.id)
    assert await refusal_code(confirm_unit_change(security, proposed.id)) == "unit_change.decided"
    actions = await stored("SELECT action FROM audit_event WHERE subject_id = ? ORDER BY id", city.health.id)
    assert [row["action"] for row in actions][-2:] == ["unit_change.proposed", "unit_change.done"]


async def test_nothing_moves_when_a_proposal_is_refused_or_taken_back(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    first = await propose_unit_change(system, proposal("merge", city.health, joint))
    assert await refusal_code(refuse_unit_change(system, DropChange(first.id, "不妥"))) == "role.required"
    assert (await refuse_unit_change(security, DropChange(first.id, "批文未到"))).state_name == "未同意"
    second = await propose_unit_change(system, proposal("merge", city.health, joint))
    assert await refusal_code(withdraw_unit_change(security, DropChange(second.id, "填错"))) == "role.required"
    assert (await withdraw_unit_change(system, DropChange(second.id, "填错"))).state_name == "已撤回"
    assert await refusal_code(confirm_unit_change(security, second.id)) == "unit_change.decided"
    assert await history_of_unit(SYSTEM, joint.id) == []
    assert (await unit_by_id(SYSTEM, city.health.id)).is_active


async def test_change_is_refused_when_the_tree_or_the_calendar_forbids_it(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    for wanted, code in (
        (proposal("merge", city.health, city.health), "unit_change.same_unit"),
        (proposal("merge", city.health, city.hospital), "unit_change.below_itself"),
        (proposal("move", city.health, city.hospital), "unit_change.below_itself"),
        (proposal("move", city.health, city.health), "unit_change.below_itself"),
        (proposal("move", city.health, city.linping), "unit_change.already_there"),
        (proposal("close", city.health, joint), "input.not_a_choice"),
        (proposal("merge", city.health, joint, document_no=""), "input.required"),
        (proposal("split", city.health, joint), "unit_change.nothing_chosen"),
        (proposal("split", city.health, joint, person_ids=(hall.borrower.person_id,)), "input.not_a_choice"),
        (proposal("split", city.health, joint, place_ids=(hall.ledger.store.id,)), "input.not_a_choice"),
    ):
        assert await refusal_code(propose_unit_change(system, wanted)) == code, wanted
    later = proposal("merge", city.health, joint, effective_on=present_day() + timedelta(days=1))
    proposed = await propose_unit_change(system, later)
    assert await refusal_code(confirm_unit_change(security, proposed.id)) == "unit_change.too_early"


async def test_tree_grows_no_deeper_than_paths_can_say_when_units_are_moved(hall: Hall) -> None:
    city = hall.ledger.city
    system, _ = await administrators(city)
    deepest = city.health
    while len(deepest.path) + 34 <= 255:
        deepest = await make_unit("再下一级单位", "下级", deepest)
    tall = await make_unit("带下级的单位", "带下级", city.linping)
    await make_unit("它的下级", "它的下级", tall)
    assert await refusal_code(propose_unit_change(system, proposal("move", tall, deepest))) == "unit_change.too_deep"


async def test_merger_waits_when_both_units_have_a_loan_of_one_number(hall: Hall) -> None:
    city = hall.ledger.city
    twin = await make_unit("临平区文化发展中心", city.culture.short_name, city.linping)
    other = await make_actor("同名单位", twin, Role.BORROWER)
    await make_borrowing(hall)
    await submit_borrowing(other, application(hall.projector.id, 10, 12))
    system, _ = await administrators(city)
    wanted = proposal("merge", twin, city.culture)
    assert await refusal_code(propose_unit_change(system, wanted)) == "unit_change.number_taken"


async def test_unit_is_closed_only_when_nothing_is_left(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, _ = await administrators(city)

    def closing(unit: UnitView) -> CloseUnit:
        return CloseUnit(unit_id=unit.id, document_no="临委编〔2026〕19号", effective_on=present_day(), reason="撤销")

    assert await refusal_code(close_unit(system, closing(city.health))) == "unit.still_holds"
    assert await refusal_code(close_unit(system, closing(city.linping))) == "unit.still_holds"
    assert await refusal_code(close_unit(hall.lender, closing(joint))) == "role.required"
    assert not (await close_unit(system, closing(joint))).is_active
    assert [each.kind_name for each in await history_of_unit(SYSTEM, joint.id)] == ["撤销"]
    assert await refusal_code(close_unit(system, closing(joint))) == "record.not_found"


async def test_facts_are_corrected_and_functions_stay_while_they_are_used(hall: Hall) -> None:
    city = hall.ledger.city
    system, _ = await administrators(city)
    unit = await unit_by_id(system, city.culture.id)

    def correction(unit: UnitView, **changes: object) -> CorrectUnit:
        fields: dict[str, object] = {
            "unit_id": unit.id,
            "version": unit.version,
            "kind": unit.kind,
            "region_code": unit.region_code,
            "reason": "登记有误",
            "is_operator": unit.is_operator,
            "is_finance_authority": unit.is_finance_authority,
        }
        return CorrectUnit(**{**fields, **changes})  # type: ignore[arg-type]

    corrected = await correct_unit(system, correction(unit, kind="public_institution", region_code="330106"))
    assert (corrected.kind, corrected.region_name) == ("public_institution", "西湖区")
    assert await refusal_code(correct_unit(system, correction(unit))) == "record.changed"
    operator = await unit_by_id(system, city.district_operator.id)
    assert await refusal_code(correct_unit(system, correction(operator, is_operator=False))) == "unit.function_in_use"
    assert await refusal_code(correct_unit(hall.lender, correction(unit))) == "role.required"
    for changes in ({"kind": "company"}, {"region_code": "999999"}, {"lead_unit_id": city.health.id}, {"reason": ""}):
        assert (await refusal_code(correct_unit(system, correction(corrected, **changes)))).split(".")[0] in {
            "input",
            "unit",
        }
