"""Deciding on the phone: what waits for me, one screen with all that a decision needs, and the decision."""

from typing import Annotated, Any, Literal

import msgspec
from sanic import HTTPResponse, Request

from server.approvals.commands import decide, return_task
from server.approvals.queries import list_tasks, task_view
from server.approvals.types import Decide, ReturnTask, TaskView
from server.circulation.queries import borrowing_view, renewal_view
from server.circulation.types import BorrowingView, RenewalView
from server.kernel.errors import DomainError
from server.web.downloads import list_links
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Badge, Fact, Link, Tone
from server.web.sessions import actor_for_write, actor_of
from storefront.addresses import Cursor, asked
from storefront.borrowings import facts_of
from storefront.comments import thread_of
from storefront.form_state import FormState
from storefront.progress import chain_steps, past_rounds, steps_of
from storefront.renewals import renewal_facts
from storefront.rows import ListRow, paging_hrefs
from storefront.surround import door

TABS = {"pending": "待我审批", "decided": "我办过的"}
DONE = {"approve": "已同意", "reject": "已写明不同意", "return": "已退回修改"}
LABELS = {"opinion": "意见", "decision": "决定"}
BORROWING, RENEWAL = "borrowing", "renewal"
_TONES: dict[str, Tone] = {
    "pending": "info",
    "approved": "ok",
    "rejected": "bad",
    "cancelled": "neutral",
    "returned": "warn",
}


class DecisionForm(msgspec.Struct, frozen=True):
    """Which of the buttons was pressed, and why."""

    decision: Literal["approve", "reject", "return"]
    opinion: Annotated[str, msgspec.Meta(max_length=500)] = ""


class TasksQuery(msgspec.Struct, frozen=True):
    """Which tab, and where the page begins."""

    state: Literal["pending", "decided"] = "pending"
    after: Cursor | None = None


@door.get("/approvals", summary="审批事项")
async def tasks(request: Request) -> HTTPResponse:
    query = asked(request, TasksQuery)
    state = query.state
    page = await list_tasks(actor_of(request), state, query.after)
    first, following = paging_hrefs(request, page.next_cursor)
    return await door.draw(
        request,
        "storefront/approvals.html",
        rows=[_row(task) for task in page.items],
        has_several=state == "pending" and len(page.items) > 1,
        tabs=[Link(label, f"/approvals?state={key}", key == state) for key, label in TABS.items()],
        lead="先到的排在前面，点开就能办。" if state == "pending" else "您作出的决定，最近的在前。",
        first_href=first,
        next_href=following,
        exports=list_links("/approvals", query),
        empty_title="没有等您审批的事" if state == "pending" else "还没有办过审批",
        empty_text="有新的申请时，首页和消息里都会提醒。" if state == "pending" else "",
    )


@door.get("/approvals/<task_id>", summary="审批")
async def task(request: Request, task_id: str) -> HTTPResponse:
    return await _draw(request, await task_view(actor_of(request), task_id), FormState.blank(LABELS))


@door.post("/approvals/<task_id>/decision", summary="作出决定")
async def submit_decision(request: Request, task_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(DecisionForm)
        if body.decision == "return":
            done = await return_task(actor, ReturnTask(task_id, body.opinion))
        else:
            done = await decide(actor, Decide(task_id, body.decision == "approve", body.opinion))
    except DomainError as error:
        state = FormState.refused(error, form, LABELS)
        return await _draw(request, await task_view(actor_of(request), task_id), state)
    return redirect_with(request, "/approvals", Flash("ok", f"{DONE[body.decision]}：{done.title}。申请人会收到消息。"))


def _row(task: TaskView) -> ListRow:
    return ListRow(
        href=f"/approvals/{task.id}",
        title=task.title,
        detail=f"{task.applicant_unit_name} {task.applicant_name} · {task.step_name}",
        badge=_badge(task),
        at=task.decided_at or task.created_at,
    )


def _badge(task: TaskView) -> Badge:
    return Badge(task.state_name, _TONES[task.state])


async def _draw(request: Request, task: TaskView, form: FormState) -> HTTPResponse:
    it, renewal = await _subject(request, task)
    chain = renewal.chain if renewal else it.chain if it else None
    return await door.draw(
        request,
        "storefront/approval.html",
        form.status,
        task=task,
        it=it,
        f=form,
        badge=_badge(task),
        facts=[*(renewal_facts(renewal) if renewal else ()), *_facts(task, it)],
        steps=chain_steps(renewal.chain) if renewal and renewal.chain else steps_of(it) if it is not None else [],
        rounds=past_rounds(chain) if chain is not None else (),
        talk=await thread_of(actor_of(request), task.subject_kind, task.subject_id),
        crumbs=[Link("审批", "/approvals"), Link(task.title)],
    )


async def _subject(request: Request, task: TaskView) -> tuple[BorrowingView | None, RenewalView | None]:
    actor = actor_of(request)
    if task.subject_kind == RENEWAL:
        renewal = await renewal_view(actor, task.subject_id)
        return await borrowing_view(actor, renewal.borrowing_id), renewal
    return (await borrowing_view(actor, task.subject_id) if task.subject_kind == BORROWING else None), None


def _desk_link(task: TaskView) -> list[Fact]:
    """What has its own page at the desk: a need with its idle proof, a lost thing with what was decided."""
    if task.subject_kind == "write_off":
        return [Fact("遗失与赔偿", "看情况说明、责任认定和赔偿", f"/admin/losses/{task.subject_id}")]
    if task.subject_kind != "purchase_need":
        return []
    return [Fact("购置需求", "看需求和闲置证明", f"/admin/needs/{task.subject_id}")]


def _facts(task: TaskView, it: BorrowingView | None) -> list[Fact]:
    if it is None:
        return [Fact("申请单位", task.applicant_unit_name), Fact("申请人", task.applicant_name), *_desk_link(task)]
    held: list[Any] = [Fact("日期占用", "这几天已为本申请留出，没有与其他借用冲突。")] if task.can_decide else []
    facts = [fact for fact in facts_of(it) if fact.term != "借用事由"]
    return [Fact("借用单", it.number, f"/borrowings/{it.id}"), *facts[:1], *held, *facts[1:]]
