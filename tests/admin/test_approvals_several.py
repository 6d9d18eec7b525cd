"""Several applications on one page at the desk, with a look at each."""

from server.approvals.queries import list_tasks
from server.circulation.commands import choose_collection, submit_borrowing
from server.circulation.queries import application_warnings, borrowing_view
from server.circulation.types import BorrowingView, ChooseCollection, Collection
from server.identity.roles import Role
from server.kernel.actor import system_actor
from server.kernel.unit_of_work import unit_of_work
from tests.admin.conftest import Office
from tests.factories.circulation import application, day, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor
from tests.support.behind import rewrite

ADDRESS = "/admin/approvals/several"


async def applications(office: Office, count: int) -> list[BorrowingView]:
    made = []
    for number in range(count):
        card, _ = await make_listed_projector(office.hall.ledger, model=f"CB-{number}")
        made.append(await submit_borrowing(office.hall.borrower, application(card.id)))
    return made


async def tasks(office: Office) -> dict[str, str]:
    return {task.subject_id: task.id for task in (await list_tasks(office.hall.approver)).items}


async def test_each_is_shown_and_decided_by_itself(office: Office) -> None:
    made = await applications(office, 4)
    ids = await tasks(office)
    first, second, third, fourth = (ids[view.id] for view in made)
    listed = await office.approver.get("/admin/approvals")
    assert "一起看所选的" in listed.words and ADDRESS in [form.action for form in listed.forms]
    page = await office.approver.get(f"{ADDRESS}?task={first}&task={second}&task={third}&task={fourth}")
    assert page.words.count("全区文化工作会议放映") == 4 and "4,599.00 元" in page.words
    assert "本单位审核（第 1 步，共 2 步）：每次都要" in page.words
    silent = await office.approver.submit(page, ADDRESS, **{f"choice-{first}": "approve", f"choice-{second}": "reject"})
    assert silent.status == 400 and "请写明理由" in silent.words
    assert (await borrowing_view(office.hall.approver, made[0].id)).chain.steps[0].state == "pending"
    # While the page lies open, one of them changes.
    await choose_collection(office.hall.borrower, ChooseCollection(made[2].id, Collection("pickup", day(0), "morning")))
    done = await office.approver.submit(
        silent,
        ADDRESS,
        **{f"choice-{each}": choice for each, choice in ((first, "approve"), (second, "reject"), (third, "approve"))},
        **{f"opinion-{second}": "本单位已有"},
    )
    assert "办理了 2 件，1 件没有办成" in done.words and "您打开之后这份申请有变化" in done.words
    views = [await borrowing_view(office.hall.borrower, view.id) for view in made]
    assert [view.chain.steps[0].state for view in views] == ["approved", "rejected", "pending", "pending"]


async def test_nothing_is_done_where_nothing_was_chosen_or_shown(office: Office) -> None:
    [view] = await applications(office, 1)
    task = (await tasks(office))[view.id]
    page = await office.approver.get(f"{ADDRESS}?task={task}")
    idle = await office.approver.submit(page, ADDRESS)
    assert idle.status == 400 and "还没有选择任何决定" in idle.words
    empty = await office.approver.get(f"{ADDRESS}?task=no-such-task")
    assert "没有选到等您审批的申请" in empty.words
    lender = await office.lender.get(f"{ADDRESS}?task={task}")
    assert "没有选到等您审批的申请" in lender.words and view.title not in lender.words


async def test_approver_is_warned_of_what_stands_in_the_way(office: Office) -> None:
    out = await make_borrowing(office.hall, 0, 5, until="issued")
    later = await submit_borrowing(office.hall.borrower, application(office.hall.projector.id, 6, 8))
    assert await application_warnings(office.hall.approver, later.id) == []
    async with unit_of_work(system_actor("test")) as uow:
        await uow.execute("UPDATE borrowing SET is_overdue = 1 WHERE id = ?", out.id)
    said = await application_warnings(office.hall.approver, later.id)
    assert len(said) == 2 and "还借在外面" in said[0] and "已经逾期" in said[0] and "1 笔借用逾期未还" in said[1]
    # Who sees the application need not see all that its unit has borrowed elsewhere.
    await rewrite(
        "UPDATE borrowing SET holder_unit_path = 'elsewhere/', place_path = 'elsewhere/' WHERE id = ?", out.id
    )
    await rewrite(
        "UPDATE approval_task SET unit_path = 'elsewhere/' WHERE chain_id IN"
        " (SELECT id FROM approval_chain WHERE subject_id = ?)",
        out.id,
    )
    assert not [line for line in await application_warnings(office.hall.lender, later.id) if "逾期未还" in line]
    # Whoever does not see the application is told nothing of it.
    stranger = await make_actor("路人", office.hall.ledger.city.education, Role.ASSET_MANAGER)
    assert await application_warnings(stranger, later.id) == []
