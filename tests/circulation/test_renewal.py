"""Keeping what is borrowed for longer: the further days are taken at once, and given back when nothing comes of it."""

import asyncio
from collections import Counter
from datetime import date

import pytest

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import (
    follow_up_loan,
    issue_by_code,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
    withdraw_renewal,
)
from server.circulation.jobs import lapse_renewals
from server.circulation.queries import borrowing_view, renewal_view
from server.circulation.types import (
    BorrowingView,
    IssueByCode,
    RenewBorrowing,
    ReturnByCode,
    WithdrawRenewal,
)
from server.circulation.verification import verify_promises
from server.identity.commands import CreateUnit, HandOver, create_unit, hand_over
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.instants import to_day_number
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import Hall, application, approve, day, make_borrowing, make_chairs
from tests.factories.identity import SYSTEM, actor_of, make_actor, make_person, make_post

RACERS = 40


def renewal(view: BorrowingView, last: int, reason: str = "展期延长") -> RenewBorrowing:
    return RenewBorrowing(view.id, day(last), reason)


async def decide_renewal(hall: Hall, view: BorrowingView, *, is_approved: bool) -> None:
    task = await waiting_task_for(hall.lender, "renewal", view.renewals[-1].id)
    assert task is not None
    await decide(
        hall.lender, Decide(task_id=task.id, is_approved=is_approved, opinion="同意" if is_approved else "本周自用")
    )


async def held_of(asset_id: str) -> list[int]:
    async with reading() as db:
        rows = await db.fetch_all("SELECT day FROM asset_day WHERE asset_id = ? ORDER BY day", asset_id)
    return [row["day"] for row in rows]


def run(first: int, last: int) -> list[int]:
    return [to_day_number(day(offset)) for offset in range(first, last + 1)]


async def test_loan_is_longer_when_the_holder_consents(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    assert (asked.to_day, asked.renewals[0].to_day, asked.renewals[0].state_name) == (day(2), day(6), "续借审批中")
    assert await held_of(hall.projector.id) == run(0, 6)
    assert (asked.can_renew, asked.can_withdraw_renewal) == (False, True)
    [step] = asked.renewals[0].chain.steps
    assert (step.name, step.unit_name, step.why) == ("出借方同意", hall.ledger.city.health.name, "每次都要")
    assert (await renewal_view(hall.lender, asked.renewals[0].id)).borrowing_id == view.id
    assert await verify_promises() == []
    await decide_renewal(hall, asked, is_approved=True)
    longer = await borrowing_view(hall.borrower, view.id)
    assert (longer.to_day, longer.day_count, longer.renewals[0].state, longer.can_renew) == (
        day(6),
        7,
        "approved",
        True,
    )
    assert [event.kind for event in longer.events][-2:] == ["renewal_asked", "renewal_approved"]
    async with reading() as db:
        told = await db.fetch_all("SELECT payload FROM outbox_event WHERE topic = 'borrowing.renewed'")
    assert len(told) == 1
    assert view.id in told[0]["payload"]
    assert await verify_promises() == []


async def test_further_days_are_free_again_when_the_holder_refuses(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    await decide_renewal(hall, asked, is_approved=False)
    refused = await borrowing_view(hall.borrower, view.id)
    assert (refused.to_day, refused.state, refused.renewals[0].state_name) == (day(2), "issued", "续借未通过")
    assert refused.events[-1].note == "本周自用"
    assert await held_of(hall.projector.id) == run(0, 2)
    # A refused one does not count among those that the policy allows.
    assert (await renew_borrowing(hall.borrower, renewal(view, 4))).renewals[1].ordinal == 1
    assert await verify_promises() == []


async def test_further_days_are_free_again_when_it_is_withdrawn(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    back = await withdraw_renewal(hall.approver, WithdrawRenewal(view.id, "不用延了"))
    assert (back.renewals[0].state, back.can_renew) == ("withdrawn", True)
    assert await held_of(hall.projector.id) == run(0, 2)
    assert await waiting_task_for(hall.lender, "renewal", asked.renewals[0].id) is None
    with expect_refusal(StateConflict, "borrowing.no_renewal"):
        await withdraw_renewal(hall.borrower, WithdrawRenewal(view.id, "再撤一次"))
    assert await verify_promises() == []


async def test_renewal_is_refused_when_a_further_day_is_promised_to_somebody_else(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    await submit_borrowing(hall.borrower, application(hall.projector.id, 5, 5))
    with pytest.raises(StateConflict) as refused:
        await renew_borrowing(hall.borrower, renewal(view, 6))
    assert (refused.value.code, refused.value.data["first_taken"]) == ("asset.not_available", day(5).isoformat())
    assert (await renew_borrowing(hall.borrower, renewal(view, 4))).renewals[0].to_day == day(4)


async def test_two_renewals_are_the_most_that_the_policy_allows(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    for last in (4, 6):
        asked = await renew_borrowing(hall.borrower, renewal(view, last))
        with expect_refusal(StateConflict, "borrowing.renewal_pending"):
            await renew_borrowing(hall.borrower, renewal(view, 9))
        await decide_renewal(hall, asked, is_approved=True)
    with expect_refusal(StateConflict, "borrowing.renewal_limit"):
        await renew_borrowing(hall.borrower, renewal(view, 8))
    assert not (await borrowing_view(hall.borrower, view.id)).can_renew


@pytest.mark.parametrize(
    ("last", "code"),
    [(2, "borrowing.renewal_not_later"), (1, "borrowing.renewal_not_later"), (180, "borrowing.renewal_too_long")],
)
async def test_renewal_is_refused_when_its_day_cannot_be(hall: Hall, last: int, code: str):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(InvalidInput, code):
        await renew_borrowing(hall.borrower, renewal(view, last))


async def test_the_longest_loan_is_reached_when_all_its_days_are_free(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 179))
    assert asked.renewals[0].to_day == day(179)
    assert len(await held_of(hall.projector.id)) == 180


async def test_a_temporary_body_renews_until_its_end(hall: Hall):
    request = CreateUnit(
        code="T1",
        name="亚运筹备专班",
        short_name="亚运专班",
        kind="temporary_body",
        region_code="330113",
        parent_id=hall.ledger.city.linping.id,
        lead_unit_id=hall.ledger.city.culture.id,
        ends_on=day(20),
    )
    member = await make_actor("专班小周", await create_unit(SYSTEM, request), Role.BORROWER)
    view = await submit_borrowing(member, application(hall.projector.id))
    await approve(view.id, hall.approver, hall.lender)
    await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "小周"))
    with expect_refusal(InvalidInput, "borrowing.body_ends_before"):
        await renew_borrowing(member, renewal(view, 21))
    assert (await renew_borrowing(member, renewal(view, 20))).renewals[0].to_day == day(20)


@pytest.mark.parametrize("until", ["submitted", "approved", "returned"])
async def test_renewal_is_refused_when_nothing_is_out(hall: Hall, until: str):
    view = await make_borrowing(hall, until=until)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await renew_borrowing(hall.borrower, renewal(view, 6))


async def test_renewal_is_refused_when_the_loan_is_late(hall: Hall, go_to_day):
    view = await make_borrowing(hall, until="issued")
    go_to_day(3)
    assert not (await borrowing_view(hall.borrower, view.id)).can_renew
    with expect_refusal(StateConflict, "borrowing.renewal_overdue"):
        await renew_borrowing(hall.borrower, renewal(view, 6))


async def test_renewal_is_only_for_the_borrowers_side(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(Forbidden, "role.required"):
        await renew_borrowing(hall.lender, renewal(view, 6))
    stranger = await make_actor("外单位借用人", hall.ledger.city.school, Role.BORROWER)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await renew_borrowing(stranger, renewal(view, 6))
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    with expect_refusal(NotFound, "renewal.not_found"):
        await renewal_view(stranger, asked.renewals[0].id)
    with expect_refusal(Forbidden, "role.required"):
        await withdraw_renewal(hall.lender, WithdrawRenewal(view.id, "不同意"))


async def test_only_what_is_not_back_is_kept_longer_when_part_came_back(hall: Hall):
    made = await make_chairs(hall.ledger, 4)
    view = await submit_borrowing(hall.borrower, application(made[0].id, quantity=3))
    await approve(view.id, hall.approver, hall.lender)
    for card in made[:2]:
        await issue_by_code(hall.lender, IssueByCode(view.id, card.code, "李晓梅"))
    await return_by_code(hall.lender, ReturnByCode(made[0].code))
    asked = await renew_borrowing(hall.borrower, renewal(view, 5))
    assert [await held_of(card.id) for card in made[:3]] == [run(0, 0), run(0, 5), run(0, 5)]
    # An equal one is issued while the renewal waits: it is held as long as the one whose place it takes.
    await issue_by_code(hall.lender, IssueByCode(view.id, made[3].code, "李晓梅"))
    assert [await held_of(card.id) for card in made[2:]] == [[], run(0, 5)]
    assert await verify_promises() == []
    await return_by_code(hall.lender, ReturnByCode(made[1].code))
    await decide_renewal(hall, asked, is_approved=True)
    assert [await held_of(card.id) for card in made[:4]] == [run(0, 0), run(0, 0), [], run(0, 5)]
    assert await verify_promises() == []


async def test_renewal_needs_no_decision_when_everything_came_back(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    while await deliver_due():
        pass
    back = await borrowing_view(hall.borrower, view.id)
    assert (back.state, back.renewals[0].state_name) == ("returned", "续借已失效")
    assert await waiting_task_for(hall.lender, "renewal", asked.renewals[0].id) is None
    assert await held_of(hall.projector.id) == run(0, 0)
    assert await verify_promises() == []


async def test_decision_is_refused_when_everything_came_back_a_moment_before(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await decide_renewal(hall, asked, is_approved=True)
    await decide_renewal(hall, asked, is_approved=False)
    assert await verify_promises() == []


async def test_loan_is_late_until_the_holder_consents_when_that_takes_too_long(hall: Hall, go_to_day):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    go_to_day(3)
    assert await follow_up_loan(SYSTEM, view.id)
    assert (await borrowing_view(hall.borrower, view.id)).is_overdue
    await decide_renewal(hall, asked, is_approved=True)
    assert not (await borrowing_view(hall.borrower, view.id)).is_overdue
    assert await verify_promises() == []


async def test_late_loan_is_longer_when_part_of_it_came_back_before_the_holder_consents(hall: Hall, go_to_day):
    made = await make_chairs(hall.ledger, 2)
    view = await submit_borrowing(hall.borrower, application(made[0].id, quantity=2))
    await approve(view.id, hall.approver, hall.lender)
    for card in made:
        await issue_by_code(hall.lender, IssueByCode(view.id, card.code, "李晓梅"))
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    go_to_day(4)
    # It was used on days of the renewal that nobody has decided about.
    await return_by_code(hall.lender, ReturnByCode(made[0].code))
    await decide_renewal(hall, asked, is_approved=True)
    assert (await borrowing_view(hall.borrower, view.id)).to_day == asked.renewals[0].to_day
    assert await verify_promises() == []


async def test_the_days_until_now_stay_taken_when_a_late_loan_is_not_renewed(hall: Hall, go_to_day):
    view = await make_borrowing(hall, until="issued")
    first = date.fromordinal(day(0).toordinal())
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    go_to_day(4)
    await decide_renewal(hall, asked, is_approved=False)
    assert await held_of(hall.projector.id) == [
        to_day_number(date.fromordinal(first.toordinal() + n)) for n in range(5)
    ]
    assert await verify_promises() == []


async def test_renewal_lapses_when_its_days_passed_undecided(hall: Hall, go_to_day):
    view = await make_borrowing(hall, until="issued")
    await renew_borrowing(hall.borrower, renewal(view, 4))
    await lapse_renewals()
    assert (await borrowing_view(hall.borrower, view.id)).renewals[0].state == "pending"
    go_to_day(5)
    await lapse_renewals()
    late = await borrowing_view(hall.borrower, view.id)
    assert (late.renewals[0].state, late.state, late.events[-1].kind) == ("lapsed", "issued", "renewal_lapsed")
    assert await verify_promises() == []


async def test_colleague_cannot_decide_the_renewal_that_was_handed_over(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, renewal(view, 6))
    colleague = await make_actor("冯雨", hall.ledger.city.culture, Role.BORROWER)
    await hand_over(hall.approver, HandOver(hall.borrower.person_id, colleague.person_id, "岗位调整"))
    async with reading() as db:
        chain = await db.fetch_one("SELECT applicant_id FROM approval_chain WHERE subject_id = ?", asked.renewals[0].id)
    assert chain == {"applicant_id": colleague.person_id}
    await decide_renewal(hall, asked, is_approved=True)


async def test_manager_cannot_decide_the_renewal_that_they_asked_for_when_the_loan_was_handed_over(hall: Hall):
    manager = await make_person("冯雨", hall.ledger.city.culture, Role.ASSET_MANAGER)
    manager = await make_post(manager, hall.ledger.city.health, Role.ASSET_MANAGER)
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(await actor_of(manager, hall.ledger.city.culture), renewal(view, 6))
    assert hall.borrower.person_id and hall.approver.person_id
    await hand_over(hall.approver, HandOver(hall.borrower.person_id, hall.approver.person_id, "岗位调整"))
    async with reading() as db:
        task = await db.fetch_one(
            "SELECT t.id FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id WHERE c.subject_id = ?",
            asked.renewals[0].id,
        )
    assert task is not None
    with expect_refusal(Forbidden, "approval.own_application"):
        await decide(await actor_of(manager, hall.ledger.city.health), Decide(task_id=task["id"], is_approved=True))


async def test_a_further_day_goes_to_one_when_forty_want_it(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    people = [await make_actor(f"借用人{n}", hall.ledger.city.school, Role.BORROWER) for n in range(RACERS - 1)]
    answers = await asyncio.gather(
        renew_borrowing(hall.borrower, renewal(view, 5)),
        *(submit_borrowing(person, application(hall.projector.id, 3 + n % 3, 5)) for n, person in enumerate(people)),
        return_exceptions=True,
    )
    found = Counter(getattr(answer, "code", "done") for answer in answers)
    assert found == {"done": 1, "asset.not_available": RACERS - 1}
    assert await verify_promises() == []


async def test_one_renewal_is_stored_when_forty_ask_at_once(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    answers = await asyncio.gather(
        *(renew_borrowing(hall.borrower, renewal(view, 3 + n % 4)) for n in range(RACERS)), return_exceptions=True
    )
    found = Counter(getattr(answer, "code", "done") for answer in answers)
    assert found == {"done": 1, "borrowing.renewal_pending": RACERS - 1}
    assert await verify_promises() == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE approval_chain SET state = 'cancelled' WHERE subject_kind = 'renewal'",
            "续借在审批中，却没有等待中的审批",
        ),
        ("UPDATE borrowing_renewal SET state = 'withdrawn'", "续借已有结果，审批却还在等待"),
        ("DELETE FROM asset_day WHERE day = (SELECT MAX(to_day) FROM borrowing_renewal)", "有 1 天没有占用"),
    ],
)
async def test_damage_to_a_renewal_is_found_by_the_verification(hall: Hall, statement: str, sentence: str):
    view = await make_borrowing(hall, until="issued")
    await renew_borrowing(hall.borrower, renewal(view, 6))
    async with unit_of_work(SYSTEM) as uow:
        assert await uow.execute(statement) >= 1
    found = await verify_promises()
    assert any(sentence in fault for fault in found), found
