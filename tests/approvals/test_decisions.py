"""Deciding: the way through the steps, who may, and what the others are told."""

import msgspec
import pytest

from server.approvals import jobs
from server.approvals.commands import decide
from server.approvals.ops import cancel_chain
from server.approvals.queries import chain_view, count_pending, list_tasks, task_view, waiting_task_for
from server.approvals.types import Decide
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor, Grant
from server.kernel.errors import DomainError, InvalidInput, NotFound, StateConflict
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.notices.queries import list_notices
from tests.approvals.trial import KIND, apply, told_of
from tests.factories.identity import SYSTEM, make_actor

DEAR_FEN = 10_000_000


async def waiting(actor: Actor) -> str:
    """The id of the one task that waits for the actor."""
    page = await list_tasks(actor)
    assert [view.can_decide for view in page.items] == [True]
    return page.items[0].id


async def approve(actor: Actor, opinion: str = "同意") -> None:
    await decide(actor, Decide(await waiting(actor), True, opinion))


async def states(subject_id: str) -> list[str]:
    async with reading() as db:
        chain = await chain_view(db, KIND, subject_id)
    assert chain is not None
    return [chain.state, *(step.state for step in chain.steps)]


async def cancel(subject_id: str) -> bool:
    async with unit_of_work(SYSTEM) as uow:
        return await cancel_chain(uow, KIND, subject_id)


async def deliver() -> None:
    assert jobs.tell_deciders
    while await deliver_due():
        pass


async def test_each_step_opens_when_the_one_before_it_is_approved(city, people):
    subject = await apply(people.borrower, city.culture, DEAR_FEN)
    assert await states(subject) == ["pending", "pending", "waiting", "waiting", "waiting"]
    for actor in (people.manager, people.lender, people.above):
        await approve(actor)
    assert await states(subject) == ["pending", "approved", "approved", "approved", "pending"]
    view = await decide(people.finance, Decide(await waiting(people.finance), True))
    assert (view.state, view.step_number, view.step_count, view.can_decide) == ("approved", 4, 4, False)
    assert await states(subject) == ["approved"] * 5
    assert told_of(subject) == ["step_approved"] * 3 + ["approved"]
    async with reading() as db:
        chain = await chain_view(db, KIND, subject)
    assert [(step.unit_name, step.decided_by_name) for step in chain.steps] == [
        ("杭州市临平区卫生健康局", "周敏"),
        ("临平区文化和广电旅游体育局", "何平"),
        ("杭州市临平区人民政府", "程远"),
        ("杭州市临平区财政局", "金诚"),
    ]


async def test_a_rejection_ends_the_chain_and_says_why(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await waiting(people.manager)
    for opinion in ("", " 否 ", "不" * 501, "不\x00行"):
        with pytest.raises(InvalidInput) as refused:
            await decide(people.manager, Decide(task, False, opinion))
        assert refused.value.fields[0].field == "opinion"
    await decide(people.manager, Decide(task, False, "本单位已有同类设备"))
    assert await states(subject) == ["rejected", "rejected", "waiting"]
    assert told_of(subject) == ["rejected"]
    with pytest.raises(StateConflict) as again:
        await decide(people.manager, Decide(task, True))
    assert again.value.code == "approval.already_decided"


async def test_nothing_is_decided_when_the_subjects_domain_refuses(city, people):
    subject = await apply(people.borrower, city.culture)
    with pytest.raises(StateConflict) as refused:
        await decide(people.manager, Decide(await waiting(people.manager), True, "资产已借出"))
    assert refused.value.code == "asset.not_available"
    assert await states(subject) == ["pending", "pending", "waiting"] and told_of(subject) == []


async def test_nobody_decides_their_own_application(city, people):
    both = await make_actor("沈丽", city.health, Role.ASSET_MANAGER, Role.BORROWER)
    subject = await apply(both, city.culture)
    task = await waiting(people.manager)
    delegate = msgspec.structs.replace(people.borrower, grants=(Grant("asset_manager", delegated_by=both.person_id),))
    for actor in (both, delegate):
        assert (await list_tasks(actor)).items == [] and await count_pending(actor) == 0
        assert await waiting_task_for(actor, KIND, subject) is None
        with pytest.raises(DomainError) as refused:
            await decide(actor, Decide(task, True))
        assert refused.value.code == "approval.own_application"
    await approve(people.manager)
    assert (await states(subject))[1] == "approved"


async def test_a_delegate_decides_and_both_are_named(city, people):
    subject = await apply(people.borrower, city.culture)
    delegate = await make_actor("郑直", city.health, Role.BORROWER)
    delegate = msgspec.structs.replace(
        delegate, grants=(Grant("asset_manager", delegated_by=people.manager.person_id),)
    )
    view = await decide(delegate, Decide(await waiting(delegate), True))
    assert (view.decided_by_name, view.on_behalf_of_name) == ("郑直", "周敏")
    async with reading() as db:
        row = await db.fetch_one("SELECT actor_id, facts FROM audit_event WHERE action = 'approval.decided'")
        chain = await chain_view(db, KIND, subject)
    assert row["actor_id"] == delegate.person_id
    assert msgspec.json.decode(row["facts"])["on_behalf_of"] == people.manager.person_id
    assert chain.steps[0].on_behalf_of_name == "周敏"


async def test_one_person_decides_one_step_of_a_chain(city, people):
    subject = await apply(people.borrower, city.culture)
    await approve(people.manager)
    task = await waiting(people.lender)
    # The same person in the lender's unit, in their own right and for somebody on leave.
    second = msgspec.structs.replace(people.lender, person_id=people.manager.person_id)
    for_first = msgspec.structs.replace(
        people.lender, grants=(Grant("asset_manager", delegated_by=people.manager.person_id),)
    )
    for actor in (second, for_first):
        assert (await list_tasks(actor)).items == []
        with pytest.raises(StateConflict) as refused:
            await decide(actor, Decide(task, True))
        assert refused.value.code == "approval.already_decided_by_you"
    assert await states(subject) == ["pending", "approved", "pending"]


async def test_a_foreign_units_approver_finds_nothing(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await waiting(people.manager)
    strangers = [
        people.lender,
        people.borrower,
        await make_actor("苏堤", city.xihu_education, Role.ASSET_MANAGER, is_subtree=True),
        await make_actor("白堤", city.linping, Role.ASSET_MANAGER),
        await make_actor("断桥", city.hospital, Role.ASSET_MANAGER, is_subtree=True),
        await make_actor("孤山", city.health, Role.COMPETENT_REVIEWER),
    ]
    for actor in strangers:
        assert (await list_tasks(actor)).items == []
        for read in (task_view(actor, task), decide(actor, Decide(task, True))):
            with pytest.raises(DomainError) as refused:
                await read
            assert refused.value.code == "approval.task_not_found"
    for made_up in ("", "0000000000000000", "' OR 1=1 --"):
        with pytest.raises(NotFound):
            await decide(people.manager, Decide(made_up, True))
    assert (await states(subject))[0] == "pending"


async def test_whoever_holds_the_role_above_with_subtree_may_decide(city, people):
    await apply(people.borrower, city.culture)
    above = await make_actor("程远", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    assert await count_pending(above) == 1
    await approve(above)
    # The lender's unit lies below too, but the same person does not decide twice.
    assert await count_pending(above) == 0


async def test_a_cancelled_application_is_not_decided(city, people):
    subject = await apply(people.borrower, city.culture)
    task = await waiting(people.manager)
    assert await cancel(subject)
    assert not await cancel(subject)
    assert not await cancel("0000000000000000")
    with pytest.raises(StateConflict) as refused:
        await decide(people.manager, Decide(task, True))
    assert refused.value.code == "approval.cancelled"
    assert await states(subject) == ["cancelled", "cancelled", "waiting"] and await count_pending(people.manager) == 0


async def test_a_decided_chain_is_not_cancelled(city, people):
    subject = await apply(people.borrower, city.culture)
    await approve(people.manager)
    await approve(people.lender)
    assert not await cancel(subject)
    assert (await states(subject))[0] == "approved"


async def test_tasks_are_listed_oldest_first_and_decided_ones_newest_first(city, people):
    subjects = [await apply(people.borrower, city.culture) for _ in range(3)]
    first = await list_tasks(people.manager, size=2)
    rest = await list_tasks(people.manager, "pending", first.next_cursor, size=2)
    assert [view.subject_id for view in first.items + rest.items] == subjects
    for _ in range(2):
        await decide(people.manager, Decide((await list_tasks(people.manager)).items[0].id, True))
    decided = await list_tasks(people.manager, "decided")
    assert [view.subject_id for view in decided.items] == [subjects[1], subjects[0]]
    assert not decided.items[0].can_decide
    assert (await task_view(people.manager, decided.items[0].id)).state == "approved"
    with pytest.raises(InvalidInput):
        await list_tasks(people.manager, "everything")


async def test_deciders_are_told_of_a_step_and_the_applicant_of_the_end(city, people):
    await apply(people.borrower, city.culture)
    await deliver()
    (notice,) = (await list_notices(people.manager)).items
    assert (notice.title, notice.link_kind, notice.link_id) == (
        "有一份申请等您审批",
        "approval_task",
        await waiting(people.manager),
    )
    assert "借用投影仪" in notice.body and "王芳" in notice.body
    assert (await list_notices(people.lender)).items == []
    await approve(people.manager)
    await deliver()
    assert len((await list_notices(people.lender)).items) == 1
    assert (await list_notices(people.borrower)).items == []
    await decide(people.lender, Decide(await waiting(people.lender), False, "当月自用"))
    await deliver()
    (answer,) = (await list_notices(people.borrower)).items
    assert answer.title == "您的申请未获同意" and "当月自用" in answer.body and "何平" in answer.body


async def test_those_above_are_told_when_the_applicant_is_the_only_one_in_the_unit(city):
    alone = await make_actor("苏堤", city.xihu_education, Role.ASSET_MANAGER)
    above = await make_actor("白堤", city.xihu, Role.ASSET_MANAGER, is_subtree=True)
    await make_actor("断桥", city.city, Role.ASSET_MANAGER)
    await apply(alone, city.culture)
    await deliver()
    assert [notice.title for notice in (await list_notices(above)).items] == ["有一份申请等您审批"]
    assert (await list_notices(alone)).items == []
    await approve(above)


async def test_the_applicant_is_told_when_nobody_can_decide(city, people):
    alone = await make_actor("苏堤", city.xihu_education, Role.ASSET_MANAGER)
    subject = await apply(alone, city.culture)
    await deliver()
    (notice,) = (await list_notices(alone)).items
    assert notice.title == "您的申请暂时没有人可以审批" and notice.link_id == subject
