"""Both sides sign on the screen for what was handed out, or taken back; by name alone where there is no script."""

from typing import Literal, cast

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.loans import crumbs_of
from admin.progress import short_facts
from admin.uploads import stored_picture
from server.circulation.commands import sign_handover
from server.circulation.handing_over import HANDOVER_NAMES
from server.circulation.lines import title_of
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, LineView, SignHandover
from server.files.types import Visibility
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.web.parts import Fact, Link
from server.web.sessions import actor_of

Kind = Literal["issue", "return"]


class SigningForm(msgspec.Struct, frozen=True):
    """The names; the drawings come as files beside them."""

    other_name: str = ""
    keeper_name: str = ""


@door.get("/loans/<borrowing_id>/signing/<kind>", summary="交接签字")
async def draw_signing(request: Request, borrowing_id: str, kind: str) -> HTTPResponse:
    """What is signed for, and the fields for both sides."""
    actor = actor_of(request)
    return await draw_form(request, _sheet(actor, await borrowing_view(actor, borrowing_id), _kind(kind)))


@door.post("/loans/<borrowing_id>/signing/<kind>", summary="交接签字", is_upload=True)
async def sign(request: Request, borrowing_id: str, kind: str) -> HTTPResponse:
    """Keep the signatures."""
    wanted_kind = _kind(kind)

    async def act(actor: Actor, form: SigningForm) -> Done:
        pictures = {
            name: await stored_picture(request, actor, name, Visibility.UNIT)
            for name in ("other_signature_id", "keeper_signature_id")
        }
        wanted = SignHandover(borrowing_id, wanted_kind, form.other_name, form.keeper_name, **pictures)
        view = await sign_handover(actor, wanted)
        text = f"{HANDOVER_NAMES[wanted_kind]}签字已保存。"
        return Done(f"/admin/loans/{view.id}", text, "打印借用单", f"/admin/loans/{view.id}/slip")

    actor = actor_of(request)
    sheet = _sheet(actor, await borrowing_view(actor, borrowing_id), wanted_kind)
    return await answer_form(request, sheet, SigningForm, act)


def _kind(text: str) -> Kind:
    if text not in HANDOVER_NAMES:
        raise NotFound("request.not_found")
    return cast(Kind, text)


def _sheet(actor: Actor, view: BorrowingView, kind: Kind) -> FormPage:
    word, other = HANDOVER_NAMES[kind], "领取人" if kind == "issue" else "归还人"
    lines = _unsigned(view, kind)
    receivers = list(dict.fromkeys(line.issued_to for line in lines if line.issued_to))
    return FormPage(
        title=f"{word}签字",
        lead=f"{view.number}：{len(lines)} 件，双方当面核对后签字。",
        action=f"/admin/loans/{view.id}/signing/{kind}",
        fields=(
            Field(name="other_name", label=f"{other}姓名", value=receivers[0] if receivers else "", maxlength=64),
            Field(name="other_signature_id", label=f"{other}签名", kind="signature", required=False),
            Field(name="keeper_name", label="仓管员姓名", value=actor.person_name, maxlength=64),
            Field(name="keeper_signature_id", label="仓管员签名", kind="signature", required=False),
        ),
        submit="保存签字",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=(
            Fact("签字的资产", title_of([line.asset_name for line in lines])),
            Fact("编号", "、".join(line.asset_code for line in lines)),
            *short_facts(view),
        ),
        crumbs=crumbs_of(view, "签字"),
        is_upload=True,
    )


def _unsigned(view: BorrowingView, kind: Kind) -> list[LineView]:
    if kind == "issue":
        return [line for line in view.lines if line.issued_at and not line.is_issue_signed]
    return [line for line in view.lines if line.returned_at and not line.is_return_signed]
