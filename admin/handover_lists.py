"""交接清单: one signed list to look at, to print, and to sign for on paper."""

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin.door import door
from admin.form_page import Done, Drawn, answer, fresh
from admin.handover import COLUMNS, KIND_NAMES
from server.files.pdf import render_form
from server.files.types import Column as PaperColumn
from server.files.types import Form, FormTable
from server.identity.commands import ReceiveHandover, receive_handover
from server.identity.queries import handover_by_id
from server.identity.roles import Role
from server.identity.types import HandoverView
from server.kernel.actor import Actor
from server.kernel.reading import present
from server.web.downloads import list_links
from server.web.formats import exact
from server.web.parts import Cell, Fact, Link, Row
from server.web.sessions import actor_of


class ReceiptForm(msgspec.Struct, frozen=True):
    """The receiver's name as it stands on the signed paper."""

    signed_name: str


@door.get("/handovers/<handover_id>", summary="交接清单")
async def show_handover(request: Request, handover_id: str) -> HTTPResponse:
    """One list with both signatures, or with the one that is missing."""
    return await _draw(request, handover_id, fresh(), 200)


@door.post("/handovers/<handover_id>/receipt", summary="登记纸质签收")
async def record_receipt(request: Request, handover_id: str) -> HTTPResponse:
    """Record that the receiver has signed the printed list."""

    async def act(actor: Actor, form: ReceiptForm) -> Done:
        await receive_handover(actor, ReceiveHandover(handover_id, form.signed_name))
        return Done(f"/admin/handovers/{handover_id}", "已登记签收。")

    return await answer(request, ReceiptForm, act, lambda drawn, status: _draw(request, handover_id, drawn, status))


@door.get("/handovers/<handover_id>/list.pdf", summary="打印交接清单")
async def print_handover(request: Request, handover_id: str) -> HTTPResponse:
    """The list on A4, with room for both signatures and the seal."""
    body = await render_form(_paper(await handover_by_id(actor_of(request), handover_id)))
    headers = {
        "Content-Disposition": f'inline; filename="handover-{handover_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return raw(body, content_type="application/pdf", headers=headers)


async def _draw(request: Request, handover_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    handover = await handover_by_id(actor, handover_id)
    rows = tuple(Row((Cell(KIND_NAMES.get(item.kind, item.kind)), Cell(item.label))) for item in handover.items)
    can_sign = handover.received_at is None and actor.has_role(Role.ASSET_MANAGER, Role.SYSTEM_ADMIN)
    return await door.draw(
        request,
        "admin/handover_list.html",
        status,
        handover=handover,
        columns=COLUMNS,
        rows=rows,
        exports=list_links(f"/admin/handovers/{handover.id}"),
        facts=facts_of_handover(handover),
        drawn=drawn,
        can_sign=can_sign and actor.person_id != handover.from_person_id,
        crumbs=(
            Link("人员", "/admin/people"),
            Link(handover.from_name, f"/admin/people/{handover.from_person_id}"),
            Link("交接清单"),
        ),
    )


def facts_of_handover(handover: HandoverView) -> tuple[Fact, ...]:
    """Who gave what to whom, and who has signed."""
    facts = [
        Fact("移交人", handover.from_name),
        Fact("接收人", handover.to_name),
        Fact("单位", handover.unit_name),
        Fact("移交", f"{handover.signed_by_name}，{exact(handover.signed_at)}"),
        Fact("签收", receipt_words(handover)),
    ]
    if handover.note:
        facts.append(Fact("备注", handover.note))
    return tuple(facts)


def receipt_words(handover: HandoverView) -> str:
    """How the receiver has signed."""
    if handover.received_at is None:
        return "接收人还没有签收"
    if handover.is_received_on_paper:
        return f"纸质签收，{handover.received_by_name} 登记，{exact(handover.received_at)}"
    return f"{handover.received_by_name} 本人签收，{exact(handover.received_at)}"


def _paper(handover: HandoverView) -> Form:
    number = f"交接{handover.signed_at:%Y%m%d}-{handover.id[-6:]}"
    return Form(
        title="工作交接清单",
        number=number,
        unit=handover.unit_name,
        fields=(
            ("移交人", handover.from_name),
            ("接收人", handover.to_name),
            ("移交时间", exact(handover.signed_at)),
            ("经办人", handover.signed_by_name),
            ("签收情况", receipt_words(handover)),
            ("件数", f"{len(handover.items)} 项"),
        ),
        table=FormTable(
            columns=(
                PaperColumn(title="序号", share=0.5, align="right"),
                PaperColumn(title="类别"),
                PaperColumn(title="内容", share=5.0),
            ),
            rows=tuple(
                (str(number), KIND_NAMES.get(item.kind, item.kind), item.label)
                for number, item in enumerate(handover.items, start=1)
            ),
        ),
        note=handover.note,
        signatures=("移交人", "接收人", "监交人"),
        qr_text=number,
        printed_at=present(),
    )
