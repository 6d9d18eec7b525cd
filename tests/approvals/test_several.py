"""Several decisions at once: each by itself, none on what was not shown, none twice."""

import pytest

from server.approvals.commands import decide, decide_each
from server.approvals.ops import on_decided
from server.approvals.queries import list_tasks
from server.approvals.types import MOST_AT_ONCE, ChosenDecision, Decide
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork
from tests.approvals import trial
from tests.approvals.trial import KIND, apply, told_of

VERSION = 7


@pytest.fixture(autouse=True)
def versioned(city) -> None:
    async def version_of(uow: UnitOfWork, subject_id: str) -> int:
        return VERSION

    on_decided(KIND, trial.hear, version_of)


async def tasks_of(actor: Actor) -> dict[str, str]:
    return {view.subject_id: view.id for view in (await list_tasks(actor)).items}


def chosen(task_id: str, choice: str = "approve", opinion: str = "", version: int = VERSION) -> ChosenDecision:
    return ChosenDecision(task_id=task_id, choice=choice, version=version, opinion=opinion)  # type: ignore[arg-type]


async def decisions() -> int:
    async with reading() as db:
        return len(await db.fetch_all("SELECT id FROM audit_event WHERE action = 'approval.decided'"))


async def test_each_is_decided_by_itself_and_one_refusal_spoils_no_other(city, people):
    subjects = [await apply(people.borrower, city.culture) for _ in range(7)]
    tasks = await tasks_of(people.manager)
    first, second, third, fourth, fifth, sixth, left = (tasks[subject] for subject in subjects)
    await decide(people.manager, Decide(sixth, True))
    outcomes = await decide_each(
        people.manager,
        [
            chosen(first),
            chosen(second, "reject", "本单位已有"),
            chosen(third, "return", "请写清楚用途"),
            chosen(fourth, "reject", ""),
            chosen(fifth, version=VERSION - 1),
            chosen(sixth),
            chosen("no-such-task"),
        ],
    )
    assert [(outcome.is_done, outcome.code) for outcome in outcomes] == [
        (True, ""),
        (True, ""),
        (True, ""),
        (False, "approval.opinion_needed"),
        (False, "approval.changed_since"),
        (False, "approval.already_decided"),
        (False, "approval.task_not_found"),
    ]
    assert all(outcome.sentence for outcome in outcomes if not outcome.is_done)
    assert [told_of(subject) for subject in subjects] == [
        ["step_approved"],
        ["rejected"],
        ["returned"],
        [],
        [],
        ["step_approved"],
        [],
    ]
    assert set((await tasks_of(people.manager)).values()) == {fourth, fifth, left}
    assert await decisions() == 4


async def test_others_tasks_are_not_decided(city, people):
    subject = await apply(people.borrower, city.culture)
    task = (await tasks_of(people.manager))[subject]
    for actor in (people.lender, people.borrower, people.finance):
        [outcome] = await decide_each(actor, [chosen(task)])
        assert (outcome.is_done, outcome.code, outcome.task) == (False, "approval.task_not_found", None)
    assert told_of(subject) == []


async def test_repeat_with_the_same_key_does_nothing_twice(city, people):
    subjects = [await apply(people.borrower, city.culture) for _ in range(2)]
    tasks = await tasks_of(people.manager)
    actor = people.manager.with_key("several-0001")
    wanted = [chosen(tasks[subject]) for subject in subjects]
    first = await decide_each(actor, wanted)
    assert await decide_each(actor, wanted) == first and all(outcome.is_done for outcome in first)
    [other] = await decide_each(actor, [chosen(tasks[subjects[0]], "reject", "改为不同意")])
    assert other.code == "idempotency.key_reused"
    assert [told_of(subject) for subject in subjects] == [["step_approved"]] * 2 and await decisions() == 2


@pytest.mark.parametrize(
    ("task_ids", "code"),
    [
        ([], "approval.none_chosen"),
        (["a", "a"], "approval.chosen_twice"),
        ([str(number) for number in range(MOST_AT_ONCE + 1)], "approval.too_many"),
    ],
)
async def test_list_is_refused_as_a_whole_when_it_is_no_list_of_decisions(people, task_ids, code):
    with pytest.raises(InvalidInput) as refused:
        await decide_each(people.manager, [chosen(each) for each in task_ids])
    assert refused.value.code == code
