"""Promises of any equal thing make room: for a renewal of what is out, and for a request that would not fit."""

import asyncio
import json
from collections import Counter

import pytest

from server.assets.ops import lock_assets
from server.circulation.commands import (
    correct_renewal,
    issue_by_code,
    mark_ready,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
    withdraw_borrowing,
)
from server.circulation.moving import carry_out, lock_loans, room_on
from server.circulation.queries import borrowing_view
from server.circulation.types import (
    BorrowingView,
    CorrectRenewal,
    IssueByCode,
    RenewBorrowing,
    ReturnByCode,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.audit.anchors import write_anchor
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.verify import verify_audit
from server.kernel.errors import StateConflict
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.places.types import PlaceKind
from server.settings import Settings, load_secrets
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_correction import send_back
from tests.factories.assets import make_place
from tests.factories.circulation import Hall, application, approve, day, make_chairs, make_listed
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing

RACERS = 40


async def ask(hall: Hall, card, first: int, last: int, quantity: int | None = 1, *, agreed: bool = False):
    """A request for the days, of so many like the card, or of the very card."""
    view = await submit_borrowing(hall.borrower, application(card.id, first, last, quantity=quantity))
    if agreed:
        await approve(view.id, hall.approver, hall.lender)
    return view


async def ask_forced(hall: Hall, card, others: list, first: int, last: int, *, agreed: bool = True) -> BorrowingView:
    """A request for any such thing that got this very one, because the others were promised just then."""
    meanwhile = [await ask(hall, other, first, last, None) for other in others]
    view = await ask(hall, card, first, last, agreed=agreed)
    for each in meanwhile:
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(each.id, "不用了"))
    assert [line.asset_id for line in view.lines] == [card.id]
    return view


async def lend(hall: Hall, card, last: int = 1) -> BorrowingView:
    """A loan of the very card that is out from today."""
    view = await ask(hall, card, 0, last, None, agreed=True)
    return await issue_by_code(hall.lender, IssueByCode(view.id, card.code, "李晓梅"))


async def renew(hall: Hall, view: BorrowingView, last: int) -> BorrowingView:
    return await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(last), "展期延长"))


async def cards_of(view: BorrowingView, hall: Hall) -> list[str]:
    return [line.asset_id for line in (await borrowing_view(hall.borrower, view.id)).lines]


async def verify_all(settings: Settings) -> None:
    assert await verify_promises() == []
    key = load_secrets(settings).audit
    while await seal_audit(SEALER, key.hex()):
        pass
    assert await write_anchor(settings.anchor_file)
    assert await verify_audit(key, settings.anchor_file) == []


async def test_what_is_at_home_is_promised_so_that_what_is_out_can_be_kept_longer(hall: Hall):
    made = await make_chairs(hall.ledger, 10, value_fen=29_900)
    view = await ask(hall, made[0], 0, 2, 6, agreed=True)
    for line in view.lines[:4]:
        await issue_by_code(hall.lender, IssueByCode(view.id, line.asset_code, "陈宇"))
    other = await ask(hall, made[0], 3, 4, 3)
    assert not {line.asset_id for line in other.lines} & {line.asset_id for line in view.lines}
    assert (await renew(hall, view, 5)).renewals[0].to_day == day(5)
    assert await cards_of(other, hall) == [line.asset_id for line in other.lines]
    assert await verify_promises() == []


async def test_the_shortest_gap_is_filled_first_and_never_right_beside_a_promise(hall: Hall):
    made = await make_chairs(hall.ledger, 4)
    await ask(hall, made[0], 20, 21, None)
    await ask(hall, made[2], 12, 13, None)
    await ask(hall, made[3], 3, 4, None)
    # A week is left on the third, more on the first, everything on the second, too little on the fourth.
    taken = [(await ask(hall, made[0], 1, 2)).lines[0].asset_id for _ in range(4)]
    assert taken == [made[2].id, made[0].id, made[1].id, made[3].id]


async def test_a_promise_goes_to_an_equal_thing_when_what_is_out_is_kept_longer(
    hall: Hall, settings: Settings, go_to_day
):
    made = await make_chairs(hall.ledger, 3)
    loan = await lend(hall, made[0])
    other = await ask_forced(hall, made[0], made[1:], 2, 3)
    longer = await renew(hall, loan, 5)
    assert longer.renewals[0].to_day == day(5)
    moved = await borrowing_view(hall.borrower, other.id)
    [line] = moved.lines
    assert (line.asset_id, line.asset_code, line.instead_of_code) == (made[1].id, made[1].code, None)
    event = moved.events[-1]
    assert (event.kind, event.name, event.actor_name) == ("moved", "改留同款", "系统")
    assert event.note == f"{made[0].code} 改为同款 {made[1].code}"
    async with reading() as db:
        [row] = await db.fetch_all("SELECT * FROM audit_event WHERE action = 'borrowing.move_promise'")
    assert (row["subject_id"], row["actor_id"]) == (other.id, hall.borrower.person_id)
    assert json.loads(row["facts"]) == {
        "number": other.number,
        "before": [made[0].code],
        "after": [made[1].code],
    }
    await verify_all(settings)
    go_to_day(2)
    assert (await issue_by_code(hall.lender, IssueByCode(other.id, made[1].code, "孙丽"))).state == "issued"
    await return_by_code(hall.lender, ReturnByCode(made[1].code))
    await verify_all(settings)


async def test_every_promise_in_the_way_goes_when_several_are(hall: Hall):
    made = await make_chairs(hall.ledger, 5)
    view = await ask(hall, made[0], 0, 1, 2, agreed=True)
    for line in view.lines:
        await issue_by_code(hall.lender, IssueByCode(view.id, line.asset_code, "李晓梅"))
    spare = [card for card in made if card.id not in {line.asset_id for line in view.lines}]
    blocked = [await ask(hall, card, first, last, None) for card in spare for first, last in ((2, 2), (3, 4))]
    first, second = await ask(hall, made[0], 2, 2, 2, agreed=True), await ask(hall, made[0], 3, 4, 2)
    for each in blocked[2:]:
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(each.id, "不用了"))
    await renew(hall, view, 4)
    free = {card.id for card in spare[1:]}
    assert set(await cards_of(first, hall)) == set(await cards_of(second, hall)) == free
    assert await verify_promises() == []


async def test_the_renewal_is_refused_when_no_equal_thing_is_free_and_says_how_many_stand_in_the_way(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    view = await ask(hall, made[0], 0, 1, 3, agreed=True)
    for line in view.lines:
        await issue_by_code(hall.lender, IssueByCode(view.id, line.asset_code, "李晓梅"))
    await ask(hall, made[0], 3, 4, 2)
    with pytest.raises(StateConflict) as refused:
        await renew(hall, view, 5)
    assert (refused.value.code, refused.value.data["first_taken"]) == ("asset.not_available", day(3).isoformat())
    assert sentence_for(refused.value) == (f"3 件中有 2 件从 {day(3).isoformat()} 起已被预约，请换个日期或换一件。")
    assert set(refused.value.data) == {"first_taken", "reason"}
    assert await verify_promises() == []


async def test_nothing_moves_when_only_some_of_what_is_in_the_way_could(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    view = await ask(hall, made[0], 0, 1, 2, agreed=True)
    out = [line.asset_id for line in view.lines]
    for line in view.lines:
        await issue_by_code(hall.lender, IssueByCode(view.id, line.asset_code, "李晓梅"))
    spare = next(card for card in made if card.id not in out)
    await submit_borrowing(hall.borrower, application(out[1], 2, 3))
    meanwhile = await ask(hall, spare, 2, 3, None)
    other = await ask(hall, spare, 2, 3)
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(meanwhile.id, "不用了"))
    with expect_refusal(StateConflict, "asset.not_available"):
        await renew(hall, view, 4)
    assert await cards_of(other, hall) == [out[0]]
    assert await verify_promises() == []


@pytest.mark.parametrize("why", ["named", "ready", "partly issued", "dearer", "off the board", "too short", "frozen"])
async def test_nothing_moves_when_it_may_not(hall: Hall, why: str):
    made = await make_chairs(hall.ledger, 2)
    loan = await lend(hall, made[0])
    if why == "named":
        other = await ask(hall, made[0], 2, 3, None, agreed=True)
    else:
        other = await ask_forced(hall, made[0], made[1:], 2, 3)
    if why == "ready":
        await mark_ready(hall.lender, other.id)
    elif why == "partly issued":
        await rewrite("UPDATE borrowing SET state = 'issued' WHERE id = ?", other.id)
    elif why == "dearer":
        await rewrite("UPDATE asset_card SET value_fen = value_fen + 1 WHERE id = ?", made[1].id)
    elif why == "off the board":
        await rewrite("UPDATE asset_listing SET is_open = 0 WHERE asset_id = ?", made[1].id)
    elif why == "too short":
        await rewrite("UPDATE asset_listing SET longest_days = 1 WHERE asset_id = ?", made[1].id)
    elif why == "frozen":
        await rewrite("UPDATE asset_card SET frozen_reason = '待查' WHERE id = ?", made[1].id)
    with pytest.raises(StateConflict) as refused:
        await renew(hall, loan, 5)
    assert sentence_for(refused.value).startswith(f"这件资产从 {day(2).isoformat()} 起已被预约")
    assert await cards_of(other, hall) == [made[0].id]
    assert "moved" not in [event.kind for event in (await borrowing_view(hall.borrower, other.id)).events]


async def test_nothing_moves_to_another_holder_or_building(hall: Hall):
    alike = {"item_name": "会议椅", "brand": "震旦", "model": "CB-32"}
    [chair] = await make_chairs(hall.ledger, 1)
    await make_listed(hall.ledger.culture_manager, hall.ledger.culture_room, **alike)
    annexe = await make_place(hall.ledger.city.health, "区卫健局分部")
    await make_listed(hall.lender, annexe, **alike)
    loan = await lend(hall, chair)
    other = await ask(hall, chair, 2, 3)
    with expect_refusal(StateConflict, "asset.not_available"):
        await renew(hall, loan, 5)
    with expect_refusal(StateConflict, "asset.not_available"):
        await ask(hall, chair, 2, 3)
    assert await cards_of(other, hall) == [chair.id]


async def test_it_is_collected_where_the_thing_stands_to_which_the_promise_went(hall: Hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    second = await make_place(ledger.city.district_operator, "B 区", PlaceKind.ZONE, ledger.store)
    cards = [(await make_listed(manager, place))[0] for place in (ledger.shelf, second)]
    loan = await ask(hall, cards[0], 0, 1, None, agreed=False)
    await rewrite("UPDATE borrowing SET state = 'approved' WHERE id = ?", loan.id)
    await issue_by_code(manager, IssueByCode(loan.id, cards[0].code, "李晓梅"))
    other = await ask_forced(hall, cards[0], cards[1:], 2, 3, agreed=False)
    assert other.place_name == ledger.shelf.full_name
    await renew(hall, loan, 4)
    moved = await borrowing_view(hall.borrower, other.id)
    assert (moved.place_name, moved.version) == (second.full_name, other.version + 1)


async def test_a_promise_goes_to_an_equal_thing_when_a_request_would_not_fit_otherwise(hall: Hall, settings: Settings):
    made = await make_chairs(hall.ledger, 2, item_name="对讲机")
    loans = [await ask(hall, made[0], *days) for days in ((15, 16), (15, 16), (18, 19), (18, 19))]
    for loan in (loans[0], loans[3]):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(loan.id, "不用了"))
    assert await cards_of(loans[1], hall) != await cards_of(loans[2], hall)
    view = await ask(hall, made[0], 16, 18)
    assert await cards_of(loans[1], hall) == await cards_of(loans[2], hall) != await cards_of(view, hall)
    # One is free on no day in between, and both of the others hold the same one: there is no more.
    with expect_refusal(StateConflict, "asset.not_available"):
        await ask(hall, made[0], 16, 18)
    await verify_all(settings)


async def test_a_request_leaves_promises_alone_when_too_few_would_be_free(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    first, second = await ask(hall, made[0], 15, 16), await ask(hall, made[0], 18, 19)
    chosen = await cards_of(first, hall), await cards_of(second, hall)
    with pytest.raises(StateConflict) as refused:
        await ask(hall, made[0], 16, 18, 2)
    assert refused.value.data["wanted"] == 2
    assert (await cards_of(first, hall), await cards_of(second, hall)) == chosen


async def test_a_promise_goes_to_an_equal_thing_when_a_renewal_is_corrected_to_more_days(hall: Hall):
    made = await make_chairs(hall.ledger, 2)
    loan = await lend(hall, made[0])
    asked = await renew(hall, loan, 2)
    other = await ask_forced(hall, made[0], made[1:], 4, 5)
    await send_back(hall.lender, asked.renewals[0].id, "renewal")
    await correct_renewal(hall.borrower, CorrectRenewal(loan.id, day(6), "再延几天", ""))
    assert await cards_of(other, hall) == [made[1].id]
    assert await verify_promises() == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE borrowing_line SET issued_at = 1 WHERE borrowing_id = ?",
        "UPDATE borrowing_line SET released_at = 1 WHERE borrowing_id = ?",
        "DELETE FROM asset_day WHERE borrowing_id = ? AND day = (SELECT MIN(from_day) FROM borrowing)",
    ],
)
async def test_nothing_moves_when_it_is_not_as_it_was_read(hall: Hall, meanwhile: str):
    made = await make_chairs(hall.ledger, 2)
    other = await ask(hall, made[0], 2, 3)
    async with unit_of_work(SYSTEM) as uow:
        await lock_loans(uow, [other.id])
        cards = {card.id: card for card in await lock_assets(uow, [card.id for card in made])}
        moves = (await room_on(uow, [made[0].id], day(2), day(3), locked=([other.id], cards))).plan(1)
        assert await uow.execute(meanwhile, *[other.id] * meanwhile.count("?")) >= 1
        with expect_refusal(StateConflict, "record.changed"):
            await carry_out(uow, moves, cards)


async def test_nothing_is_promised_twice_when_the_promise_is_made_ready_meanwhile(hall: Hall, settings: Settings):
    made = await make_chairs(hall.ledger, 2)
    loan = await lend(hall, made[0])
    other = await ask_forced(hall, made[0], made[1:], 2, 3)
    answers = await while_finishing(settings, lambda: mark_ready(hall.lender, other.id), lambda: renew(hall, loan, 5))
    assert answers == ("done", "asset.not_available")
    assert await cards_of(other, hall) == [made[0].id]
    assert await verify_promises() == []


async def test_nothing_is_promised_twice_when_forty_act_on_what_moves(hall: Hall, settings: Settings):
    made = await make_chairs(hall.ledger, 7)
    # The first two are out; two promises wait for them. The third is promised from today, to be issued while requests
    # would have it moved to the fourth.
    loans = [await lend(hall, card) for card in made[:2]]
    waiting = [await ask_forced(hall, made[0], made[1:], 2, 3), await ask_forced(hall, made[1], made[2:], 2, 3)]
    for_today = await ask_forced(hall, made[2], made[3:], 0, 1)
    await ask(hall, made[3], 2, 5, None)
    await ask(hall, made[4], 0, 5, None)
    people = [await make_actor(f"借用人{n}", hall.ledger.city.school, Role.BORROWER) for n in range(10)]
    calls = [
        *(renew(hall, loans[n % 2], 3 + n % 3) for n in range(10)),
        *(submit_borrowing(person, application(made[0].id, 0, 5, quantity=1)) for person in people),
        *(issue_by_code(hall.lender, IssueByCode(for_today.id, made[2 + n % 2].code, "孙丽")) for n in range(10)),
        *(mark_ready(hall.lender, waiting[n % 2].id) for n in range(4)),
        *(withdraw_borrowing(hall.borrower, WithdrawBorrowing(waiting[1].id, "不用了")) for _ in range(3)),
        *(issue_by_code(hall.lender, IssueByCode(waiting[0].id, card.code, "孙丽")) for card in made[:3]),
    ]
    assert len(calls) == RACERS
    answers = await asyncio.gather(*(calls[n * 7 % RACERS] for n in range(RACERS)), return_exceptions=True)
    found = Counter(
        "done" if isinstance(answer, BorrowingView) else getattr(answer, "code", repr(answer)) for answer in answers
    )
    assert found.keys() <= {
        "done",
        "asset.not_available",
        "borrowing.renewal_pending",
        "borrowing.wrong_state",
        "borrowing.already_issued",
        "borrowing.asset_not_on_it",
        "borrowing.asset_not_back",
        "borrowing.too_early",
    }
    # At least one of the two that wait for what is out could go, and whoever came first got the chairs.
    assert found["done"] >= 5
    async with reading() as db:
        rows = await db.fetch_all("SELECT asset_id, day FROM asset_day")
    assert len(rows) == len({(row["asset_id"], row["day"]) for row in rows})
    await verify_all(settings)
