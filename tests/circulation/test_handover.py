"""A person who leaves hands unfinished borrowings over to a colleague."""

from server.approvals.commands import decide
from server.approvals.types import Decide
from server.circulation.queries import borrowing_view, list_borrowings
from server.identity.commands import DisablePerson, HandOver, disable_person, hand_over
from server.identity.roles import Role
from server.kernel.errors import Forbidden, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import make_borrowing
from tests.factories.identity import SYSTEM, make_actor


async def test_colleague_answers_for_the_loan_when_it_was_handed_over(hall):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(StateConflict, "person.still_holds"):
        await disable_person(SYSTEM, DisablePerson(hall.borrower.person_id, "调离"))
    colleague = await make_actor("冯雨", hall.ledger.city.culture, Role.BORROWER)
    await hand_over(hall.approver, HandOver(hall.borrower.person_id, colleague.person_id, "岗位调整"))
    moved = await borrowing_view(colleague, view.id)
    assert (moved.applicant_name, moved.applicant_phone) == ("冯雨", None)
    assert moved.events[-1].note == "李晓梅 转交 冯雨"
    assert (await list_borrowings(hall.borrower, "mine")).items == []
    with expect_refusal(NotFound, "borrowing.not_found"):
        await borrowing_view(hall.borrower, view.id)


async def test_handover_refused_when_the_other_works_elsewhere(hall):
    await make_borrowing(hall)
    stranger = await make_actor("何静", hall.ledger.city.health, Role.BORROWER)
    with expect_refusal(StateConflict, "handover.recipient_elsewhere"):
        await hand_over(hall.approver, HandOver(hall.borrower.person_id, stranger.person_id, "岗位调整"))


async def test_recipient_cannot_approve_what_was_handed_over(hall):
    view = await make_borrowing(hall)
    await hand_over(hall.borrower, HandOver(hall.borrower.person_id, hall.approver.person_id, "岗位调整"))
    task_id = (await borrowing_view(hall.approver, view.id)).chain.steps[0].task_id
    with expect_refusal(Forbidden, "approval.own_application"):
        await decide(hall.approver, Decide(task_id=task_id, is_approved=True))
