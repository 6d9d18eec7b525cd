"""Deciding from one screen."""

from server.approvals.queries import list_tasks, waiting_task_for
from tests.admin.conftest import Office
from tests.factories.circulation import answer, make_borrowing


async def test_the_next_approver_is_asked_when_the_first_one_agrees(office: Office) -> None:
    view = await make_borrowing(office.hall)
    start = await office.approver.get("/admin/")
    assert "待我审批 1 件" in start.words
    page = await office.approver.get(start.link("投影仪"))
    assert "全区文化工作会议放映" in page.words
    assert "4,599.00 元" in page.words
    action = next(form.action for form in page.forms if form.action.endswith("/decision"))
    done = await office.approver.follow(
        await office.approver.submit(page, action, decision="approve", opinion="同意借用")
    )
    assert "已同意" in done.words
    assert await waiting_task_for(office.hall.lender, "borrowing", view.id) is not None
    mine = await office.approver.get("/admin/approvals?state=decided")
    again = await office.approver.get(mine.link("投影仪"))
    assert "意见：同意借用" in again.words
    assert [form for form in again.forms if form.action == action] == []


async def test_the_opinion_is_asked_for_and_kept_when_somebody_disagrees(office: Office) -> None:
    await make_borrowing(office.hall)
    task = (await list_tasks(office.hall.approver)).items[0]
    address = f"/admin/approvals/{task.id}"
    page = await office.approver.get(address)
    silent = await office.approver.submit(page, f"{address}/decision", decision="reject", opinion="否")
    assert silent.status == 400
    assert silent.form(f"{address}/decision").values["opinion"] == "否"
    done = await office.approver.submit(silent, f"{address}/decision", decision="reject", opinion="改借本单位设备")
    assert "不同意：" in (await office.approver.follow(done)).words


async def test_a_colleagues_decision_is_told_when_it_came_first(office: Office) -> None:
    view = await make_borrowing(office.hall)
    task = (await list_tasks(office.hall.approver)).items[0]
    page = await office.approver.get(f"/admin/approvals/{task.id}")
    await answer(view.id, office.hall.approver, is_approved=True)
    late = await office.approver.submit(page, f"/admin/approvals/{task.id}/decision", decision="reject", opinion="不行")
    assert late.status == 409
    assert "approval.already_decided" in late.words


async def test_a_task_is_not_found_when_it_waits_for_somebody_else(office: Office) -> None:
    await make_borrowing(office.hall)
    task = (await list_tasks(office.hall.approver)).items[0]
    for visitor in (office.lender, office.keeper, office.auditor, office.borrower):
        assert (await visitor.get(f"/admin/approvals/{task.id}")).status == 404
