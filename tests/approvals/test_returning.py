"""Sent back to be corrected: who may, what happens to the chain, and what everybody then sees."""

import asyncio
from collections import Counter

import msgspec
import pytest

from server.approvals import jobs, ops
from server.approvals.commands import decide, return_task
from server.approvals.ops import cancel_chain, on_decided, steps_of
from server.approvals.queries import chain_view, count_pending, list_tasks, task_view
from server.approvals.rounds import lock_returned, restart_chain
from server.approvals.types import ChainView, Change, Decide, Restart, ReturnTask
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork, unit_of_work
from server.notices.queries import list_notices
from tests.approvals import trial
from tests.approvals.test_races import outcome
from tests.approvals.trial import KIND, apply, told_of
from tests.factories.identity import SYSTEM, make_actor

WHY = "请写清楚用在哪个会场"


@pytest.fixture(autouse=True)
def returnable(city) -> None:
    async def version_of(uow: UnitOfWork, subject_id: str) -> int:
        return 7

    on_decided(KIND, trial.hear, version_of)


async def task_of(actor: Actor) -> str:
    [task] = (await list_tasks(actor)).items
    assert task.can_return
    return task.id


async def send_back(actor: Actor, why: str = WHY) -> None:
    view = await return_task(actor, ReturnTask(await task_of(actor), why))
    assert (view.state_name, view.opinion, view.can_decide) == ("退回修改", why, False)


async def send_again(actor: Actor, subject_id: str, *changes: Change) -> None:
    async with unit_of_work(actor) as uow:
        returned = await lock_returned(uow, actor, KIND, subject_id)
        restart = Restart(title="借用投影仪（改）", steps=steps_of(returned), changes=[*changes])
        await restart_chain(uow, returned, restart)


async def deliver() -> None:
    assert jobs.tell_deciders
    while await deliver_due():
        pass


async def chain(subject_id: str) -> ChainView:
    async with reading() as db:
        view = await chain_view(db, KIND, subject_id)
    assert view is not None
    return view


async def test_application_waits_for_its_applicant_when_sent_back(city, people):
    subject = await apply(people.borrower, city.culture)
    await decide(people.manager, Decide(await task_of(people.manager), True))
    await send_back(people.lender)
    view = await chain(subject)
    assert (view.state, view.state_name, view.decided_at) == ("returned", "退回修改", None)
    assert [step.state for step in view.steps] == ["approved", "returned"]
    assert told_of(subject) == ["step_approved", "returned"]
    assert await count_pending(people.lender) == 0 == await count_pending(people.manager)


async def test_chain_begins_again_when_sent_again(city, people):
    subject = await apply(people.borrower, city.culture)
    await deliver()
    await decide(people.manager, Decide(await task_of(people.manager), True, "同意"))
    returned = await task_of(people.lender)
    await send_back(people.lender)
    await send_again(people.borrower, subject, Change(name="借用事由", before="开会", after="全区文化工作会议"))
    view = await chain(subject)
    assert (view.state, view.round) == ("pending", 2)
    assert [step.state for step in view.steps] == ["pending", "waiting"]
    [first] = view.rounds
    assert (first.number, first.corrected_by_name) == (1, people.borrower.person_name)
    assert [(step.state, step.opinion) for step in first.steps] == [("approved", "同意"), ("returned", WHY)]
    assert first.changes == [Change(name="借用事由", before="开会", after="全区文化工作会议")]
    # The same people decide again: what they decided was another text.
    again = await task_view(people.manager, await task_of(people.manager))
    assert (again.round, again.step_number, again.title) == (2, 1, "借用投影仪（改）")
    await deliver()
    assert [n.title for n in (await list_notices(people.manager)).items].count("有一份申请等您审批") == 2
    await decide(people.manager, Decide(again.id, True))
    await decide(people.lender, Decide(await task_of(people.lender), True))
    assert (await chain(subject)).steps[1].state == "approved"
    # What was decided in the first round stays as it was.
    assert (await task_view(people.lender, returned)).step_number == 2


async def test_one_person_decides_one_step_of_each_round(city, people):
    subject = await apply(people.borrower, city.culture)
    await send_back(people.manager)
    await send_again(people.borrower, subject)
    await decide(people.manager, Decide(await task_of(people.manager), True))
    task = await task_of(people.lender)
    second = msgspec.structs.replace(people.lender, person_id=people.manager.person_id)
    assert (await list_tasks(second)).items == []
    with pytest.raises(StateConflict, match=r"approval.already_decided_by_you"):
        await decide(second, Decide(task, True))


async def test_returning_is_refused_without_saying_what_to_correct(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await task_of(people.manager)
    for why in ("", "改", "改" * 501):
        with pytest.raises(InvalidInput) as refused:
            await return_task(people.manager, ReturnTask(task, why))
        assert [field.field for field in refused.value.fields] == ["opinion"]
    assert (await chain(subject)).state == "pending"


async def test_applicant_neither_returns_nor_does_anybody_else_correct(city, people):
    applicant = await make_actor("吴越", city.health, Role.BORROWER, Role.ASSET_MANAGER)
    subject = await apply(applicant, city.culture)
    task = await task_of(people.manager)
    with pytest.raises(Forbidden, match=r"approval.own_application"):
        await return_task(applicant, ReturnTask(task, WHY))
    with pytest.raises(StateConflict, match=r"approval.not_returned"):
        await send_again(applicant, subject)
    await send_back(people.manager)
    with pytest.raises(Forbidden, match=r"approval.not_applicant"):
        await send_again(people.manager, subject)
    with pytest.raises(Forbidden, match=r"approval.not_applicant"):
        await send_again(SYSTEM, subject)


async def test_withdrawal_ends_what_was_sent_back(city, people):
    subject = await apply(people.borrower, city.culture)
    await send_back(people.manager)
    async with unit_of_work(SYSTEM) as uow:
        assert await cancel_chain(uow, KIND, subject)
    view = await chain(subject)
    assert (view.state, view.steps[0].state) == ("cancelled", "returned")
    with pytest.raises(StateConflict, match=r"approval.not_returned"):
        await send_again(people.borrower, subject)


async def test_one_of_them_counts_when_two_approvers_decide_at_once(city, people):
    other = await make_actor("沈丽", city.health, Role.ASSET_MANAGER)
    for _ in range(5):
        subject = await apply(people.borrower, city.culture)
        task = next(view.id for view in (await list_tasks(other)).items if view.subject_id == subject)
        answers = await asyncio.gather(
            outcome(decide(people.manager, Decide(task, True))), outcome(return_task(other, ReturnTask(task, WHY)))
        )
        assert sorted(answers) == ["approval.already_decided", "done"]
        assert len(told_of(subject)) == 1
        assert (await chain(subject)).state == ("pending" if answers[0] == "done" else "returned")


async def test_it_is_sent_again_once_when_the_applicant_presses_twice(city, people):
    subject = await apply(people.borrower, city.culture)
    await send_back(people.manager)
    answers = Counter(await asyncio.gather(*[outcome(send_again(people.borrower, subject)) for _ in range(5)]))
    assert answers == Counter({"done": 1, "approval.not_returned": 4})
    assert (await chain(subject)).round == 2 and await count_pending(people.manager) == 1


async def test_decision_is_refused_when_the_subject_changed_since_it_was_shown(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await task_of(people.manager)
    with pytest.raises(StateConflict, match=r"approval.changed_since"):
        await decide(people.manager, Decide(task, True, "", 6))
    with pytest.raises(StateConflict, match=r"approval.changed_since"):
        await return_task(people.manager, ReturnTask(task, WHY, 8))
    assert (await chain(subject)).state == "pending" and told_of(subject) == []
    assert (await decide(people.manager, Decide(task, True, "", 7))).state == "approved"


async def test_kind_that_nobody_corrects_is_not_sent_back(city, people, monkeypatch):
    subject = await apply(people.borrower, city.culture)
    task = await task_of(people.manager)
    monkeypatch.delitem(ops._versions, KIND)
    assert not (await task_view(people.manager, task)).can_return
    with pytest.raises(StateConflict, match=r"approval.not_returnable"):
        await return_task(people.manager, ReturnTask(task, WHY))
    assert (await chain(subject)).state == "pending"
