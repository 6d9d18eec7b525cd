"""Renewing a borrowing and taking the renewal back, and where the message about one leads."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import redirect

from server.circulation.commands import renew_borrowing, withdraw_renewal
from server.circulation.queries import borrowing_view, renewal_view
from server.circulation.types import BorrowingView, RenewalView, RenewBorrowing, WithdrawRenewal
from server.kernel.errors import DomainError
from server.web.formats import day
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Fact, Link
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

RENEWAL_LABELS = {"to_day": "续借到", "reason": "续借原因"}
REASON_LABELS = {"reason": "撤回原因"}


class RenewalForm(msgspec.Struct, frozen=True):
    """Until when, and why."""

    to_day: date
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ReasonForm(msgspec.Struct, frozen=True):
    """Why a renewal is taken back."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@door.get("/renewals/<renewal_id>", summary="续借申请")
async def renewal(request: Request, renewal_id: str) -> HTTPResponse:
    """A renewal is shown on its borrowing's page."""
    it = await renewal_view(actor_of(request), renewal_id)
    return redirect(f"/borrowings/{it.borrowing_id}", status=303)


@door.get("/borrowings/<borrowing_id>/renewal", summary="申请续借")
async def renewing(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    return await _draw(request, it, FormState.blank(RENEWAL_LABELS))


@door.post("/borrowings/<borrowing_id>/renewal", summary="提交续借申请")
async def submit_renewal(request: Request, borrowing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(RenewalForm)
        await renew_borrowing(actor, RenewBorrowing(it.id, body.to_day, body.reason))
    except DomainError as error:
        return await _draw(request, it, FormState.refused(error, form, RENEWAL_LABELS))
    text = f"续借到 {day(body.to_day)} 的申请已提交，日期已经留出。同意之前，仍按原定日期归还。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", text))


@door.get("/borrowings/<borrowing_id>/renewal/withdrawal", summary="撤回续借")
async def renewal_withdrawal(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    return await _draw_withdrawal(request, it, FormState.blank(REASON_LABELS))


@door.post("/borrowings/<borrowing_id>/renewal/withdrawal", summary="确认撤回续借")
async def submit_renewal_withdrawal(request: Request, borrowing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        await withdraw_renewal(actor, WithdrawRenewal(it.id, form.read(ReasonForm).reason))
    except DomainError as error:
        return await _draw_withdrawal(request, it, FormState.refused(error, form, REASON_LABELS))
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", f"续借已撤回，请在 {day(it.to_day)} 前归还。"))


def renewal_facts(it: RenewalView) -> list[Fact]:
    """What a renewal asks for."""
    return [
        Fact("续借到", day(it.to_day)),
        Fact("原定归还", day(it.from_day)),
        Fact("续借原因", it.reason),
        Fact("第几次续借", f"第 {it.ordinal} 次"),
    ]


async def _draw(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/renewal.html",
        form.status,
        it=it,
        f=form,
        facts=_short_facts(it),
        who=f"{it.holder_unit_name} 的资产管理员可以帮您协调日期。",
        crumbs=[Link("借用", "/borrowings"), Link(it.number, f"/borrowings/{it.id}"), Link("续借")],
    )


async def _draw_withdrawal(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    pending = next((each for each in it.renewals if each.state == "pending"), None)
    facts = [*_short_facts(it), *(renewal_facts(pending)[:1] if pending else ())]
    return await door.draw(
        request,
        "storefront/renewal_withdrawal.html",
        form.status,
        it=it,
        f=form,
        facts=facts,
        who=f"有疑问可联系 {it.holder_unit_name} 的资产管理员。",
    )


def _short_facts(it: BorrowingView) -> list[Fact]:
    return [Fact("借用单", it.number), Fact("资产", it.title), Fact("现在应在", f"{day(it.to_day)} 归还")]
