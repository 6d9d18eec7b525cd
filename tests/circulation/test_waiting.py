"""One place that says how much waits for whom."""

from collections.abc import Callable

import msgspec

from server.approvals.commands import decide, return_task
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide, ReturnTask
from server.circulation.commands import follow_up_loan, issue_by_code, submit_borrowing
from server.circulation.queries import Waiting, waiting_for
from server.circulation.types import IssueByCode
from server.identity.roles import Role
from server.kernel.actor import Actor, system_actor
from server.kernel.runtime import Runtime
from server.notices.commands import mark_read
from tests.factories.circulation import Hall, application, approve, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor


async def counts(actor: Actor) -> dict[str, int]:
    """What is not zero, without the messages."""
    found = msgspec.structs.asdict(await waiting_for(actor))
    return {name: number for name, number in found.items() if number and name != "unread"}


async def test_each_step_waits_for_whom_it_is_for(hall: Hall, go_to_day: Callable[[int], None]):
    view = await make_borrowing(hall, 0, 2)
    assert await counts(hall.approver) == {"to_approve": 1} and await counts(hall.lender) == {}
    await approve(view.id, hall.approver)
    assert await counts(hall.lender) == {"to_approve": 1} and await counts(hall.approver) == {}
    await approve(view.id, hall.lender)
    assert await counts(hall.borrower) == {"to_collect": 1}
    assert await counts(hall.lender) == {"to_issue": 1}
    await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))
    assert await counts(hall.borrower) == {"to_return": 1}
    assert await counts(hall.lender) == {"to_sign": 1}
    go_to_day(2)
    assert await counts(hall.lender) == {"to_take_back": 1, "to_sign": 1}
    go_to_day(3)
    await follow_up_loan(system_actor("circulation"), view.id)
    assert await counts(hall.lender) == {"to_take_back": 1, "desk_overdue": 1, "to_sign": 1}
    assert await counts(hall.borrower) == {"to_return": 1, "overdue": 1}


async def test_what_was_sent_back_waits_for_its_applicant(hall: Hall):
    view = await make_borrowing(hall)
    task = await waiting_task_for(hall.approver, "borrowing", view.id)
    assert task is not None
    await return_task(hall.approver, ReturnTask(task.id, "请写清楚用途"))
    assert await counts(hall.borrower) == {"to_correct": 1} and await counts(hall.approver) == {}
    assert (await waiting_for(hall.borrower)).unread == 1
    await mark_read(hall.borrower)
    assert (await waiting_for(hall.borrower)).unread == 0


async def test_nothing_of_others_is_counted(hall: Hall):
    await make_borrowing(hall, until="approved")
    for role in (Role.BORROWER, Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.WAREHOUSE_KEEPER):
        stranger = await make_actor(f"路人{role}", hall.ledger.city.education, role)
        assert await waiting_for(stranger) == Waiting(), role
    colleague = await make_actor("周小兰", hall.ledger.city.culture, Role.BORROWER)
    assert await waiting_for(colleague) == Waiting()
    # A keeper, of another place.
    assert await waiting_for(hall.ledger.keeper) == Waiting()
    assert await waiting_for(system_actor("test")) == Waiting()


async def test_it_is_one_query_however_much_waits(hall: Hall, runtime: Runtime, monkeypatch):
    for _ in range(3):
        card, _ = await make_listed_projector(hall.ledger)
        view = await submit_borrowing(hall.borrower, application(card.id))
        task = await waiting_task_for(hall.approver, "borrowing", view.id)
        assert task is not None
        await decide(hall.approver, Decide(task.id, True))
    asked: list[str] = []
    reader = type(await _a_reader(runtime))
    fetch_all = reader.fetch_all

    async def noted(self, sql: str, *values: object):
        asked.append(sql)
        return await fetch_all(self, sql, *values)

    monkeypatch.setattr(reader, "fetch_all", noted)
    assert (await waiting_for(hall.lender)).to_approve == 3
    assert len(asked) == 1


async def _a_reader(runtime: Runtime):
    async with runtime.database.reading() as reader:
        return reader
