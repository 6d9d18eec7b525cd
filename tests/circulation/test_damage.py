"""What was found when a thing came back, and what was decided about it."""

import pytest

from server.assets.queries import card_view
from server.circulation.commands import inspect_return, resolve_damage, return_by_code
from server.circulation.losses.commands import decide_loss, record_payment, report_loss, waive_loss
from server.circulation.losses.messages import MESSAGES
from server.circulation.losses.queries import list_losses, loss_view
from server.circulation.losses.types import WaiveLoss
from server.circulation.queries import borrowing_view
from server.circulation.types import InspectReturn, ResolveDamage, ReturnByCode
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_losses import lost, receipt, verdict
from tests.factories.circulation import make_borrowing, make_listed_projector, make_photograph
from tests.factories.identity import make_actor


async def damaged(hall, view, **changes) -> InspectReturn:
    picture = await make_photograph(hall.lender)
    fields = {"result": "damaged", "note": "镜头有裂纹", "picture_id": picture, **changes}
    return InspectReturn(view.id, hall.projector.id, **fields)


async def test_thing_stays_at_the_desk_when_it_is_damaged(hall):
    view = await make_borrowing(hall, until="returned")
    inspected = await inspect_return(hall.lender, await damaged(hall, view))
    assert (inspected.state, inspected.can_resolve, inspected.lines[0].inspection_note) == (
        "inspected",
        True,
        "镜头有裂纹",
    )
    assert (await card_view(hall.lender, hall.projector.id)).state == "return_inspection"


@pytest.mark.parametrize(
    ("to", "state", "condition"), [("repair", "in_repair", "damaged"), ("back_to_use", "in_use", "usable")]
)
async def test_borrowing_is_closed_when_damage_is_decided(hall, to, state, condition):
    view = await make_borrowing(hall, until="returned")
    await inspect_return(hall.lender, await damaged(hall, view))
    closed = await resolve_damage(hall.lender, ResolveDamage(view.id, "由借用单位承担维修费", to, "双方确认"))
    assert (closed.state, closed.lines[0].damage_decision) == ("closed", "由借用单位承担维修费（双方确认）")
    card = await card_view(hall.lender, hall.projector.id)
    assert (card.state, card.condition) == (state, condition)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await resolve_damage(hall.lender, ResolveDamage(view.id, "再处理一次", to))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"note": ""}, "borrowing.damage_needs_note"),
        ({"picture_id": None}, "borrowing.damage_needs_picture"),
        ({"picture_id": "0000000000000000"}, "file.unknown"),
        ({"result": "gone"}, "input.not_a_choice"),
    ],
)
async def test_inspection_refused_when_it_says_too_little(hall, changes, code):
    view = await make_borrowing(hall, until="returned")
    with expect_refusal(InvalidInput, code):
        await inspect_return(hall.lender, await damaged(hall, view, **changes))


async def test_inspection_refused_when_it_is_not_the_moment_or_the_thing(hall):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(StateConflict, "borrowing.not_to_inspect"):
        await inspect_return(hall.lender, InspectReturn(view.id, hall.projector.id, "intact"))
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    other, _ = await make_listed_projector(hall.ledger)
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await inspect_return(hall.lender, InspectReturn(view.id, other.id, "intact"))
    with expect_refusal(Forbidden, "role.required"):
        await inspect_return(hall.borrower, InspectReturn(view.id, hall.projector.id, "intact"))


async def department(hall):
    """Whoever reviews for the district, above the holder; the holder itself has a single manager, who inspected."""
    return await make_actor("区府办", hall.ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)


async def test_department_above_decides_when_the_only_manager_has_inspected(hall):
    above = await department(hall)
    view = await make_borrowing(hall, until="returned")
    await inspect_return(hall.lender, await damaged(hall, view))
    wanted = ResolveDamage(view.id, "借用单位赔偿维修费", "repair", compensation_fen=88_001)
    with pytest.raises(Forbidden) as refused:
        await resolve_damage(hall.lender, wanted)
    assert refused.value.code == "loss.own_report"
    assert "主管部门审核人" in MESSAGES[refused.value.code]
    seen = await borrowing_view(above, view.id)
    assert (seen.can_resolve, seen.can_inspect) == (True, False)
    closed = await resolve_damage(above, wanted)
    [case] = closed.losses
    assert (closed.state, case.amount_fen, case.left_fen) == ("closed", 88_001, 88_001)
    judged = await loss_view(above, case.id)
    assert (judged.decided_by_name, judged.can_waive, judged.can_pay) == ("区府办", True, False)
    with expect_refusal(Forbidden, "role.required"):
        await record_payment(above, receipt(case.id, 1))
    with expect_refusal(Forbidden, "loss.own_report"):
        await waive_loss(hall.lender, WaiveLoss(loss_id=case.id, reason="免了"))
    await record_payment(hall.lender, receipt(case.id, 1))
    assert (await waive_loss(above, WaiveLoss(loss_id=case.id, reason="保险已赔"))).state == "settled"
    assert await verify_promises() == []


async def test_department_above_decides_about_a_loss_when_the_only_manager_has_reported_it(hall):
    above = await department(hall)
    loan = await make_borrowing(hall, until="issued")
    case = await report_loss(hall.lender, lost(loan.id, hall.projector.id))
    with expect_refusal(Forbidden, "loss.own_report"):
        await decide_loss(hall.lender, verdict(case.id))
    assert [(row.id, (await loss_view(above, row.id)).can_decide) for row in (await list_losses(above)).items] == [
        (case.id, True)
    ]
    assert (await decide_loss(above, verdict(case.id))).state == "decided"


async def test_department_that_is_not_above_the_holder_decides_nothing(hall):
    city = hall.ledger.city
    view = await make_borrowing(hall, until="returned")
    await inspect_return(hall.lender, await damaged(hall, view))
    wanted = ResolveDamage(view.id, "借用单位赔偿维修费", "repair", compensation_fen=1)
    elsewhere = await make_actor("西湖区府办", city.xihu, Role.COMPETENT_REVIEWER, is_subtree=True)
    for other in (elsewhere, await make_actor("卫健财务", city.health, Role.UNIT_ACCOUNTANT)):
        with expect_refusal(NotFound, "borrowing.not_found"):
            await resolve_damage(other, wanted)
    beside = await make_actor("文旅审核", city.culture, Role.COMPETENT_REVIEWER)
    with expect_refusal(Forbidden, "role.required"):
        await resolve_damage(beside, wanted)
