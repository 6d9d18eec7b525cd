"""What was found when a thing came back, and what was decided about it."""

import pytest

from server.assets.queries import card_view
from server.circulation.commands import inspect_return, resolve_damage, return_by_code
from server.circulation.types import InspectReturn, ResolveDamage, ReturnByCode
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import make_borrowing, make_listed_projector, make_photograph


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
