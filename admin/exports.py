"""导出: the ledger and what is lent of it, as tables to take along, scoped and narrowed exactly as the lists are."""

from collections.abc import Sequence
from typing import Literal

from sanic import HTTPResponse, Request

from admin.approvals import STATES as APPROVAL_TABS
from admin.assets import AssetQuery, wanted_cards
from admin.door import door
from admin.lists import query_of
from admin.loans import ALL, view_for
from admin.losses import TITLE as LOSSES
from admin.losses import LossQuery
from admin.occasions import TITLE as OCCASIONS
from admin.occasions import OccasionQuery
from admin.tables import Exported, answer_list
from server.approvals.queries import list_tasks
from server.approvals.types import TaskView
from server.assets.queries import CARD_HEADINGS, card_table
from server.circulation.losses.queries import list_losses
from server.circulation.losses.types import LossRow
from server.circulation.occasions.queries import list_occasions, occasion_view
from server.circulation.occasions.types import OccasionRow, RecallItem
from server.circulation.queries import LOAN_HEADINGS, list_borrowings, loan_values
from server.files.list_files import Format, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.kernel.paging import PAGE_LIMIT
from server.web.sessions import actor_of

TASK_HEADINGS = (
    Heading("申请", width=40),
    Heading("申请单位", width=24),
    Heading("申请人", width=10),
    Heading("步骤", width=16),
    Heading("第几步", "number", 8),
    Heading("共几步", "number", 8),
    Heading("第几轮", "number", 8),
    Heading("结果", width=10),
    Heading("意见", width=40),
    Heading("办理人", width=10),
    Heading("代谁办理", width=10),
    Heading("送达时间", "instant", 20),
    Heading("办理时间", "instant", 20),
)
LOSS_HEADINGS = (
    Heading("文号", width=24),
    Heading("类别", width=8),
    Heading("状态", width=12),
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("借用单位", width=24),
    Heading("出借单位", width=24),
    Heading("报告时间", "instant", 20),
    Heading("应赔（元）", "fen"),
    Heading("未付（元）", "fen"),
)
OCCASION_HEADINGS = (
    Heading("名称", width=30),
    Heading("类别", width=10),
    Heading("状态", width=10),
    Heading("牵头单位", width=24),
    Heading("负责人", width=10),
    Heading("开始日期", "day", 12),
    Heading("截止日期", "day", 12),
    Heading("没有了结（件）", "number"),
)
RECALL_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("账面原值（元）", "fen"),
    Heading("借用单号", width=22),
    Heading("出借单位", width=24),
    Heading("归还地点", width=24),
    Heading("现在何人", width=16),
    Heading("状态", width=12),
    Heading("是否了结", width=8),
    Heading("如何了结", width=40),
)


class AssetExport(AssetQuery, frozen=True):
    """The ledger's filter, and which kind of file."""

    format: Format = "xlsx"


class LoanExport(Exported, frozen=True):
    """The loans' tab, and which kind of file."""

    state: str = "approved"


class TaskExport(Exported, frozen=True):
    """The approvals' tab, and which kind of file."""

    state: Literal["pending", "decided"] = "pending"


class LossExport(LossQuery, frozen=True):
    """The cases' tab, and which kind of file."""

    format: Format = "xlsx"


class OccasionExport(OccasionQuery, frozen=True):
    """The events' tab, and which kind of file."""

    format: Format = "xlsx"


@door.get("/assets/export", summary="导出台账")
async def export_assets(request: Request) -> HTTPResponse:
    """The cards of the list."""
    query = query_of(request, AssetExport)
    rows = card_table(actor_of(request), wanted_cards(query))
    return await answer_list(request, "assets", "台账", query, CARD_HEADINGS, rows)


@door.get("/loans/export", summary="导出借用单")
async def export_loans(request: Request) -> HTTPResponse:
    """The loans of one tab."""
    actor, query = actor_of(request), query_of(request, LoanExport)
    state = None if query.state == ALL else query.state
    rows = paged_rows(lambda at: list_borrowings(actor, view_for(actor), state, at, PAGE_LIMIT), loan_values)
    return await answer_list(request, "loans", "借用单", query, LOAN_HEADINGS, rows)


@door.get("/approvals/export", summary="导出审批")
async def export_approvals(request: Request) -> HTTPResponse:
    """What waits for whoever asks, or what they decided."""
    actor, query = actor_of(request), query_of(request, TaskExport)
    rows = paged_rows(lambda at: list_tasks(actor, query.state, at, PAGE_LIMIT), _task_values)
    return await answer_list(request, "approvals", APPROVAL_TABS[query.state], query, TASK_HEADINGS, rows)


@door.get("/losses/export", summary="导出遗失与赔偿")
async def export_losses(request: Request) -> HTTPResponse:
    """The cases of one tab."""
    actor, query = actor_of(request), query_of(request, LossExport)
    rows = paged_rows(lambda at: list_losses(actor, query.state, at, PAGE_LIMIT), _loss_values)
    return await answer_list(request, "losses", LOSSES, query, LOSS_HEADINGS, rows)


@door.get("/occasions/export", summary="导出活动与临时机构")
async def export_occasions(request: Request) -> HTTPResponse:
    """The events and bodies of one tab."""
    actor, query = actor_of(request), query_of(request, OccasionExport)
    rows = paged_rows(lambda at: list_occasions(actor, query.state, at, PAGE_LIMIT), _occasion_values)
    return await answer_list(request, "occasions", OCCASIONS, query, OCCASION_HEADINGS, rows)


@door.get("/occasions/<occasion_id>/export", summary="导出收回清单")
async def export_recall_list(request: Request, occasion_id: str) -> HTTPResponse:
    """What is out for one event or body, and what resolves each thing."""
    query, view = query_of(request, Exported), await occasion_view(actor_of(request), occasion_id)
    rows = rows_of(view.items, _recall_values)
    return await answer_list(request, "recall", f"{view.name}收回清单", query, RECALL_HEADINGS, rows)


def _task_values(task: TaskView) -> Sequence[Value]:
    return (
        task.title,
        task.applicant_unit_name,
        task.applicant_name,
        task.step_name,
        task.step_number,
        task.step_count,
        task.round,
        task.state_name,
        task.opinion,
        task.decided_by_name,
        task.on_behalf_of_name,
        task.created_at,
        task.decided_at,
    )


def _loss_values(row: LossRow) -> Sequence[Value]:
    return (
        row.number,
        row.kind_name,
        row.state_name,
        row.asset_code,
        row.asset_name,
        row.borrower_unit_name,
        row.holder_unit_name,
        row.reported_at,
        row.amount_fen,
        row.left_fen,
    )


def _occasion_values(row: OccasionRow) -> Sequence[Value]:
    return (
        row.name,
        row.kind_name,
        row.state_name,
        row.lead_unit_name,
        row.responsible_name,
        row.starts_on,
        row.ends_on,
        row.unresolved_count,
    )


def _recall_values(item: RecallItem) -> Sequence[Value]:
    return (
        item.asset_code,
        item.asset_name,
        item.value_fen,
        item.number,
        item.holder_unit_name,
        item.place_name,
        item.with_name,
        item.state_name,
        "是" if item.is_resolved else "否",
        item.way,
    )
