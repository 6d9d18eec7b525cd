"""Which messages go to one's WeChat. They are allowed in WeChat itself; here they are seen and stopped."""

import msgspec
from sanic import HTTPResponse, Request

from server.kernel.errors import StateConflict
from server.notices.wechat.commands import withdraw_consent
from server.notices.wechat.queries import my_consents
from server.notices.wechat.types import ConsentView, TemplateId
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.surround import door

# What each kind of message tells about, as people meet it.
_EXAMPLES = {
    "approval": "轮到您审批、申请有结果、有人留言",
    "borrowing": "备好可领、快到归还日、已经逾期",
    "reuse": "想要的东西有了、需求有人应答",
    "other": "交接清单等您签收等其他事项",
}


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The template by which nothing more is to be sent."""

    template_id: TemplateId


class Kind(msgspec.Struct, frozen=True):
    """One kind of message as it is drawn. `allowance`: what may still be sent, in words; empty where nothing may."""

    name: str
    example: str
    template_id: str
    allowance: str


@door.get("/me/wechat", summary="微信提醒")
async def show_wechat(request: Request) -> HTTPResponse:
    view = await my_consents(actor_of(request))
    return await door.draw(
        request,
        "storefront/wechat.html",
        f=FormState.blank({}),
        is_bound=view.is_bound,
        kinds=[Kind(each.kind_name, _EXAMPLES[each.kind], each.template_id, _allowance(each)) for each in view.items],
    )


@door.post("/me/wechat/stop", summary="停止微信提醒")
async def submit_stop(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    stop = form.read(Stop)
    try:
        await withdraw_consent(actor_for_write(request, form.key), stop.template_id)
    except StateConflict:
        return redirect_with(request, "/me/wechat", Flash("info", "这类微信提醒本来就没有允许。"))
    return redirect_with(request, "/me/wechat", Flash("ok", "不再发到微信，站内消息照常。"))


def _allowance(view: ConsentView) -> str:
    if view.is_standing:
        return "每次都发"
    return f"还可发 {view.remaining} 条" if view.remaining else ""
