"""What the checks of a decision are for, one by one."""

from functools import partial

import msgspec
import pytest
from tortoise.exceptions import IntegrityError

from server.approvals.commands import decide
from server.approvals.models import ApprovalChain
from server.approvals.ops import (
    _ask_elsewhere,
    cancel_chain,
    hand_over_application,
    open_chain,
    open_step,
    steps_of,
)
from server.approvals.queries import list_tasks
from server.approvals.rounds import restart_chain
from server.approvals.types import Decide, OpenChain, Restart, Step
from server.approvals.unit_columns import _replan
from server.identity.ops import Reorganisation, UnitSide, unit_facts
from server.identity.roles import Role
from server.identity.types import UnitFacts
from server.kernel.actor import Actor, Grant
from server.kernel.errors import NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.unit_of_work import unit_of_work
from tests.approvals.trial import KIND, apply
from tests.factories.identity import SYSTEM, make_actor
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing

DEAR_FEN = 10_000_000


async def first_task(actor: Actor) -> str:
    return (await list_tasks(actor)).items[0].id


async def chain_of(subject_id: str) -> ApprovalChain:
    async with unit_of_work(SYSTEM) as uow:
        chain = await uow.find(ApprovalChain, subject_id=subject_id)
    assert chain is not None
    return chain


async def cancel(subject_id: str) -> None:
    async with unit_of_work(SYSTEM) as uow:
        await cancel_chain(uow, KIND, subject_id)


async def hand_over(subject_id: str, to: Actor) -> None:
    async with unit_of_work(SYSTEM) as uow:
        chain = await uow.find(ApprovalChain, subject_kind=KIND, subject_id=subject_id)
        whom = {"from_id": chain.applicant_id, "person_id": to.person_id, "person_name": to.person_name}
        await hand_over_application(uow, KIND, subject_id, **whom)
        await uow.record("trial.handed_over", KIND, subject_id)


async def test_absent_person_decides_no_later_step_when_a_delegate_decided_for_them(city, people):
    await apply(people.borrower, city.culture, DEAR_FEN)
    delegate = await make_actor("郑直", city.health, Role.BORROWER)
    grant = Grant("asset_manager", delegated_by=people.manager.person_id)
    delegate = msgspec.structs.replace(delegate, grants=(grant,))
    await decide(delegate, Decide(await first_task(delegate), True))
    task = await first_task(people.lender)
    back = msgspec.structs.replace(people.lender, person_id=people.manager.person_id)
    with pytest.raises(StateConflict) as refused:
        await decide(back, Decide(task, True))
    assert refused.value.code == "approval.already_decided_by_you"


async def test_second_chain_is_refused_when_the_subject_has_one(city, people):
    subject = new_id()
    for code in (None, "approval.chain_exists"):
        answer = None
        try:
            async with unit_of_work(people.borrower) as uow:
                unit = await unit_facts(uow, city.health.id)
                step = Step(name="本单位审核", role=Role.ASSET_MANAGER, unit_id=unit.id, unit_path=unit.path)
                await open_chain(
                    uow,
                    OpenChain(
                        subject_kind=KIND,
                        subject_id=subject,
                        title="借用投影仪",
                        applicant_id=people.borrower.person_id,
                        applicant_unit=unit,
                        policy_version_id=new_id(),
                        steps=[step],
                    ),
                )
        except StateConflict as error:
            answer = error.code
        assert answer == code


async def test_second_decision_is_refused_when_the_first_is_not_yet_committed(city, people, settings):
    await apply(people.borrower, city.culture)
    task = await first_task(people.manager)
    answers = await while_finishing(
        settings,
        lambda: decide(people.manager, Decide(task, True)),
        lambda: decide(people.manager, Decide(task, False, "本单位已有")),
    )
    assert answers == ("done", "approval.already_decided")


async def test_recipient_decides_nothing_when_the_application_is_being_handed_over_to_them(city, people, settings):
    subject = await apply(people.borrower, city.culture)
    task = await first_task(people.manager)
    answers = await while_finishing(
        settings,
        lambda: hand_over(subject, people.manager),
        lambda: decide(people.manager, Decide(task, True)),
    )
    assert answers == ("done", "approval.own_application")


async def test_applicant_stays_when_the_last_step_is_being_decided(city, people, settings):
    subject = await apply(people.borrower, city.health)
    task = await first_task(people.manager)
    answers = await while_finishing(
        settings,
        lambda: decide(people.manager, Decide(task, True)),
        lambda: hand_over(subject, people.manager),
    )
    assert answers == ("done", "done")
    assert (await chain_of(subject)).applicant_id == people.borrower.person_id


async def test_chain_is_not_cancelled_when_its_last_step_is_being_decided(city, people, settings):
    subject = await apply(people.borrower, city.health)
    task = await first_task(people.manager)
    answers = await while_finishing(
        settings, lambda: decide(people.manager, Decide(task, True)), lambda: cancel(subject)
    )
    assert answers == ("done", "done")
    assert (await chain_of(subject)).state == "approved"


async def test_nothing_is_decided_or_cancelled_when_chain_and_task_disagree(city, people, runtime):
    subject = await apply(people.borrower, city.culture)
    task = await first_task(people.manager)
    await rewrite("UPDATE approval_chain SET state = 'rejected' WHERE subject_id = ?", subject)
    with pytest.raises(StateConflict) as refused:
        await decide(people.manager, Decide(task, True))
    assert refused.value.code == "approval.already_decided"
    await rewrite("UPDATE approval_chain SET state = 'pending' WHERE subject_id = ?", subject)
    await rewrite("UPDATE approval_task SET state = 'rejected' WHERE id = ?", task)
    with pytest.raises(StateConflict) as refused:
        await cancel(subject)
    assert refused.value.code == "record.changed"
    assert (await chain_of(subject)).state == "pending"


async def test_step_is_opened_once(city, people):
    subject = await apply(people.borrower, city.culture)
    chain = await chain_of(subject)
    with pytest.raises(IntegrityError):
        async with unit_of_work(SYSTEM) as uow:
            await open_step(uow, chain, 0)


async def test_task_is_not_found_when_nobody_in_particular_asks(city, people):
    await apply(people.borrower, city.culture)
    task = await first_task(people.manager)
    nobody = msgspec.structs.replace(people.manager, person_id=None)
    with pytest.raises(NotFound):
        await decide(nobody, Decide(task, True))


async def test_plan_is_moved_to_another_unit_only_as_it_was_read(city, people, runtime):
    subject = await apply(people.borrower, city.culture)
    chain = await chain_of(subject)
    before, after = (UnitSide(unit.id, unit.name, unit.path) for unit in (city.culture, city.health))
    change = Reorganisation(change_id="", kind="merge", before=before, after=after, document_no="", reason="合并")
    await rewrite("UPDATE approval_chain SET state = 'approved' WHERE id = ?", chain.id)
    for move in (partial(_ask_elsewhere, change=change, is_applicant=True), partial(_replan, steps=steps_of(chain))):
        with pytest.raises(StateConflict, match=r"record\.changed"):
            async with unit_of_work(SYSTEM) as uow:
                await move(uow, chain)


async def test_no_plan_is_stored_that_asks_a_unit_where_it_no_longer_is(city, people, runtime):
    unit = await unit_of(city.health.id)
    step = Step(name="本单位审核", role=Role.ASSET_MANAGER, unit_id=unit.id, unit_path="/before/")
    request = OpenChain(
        subject_kind=KIND,
        subject_id=new_id(),
        title="借用投影仪",
        applicant_id=people.borrower.person_id,
        applicant_unit=unit,
        policy_version_id=new_id(),
        steps=[step],
    )
    with pytest.raises(StateConflict, match=r"unit\.changed"):
        async with unit_of_work(people.borrower) as uow:
            await open_chain(uow, request)
    subject = await apply(people.borrower, city.culture)
    await rewrite("UPDATE approval_chain SET state = 'returned' WHERE subject_id = ?", subject)
    chain = await chain_of(subject)
    with pytest.raises(StateConflict, match=r"unit\.changed"):
        async with unit_of_work(people.borrower) as uow:
            await restart_chain(uow, chain, Restart(title="借用投影仪", steps=[step], changes=[]))
    # Nor is a round begun that somebody else has begun.
    await rewrite("UPDATE approval_chain SET round = round + 1 WHERE subject_id = ?", subject)
    here = msgspec.structs.replace(step, unit_path=unit.path)
    with pytest.raises(StateConflict, match=r"record\.changed"):
        async with unit_of_work(people.borrower) as uow:
            await restart_chain(uow, chain, Restart(title="借用投影仪", steps=[here], changes=[]))


async def unit_of(unit_id: str) -> UnitFacts:
    async with unit_of_work(SYSTEM) as uow:
        return await unit_facts(uow, unit_id)
