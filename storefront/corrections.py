"""Correcting what an approver sent back: a borrowing, or its renewal."""

from datetime import date
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from server.approvals.types import ChainView
from server.circulation.commands import correct_borrowing, correct_renewal
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, CorrectBorrowing, CorrectRenewal, KeptLine
from server.kernel.errors import DomainError, FieldError, Forbidden, InvalidInput, StateConflict
from server.web.formats import day
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Fact, Link
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

LABELS = {"from_day": "借用日期", "to_day": "归还日期", "purpose": "借用事由", "phone": "联系电话", "note": "补充说明"}
RENEWAL_LABELS = {"to_day": "续借到", "reason": "续借原因", "note": "补充说明"}
MOST_LINES = 50
# How many of each line are still wanted: as many fields as an application may have lines.
CorrectionForm = msgspec.defstruct(
    "CorrectionForm",
    [
        ("from_day", date),
        ("to_day", date),
        ("purpose", str),
        ("phone", str, ""),
        ("note", str, ""),
        *((f"kept_{item}", int | None, None) for item in range(1, MOST_LINES + 1)),
    ],
    frozen=True,
)


class Line(msgspec.Struct, frozen=True):
    """One line of the application: which, what, and how many were asked for."""

    item: int
    name: str
    pieces: int


class RenewalCorrectionForm(msgspec.Struct, frozen=True):
    """Until when, why, and what there is to say."""

    to_day: date
    reason: str
    note: str = ""


@door.get("/borrowings/<borrowing_id>/correction", summary="修改退回的申请")
async def correcting(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await _mine(request, borrowing_id)
    form = FormState.blank(
        _labels(it),
        from_day=it.from_day.isoformat(),
        to_day=it.to_day.isoformat(),
        purpose=it.purpose,
        phone=it.applicant_phone or "",
        **{f"kept_{line.item}": line.pieces for line in lines_of(it)},
    )
    return await _draw(request, it, form)


@door.post("/borrowings/<borrowing_id>/correction", summary="修改后重新提交")
async def submit_correction(request: Request, borrowing_id: str) -> HTTPResponse:
    form: TypedForm[Any] = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        wanted = wanted_correction(it, form.read(CorrectionForm))
        view = await correct_borrowing(actor, wanted)
    except DomainError as error:
        return await _draw(request, it, FormState.refused(_beside(error, it), form, _labels(it)))
    text = f"已重新提交：{view.title}，{day(view.from_day)} 至 {day(view.to_day)}。从第一步重新审批。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", text))


@door.get("/borrowings/<borrowing_id>/renewal/correction", summary="修改退回的续借")
async def correcting_renewal(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    pending = next((each for each in it.renewals if each.correct_by is not None and each.state == "pending"), None)
    require_applicant(actor_of(request).person_id, pending.chain if pending else None, can=it.can_correct_renewal)
    assert pending is not None
    form = FormState.blank(RENEWAL_LABELS, to_day=pending.to_day.isoformat(), reason=pending.reason)
    return await _draw_renewal(request, it, form)


@door.post("/borrowings/<borrowing_id>/renewal/correction", summary="修改续借后重新提交")
async def submit_renewal_correction(request: Request, borrowing_id: str) -> HTTPResponse:
    form: TypedForm[Any] = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(RenewalCorrectionForm)
        await correct_renewal(actor, CorrectRenewal(it.id, body.to_day, body.reason, body.note))
    except DomainError as error:
        return await _draw_renewal(request, it, FormState.refused(error, form, RENEWAL_LABELS))
    text = f"续借到 {day(body.to_day)} 的申请已重新提交。同意之前，仍按原定日期归还。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", text))


def lines_of(it: BorrowingView) -> list[Line]:
    """The lines of the application, in order."""
    items: dict[int, list[str]] = {}
    for line in it.lines:
        items.setdefault(line.item, []).append(line.asset_name)
    return [Line(item, names[0], len(names)) for item, names in items.items()]


def wanted_correction(it: BorrowingView, body: Any) -> CorrectBorrowing:
    """The command's request from what was typed; a line whose field was left empty stays as it is."""
    typed = {line.item: getattr(body, f"kept_{line.item}") for line in lines_of(it)}
    kept = tuple(KeptLine(item, number) for item, number in typed.items() if number is not None)
    return CorrectBorrowing(it.id, body.from_day, body.to_day, body.purpose, body.phone, kept, body.note)


def require_applicant(person_id: str | None, chain: ChainView | None, *, can: bool) -> None:
    """Draw no form that will be refused."""
    if can:
        return
    if chain is not None and chain.applicant_id != person_id:
        raise Forbidden("approval.not_applicant")
    raise StateConflict("approval.not_returned")


async def _mine(request: Request, borrowing_id: str) -> BorrowingView:
    actor = actor_of(request)
    it = await borrowing_view(actor, borrowing_id)
    require_applicant(actor.person_id, it.chain, can=it.can_correct)
    return it


def _labels(it: BorrowingView) -> dict[str, str]:
    return {**LABELS, **{f"kept_{line.item}": line.name for line in lines_of(it)}}


def _beside(error: DomainError, it: BorrowingView) -> DomainError:
    """The same error with the faults of the lines at the fields in which they were typed."""
    if not isinstance(error, InvalidInput):
        return error
    items = [line.item for line in lines_of(it)]
    fields = {f"kept.{number}.quantity": f"kept_{item}" for number, item in enumerate(items)} | {
        "kept": f"kept_{items[0]}"
    }
    moved = [FieldError(fields.get(each.field, each.field), each.code, **each.data) for each in error.fields]
    return InvalidInput(error.code, fields=moved, **error.data)


async def _draw(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/correction.html",
        form.status,
        it=it,
        f=form,
        said=_said(it.chain),
        lines=lines_of(it),
        facts=_facts(it),
        who=f"日期有冲突可联系 {it.holder_unit_name} 的资产管理员。",
        crumbs=[Link("借用", "/borrowings"), Link(it.number, f"/borrowings/{it.id}"), Link("修改")],
    )


async def _draw_renewal(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    pending = next((each for each in it.renewals if each.state == "pending"), None)
    return await door.draw(
        request,
        "storefront/renewal_correction.html",
        form.status,
        it=it,
        f=form,
        said=_said(pending.chain) if pending and pending.chain else "",
        facts=[*_facts(it)[:1], Fact("现在应在", f"{day(it.to_day)} 归还")],
        who=f"日期有冲突可联系 {it.holder_unit_name} 的资产管理员。",
        crumbs=[Link("借用", "/borrowings"), Link(it.number, f"/borrowings/{it.id}"), Link("修改续借")],
    )


def _said(chain: ChainView) -> str:
    """What the approver asks to be corrected, and who that is."""
    returned = next((step for step in chain.steps if step.state == "returned"), None)
    return f"{returned.unit_name} {returned.decided_by_name}：{returned.opinion}" if returned else ""


def _facts(it: BorrowingView) -> list[Fact]:
    until = [Fact("最晚提交", day(it.correct_by))] if it.correct_by else []
    return [Fact("借用单", it.number), Fact("出借单位", it.holder_unit_name), *until]
