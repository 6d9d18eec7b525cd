"""My borrowings and my unit's: the lists, one borrowing with its line of steps, withdrawing it, its slip."""

from typing import Annotated, Any, Literal

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from server.circulation.commands import withdraw_borrowing
from server.circulation.handing_over import collection_words
from server.circulation.queries import borrowing_view, list_borrowings, slip_pdf
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingRow, BorrowingView, HandoverView, RoleView, WithdrawBorrowing
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.kernel.instants import shanghai_day
from server.kernel.paging import Page
from server.kernel.reading import present_day
from server.web.downloads import list_links
from server.web.formats import day, weekday, yuan
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Cell, Column, Event, Fact, Link, Row
from server.web.sessions import actor_for_write, actor_of
from storefront.addresses import Cursor, asked
from storefront.comments import thread_of
from storefront.form_state import FormState
from storefront.losses import loss_lines
from storefront.progress import borrowing_badge, chain_steps, next_step_of, past_rounds, steps_of
from storefront.qr import qr_svg
from storefront.renewals import renewal_facts
from storefront.rows import ListRow, paging_hrefs
from storefront.surround import door

VIEWS: dict[RoleView, str] = {"mine": "我的", "unit": "本单位借入", "holder": "本单位借出"}
TABS: dict[str, str] = {"open": "进行中", "ended": "已办结"}
REASON_LABELS = {"reason": "撤回原因"}
PIECE_COLUMNS = (
    Column("编号", is_nowrap=True),
    Column("到哪一步", is_nowrap=True),
    Column("资产", is_nowrap=True),
    Column("领取人", is_nowrap=True),
)
_COLLECTING = {BorrowingState.APPROVED, BorrowingState.READY}
# Before it is approved there is no slip to hand over.
_WITHOUT_SLIP = {BorrowingState.SUBMITTED, BorrowingState.REJECTED, BorrowingState.WITHDRAWN, BorrowingState.EXPIRED}


class ReasonForm(msgspec.Struct, frozen=True):
    """Why an application is taken back."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class LoansQuery(msgspec.Struct, frozen=True):
    """Whose loans, which tab, and where the page begins."""

    view: RoleView = "mine"
    state: Literal["open", "ended"] = "open"
    after: Cursor | None = None


@door.get("/borrowings", summary="我的借用")
async def loans(request: Request) -> HTTPResponse:
    actor = actor_of(request)
    views, query = _views_of(actor), asked(request, LoansQuery)
    view = view_for(actor, query)
    page = await list_borrowings(actor, view, query.state, query.after)
    facts = _list_facts(request, page, views, view, query.state)
    return await door.draw(request, "storefront/borrowings.html", **facts)


def view_for(actor: Actor, query: LoansQuery) -> RoleView:
    """Whose loans are shown: whoever has no say in the unit's sees their own, wherever the address is from."""
    return query.view if query.view in _views_of(actor) else "mine"


def _views_of(actor: Actor) -> dict[RoleView, str]:
    return VIEWS if actor.has_role(Role.ASSET_MANAGER) else {"mine": VIEWS["mine"]}


@door.get("/borrowings/<borrowing_id>", summary="借用单")
async def loan(request: Request, borrowing_id: str) -> HTTPResponse:
    actor = actor_of(request)
    it = await borrowing_view(actor, borrowing_id)
    today = present_day()
    is_mine = it.applicant_id == actor.person_id
    return await door.draw(
        request,
        "storefront/borrowing.html",
        it=it,
        thing=thing_of(it),
        badge=borrowing_badge(it, today),
        overdue=_overdue(it),
        next_step=next_step_of(it),
        qr=qr_svg(it.number, f"借用单 {it.number}") if is_mine and it.state in _COLLECTING else None,
        steps=steps_of(it),
        facts=facts_of(it),
        inspections=_inspections(it),
        renewals=[
            (
                each,
                renewal_facts(each),
                *((chain_steps(each.chain), past_rounds(each.chain)) if each.chain else ((), ())),
            )
            for each in it.renewals
        ],
        rounds=past_rounds(it.chain),
        talk=await thread_of(actor, "borrowing", it.id),
        pieces=pieces_of(it),
        losses=loss_lines(it),
        piece_columns=PIECE_COLUMNS,
        events=[Event(event.name, event.at, event.actor_name, event.note) for event in reversed(it.events)],
        has_slip=it.state not in _WITHOUT_SLIP,
        crumbs=[Link("借用", "/borrowings"), Link(it.number)],
    )


@door.get("/borrowings/<borrowing_id>/withdrawal", summary="撤回申请")
async def withdrawal(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    return await _draw_withdrawal(request, it, FormState.blank(REASON_LABELS))


@door.post("/borrowings/<borrowing_id>/withdrawal", summary="确认撤回申请")
async def submit_withdrawal(request: Request, borrowing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(ReasonForm)
        await withdraw_borrowing(actor, WithdrawBorrowing(it.id, body.reason))
    except DomainError as error:
        return await _draw_withdrawal(request, it, FormState.refused(error, form, REASON_LABELS))
    said = "没有领取的已经放开。" if it.out_count else "申请已撤回，占用的日期已经放开。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", said))


@door.get("/borrowings/<borrowing_id>/slip.pdf", summary="借用单 PDF")
async def slip(request: Request, borrowing_id: str) -> HTTPResponse:
    body = await slip_pdf(actor_of(request), borrowing_id)
    headers = {"Content-Disposition": f'inline; filename="{borrowing_id}.pdf"', "Cache-Control": "private, no-store"}
    return raw(body, content_type="application/pdf", headers=headers)


def thing_of(it: BorrowingView) -> str:
    """What is borrowed, in a few words."""
    return it.title


def facts_of(it: BorrowingView) -> list[Fact]:
    """Who borrows what from whom, when and why."""
    days = f"{_day(it.from_day)} 至 {_day(it.to_day)}，共 {it.day_count} 天"
    facts = [
        Fact("借用日期", days),
        Fact("借用单位", it.borrower_unit_name),
        Fact("申请人", it.applicant_name),
        Fact("联系电话", it.applicant_phone or ""),
        Fact("出借单位", it.holder_unit_name),
        Fact("领取地点", it.place_name),
        Fact("领取方式", collection_words(it.collection) if it.collection else ""),
        Fact("借用事由", it.purpose),
        Fact("用于", it.occasion.name if it.occasion else ""),
        *_piece_facts(it),
        *(Fact(f"{each.kind_name}签字", _signing_words(each)) for each in it.handovers),
        Fact("结束原因", it.end_reason or ""),
    ]
    return [fact for fact in facts if fact.value]


def _signing_words(it: HandoverView) -> str:
    return f"{it.other_name}、{it.keeper_name}，{day(shanghai_day(it.at))}，{it.pieces} 件"


def _piece_facts(it: BorrowingView) -> list[Fact]:
    value = yuan(sum(line.value_fen for line in it.lines))
    if it.piece_count == 1:
        return [Fact("资产编号", it.lines[0].asset_code, is_code=True), Fact("账面原值", value)]
    return [
        Fact("数量", f"{it.piece_count} 件" + (f"（{it.progress}）" if it.progress else "")),
        Fact("合计原值", value),
    ]


def pieces_of(it: BorrowingView) -> tuple[Row, ...]:
    """Each of several things: which it is, where it is, and who took it."""
    if it.piece_count == 1:
        return ()
    is_open = it.state not in _WITHOUT_SLIP
    return tuple(
        Row(
            (
                Cell(line.asset_code),
                Cell(line.state_name if is_open else it.state_name),
                Cell(line.asset_name),
                Cell(line.issued_to or ""),
            )
        )
        for line in it.lines
    )


def _day(value: Any) -> str:
    return f"{day(value)}（{weekday(value)}）"


def _inspections(it: BorrowingView) -> list[Fact]:
    facts: list[Fact] = []
    for line in it.lines:
        if line.inspection_result_name:
            facts.append(Fact(line.asset_name, line.inspection_result_name))
            facts.append(Fact("说明", line.inspection_note or ""))
            facts.append(Fact("缺配件", line.missing))
            picture = line.inspection_picture_id
            facts.append(Fact("照片", "查看照片" if picture else "", f"/files/{picture}" if picture else ""))
            facts.append(Fact("处理决定", line.damage_decision or ""))
    return [fact for fact in facts if fact.value]


def _overdue(it: BorrowingView) -> Flash:
    late = (present_day() - it.to_day).days
    return Flash(
        "warn", f"应在 {day(it.to_day)} 归还，已经超过 {late} 天。请尽快归还到 {it.place_name}，或与出借单位联系。"
    )


def _list_facts(
    request: Request,
    page: Page[BorrowingRow],
    views: dict[RoleView, str],
    view: RoleView,
    tab: Literal["open", "ended"],
) -> dict[str, Any]:
    today = present_day()
    first, following = paging_hrefs(request, page.next_cursor)
    return {
        "heading": "我的借用" if view == "mine" else VIEWS[view],
        "lead": "每一笔走到哪一步、下一步该做什么，都在这里。",
        "views": [Link(label, _href(key, tab), key == view) for key, label in views.items()] if len(views) > 1 else [],
        "tabs": [Link(label, _href(view, key), key == tab) for key, label in TABS.items()],
        "rows": [_row(row, view, today) for row in page.items],
        "first_href": first,
        "next_href": following,
        "exports": list_links("/borrowings", LoansQuery(view=view, state=tab)),
        "empty_title": "没有进行中的借用" if tab == "open" else "还没有办结的借用",
        "empty_text": "需要什么，先到共享大厅看看有没有能借的。",
    }


def _row(row: BorrowingRow, view: str, today: Any) -> ListRow:
    other = row.holder_unit_name if view != "holder" else f"{row.borrower_unit_name} {row.applicant_name}"
    return ListRow(
        href=f"/borrowings/{row.id}",
        title=row.thing,
        detail=f"{day(row.from_day)} 至 {day(row.to_day)} · {other}" + (f" · {row.progress}" if row.progress else ""),
        next_step=f"请到 {row.place_name} 领取，最晚 {day(row.collect_by)}"
        if row.collect_by and row.state in _COLLECTING
        else "",
        badge=borrowing_badge(row, today),
    )


def _href(view: RoleView, tab: str) -> str:
    return f"/borrowings?view={view}&state={tab}"


async def _draw_withdrawal(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/withdrawal.html",
        form.status,
        it=it,
        f=form,
        facts=[Fact("借用单", it.number), Fact("资产", thing_of(it)), *facts_of(it)[:1]],
        who=f"已经领取的请归还；还有疑问可联系 {it.holder_unit_name} 的资产管理员。",
    )
