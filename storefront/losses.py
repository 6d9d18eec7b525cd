"""Reporting that something borrowed is lost, and what became of it on the loan's page."""

from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.losses.commands import report_loss
from server.circulation.losses.types import ReportLoss
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView
from server.files.commands import store_picture
from server.files.types import Visibility
from server.kernel.actor import Actor
from server.kernel.errors import DomainError
from server.web.formats import yuan
from server.web.forms import TypedForm, uploaded_file
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Fact, Link, Option
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

LOSS_LABELS = {"asset_id": "哪一件", "explanation": "情况说明", "picture_id": "照片"}


class LossForm(msgspec.Struct, frozen=True):
    """What is lost, and how. The picture comes as a file beside it."""

    explanation: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    asset_id: str = ""


@door.get("/borrowings/<borrowing_id>/loss", summary="报遗失")
async def losing(request: Request, borrowing_id: str) -> HTTPResponse:
    it = await borrowing_view(actor_of(request), borrowing_id)
    return await _draw(request, it, FormState.blank(LOSS_LABELS))


@door.post("/borrowings/<borrowing_id>/loss", summary="登记遗失", is_upload=True)
async def submit_loss(request: Request, borrowing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await borrowing_view(actor_of(request), borrowing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(LossForm)
        wanted = ReportLoss(
            borrowing_id=it.id,
            asset_id=body.asset_id or it.lines[0].asset_id,
            explanation=body.explanation,
            picture_id=await _picture(request, actor),
        )
        done = await report_loss(actor, wanted)
    except DomainError as error:
        return await _draw(request, it, FormState.refused(error, form, LOSS_LABELS))
    text = f"已登记遗失：{done.asset_name}。由 {done.holder_unit_name} 认定责任，有结果会在消息里告诉您。"
    return redirect_with(request, f"/borrowings/{it.id}", Flash("ok", text))


def loss_lines(it: BorrowingView) -> list[Fact]:
    """What of a loan was lost or is to be paid for, each with the way to its case."""
    return [
        Fact(
            each.asset_name,
            f"{each.kind_name}，{each.state_name}" + (f"，未付 {yuan(each.left_fen)}" if each.left_fen else ""),
            f"/admin/losses/{each.id}",
        )
        for each in it.losses
    ]


async def _picture(request: Request, actor: Actor) -> str | None:
    """The picture of the form, stored under a key of its own so that a repeat stores it once."""
    file = uploaded_file(request, "picture_id")
    if file is None:
        return None
    key = f"{actor.idempotency_key}.picture"[:64] if actor.idempotency_key else None
    stored = await store_picture(actor.with_key(key), file.body, (file.name or "")[-128:], Visibility.UNIT)
    return stored.id


async def _draw(request: Request, it: BorrowingView, form: FormState) -> HTTPResponse:
    out = [line for line in it.lines if line.state == "out"]
    return await door.draw(
        request,
        "storefront/loss.html",
        form.status,
        it=it,
        f=form,
        options=[Option(line.asset_id, f"{line.asset_name} {line.asset_code}") for line in out],
        who=f"还在找的，先不必登记；有疑问可联系 {it.holder_unit_name} 的资产管理员。",
        crumbs=[Link("借用", "/borrowings"), Link(it.number, f"/borrowings/{it.id}"), Link("报遗失")],
    )
