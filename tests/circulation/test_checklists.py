"""What belongs to a thing is ticked off when it goes out and when it comes back; what is missing is noted and paid."""

import pytest

from server.assets.accessories import MOST_KINDS, MOST_PIECES
from server.assets.commands import set_accessories
from server.assets.queries import accessory_list, card_view, history
from server.assets.types import Accessory, SetAccessories
from server.circulation.commands import inspect_rest, inspect_return, issue_by_code, resolve_damage, return_by_code
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, InspectReturn, IssueByCode, ResolveDamage, ReturnByCode
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_race import outcomes
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, make_borrowing, make_photograph
from tests.factories.identity import make_actor

PARTS = [Accessory("遥控器", 1), Accessory("电源线", 2)]
WHOLE = {"遥控器": 1, "电源线": 2}


async def make_list(hall: Hall, parts: list[Accessory] | None = None):
    wanted = PARTS if parts is None else parts
    return await set_accessories(hall.lender, SetAccessories(asset_id=hall.projector.id, accessories=wanted))


async def issued(hall: Hall, ticked: dict[str, int] | None) -> BorrowingView:
    view = await make_borrowing(hall, until="approved")
    return await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅", ticked))


def came_back(hall: Hall, ticked: dict[str, int] | None) -> ReturnByCode:
    return ReturnByCode(hall.projector.code, ticked)


def parts_of(view: BorrowingView) -> list[tuple[str, int, int | None]]:
    return [(part.name, part.issued, part.returned) for part in view.lines[0].accessories]


async def test_card_keeps_its_list_and_equal_cards_are_suggested_it(hall: Hall):
    assert (await make_list(hall)).accessories == PARTS
    alike = await make_card(hall.lender, hall.ledger.health_room)
    assert (await accessory_list(hall.lender, alike.id)).suggested == PARTS
    other = await make_card(hall.lender, hall.ledger.health_room, brand="明基", model="W1")
    await set_accessories(hall.lender, SetAccessories(asset_id=other.id, accessories=[Accessory("镜头盖", 1)]))
    # The same model comes before what was entered last.
    assert (await accessory_list(hall.lender, alike.id)).suggested == PARTS
    assert (await accessory_list(hall.lender, hall.projector.id)).suggested == []
    again = await make_list(hall, [Accessory("遥控器", 1)])
    assert again.accessories == [Accessory("遥控器", 1)]
    events = [event.kind for event in await history(hall.lender, hall.projector.id)]
    assert events.count("accessories_set") == 2
    with expect_refusal(NotFound, "asset.not_found"):
        await accessory_list(await make_actor("外单位", hall.ledger.city.school, Role.ASSET_MANAGER), alike.id)


async def test_list_is_refused_to_others_and_when_it_cannot_be(hall: Hall):
    school = await make_actor("外单位", hall.ledger.city.school, Role.ASSET_MANAGER)
    with expect_refusal(NotFound, "asset.not_found"):
        await set_accessories(school, SetAccessories(asset_id=hall.projector.id, accessories=PARTS))
    with expect_refusal(Forbidden, "role.required"):
        await set_accessories(hall.borrower, SetAccessories(asset_id=hall.projector.id, accessories=PARTS))
    for parts, code in (
        ([Accessory("遥控器", 1), Accessory(" 遥控器", 2)], "asset.accessory_twice"),
        ([Accessory("遥控器", 0)], "input.too_small"),
        ([Accessory("遥控器", MOST_PIECES + 1)], "input.too_large"),
        ([Accessory("", 1)], "input.required"),
        ([Accessory("遥\n控器", 1)], "input.control_character"),
        ([Accessory("长" * 41, 1)], "input.too_long"),
        ([Accessory(f"第{n}种", 1) for n in range(MOST_KINDS + 1)], "asset.too_many_accessories"),
    ):
        with expect_refusal(InvalidInput, code):
            await make_list(hall, parts)


async def test_nothing_is_missing_when_everything_is_ticked_both_times(hall: Hall):
    await make_list(hall)
    assert parts_of(await issued(hall, WHOLE)) == [("遥控器", 1, None), ("电源线", 2, None)]
    back = await return_by_code(hall.lender, came_back(hall, WHOLE))
    assert (parts_of(back), back.lines[0].missing) == ([("遥控器", 1, 1), ("电源线", 2, 2)], "")
    closed = await inspect_rest(hall.lender, back.id)
    assert closed.state == "closed"


async def test_missing_part_is_noted_on_the_inspection_and_paid_for(hall: Hall):
    await make_list(hall)
    await issued(hall, WHOLE)
    back = await return_by_code(hall.lender, came_back(hall, {"电源线": 1}))
    assert back.lines[0].missing == "遥控器 1 件、电源线 1 件"
    picture = await make_photograph(hall.lender)
    inspected = await inspect_return(
        hall.lender, InspectReturn(back.id, hall.projector.id, "damaged", "缺遥控器", picture)
    )
    assert "缺配件：遥控器 1 件、电源线 1 件" in inspected.events[-1].note
    judge = await make_actor("卫健二", hall.ledger.city.health, Role.ASSET_MANAGER)
    closed = await resolve_damage(judge, ResolveDamage(back.id, "配件按价赔偿", "back_to_use", compensation_fen=12_000))
    assert (closed.state, closed.losses[0].amount_fen) == ("closed", 12_000)


async def test_only_what_went_out_is_asked_for_when_a_part_stayed_behind(hall: Hall):
    await make_list(hall)
    out = await issued(hall, {"遥控器": 1})
    assert parts_of(out) == [("遥控器", 1, None), ("电源线", 0, None)]
    with expect_refusal(InvalidInput, "borrowing.accessory_count"):
        await return_by_code(hall.lender, came_back(hall, {"遥控器": 1, "电源线": 1}))
    back = await return_by_code(hall.lender, came_back(hall, {"遥控器": 1}))
    assert back.lines[0].missing == ""


async def test_parts_are_ticked_at_the_inspection_when_nobody_did_at_the_return(hall: Hall):
    await make_list(hall)
    await issued(hall, WHOLE)
    back = await return_by_code(hall.lender, came_back(hall, None))
    assert (parts_of(back), back.lines[0].missing) == ([("遥控器", 1, None), ("电源线", 2, None)], "")
    found = InspectReturn(back.id, hall.projector.id, "intact", accessories={"遥控器": 0, "电源线": 2})
    closed = await inspect_return(hall.lender, found)
    assert (closed.state, closed.lines[0].missing) == ("closed", "遥控器 1 件")
    assert (await card_view(hall.lender, hall.projector.id)).state == "in_use"


@pytest.mark.parametrize(
    ("ticked", "code"),
    [
        ({"支架": 1}, "borrowing.accessory_unknown"),
        ({"遥控器": 2}, "borrowing.accessory_count"),
        ({"遥控器": -1}, "borrowing.accessory_count"),
    ],
)
async def test_issue_is_refused_when_what_is_ticked_is_not_on_the_list(hall: Hall, ticked, code):
    await make_list(hall)
    with expect_refusal(InvalidInput, code):
        await issued(hall, ticked)


async def test_parts_are_ticked_once_when_they_are_sent_again(hall: Hall):
    await make_list(hall)
    await issued(hall, WHOLE)
    back = await return_by_code(hall.lender, came_back(hall, WHOLE))
    with expect_refusal(StateConflict, "borrowing.accessories_ticked"):
        await inspect_return(
            hall.lender, InspectReturn(back.id, hall.projector.id, "intact", accessories={"遥控器": 0})
        )
    assert (await borrowing_view(hall.lender, back.id)).state == "returned"


async def test_nothing_is_kept_when_nobody_looks_or_the_thing_has_no_list(hall: Hall):
    assert parts_of(await issued(hall, {})) == []
    with expect_refusal(InvalidInput, "borrowing.accessory_unknown"):
        await return_by_code(hall.lender, came_back(hall, {"遥控器": 1}))


async def test_one_return_counts_when_two_keepers_tick_at_once(hall: Hall):
    await make_list(hall)
    await issued(hall, WHOLE)
    found = await outcomes(
        return_by_code(hall.lender, came_back(hall, WHOLE)),
        return_by_code(hall.lender, came_back(hall, {"遥控器": 0, "电源线": 2})),
    )
    assert found == {"done": 1, "borrowing.nothing_to_return": 1}


async def test_list_is_offered_to_change_to_who_has_the_thing_in_hand(hall: Hall):
    onlooker = await make_actor("孔静", hall.ledger.city.health, Role.UNIT_ACCOUNTANT, Role.WAREHOUSE_KEEPER)
    seen = [(await accessory_list(actor, hall.projector.id)).can_change for actor in (hall.lender, onlooker)]
    assert seen == [True, False]
