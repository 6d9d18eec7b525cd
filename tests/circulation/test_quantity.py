"""Asking for so many of a kind, and for several things at once: all of them or nothing."""

import asyncio
from collections import Counter

import pytest

from server.circulation.commands import close_listing, submit_basket, submit_borrowing
from server.circulation.queries import list_borrowings, listing_view
from server.circulation.types import SubmitBasket, WantedLine
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_card
from tests.factories.circulation import (
    Hall,
    answer,
    application,
    approve,
    day,
    make_chairs,
    make_listed,
    make_listed_projector,
)
from tests.factories.identity import make_actor
from tests.support.meanwhile import while_finishing

RACERS = 40


def basket(*lines: WantedLine, first: int = 0, last: int = 2) -> SubmitBasket:
    return SubmitBasket(list(lines), day(first), day(last), "全区文化工作会议放映")


async def held() -> Counter:
    """How many days each card is promised."""
    async with reading() as db:
        rows = await db.fetch_all("SELECT asset_id, COUNT(*) AS days FROM asset_day GROUP BY asset_id")
    return Counter({row["asset_id"]: row["days"] for row in rows})


async def test_equal_things_are_taken_when_a_number_is_asked_for(hall: Hall):
    made = await make_chairs(hall.ledger, 4)
    view = await submit_borrowing(hall.borrower, application(made[3].id, quantity=3))
    assert (view.title, view.piece_count, view.waiting_count) == ("会议椅 震旦 CB-32 3 件", 3, 3)
    assert all(line.is_any and line.item == 1 and line.state_name == "待领取" for line in view.lines)
    assert await held() == {line.asset_id: 3 for line in view.lines}
    assert {line.asset_id for line in view.lines} < {card.id for card in made}
    assert sum(line.value_fen for line in view.lines) == 3 * 459_900
    row = (await list_borrowings(hall.borrower, "mine")).items[0]
    assert (row.thing, row.piece_count, row.progress) == ("会议椅 震旦 CB-32 3 件", 3, "")
    assert await verify_promises() == []


async def test_a_number_is_refused_when_the_listing_that_was_looked_at_is_closed(hall: Hall):
    chair, listing = await make_listed_projector(hall.ledger, item_name="会议椅")
    await make_listed_projector(hall.ledger, item_name="会议椅")
    await close_listing(hall.lender, listing.id, "收回自用")
    with expect_refusal(StateConflict, "listing.closed"):
        await submit_borrowing(hall.borrower, application(chair.id, quantity=1))


async def test_nothing_is_promised_when_the_listing_is_closed_meanwhile(hall: Hall, settings: Settings):
    chair, listing = await make_listed_projector(hall.ledger, item_name="会议椅")
    answers = await while_finishing(
        settings,
        lambda: close_listing(hall.lender, listing.id, "收回自用"),
        lambda: submit_borrowing(hall.borrower, application(chair.id, quantity=1)),
    )
    # Where there is one writer, the second sees a closed listing from the start.
    assert answers in {("done", "asset.not_available"), ("done", "listing.closed")}
    assert await held() == {}


async def test_refusal_says_how_many_are_free_on_which_day_when_there_are_too_few(hall: Hall):
    made = await make_chairs(hall.ledger, 4)
    await submit_borrowing(hall.borrower, application(made[0].id, 1, 1, quantity=3))
    with pytest.raises(StateConflict) as refused:
        await submit_borrowing(hall.borrower, application(made[0].id, 0, 2, quantity=2))
    assert refused.value.code == "asset.not_available"
    tight = day(1).isoformat()
    assert refused.value.data["free_by_day"] == {tight: 1}
    assert (refused.value.data["wanted"], refused.value.data["free"]) == (2, 1)
    assert sentence_for(refused.value) == f"“会议椅 震旦 CB-32”要 2 件，{tight} 只剩 1 件可借，请换个日期或换一件。"
    assert sum((await held()).values()) == 3


async def test_refusal_says_so_when_no_card_is_free_on_all_the_days(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    await submit_borrowing(hall.borrower, application(made[0].id, 0, 0))
    await submit_borrowing(hall.borrower, application(made[1].id, 1, 1))
    with pytest.raises(StateConflict) as refused:
        await submit_borrowing(hall.borrower, application(made[0].id, 0, 1, quantity=1))
    assert sentence_for(refused.value).startswith("“会议椅 震旦 CB-32”要 1 件，每天都借得到的只有 0 件")


@pytest.mark.parametrize(
    "other",
    [{"model": "CB-33"}, {"brand": "永艺"}, {"specification": "加宽"}, {"item_name": "办公椅"}],
    ids=["model", "brand", "specification", "name"],
)
async def test_unlike_things_are_left_alone_when_a_number_is_asked_for(hall: Hall, other: dict[str, str]):
    made = await make_chairs(hall.ledger, 1)
    await make_listed_projector(hall.ledger, **{"item_name": "会议椅", "brand": "震旦", "model": "CB-32", **other})
    with expect_refusal(StateConflict, "asset.not_available"):
        await submit_borrowing(hall.borrower, application(made[0].id, quantity=2))


async def test_things_elsewhere_or_off_the_board_do_not_count_when_a_number_is_asked_for(hall: Hall):
    alike = {"item_name": "会议椅", "brand": "震旦", "model": "CB-32"}
    first, _ = await make_listed_projector(hall.ledger, **alike)
    await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room, **alike)
    _, taken_down = await make_listed_projector(hall.ledger, **alike)
    _, short = await make_listed_projector(hall.ledger, longest_days=2, **alike)
    await make_card(hall.lender, hall.ledger.health_room, **alike)
    await close_listing(hall.lender, taken_down.id, "收回自用")
    assert (await listing_view(hall.borrower, short.id)).alike_count == 2
    with pytest.raises(StateConflict) as refused:
        await submit_borrowing(hall.borrower, application(first.id, quantity=2))
    assert refused.value.data["free"] == 1
    assert (await submit_borrowing(hall.borrower, application(first.id, 0, 1, quantity=2))).piece_count == 2


async def test_a_basket_becomes_one_borrowing_for_each_holder_when_it_has_several(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    third = await make_actor("何洁", hall.ledger.city.school, Role.BORROWER)
    camera, _ = await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room, item_name="照相机")
    done = await submit_basket(
        third, basket(WantedLine(made[0].id, 2), WantedLine(camera.id), WantedLine(hall.projector.id))
    )
    assert [view.holder_unit_name for view in done.borrowings] == [
        hall.ledger.city.health.name,
        hall.ledger.city.culture.name,
    ]
    assert [view.piece_count for view in done.borrowings] == [3, 1]
    assert [line.item for line in done.borrowings[0].lines] == [1, 1, 3]
    assert done.borrowings[0].title == "会议椅 震旦 CB-32 2 件、投影仪 爱普生 CB-X06"
    numbers = [view.number for view in done.borrowings]
    assert len(set(numbers)) == 2
    assert await verify_promises() == []


async def test_nothing_is_taken_when_one_line_of_a_basket_cannot_be_had(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    third = await make_actor("何洁", hall.ledger.city.school, Role.BORROWER)
    for lines, kind, code in (
        ([WantedLine(hall.projector.id), WantedLine(made[0].id, 3)], StateConflict, "asset.not_available"),
        ([WantedLine(hall.projector.id), WantedLine("0" * 16)], NotFound, "listing.not_found"),
    ):
        with expect_refusal(kind, code):
            await submit_basket(third, basket(*lines))
    camera, _ = await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room, item_name="照相机")
    with expect_refusal(Forbidden, "borrowing.own_asset"):
        await submit_basket(hall.borrower, basket(WantedLine(hall.projector.id), WantedLine(camera.id)))
    assert await held() == {}


async def test_the_named_card_goes_to_who_named_it_when_others_of_its_kind_are_asked_for(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    done = await submit_basket(hall.borrower, basket(WantedLine(made[1].id, 2), WantedLine(made[0].id)))
    [view] = done.borrowings
    assert [(line.item, line.asset_id) for line in view.lines] == [
        (1, min(made[1].id, made[2].id)),
        (1, max(made[1].id, made[2].id)),
        (2, made[0].id),
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "borrowing.no_lines"),
        ([("a", 0)], "input.too_small"),
        ([("a", -3)], "input.too_small"),
        ([("a", 501)], "borrowing.too_many_pieces"),
        ([("a", 1), ("a", None)], "borrowing.line_twice"),
        ([(str(number), None) for number in range(51)], "borrowing.too_many_lines"),
    ],
)
async def test_a_basket_is_refused_when_its_lines_cannot_be(hall: Hall, lines, code: str):
    with expect_refusal(InvalidInput, code):
        await submit_basket(hall.borrower, basket(*(WantedLine(*line) for line in lines)))


async def test_days_are_checked_before_things_are_chosen_when_a_number_is_asked_for(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    for first, last, code in (
        (0, 30, "borrowing.too_long"),
        (3, 2, "borrowing.to_before_from"),
        (-1, 1, "borrowing.from_in_past"),
    ):
        with expect_refusal(InvalidInput, code):
            await submit_borrowing(hall.borrower, application(made[0].id, first, last, quantity=2))


async def test_the_whole_value_decides_the_steps_when_several_things_are_asked_for(hall: Hall):
    made = await make_chairs(hall.ledger, 5)
    one = await submit_borrowing(hall.borrower, application(made[0].id))
    many = await submit_borrowing(hall.borrower, application(made[1].id, 3, 4, quantity=5))
    names = [[step.name for step in view.chain.steps] for view in (one, many)]
    # Five times 4,599 yuan reach the 20,000 from which the competent department is asked.
    assert names == [["本单位审核", "出借方同意"], ["本单位审核", "出借方同意", "主管部门审核"]]


async def test_the_last_chairs_go_to_as_many_as_there_are_when_forty_ask_at_once(hall: Hall):
    made = await make_chairs(hall.ledger, 20)
    city = hall.ledger.city
    units = [city.culture, city.school, city.hospital, city.xihu_education]
    people = [await make_actor(f"借用人{n}", units[n % len(units)], Role.BORROWER) for n in range(RACERS)]
    answers = await asyncio.gather(
        *(
            submit_borrowing(person, application(made[n % 20].id, n % 3, 4, quantity=3))
            for n, person in enumerate(people)
        ),
        return_exceptions=True,
    )
    found = Counter(getattr(answer, "code", "done") for answer in answers)
    assert found == {"done": 6, "asset.not_available": RACERS - 6}
    assert len(await held()) == 18
    assert await verify_promises() == []


async def test_every_day_is_free_again_when_a_borrowing_of_many_is_refused(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    view = await submit_borrowing(hall.borrower, application(made[0].id, quantity=3))
    await approve(view.id, hall.approver)
    await answer(view.id, hall.lender, is_approved=False, opinion="本周自用")
    assert await held() == {}
    assert await verify_promises() == []
