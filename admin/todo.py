"""待办: what is mine to do, counted by kind, the newest first."""

from sanic import HTTPResponse, Request
from sanic.response import redirect

from admin.door import door
from admin.loans import TABS, view_for
from admin.navigation import APPROVERS, WORKERS, first_way
from admin.progress import state_badge
from server.approvals.queries import list_tasks
from server.circulation.queries import list_borrowings, waiting_for
from server.circulation.types import BorrowingRow
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.paging import PAGE_LIMIT
from server.web.formats import day
from server.web.parts import Badge, Stat, WorkItem
from server.web.sessions import actor_of

HANDLERS = (Role.ASSET_MANAGER, Role.WAREHOUSE_KEEPER, Role.OPERATIONS)
ICONS = {
    "approved": "package-open",
    "ready": "package-check",
    "issued": "arrow-left-right",
    "overdue": "clock",
    "returned": "clipboard-check",
    "inspected": "wrench",
}
# What is merely out needs nobody's hand.
WAITING = tuple(state for state in TABS if state != "issued")
SHOWN = 12


@door.get("/", summary="待办")
async def show_todo(request: Request) -> HTTPResponse:
    """Counts on top, the newest of each kind below."""
    actor = actor_of(request)
    if not actor.has_role(*WORKERS):
        way = first_way(actor)
        if way is None:
            raise Forbidden("role.required")
        return redirect(way, status=303)
    loans = await _loans(actor)
    tasks = (await list_tasks(actor, size=PAGE_LIMIT)).items if actor.has_role(*APPROVERS) else []
    items = [
        *(
            WorkItem(
                f"/admin/approvals/{task.id}",
                task.title,
                task.applicant_unit_name,
                task.created_at,
                Badge("待审批", "info"),
                at_word="送达",
            )
            for task in tasks
        ),
        *(_item(row) for state in WAITING for row in loans.get(state, ())),
    ]
    items.sort(key=lambda item: item.at, reverse=True)
    stats = await _stats(actor, loans)
    return await door.draw(request, "admin/todo.html", stats=stats, items=tuple(items[:SHOWN]), left=len(items) - SHOWN)


async def _loans(actor: Actor) -> dict[str, list[BorrowingRow]]:
    if not actor.has_role(*HANDLERS):
        return {}
    view = view_for(actor)
    return {state: (await list_borrowings(actor, view, state, size=PAGE_LIMIT)).items for state in TABS}


async def _stats(actor: Actor, loans: dict[str, list[BorrowingRow]]) -> tuple[Stat, ...]:
    stats, waiting = [], await waiting_for(actor)
    if actor.has_role(*APPROVERS):
        stats.append(Stat("待我审批", f"{waiting.to_approve:,}", "件", icon="stamp", href="/admin/approvals"))
    if waiting.to_sign:
        stats.append(Stat("待签收", f"{waiting.to_sign:,}", "件", icon="pencil", href="/admin/loans?state=issued"))
    for state, rows in loans.items():
        # Nothing to do is said once, by the list below, and not by six zeros.
        if not rows:
            continue
        number = f"{len(rows)}" if len(rows) < PAGE_LIMIT else f"{PAGE_LIMIT}+"
        stats.append(Stat(TABS[state], number, "件", icon=ICONS[state], href=f"/admin/loans?state={state}"))
    return tuple(stats)


def _item(row: BorrowingRow) -> WorkItem:
    badge = state_badge(row.state, row.state_name, is_overdue=row.is_overdue)
    detail = f"{row.borrower_unit_name} {row.applicant_name} · {day(row.from_day)} 至 {day(row.to_day)}"
    return WorkItem(f"/admin/loans/{row.id}", row.thing, detail, row.submitted_at, badge, at_word="申请")
