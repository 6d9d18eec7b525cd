"""导出: what is listed on the page of one thing: a card's history, the pieces of a loan, what a proof judged."""

from collections.abc import Sequence

from sanic import HTTPResponse, Request

from admin.asset_words import events_of
from admin.door import door
from admin.tables import answer_list, export_query
from server.assets.queries import card_view, history
from server.circulation.queries import borrowing_view
from server.circulation.types import LineView
from server.files.list_files import Exported, ListTable, rows_of
from server.files.tables import Heading, Value
from server.kernel.errors import NotFound
from server.procurement.queries import need_view
from server.procurement.types import JudgedHit
from server.web.parts import Event
from server.web.sessions import actor_of

EVENT_HEADINGS = (
    Heading("时间", "instant", 20),
    Heading("事项", width=16),
    Heading("办理人", width=30),
    Heading("内容", width=80),
)
PIECE_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("代替的编号", width=30),
    Heading("资产", width=30),
    Heading("账面原值（元）", "fen"),
    Heading("到哪一步", width=12),
    Heading("领取时间", "instant", 20),
    Heading("领取人", width=10),
    Heading("归还时间", "instant", 20),
    Heading("验收", width=12),
    Heading("验收说明", width=40),
    Heading("缺少的配件", width=30),
    Heading("损坏处理", width=40),
)
JUDGED_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("品牌"),
    Heading("型号"),
    Heading("分类代码"),
    Heading("成色", width=10),
    Heading("账面原值（元）", "fen"),
    Heading("持有单位", width=24),
    Heading("地区", width=12),
    Heading("存放地点", width=24),
    Heading("可借日期", "day", 12),
    Heading("不采用的理由", width=60),
)


@door.get("/assets/<asset_id>/history/export", summary="导出资产履历")
async def export_card_history(request: Request, asset_id: str) -> HTTPResponse:
    """Everything that happened to a card, newest first."""
    actor, query = actor_of(request), export_query(request, Exported)
    card = await card_view(actor, asset_id)
    events = events_of(await history(actor, asset_id))
    table = ListTable(kind="history", title=f"{card.name}履历", headings=EVENT_HEADINGS, asked={"资产编号": card.code})
    return await answer_list(request, table, query.format, rows_of(events, _event_values))


@door.get("/loans/<borrowing_id>/pieces/export", summary="导出借用单的每一件")
async def export_pieces(request: Request, borrowing_id: str) -> HTTPResponse:
    """Each thing of a loan and how far it is."""
    query, view = export_query(request, Exported), await borrowing_view(actor_of(request), borrowing_id)
    table = ListTable(kind="pieces", title=f"{view.number}每一件", headings=PIECE_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(view.lines, _piece_values))


@door.get("/needs/<need_id>/proof/export", summary="导出闲置证明的明细")
async def export_judged(request: Request, need_id: str) -> HTTPResponse:
    """What was idle when it was proven, and why each was not taken. NotFound `need.not_found` without a proof."""
    query, view = export_query(request, Exported), await need_view(actor_of(request), need_id)
    if view.proof is None:
        raise NotFound("need.not_found")
    table = ListTable(kind="proof", title=f"{view.item}闲置证明明细", headings=JUDGED_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(view.proof.document.hits, _judged_values))


def _event_values(event: Event) -> Sequence[Value]:
    return event.at, event.what, event.who, event.detail


def _piece_values(line: LineView) -> Sequence[Value]:
    return (
        line.asset_code,
        line.instead_of_code,
        line.asset_name,
        line.value_fen,
        line.state_name,
        line.issued_at,
        line.issued_to,
        line.returned_at,
        line.inspection_result_name,
        line.inspection_note,
        line.missing,
        line.damage_decision,
    )


def _judged_values(each: JudgedHit) -> Sequence[Value]:
    hit = each.hit
    return (
        hit.code,
        hit.name,
        hit.brand,
        hit.model,
        hit.category_code,
        hit.condition_name,
        hit.value_fen,
        hit.holder_unit_name,
        hit.region_name,
        hit.place_name,
        hit.free_from,
        f"{each.reason_name}：{each.words}" if each.words else each.reason_name,
    )
