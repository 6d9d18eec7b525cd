"""What is held about me, and the handover lists that wait for my signature."""

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from server.identity.commands import LookUp, ReceiveHandover, read_personal_data, receive_handover
from server.identity.queries import handover_by_id
from server.kernel.errors import DomainError
from server.web.downloads import list_links
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.personal_data import copy_of
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

LABELS = {"signed_name": "签名"}


class SignatureForm(msgspec.Struct, frozen=True):
    """My name as I sign."""

    signed_name: str


@door.get("/me/personal-data", summary="我的个人信息")
async def show_my_data(request: Request) -> HTTPResponse:
    actor = actor_of(request)
    data = await read_personal_data(actor, LookUp(actor.person_id or ""))
    return await door.draw(request, "storefront/personal_data.html", data=data)


@door.get("/me/personal-data/copy", summary="下载我的个人信息")
async def download_my_data(request: Request) -> HTTPResponse:
    actor = actor_of(request)
    data = await read_personal_data(actor, LookUp(actor.person_id or ""))
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "private, no-store"}
    return raw(copy_of(data), content_type="application/json", headers=headers)


@door.get("/me/handovers/<handover_id>", summary="核对交接清单")
async def show_my_handover(request: Request, handover_id: str) -> HTTPResponse:
    return await _draw(request, handover_id, FormState.blank(LABELS))


@door.post("/me/handovers/<handover_id>/receipt", summary="签收交接清单")
async def sign_my_handover(request: Request, handover_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        body = form.read(SignatureForm)
        await receive_handover(actor_for_write(request, form.key), ReceiveHandover(handover_id, body.signed_name))
    except DomainError as error:
        return await _draw(request, handover_id, FormState.refused(error, form, LABELS))
    return redirect_with(request, f"/me/handovers/{handover_id}", Flash("ok", "已签收，清单长期保存。"))


async def _draw(request: Request, handover_id: str, form: FormState) -> HTTPResponse:
    actor = actor_of(request)
    handover = await handover_by_id(actor, handover_id)
    exports = list_links(f"/me/handovers/{handover.id}")
    is_mine = handover.to_person_id == actor.person_id and handover.received_at is None
    return await door.draw(
        request, "storefront/handover.html", form.status, f=form, handover=handover, is_mine=is_mine, exports=exports
    )
