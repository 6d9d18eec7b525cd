"""The lists behind the figures of a unit's year: which they are, and how a row of each is drawn and taken along."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from server.files.tables import Heading, Value
from server.insights.queries import (
    YearQuestion,
    list_met_needs,
    list_offered,
    list_saved,
    list_year_loans,
    list_year_losses,
)
from server.insights.types import LoanKind, LossSide, MetNeed, OfferedThing, SavedThing, YearLoan, YearLoss
from server.kernel.actor import Actor
from server.kernel.paging import Page
from server.web.formats import day, yuan
from server.web.parts import Badge, Cell, Column, Row

Fetch = Callable[[Actor, YearQuestion, str | None, int], Awaitable[Page[Any]]]

LOAN_COLUMNS = (
    Column("借用单"),
    Column("借用单位"),
    Column("出借单位"),
    Column("发放", is_nowrap=True),
    Column("应还", is_nowrap=True),
    Column("件数", is_number=True),
    Column("件·天", is_number=True),
    Column("账面原值", is_number=True),
    Column("逾期", is_number=True),
    Column("损坏", is_number=True),
)
LOAN_HEADINGS = (
    Heading("借用单号", width=22),
    Heading("借的什么", width=30),
    Heading("借用单位", width=24),
    Heading("出借单位", width=24),
    Heading("发放日期", "day", 12),
    Heading("应还日期", "day", 12),
    Heading("件数", "number", 8),
    Heading("件·天", "number", 8),
    Heading("账面原值（元）", "fen"),
    Heading("逾期天数", "number", 8),
    Heading("损坏件数", "number", 8),
    Heading("损坏件原值（元）", "fen"),
)
SAVED_COLUMNS = (
    Column("资产"),
    Column("借用单位"),
    Column("首次借到", is_nowrap=True),
    Column("不买省下", is_number=True),
    Column("价格来自"),
)
SAVED_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("借用单位", width=24),
    Heading("借用单号", width=22),
    Heading("首次借到", "day", 12),
    Heading("不买省下（元）", "fen"),
    Heading("价格来自", width=40),
)
NEED_COLUMNS = (
    Column("购置需求"),
    Column("单位"),
    Column("解决日期", is_nowrap=True),
    Column("数量", is_number=True),
    Column("预算", is_number=True),
    Column("怎样解决的"),
)
NEED_HEADINGS = (
    Heading("文号", width=22),
    Heading("要什么", width=24),
    Heading("单位", width=24),
    Heading("解决日期", "day", 12),
    Heading("数量", "number", 8),
    Heading("预算（元）", "fen"),
    Heading("怎样解决的", width=40),
)
OFFERED_COLUMNS = (
    Column("资产"),
    Column("编号", is_nowrap=True),
    Column("持有单位"),
    Column("上架", is_nowrap=True),
    Column("账面原值", is_number=True),
    Column("现在"),
)
OFFERED_HEADINGS = (
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("持有单位", width=24),
    Heading("上架日期", "day", 12),
    Heading("账面原值（元）", "fen"),
    Heading("现在", width=10),
)

LOSS_COLUMNS = (
    Column("案件"),
    Column("借用单位"),
    Column("出借单位"),
    Column("报告", is_nowrap=True),
    Column("账面原值", is_number=True),
    Column("应赔", is_number=True),
    Column("已赔", is_number=True),
    Column("已退还", is_number=True),
    Column("现在"),
)
LOSS_HEADINGS = (
    Heading("文号", width=24),
    Heading("类别", width=8),
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("借用单位", width=24),
    Heading("出借单位", width=24),
    Heading("报告日期", "day", 12),
    Heading("账面原值（元）", "fen"),
    Heading("应赔（元）", "fen"),
    Heading("已赔（元）", "fen"),
    Heading("已退还（元）", "fen"),
    Heading("现在", width=12),
)


class YearList(msgspec.Struct, frozen=True, kw_only=True):
    """One list: what it is called, where its rows come from, and how they are shown and written."""

    title: str
    fetch: Fetch
    columns: tuple[Column, ...]
    row: Callable[[Any], Row]
    headings: tuple[Heading, ...]
    values: Callable[[Any], Sequence[Value]]


def _loan_row(it: YearLoan) -> Row:
    return Row(
        (
            Cell(f"{it.number} {it.title}", f"/admin/loans/{it.id}"),
            Cell(it.borrower_unit_name),
            Cell(it.holder_unit_name),
            Cell(day(it.issued_on)),
            Cell(day(it.to_day)),
            Cell(f"{it.pieces:,}"),
            Cell(f"{it.days:,}"),
            Cell(yuan(it.value_fen)),
            Cell(badge=Badge(f"{it.late_days} 天", "warn")) if it.late_days else Cell("—"),
            Cell(badge=Badge(f"{it.damaged} 件", "warn")) if it.damaged else Cell("—"),
        )
    )


def _loan_values(it: YearLoan) -> Sequence[Value]:
    return (
        it.number,
        it.title,
        it.borrower_unit_name,
        it.holder_unit_name,
        it.issued_on,
        it.to_day,
        it.pieces,
        it.days,
        it.value_fen,
        it.late_days,
        it.damaged,
        it.damaged_fen,
    )


def _saved_row(it: SavedThing) -> Row:
    return Row(
        (
            Cell(f"{it.asset_name} {it.asset_code}", f"/admin/loans/{it.borrowing_id}"),
            Cell(it.unit_name),
            Cell(day(it.borrowed_on)),
            Cell(yuan(it.price_fen)),
            Cell(it.source),
        )
    )


def _saved_values(it: SavedThing) -> Sequence[Value]:
    return it.asset_code, it.asset_name, it.unit_name, it.number, it.borrowed_on, it.price_fen, it.source


def _need_row(it: MetNeed) -> Row:
    return Row(
        (
            Cell(f"{it.item} {it.number}".rstrip(), f"/admin/needs/{it.id}"),
            Cell(it.unit_name),
            Cell(day(it.met_on)),
            Cell(f"{it.quantity:,}"),
            Cell(yuan(it.budget_fen)),
            Cell(it.how),
        )
    )


def _need_values(it: MetNeed) -> Sequence[Value]:
    return it.number, it.item, it.unit_name, it.met_on, it.quantity, it.budget_fen, it.how


def _offered_row(it: OfferedThing) -> Row:
    return Row(
        (
            Cell(it.name),
            Cell(it.asset_code),
            Cell(it.unit_name),
            Cell(day(it.listed_on)),
            Cell(yuan(it.value_fen)),
            Cell(badge=Badge("在架", "ok") if it.is_open else Badge("已下架")),
        )
    )


def _offered_values(it: OfferedThing) -> Sequence[Value]:
    return it.asset_code, it.name, it.unit_name, it.listed_on, it.value_fen, "在架" if it.is_open else "已下架"


def _loss_row(it: YearLoss) -> Row:
    return Row(
        (
            Cell(f"{it.kind_name} {it.asset_name} {it.number}", f"/admin/losses/{it.id}"),
            Cell(it.borrower_unit_name),
            Cell(it.holder_unit_name),
            Cell(day(it.reported_on)),
            Cell(yuan(it.value_fen)),
            Cell(yuan(it.due_fen)),
            Cell(yuan(it.paid_fen)),
            Cell(yuan(it.refunded_fen) if it.refunded_fen else "—"),
            Cell(it.state_name),
        )
    )


def _loss_values(it: YearLoss) -> Sequence[Value]:
    return (
        it.number,
        it.kind_name,
        it.asset_code,
        it.asset_name,
        it.borrower_unit_name,
        it.holder_unit_name,
        it.reported_on,
        it.value_fen,
        it.due_fen,
        it.paid_fen,
        it.refunded_fen,
        it.state_name,
    )


def _losses(title: str, side: LossSide) -> YearList:
    async def fetch(actor: Actor, asked: YearQuestion, cursor: str | None, size: int) -> Page[YearLoss]:
        return await list_year_losses(actor, asked, side, cursor, size)

    return YearList(
        title=title, fetch=fetch, columns=LOSS_COLUMNS, row=_loss_row, headings=LOSS_HEADINGS, values=_loss_values
    )


def _loans(title: str, kind: LoanKind) -> YearList:
    async def fetch(actor: Actor, asked: YearQuestion, cursor: str | None, size: int) -> Page[YearLoan]:
        return await list_year_loans(actor, asked, kind, cursor, size)

    return YearList(
        title=title, fetch=fetch, columns=LOAN_COLUMNS, row=_loan_row, headings=LOAN_HEADINGS, values=_loan_values
    )


LISTS: dict[str, YearList] = {
    "lent": _loans("借出明细", "lent"),
    "borrowed": _loans("借入明细", "borrowed"),
    "late": _loans("借入逾期明细", "late"),
    "late-lent": _loans("借出被逾期明细", "late_lent"),
    "damaged": _loans("借入损坏明细", "damaged"),
    "losses": _losses("出借遗失损坏明细", "losses"),
    "caused": _losses("借用遗失损坏明细", "caused"),
    "saved": YearList(
        title="不买省下的明细",
        fetch=list_saved,
        columns=SAVED_COLUMNS,
        row=_saved_row,
        headings=SAVED_HEADINGS,
        values=_saved_values,
    ),
    "needs": YearList(
        title="调剂解决的需求明细",
        fetch=list_met_needs,
        columns=NEED_COLUMNS,
        row=_need_row,
        headings=NEED_HEADINGS,
        values=_need_values,
    ),
    "listed": YearList(
        title="上架共享明细",
        fetch=list_offered,
        columns=OFFERED_COLUMNS,
        row=_offered_row,
        headings=OFFERED_HEADINGS,
        values=_offered_values,
    ),
}
