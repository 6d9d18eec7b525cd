"""Many at once: one decision, one effect, everybody told what happened."""

import asyncio
from collections import Counter

import pytest

from server.approvals.commands import decide
from server.approvals.ops import cancel_chain
from server.approvals.queries import chain_view, list_tasks
from server.approvals.types import Decide
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from tests.approvals.trial import KIND, apply, told_of
from tests.factories.identity import SYSTEM, make_actor


async def outcome(action) -> str:
    """`done`, or the code of what it was refused with."""
    try:
        await action
    except DomainError as error:
        return error.code
    return "done"


async def first_task(actor: Actor) -> str:
    return (await list_tasks(actor)).items[0].id


async def decisions() -> int:
    async with reading() as db:
        return len(await db.fetch_all("SELECT id FROM audit_event WHERE action = 'approval.decided'"))


async def test_one_decision_counts_when_one_person_sends_forty(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await first_task(people.manager)
    answers = Counter(await asyncio.gather(*[outcome(decide(people.manager, Decide(task, True))) for _ in range(40)]))
    assert answers == Counter({"done": 1, "approval.already_decided": 39})
    assert told_of(subject) == ["step_approved"] and await decisions() == 1


async def test_one_of_two_approvers_decides_when_both_do_at_once(city, people):
    other = await make_actor("沈丽", city.health, Role.ASSET_MANAGER)
    for _ in range(5):
        subject = await apply(people.borrower, city.culture)
        task = next(view.id for view in (await list_tasks(other)).items if view.subject_id == subject)
        answers = await asyncio.gather(
            outcome(decide(people.manager, Decide(task, True))),
            outcome(decide(other, Decide(task, False, "本单位已有"))),
        )
        assert sorted(answers) == ["approval.already_decided", "done"]
        assert len(told_of(subject)) == 1


async def test_a_withdrawal_and_a_decision_at_once_leave_one_of_them(city, people):
    async def withdraw(subject: str) -> bool:
        async with unit_of_work(SYSTEM) as uow:
            return await cancel_chain(uow, KIND, subject)

    for _ in range(5):
        subject = await apply(people.borrower, city.health)
        task = next(view.id for view in (await list_tasks(people.manager)).items if view.subject_id == subject)
        answer, is_withdrawn = await asyncio.gather(
            outcome(decide(people.manager, Decide(task, True))), withdraw(subject)
        )
        async with reading() as db:
            chain = await chain_view(db, KIND, subject)
        assert (answer, is_withdrawn, chain.state, told_of(subject)) in [
            ("done", False, "approved", ["approved"]),
            ("approval.cancelled", True, "cancelled", []),
        ]


async def test_a_double_click_gets_the_first_answer_again(city, people):
    subject = await apply(people.borrower, city.culture)
    actor = people.manager.with_key("decision-0001")
    request = Decide(await first_task(people.manager), True, "同意")
    first = await decide(actor, request)
    assert await decide(actor, request) == first
    with pytest.raises(DomainError) as reused:
        await decide(actor, Decide(request.task_id, False, "改为不同意"))
    assert reused.value.code == "idempotency.key_reused"
    assert told_of(subject) == ["step_approved"] and await decisions() == 1
