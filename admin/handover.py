"""交接: what somebody holds goes to a colleague by a signed list, before they leave."""

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import person_options
from admin.door import door
from admin.form_page import Done, Drawn, Field, FormPage, answer, fresh
from admin.people import crumbs_of, facts_of
from server.identity.commands import HandOver, hand_over
from server.identity.commands.held import list_held
from server.identity.queries import person_by_id
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.web.parts import Cell, Column, Link, Row
from server.web.sessions import actor_of

KIND_NAMES = {"asset_card": "资产", "keeper_assignment": "仓库", "borrowing": "借用"}
COLUMNS = (Column("类别"), Column("内容"))


class HandoverForm(msgspec.Struct, frozen=True):
    """To whom, with what remark."""

    to_person_id: str
    note: str = ""


@door.get("/people/<person_id>/handover", summary="办理交接")
async def draw_handover(request: Request, person_id: str) -> HTTPResponse:
    """The list of what is held, and the form to sign it over."""
    return await _draw(request, person_id, fresh(), 200)


@door.post("/people/<person_id>/handover", summary="办理交接")
async def sign_handover(request: Request, person_id: str) -> HTTPResponse:
    """Sign the list; everything on it changes hands at once."""

    async def act(actor: Actor, form: HandoverForm) -> Done:
        signed = await hand_over(actor, HandOver(person_id, form.to_person_id, form.note))
        text = f"已交接 {len(signed.items)} 项，等 {signed.to_name} 签收后即可停用。"
        return Done(f"/admin/handovers/{signed.id}", text)

    return await answer(request, HandoverForm, act, lambda drawn, status: _draw(request, person_id, drawn, status))


async def _draw(request: Request, person_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    if not actor.has_role(Role.SYSTEM_ADMIN, Role.ASSET_MANAGER):
        raise Forbidden("role.required")
    person = await person_by_id(actor, person_id)
    held = await list_held(actor, person_id)
    sheet = FormPage(
        title=f"交接：{person.name}",
        lead="签署后，清单上的资产、待办和借用一次转给接收人；清单永久保存。",
        action=f"/admin/people/{person_id}/handover",
        fields=(
            Field(
                name="to_person_id",
                label="接收人",
                kind="select",
                options=await person_options(actor, None, person_id),
                help="须与移交人在同一单位。",
            ),
            Field(name="note", label="备注", kind="textarea", maxlength=500, required=False),
        ),
        submit="签署并交接",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "交接"),
    )
    rows = tuple(Row((Cell(KIND_NAMES.get(item.kind, item.kind)), Cell(item.label))) for item in held)
    return await door.draw(
        request, "admin/handover.html", status, sheet=sheet, drawn=drawn, columns=COLUMNS, rows=rows, person=person
    )
