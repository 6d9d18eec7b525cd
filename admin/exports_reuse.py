"""导出: what units mean to buy, what they hold beside the standards, and the standards themselves."""

from collections.abc import Sequence

from sanic import HTTPResponse, Request

from admin.door import door
from admin.need_words import STATE_TABS
from admin.needs import NeedQuery, view_for
from admin.standards import region_shown
from admin.tables import answer_list, export_query, said
from server.assets.queries import HeldCard, HoldingLine, list_held_cards, unit_holdings
from server.classification.standards.queries import standard_history, standard_view
from server.classification.standards.types import StandardItem, StandardVersion
from server.files.list_files import Exported, Format, ListTable, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.identity.queries import region_name
from server.kernel.paging import PAGE_LIMIT
from server.procurement.queries import list_needs
from server.procurement.types import NeedRow
from server.web.sessions import actor_of

NEED_HEADINGS = (
    Heading("编号", width=22),
    Heading("要购置什么", width=24),
    Heading("品目", width=18),
    Heading("数量", "number", 8),
    Heading("预算（元）", "fen"),
    Heading("最晚要用", "day", 12),
    Heading("状态", width=10),
    Heading("单位", width=24),
    Heading("提出人", width=10),
    Heading("提出时间", "instant", 20),
)
HOLDING_HEADINGS = (
    Heading("资产项目", width=24),
    Heading("品目编码", width=12),
    Heading("现有", "number", 8),
    Heading("标准", "number", 8),
    Heading("超出", "number", 8),
    Heading("计价单位", width=10),
    Heading("最高一档价格上限（元）", "fen", 20),
    Heading("最低一档价格上限（元）", "fen", 20),
    Heading("超价件数", "number", 10),
    Heading("最低使用年限", "number", 12),
    Heading("已满年限件数", "number", 12),
    Heading("数量标准", width=40),
    Heading("核对情况", width=10),
)
HELD_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("账面原值（元）", "fen"),
    Heading("取得日期", "day", 12),
    Heading("最低使用至", "day", 12),
    Heading("超过价格上限", width=12),
    Heading("已满使用年限", width=12),
)
# As the import reads them, so that a table can be taken out, changed and entered as the next version.
STANDARD_HEADINGS = (
    Heading("类别", width=10),
    Heading("资产项目", width=24),
    Heading("品目编码", width=12),
    Heading("价格上限（元）", "fen"),
    Heading("计价单位", width=10),
    Heading("最低使用年限", "number", 12),
    Heading("数量标准", width=40),
    Heading("核对情况", width=10),
)


VERSION_HEADINGS = (
    Heading("版本", "number", 8),
    Heading("地区", width=14),
    Heading("执行日期", "day", 12),
    Heading("现行", width=6),
    Heading("依据文件", width=30),
    Heading("录入理由", width=40),
    Heading("项数", "number", 8),
    Heading("录入人", width=10),
    Heading("录入时间", "instant", 20),
)


class VersionExport(Exported, frozen=True):
    """Of which region (the reader's without), and which kind of file."""

    region: str = ""


class NeedExport(NeedQuery, frozen=True):
    """The needs' tab, and which kind of file."""

    format: Format = "xlsx"


class HeldExport(Exported, frozen=True, kw_only=True):
    """Behind which line the cards stand, and which kind of file."""

    category: str


@door.get("/needs/export", summary="导出购置需求")
async def export_needs(request: Request) -> HTTPResponse:
    """The needs of one tab."""
    actor, query = actor_of(request), export_query(request, NeedExport)
    rows = paged_rows(lambda at: list_needs(actor, view_for(actor), query.state, at, PAGE_LIMIT), _need_values)
    asked = {"状态": STATE_TABS.get(query.state) if query.state else None}
    table = ListTable(kind="needs", title="购置需求", headings=NEED_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/holdings/<unit_id>/export", summary="导出单位配置情况")
async def export_holdings(request: Request, unit_id: str) -> HTTPResponse:
    """What a unit holds beside the standards."""
    query, view = export_query(request, Exported), await unit_holdings(actor_of(request), unit_id)
    table = ListTable(kind="holdings", title=f"{view.unit_name}配置情况", headings=HOLDING_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(view.lines, _line_values))


@door.get("/holdings/<unit_id>/cards/export", summary="导出一项配置的卡片")
async def export_held_cards(request: Request, unit_id: str) -> HTTPResponse:
    """The cards behind one line."""
    actor, query = actor_of(request), export_query(request, HeldExport)
    view = await unit_holdings(actor, unit_id)
    rows = paged_rows(lambda at: list_held_cards(actor, unit_id, query.category, at, PAGE_LIMIT), _held_values)
    names = {line.category_code: line.name for line in view.lines}
    asked = {"单位": view.unit_name, "资产项目": names.get(query.category, query.category)}
    table = ListTable(kind="held_cards", title="配置情况的卡片", headings=HELD_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/standards/export", summary="导出配置标准的历次版本")
async def export_standard_versions(request: Request) -> HTTPResponse:
    """Every version of a region's table."""
    actor, query = actor_of(request), export_query(request, VersionExport)
    code = await region_shown(actor, query.region)
    rows = rows_of(await standard_history(actor, code), _version_values)
    asked = {"地区": await region_name(code) if code else None}
    title = "配置标准的历次版本"
    table = ListTable(kind="standard_versions", title=title, headings=VERSION_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows)


@door.get("/standards/<standard_id>/export", summary="导出配置标准")
async def export_standard(request: Request, standard_id: str) -> HTTPResponse:
    """One version of a region's table."""
    query, view = export_query(request, Exported), await standard_view(actor_of(request), standard_id)
    title = f"{view.version.region_name}配置标准第{view.version.version}版"
    table = ListTable(kind="standard", title=title, headings=STANDARD_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(view.items, _item_values))


def _version_values(version: StandardVersion) -> Sequence[Value]:
    return (
        version.version,
        version.region_name,
        version.effective_on,
        "是" if version.is_current else "否",
        version.source,
        version.reason,
        version.item_count,
        version.created_by_name,
        version.created_at,
    )


def _need_values(row: NeedRow) -> Sequence[Value]:
    return (
        row.number,
        row.item,
        row.category_name,
        row.quantity,
        row.budget_fen,
        row.needed_by,
        row.state_name,
        row.unit_name,
        row.applicant_name,
        row.created_at,
    )


def _line_values(line: HoldingLine) -> Sequence[Value]:
    return (
        line.name,
        line.category_code,
        line.held,
        line.allowed,
        line.over,
        line.measure,
        line.ceiling_fen,
        line.floor_fen,
        line.over_ceiling,
        line.min_years,
        line.past_service,
        line.quantity_rule,
        line.evidence_name,
    )


def _held_values(card: HeldCard) -> Sequence[Value]:
    standing = card.standing
    known = (card.code, card.name, card.value_fen, card.acquired_on)
    if standing is None:
        return (*known, None, "", "")
    return (
        *known,
        standing.serves_until,
        "是" if standing.is_over_ceiling else "否",
        "否" if standing.is_too_early_to_scrap else "是",
    )


def _item_values(item: StandardItem) -> Sequence[Value]:
    return (
        item.family_name,
        item.item,
        item.category_code,
        item.price_ceiling_fen,
        item.measure,
        item.min_years,
        item.quantity_rule,
        item.evidence_name,
    )
