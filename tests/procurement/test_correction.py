"""A need that was sent back: corrected by its applicant within what was proven, and sent again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from server.approvals.commands import decide, return_task
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide, ReturnTask
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput
from server.notices.queries import list_notices
from server.procurement.commands import (
    correct_need,
    issue_proof,
    record_need,
    search_idle,
    submit_need,
    withdraw_need,
)
from server.procurement.queries import list_needs, need_view
from server.procurement.states import Refusal
from server.procurement.types import CorrectNeed, NeedView
from tests.factories.circulation import Hall
from tests.factories.procurement import make_need, purchase, refusals_of
from tests.identity.asking import refusal_code

WHY = "预算偏高，请核减"


async def send_back(approver: Actor, need_id: str) -> None:
    task = await waiting_task_for(approver, "purchase_need", need_id)
    assert task is not None
    await return_task(approver, ReturnTask(task.id, WHY))


def correction(view: NeedView, **changes: object) -> CorrectNeed:
    fields: dict[str, object] = {
        "quantity": view.quantity,
        "budget_fen": view.budget_fen,
        "needed_by": view.needed_by,
        "purpose": view.purpose,
        **changes,
    }
    return CorrectNeed(need_id=view.id, **fields)  # type: ignore[arg-type]


async def returned(hall: Hall) -> NeedView:
    view = await make_need(hall.borrower, until="submitted")
    await send_back(hall.approver, view.id)
    return await need_view(hall.borrower, view.id)


async def test_need_begins_again_with_less_of_it(hall: Hall) -> None:
    view = await returned(hall)
    assert (view.state, view.state_name, view.can_correct) == ("submitted", "退回修改", True)
    assert [row.state_name for row in (await list_needs(hall.borrower)).items] == ["退回修改"]
    notice = (await list_notices(hall.borrower)).items[0]
    assert notice.title == "购置需求被退回修改" and WHY in notice.body
    wanted = correction(view, quantity=1, budget_fen=700_000, purpose="政务大厅培训室二期", note="已核减")
    again = await correct_need(hall.borrower, wanted)
    assert (again.state_name, again.quantity, again.budget_fen, again.can_correct) == ("审批中", 1, 700_000, False)
    assert again.number == view.number and again.chain is not None and view.chain is not None
    assert again.chain.policy_version_id == view.chain.policy_version_id
    [first] = again.chain.rounds
    assert [(each.name, each.before, each.after) for each in first.changes] == [
        ("数量", "2 件", "1 件"),
        ("预算合计", "16,000.00 元", "7,000.00 元"),
        ("用途", "政务大厅培训室", "政务大厅培训室二期"),
        ("补充说明", "", "已核减"),
    ]
    task = await waiting_task_for(hall.approver, "purchase_need", view.id)
    assert task is not None and (task.round, task.title) == (2, "购置 投影仪 1 件")
    await decide(hall.approver, Decide(task.id, True))
    assert (await need_view(hall.borrower, view.id)).state == "approved"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": 3}, "need.only_fewer"),
        ({"quantity": 0}, "need.only_fewer"),
        ({"budget_fen": 1_600_001}, "need.only_less"),
        ({"budget_fen": 0}, "need.only_less"),
        ({"needed_by": date(2020, 1, 1)}, "need.needed_in_past"),
        ({"purpose": ""}, "input.required"),
    ],
)
async def test_correction_is_refused_for_more_or_nothing(hall: Hall, changes, code) -> None:
    view = await returned(hall)
    with pytest.raises(InvalidInput) as refused:
        await correct_need(hall.borrower, correction(view, **changes))
    assert [field.code for field in refused.value.fields] == [code]
    assert (await need_view(hall.borrower, view.id)).can_correct


async def test_only_the_applicant_corrects_a_need(hall: Hall) -> None:
    view = await returned(hall)
    assert not (await need_view(hall.approver, view.id)).can_correct
    assert await refusal_code(correct_need(hall.approver, correction(view))) == "approval.not_applicant"
    assert await refusal_code(correct_need(hall.lender, correction(view))) == "need.not_found"


async def test_need_that_was_not_sent_back_is_not_corrected(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="submitted")
    assert await refusal_code(correct_need(hall.borrower, correction(view))) == "approval.not_returned"


async def test_fewer_are_refused_where_the_proof_says_there_were_too_few(hall: Hall) -> None:
    view = await search_idle(hall.borrower, (await record_need(hall.borrower, purchase())).id)
    await issue_proof(hall.borrower, view.id, refusals_of(view, Refusal.QUANTITY))
    view = await submit_need(hall.borrower, view.id)
    await send_back(hall.approver, view.id)
    assert await refusal_code(correct_need(hall.borrower, correction(view, quantity=1))) == "need.quantity_proven"
    assert (await correct_need(hall.borrower, correction(view, budget_fen=700_000))).quantity == 2


async def test_proof_must_still_count_when_it_is_sent_again(hall: Hall, go_to_day: Callable[[int], None]) -> None:
    view = await returned(hall)
    go_to_day(31)
    later = correction(view, needed_by=view.needed_by + timedelta(days=60))
    assert await refusal_code(correct_need(hall.borrower, later)) == "need.proof_stale"


async def test_withdrawal_ends_a_need_that_was_sent_back(hall: Hall) -> None:
    view = await returned(hall)
    ended = await withdraw_need(hall.borrower, view.id, "不买了")
    assert ended.chain is not None and (ended.state_name, ended.chain.state) == ("已撤回", "cancelled")
