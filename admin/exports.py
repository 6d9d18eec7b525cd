"""导出: the ledger, its imports, and what is lent of it, as tables to take along, narrowed exactly as the lists are."""

from collections.abc import Sequence
from typing import Literal

from sanic import HTTPResponse, Request

from admin.approvals import STATES as APPROVAL_TABS
from admin.assets import AssetQuery, places_for, wanted_cards
from admin.choices import unit_options
from admin.door import door
from admin.import_words import difference_text, place_of_row, remark_text
from admin.lists import label_among
from admin.loans import ALL, ENDED, TABS, view_for
from admin.losses import TITLE as LOSSES
from admin.losses import LossQuery
from admin.occasions import TITLE as OCCASIONS
from admin.occasions import OccasionQuery
from admin.tables import answer_list, export_query, said
from server.approvals.queries import list_tasks
from server.approvals.tables import TASK_HEADINGS, task_values
from server.assets.importing.queries import import_view, list_imports, list_rows, match_names
from server.assets.importing.types import VERDICT_NAMES, ImportView, RowView
from server.assets.queries import CARD_HEADINGS, card_table
from server.assets.states import STATE_NAMES as CARD_STATES
from server.circulation.losses.queries import list_losses
from server.circulation.losses.states import LOSS_STATE_NAMES
from server.circulation.losses.types import LossRow
from server.circulation.occasions.queries import list_occasions, occasion_view
from server.circulation.occasions.types import STATE_NAMES as OCCASION_STATES
from server.circulation.occasions.types import OccasionRow, RecallItem
from server.circulation.queries import LOAN_HEADINGS, list_borrowings, loan_values
from server.files.list_files import Exported, Format, ListTable, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.kernel.paging import PAGE_LIMIT
from server.search.types import MOST_RANKED
from server.web.sessions import actor_of

IMPORT_HEADINGS = (
    Heading("台账文件", width=30),
    Heading("单位", width=24),
    Heading("状态", width=12),
    Heading("行数", "number", 8),
    Heading("建卡", "number", 8),
    Heading("更新", "number", 8),
    Heading("上传人", width=10),
    Heading("上传时间", "instant", 20),
    Heading("完成人", width=10),
    Heading("完成时间", "instant", 20),
)
ROW_HEADINGS = (
    Heading("在台账的哪里", width=20),
    Heading("结论", width=10),
    Heading("选中", width=6),
    Heading("资产编号", width=30),
    Heading("说明", width=50),
    Heading("与卡片不同的", width=50),
    Heading("台账上写的", width=80),
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


class RowExport(Exported, frozen=True):
    """Rows of which verdict, and which kind of file."""

    verdict: str = "error"


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
    """The cards of the list; searched for, those that it ranks."""
    actor, query = actor_of(request), export_query(request, AssetExport)
    rows = card_table(actor, wanted_cards(query))
    asked = {
        "关键词": query.q,
        "状态": CARD_STATES.get(query.state or ""),
        "分类": query.category,
        "存放地点": label_among(await places_for(actor), query.place_id),
        "持有单位": label_among(await unit_options(actor), query.unit_id),
    }
    most = MOST_RANKED if query.q.strip() else None
    table = ListTable(kind="assets", title="台账", headings=CARD_HEADINGS, asked=said(asked), most=most)
    return await answer_list(request, table, query.format, rows)


@door.get("/imports/export", summary="导出导入记录")
async def export_imports(request: Request) -> HTTPResponse:
    """The unit's imports, newest first."""
    actor, query = actor_of(request), export_query(request, Exported)
    rows = paged_rows(lambda at: list_imports(actor, at, PAGE_LIMIT), _import_values)
    table = ListTable(kind="imports", title="导入记录", headings=IMPORT_HEADINGS)
    return await answer_list(request, table, query.format, rows)


@door.get("/imports/<import_id>/rows/export", summary="导出导入的行")
async def export_import_rows(request: Request, import_id: str) -> HTTPResponse:
    """The rows of one verdict, with what is said of each."""
    actor, query = actor_of(request), export_query(request, RowExport)
    view, names = await import_view(actor, import_id), await match_names(actor, import_id)
    rows = paged_rows(
        lambda at: list_rows(actor, import_id, query.verdict, at, PAGE_LIMIT), lambda row: _row_values(row, names)
    )
    asked = {"台账文件": view.file_name, "结论": VERDICT_NAMES.get(query.verdict)}
    table = ListTable(kind="import_rows", title="导入的行", headings=ROW_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/loans/export", summary="导出借用单")
async def export_loans(request: Request) -> HTTPResponse:
    """The loans of one tab."""
    actor, query = actor_of(request), export_query(request, LoanExport)
    state = None if query.state == ALL else query.state
    rows = paged_rows(lambda at: list_borrowings(actor, view_for(actor), state, at, PAGE_LIMIT), loan_values)
    asked = {"状态": (TABS | ENDED).get(query.state)}
    table = ListTable(kind="loans", title="借用单", headings=LOAN_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/approvals/export", summary="导出审批")
async def export_approvals(request: Request) -> HTTPResponse:
    """What waits for whoever asks, or what they decided."""
    actor, query = actor_of(request), export_query(request, TaskExport)
    rows = paged_rows(lambda at: list_tasks(actor, query.state, at, PAGE_LIMIT), task_values)
    table = ListTable(kind="approvals", title=APPROVAL_TABS[query.state], headings=TASK_HEADINGS)
    return await answer_list(request, table, query.format, rows)


@door.get("/losses/export", summary="导出遗失与赔偿")
async def export_losses(request: Request) -> HTTPResponse:
    """The cases of one tab."""
    actor, query = actor_of(request), export_query(request, LossExport)
    rows = paged_rows(lambda at: list_losses(actor, query.state, at, PAGE_LIMIT), _loss_values)
    asked = {"状态": LOSS_STATE_NAMES.get(query.state or "")}
    table = ListTable(kind="losses", title=LOSSES, headings=LOSS_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/occasions/export", summary="导出活动与临时机构")
async def export_occasions(request: Request) -> HTTPResponse:
    """The events and bodies of one tab."""
    actor, query = actor_of(request), export_query(request, OccasionExport)
    rows = paged_rows(lambda at: list_occasions(actor, query.state, at, PAGE_LIMIT), _occasion_values)
    asked = {"状态": OCCASION_STATES.get(query.state)}
    table = ListTable(kind="occasions", title=OCCASIONS, headings=OCCASION_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/occasions/<occasion_id>/export", summary="导出收回清单")
async def export_recall_list(request: Request, occasion_id: str) -> HTTPResponse:
    """What is out for one event or body, and what resolves each thing."""
    query, view = export_query(request, Exported), await occasion_view(actor_of(request), occasion_id)
    table = ListTable(kind="recall", title=f"{view.name}收回清单", headings=RECALL_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(view.items, _recall_values))


def _import_values(view: ImportView) -> Sequence[Value]:
    return (
        view.file_name,
        view.unit_name,
        view.state_name,
        view.row_count,
        view.made,
        view.changed,
        view.created_by_name,
        view.created_at,
        view.finished_by_name,
        view.finished_at,
    )


def _row_values(row: RowView, names: dict[str, str]) -> Sequence[Value]:
    differences = [difference_text(each, names) for each in row.outcome.differences]
    cells = [f"{name}：{cell}" for name, cell in zip(row.headings, row.cells, strict=False) if name and cell]
    return (
        place_of_row(row),
        VERDICT_NAMES[row.outcome.verdict],
        "是" if row.is_chosen else "否",
        row.asset_code,
        "；".join(remark_text(remark) for remark in row.outcome.remarks),
        "；".join(f"{field} {before} → {after}" for field, before, after in differences),
        "；".join(cells),
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
