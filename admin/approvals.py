"""审批: what waits for me at the left, one application in full at the right, the decision where the eye ends."""

from typing import Any, Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.approval_subjects import subject_of
from admin.door import door
from admin.form_page import Done, Drawn, answer, fresh
from admin.lists import first_href, next_href, query_of
from admin.need_words import proof_facts_of
from server.approvals.commands import decide, return_task
from server.approvals.queries import list_tasks, task_view
from server.approvals.types import LONGEST_OPINION, Decide, ReturnTask, TaskView
from server.kernel.actor import Actor
from server.kernel.paging import Page
from server.web.downloads import list_links
from server.web.parts import Badge, Link, WorkItem
from server.web.sessions import actor_of

STATES = {"pending": "待我审批", "decided": "我审批过的"}


class WorklistQuery(msgspec.Struct, frozen=True):
    """Which tab, and where its page begins."""

    state: Literal["pending", "decided"] = "pending"
    cursor: str | None = None


class DecisionForm(msgspec.Struct, frozen=True):
    """The decision: which button was pressed, and the opinion."""

    decision: Literal["approve", "reject", "return"]
    opinion: str = ""


@door.get("/approvals", summary="审批")
async def show_approvals(request: Request) -> HTTPResponse:
    """What waits for me, or what I decided."""
    query = query_of(request, WorklistQuery)
    page = await list_tasks(actor_of(request), query.state, query.cursor)
    exports = list_links("/admin/approvals", query)
    drawn = _worklist(request, page, query.state, "")
    return await door.draw(request, "admin/approvals.html", task=None, exports=exports, **drawn)


@door.get("/approvals/<task_id>", summary="审批一件申请")
async def show_task(request: Request, task_id: str) -> HTTPResponse:
    """One application with everything that a decision needs."""
    return await _draw_task(request, task_id, fresh(), 200)


@door.post("/approvals/<task_id>/decision", summary="作出审批决定")
async def decide_task(request: Request, task_id: str) -> HTTPResponse:
    """Approve, reject or send back, then go on to the next one that waits."""

    async def act(actor: Actor, form: DecisionForm) -> Done:
        if form.decision == "return":
            task = await return_task(actor, ReturnTask(task_id, form.opinion))
        else:
            task = await decide(actor, Decide(task_id, form.decision == "approve", form.opinion))
        waiting = (await list_tasks(actor, size=1)).items
        text = f"已{task.state_name.removeprefix('已')}：{task.title}。"
        if waiting:
            return Done("/admin/approvals", text, f"下一件：{waiting[0].title}", f"/admin/approvals/{waiting[0].id}")
        return Done("/admin/approvals", text)

    return await answer(request, DecisionForm, act, lambda drawn, status: _draw_task(request, task_id, drawn, status))


async def _draw_task(request: Request, task_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    task = await task_view(actor, task_id)
    subject = await subject_of(actor, task)
    state = "pending" if task.can_decide else "decided"
    return await door.draw(
        request,
        "admin/approvals.html",
        status,
        task=task,
        exports=(),
        drawn=drawn,
        longest=LONGEST_OPINION,
        subject=subject,
        proof=proof_facts_of(subject.need) if subject.need else (),
        **_worklist(request, await list_tasks(actor, state), state, task_id),
    )


def _worklist(request: Request, page: Page[TaskView], state: str, current: str) -> dict[str, Any]:
    is_list = request.path.rstrip("/").endswith("/approvals")
    return {
        "tabs": tuple(Link(name, f"/admin/approvals?state={key}", key == state) for key, name in STATES.items()),
        "state": state,
        "items": tuple(_item(task, current) for task in page.items),
        "can_pick": is_list and sum(task.can_return for task in page.items) > 1,
        "first_href": first_href(request) if is_list else "",
        "next_href": next_href(request, page.next_cursor) if is_list else "",
    }


def _item(task: TaskView, current: str) -> WorkItem:
    badge = Badge(task.state_name, "ok" if task.state == "approved" else "bad") if not task.can_decide else None
    detail = (
        f"{task.applicant_unit_name} {task.applicant_name} · {task.step_name}（{task.step_number}/{task.step_count}）"
    )
    at = task.decided_at or task.created_at
    return WorkItem(
        f"/admin/approvals/{task.id}",
        task.title,
        detail,
        at,
        badge,
        task.id == current,
        key=task.id if task.can_return else "",
    )
