"""遗失与赔偿: who answers for what was lost or damaged, what is paid, and what is written off."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from admin.progress import chain_steps
from admin.uploads import stored_picture
from server.circulation.losses.commands import (
    report_loss,
)
from server.circulation.losses.queries import count_losses, list_losses, loss_view
from server.circulation.losses.states import LOSS_STATE_NAMES, LossState
from server.circulation.losses.types import (
    LossRow,
    LossView,
    ReportLoss,
)
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView
from server.files.types import Visibility
from server.kernel.actor import Actor
from server.kernel.money import format_yuan
from server.web.downloads import list_links
from server.web.formats import day, exact, yuan
from server.web.parts import Badge, Cell, Column, Event, Fact, Link, Option, Row, Tone
from server.web.sessions import actor_of

PATH = "/admin/losses"
TITLE = "遗失与赔偿"
TONES: dict[str, Tone] = {
    "reported": "warn",
    "decided": "warn",
    "settled": "info",
    "writing_off": "info",
    "written_off": "neutral",
    "found": "ok",
}
COLUMNS = (
    Column("资产"),
    Column("编号"),
    Column("文号"),
    Column("类别", is_nowrap=True),
    Column("状态", is_nowrap=True),
    Column("借用单位"),
    Column("出借单位"),
    Column("应赔（元）", is_number=True),
    Column("未付（元）", is_number=True),
)
PAYMENT_COLUMNS = (Column("收据号"), Column("缴款日期"), Column("金额（元）", is_number=True), Column("登记人"))


REFUND_COLUMNS = (Column("凭证号"), Column("退还日期"), Column("金额（元）", is_number=True), Column("登记人"))


class LossQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    state: str | None = None
    cursor: str | None = None


class ReportForm(msgspec.Struct, frozen=True):
    """What is lost, and how. The picture comes as a file beside it."""

    explanation: str
    asset_id: str = ""


@door.get("/losses", summary=TITLE)
async def show_losses(request: Request) -> HTTPResponse:
    """The cases within sight, by state, each tab with its count."""
    actor, query = actor_of(request), query_of(request, LossQuery)
    page, counts = await list_losses(actor, query.state, query.cursor, size=50), await count_losses(actor)
    tabs = [Link("全部", PATH, query.state is None, sum(counts.values()))]
    tabs += [
        Link(name, f"{PATH}?state={key}", key == query.state, counts.get(key, 0))
        for key, name in LOSS_STATE_NAMES.items()
    ]
    return await door.draw(
        request,
        "admin/losses.html",
        title=TITLE,
        tabs=tuple(tabs),
        columns=COLUMNS,
        rows=tuple(_row(row) for row in page.items),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/losses", query),
    )


@door.get("/losses/<loss_id>", summary="遗失与赔偿详情")
async def show_loss(request: Request, loss_id: str) -> HTTPResponse:
    """One case: what happened, the decision and the money, its approvals, and what can be done."""
    view = await loss_view(actor_of(request), loss_id)
    return await door.draw(
        request,
        "admin/loss.html",
        view=view,
        badge=Badge(view.state_name, TONES[view.state]),
        facts=loss_facts(view),
        columns=PAYMENT_COLUMNS,
        payments=tuple(
            _money_row(each.receipt_no, each.paid_on, each.amount_fen, each.recorded_by_name) for each in view.payments
        ),
        refund_columns=REFUND_COLUMNS,
        refunds=tuple(
            _money_row(each.document_no, each.refunded_on, each.amount_fen, each.recorded_by_name)
            for each in view.refunds
        ),
        steps=chain_steps(view.chain),
        events=tuple(Event(step.name, step.at, step.actor_name, step.note) for step in reversed(view.steps)),
        crumbs=(Link(TITLE, PATH), Link(view.number)),
    )


@door.get("/loans/<borrowing_id>/loss", summary="报遗失")
async def draw_loss_report(request: Request, borrowing_id: str) -> HTTPResponse:
    """What is lost."""
    view = await borrowing_view(actor_of(request), borrowing_id)
    return await draw_form(request, _report_sheet(view, request.args.get("asset_id")))


@door.post("/loans/<borrowing_id>/loss", summary="报遗失", is_upload=True)
async def add_loss(request: Request, borrowing_id: str) -> HTTPResponse:
    """Report it: the holder's managers decide next."""
    loan = await borrowing_view(actor_of(request), borrowing_id)

    async def act(actor: Actor, form: ReportForm) -> Done:
        wanted = ReportLoss(
            borrowing_id=borrowing_id,
            asset_id=form.asset_id or loan.lines[0].asset_id,
            explanation=form.explanation,
            picture_id=await stored_picture(request, actor, "picture_id", Visibility.UNIT),
        )
        view = await report_loss(actor, wanted)
        return Done(f"{PATH}/{view.id}", f"已登记遗失：{view.asset_name}。由出借单位认定责任。")

    return await answer_form(request, _report_sheet(loan, request.args.get("asset_id")), ReportForm, act)


def loss_facts(view: LossView) -> tuple[Fact, ...]:
    """What was lost or damaged, who reported it, what was decided, and the money to the fen."""
    facts = (
        Fact("类别", view.kind_name),
        Fact("资产", view.asset_name, f"/admin/assets/{view.asset_id}"),
        Fact("编号", view.asset_code, is_code=True),
        Fact("原值", yuan(view.value_fen)),
        Fact("借用单", view.borrowing_number, f"/borrowings/{view.borrowing_id}"),
        Fact("借用单位", view.borrower_unit_name),
        Fact("出借单位", view.holder_unit_name),
        Fact("登记", f"{view.reported_by_name}，{exact(view.reported_at)}"),
        Fact("情况说明", view.explanation),
        Fact("责任认定", view.decision),
        Fact("认定人", f"{view.decided_by_name}，{exact(view.decided_at)}" if view.decided_at else ""),
        *_money(view),
    )
    return tuple(fact for fact in facts if fact.value)


def _money(view: LossView) -> tuple[Fact, ...]:
    if view.amount_fen is None:
        return ()
    if not view.amount_fen:
        return (Fact("赔偿", "不需赔偿"),)
    return (
        Fact("应赔", yuan(view.amount_fen)),
        Fact("缴款期限", day(view.due_on) if view.due_on and view.state != LossState.FOUND else ""),
        Fact("已付", yuan(view.paid_fen)),
        Fact("免除", f"{yuan(view.waived_fen)}：{view.waived_reason}" if view.waived_fen else ""),
        Fact("未付", yuan(view.left_fen)),
        Fact("找回后不再收取", yuan(view.lapsed_fen) if view.lapsed_fen else ""),
        Fact("已退还", yuan(view.refunded_fen) if view.refunded_fen else ""),
        Fact("未退还", yuan(view.refundable_fen) if view.refundable_fen else ""),
    )


def _money_row(number: str, on: date, amount_fen: int, by: str) -> Row:
    return Row((Cell(number), Cell(day(on)), Cell(format_yuan(amount_fen)), Cell(by)))


def _row(row: LossRow) -> Row:
    return Row(
        (
            Cell(row.asset_name, f"{PATH}/{row.id}"),
            Cell(row.asset_code),
            Cell(row.number),
            Cell(row.kind_name),
            Cell(badge=Badge(row.state_name, TONES[row.state])),
            Cell(row.borrower_unit_name),
            Cell(row.holder_unit_name),
            Cell(format_yuan(row.amount_fen)),
            Cell(format_yuan(row.left_fen)),
        )
    )


def _report_sheet(view: BorrowingView, asset_id: str | None) -> FormPage:
    out = [line for line in view.lines if line.state == "out"]
    options = tuple(Option(line.asset_id, f"{line.asset_name} {line.asset_code}") for line in out)
    which: tuple[Field, ...] = ()
    if view.piece_count > 1:
        first = asset_id or (options[0].value if options else "")
        which = (Field(name="asset_id", label="哪一件", kind="radio", options=options, value=first),)
    return FormPage(
        title=f"{view.number} 报遗失",
        lead="登记之后不再等它归还，后面的日期放开；由出借单位认定责任和赔偿。",
        action=f"/admin/loans/{view.id}/loss",
        is_upload=True,
        fields=(
            *which,
            Field(name="explanation", label="情况说明", kind="textarea", help="何时、何地、怎样丢的。", maxlength=500),
            Field(
                name="picture_id",
                label="照片",
                kind="file",
                help="报案回执、现场照片等，没有可以不传。",
                required=False,
            ),
        ),
        submit="登记遗失",
        back=Link("返回", f"/admin/loans/{view.id}"),
        crumbs=(Link("出借与归还", "/admin/loans"), Link(view.number, f"/admin/loans/{view.id}"), Link("报遗失")),
        draft=f"loss-{view.id}",
        is_danger=True,
    )
