"""Applications that were sent back to be corrected, as things of the matrix."""

from server.approvals.commands import return_task
from server.approvals.queries import waiting_task_for
from server.approvals.types import ReturnTask
from server.circulation.commands import issue_by_code, renew_borrowing
from server.circulation.types import IssueByCode, RenewBorrowing
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.procurement.commands import record_need, submit_need
from tests.access.loans import make_an_application
from tests.access.world import Facts, Office, World
from tests.factories.circulation import approve, day
from tests.factories.identity import make_actor
from tests.factories.procurement import purchase


async def _send_back(approver: Actor, kind: str, subject_id: str) -> None:
    task = await waiting_task_for(approver, kind, subject_id)
    assert task is not None
    await return_task(approver, ReturnTask(task.id, "请写清楚用途"))


async def _application(world: World, office: Office, applicant: Actor) -> Facts:
    view = await make_an_application(world, applicant)
    await _send_back(office.manager, "borrowing", view.id)
    return {"borrowing_id": view.id}


async def _renewal(world: World, office: Office, applicant: Actor) -> Facts:
    view = await make_an_application(world, applicant)
    await approve(view.id, office.manager, world.lender)
    if office is world.offices["far"]:
        await approve(view.id, world.far_reviewer)
    await issue_by_code(world.lender, IssueByCode(view.id, view.lines[0].asset_code, applicant.person_name))
    view = await renew_borrowing(applicant, RenewBorrowing(view.id, day(4), "展期延长"))
    await _send_back(world.lender, "renewal", view.renewals[0].id)
    return {"borrowing_id": view.id}


async def _need(office: Office, applicant: Actor) -> Facts:
    view = await record_need(applicant, purchase(is_emergency=True, emergency_reason="防汛抢险"))
    await submit_need(applicant, view.id)
    await _send_back(office.manager, "purchase_need", view.id)
    return {"need_id": view.id}


async def sent_back(world: World, office: Office) -> Facts:
    """An application of somebody else of the office."""
    return await _application(world, office, await make_actor("周小兰", office.unit, Role.BORROWER))


async def renewal_sent_back(world: World, office: Office) -> Facts:
    return await _renewal(world, office, await make_actor("周小兰", office.unit, Role.BORROWER))


async def need_sent_back(world: World, office: Office) -> Facts:
    return await _need(office, await make_actor("周小兰", office.unit, Role.BORROWER))


async def my_sent_back(world: World, me: Actor) -> Facts:
    return await _application(world, world.offices["own"], me)


async def my_renewal_sent_back(world: World, me: Actor) -> Facts:
    return await _renewal(world, world.offices["own"], me)


async def my_need_sent_back(world: World, me: Actor) -> Facts:
    return await _need(world.offices["own"], me)
