"""What the locks around applications of several kinds are for."""

from server.approvals.models import ApprovalChain
from server.identity.commands import HandOver, hand_over
from server.identity.roles import Role
from server.kernel.unit_of_work import unit_of_work
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import SYSTEM, make_actor
from tests.factories.procurement import REGISTERED, make_need

assert REGISTERED


async def test_need_and_borrowing_change_hands_in_one_go(hall: Hall) -> None:
    need = await make_need(hall.borrower, until="submitted")
    borrowing = await make_borrowing(hall)
    heir = await make_actor("何洁", hall.ledger.city.culture, Role.BORROWER)
    assert hall.borrower.person_id and heir.person_id
    await hand_over(hall.approver, HandOver(hall.borrower.person_id, heir.person_id, "调离"))
    async with unit_of_work(SYSTEM) as uow:
        chains = await uow.find_all(ApprovalChain, subject_id__in=[need.id, borrowing.id])
    assert [chain.applicant_id for chain in chains] == [heir.person_id] * 2
