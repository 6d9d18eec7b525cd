"""What the locks around applications of several kinds are for."""

from functools import partial

from server.approvals.commands import decide
from server.approvals.models import ApprovalChain
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.identity.commands import HandOver, hand_over
from server.identity.roles import Role
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import SYSTEM, make_actor
from tests.factories.procurement import REGISTERED, make_need
from tests.support.meanwhile import while_changing

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


async def test_nothing_unseen_is_agreed_to_when_the_subject_changes_meanwhile(hall: Hall, settings: Settings) -> None:
    need = await make_need(hall.borrower, until="submitted")
    borrowing = await make_borrowing(hall)
    for kind, table, subject in (("purchase_need", "purchase_need", need.id), ("borrowing", "borrowing", borrowing.id)):
        async with reading() as db:
            [row] = await db.fetch_all(f"SELECT version FROM {table} WHERE id = ?", subject)
        task = await waiting_task_for(hall.approver, kind, subject)
        assert task is not None
        seen = Decide(task_id=task.id, is_approved=True, opinion="", version=row["version"])
        changed = f"UPDATE {table} SET version = version + 1 WHERE id = ?"
        found = await while_changing(settings, partial(decide, hall.approver, seen), changed, subject)
        assert found == "approval.changed_since", kind
