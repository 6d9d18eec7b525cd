"""What a label's code leads to: for the public what it is and whose, for its unit where it stands, for the keeper the
next thing to do."""

from urllib.parse import quote, unquote

from sanic import HTTPResponse, Request
from sanic.response import redirect

from server.assets.queries import find_by_scan
from server.assets.types import NextAction, ScanView
from server.kernel.errors import DomainError, FieldError, InvalidInput
from server.web.forms import TypedForm
from server.web.parts import Badge, Fact, Link
from server.web.routes import Access
from storefront.form_state import FormState
from storefront.surround import door, viewer_of

LABELS = {"code": "编号"}
LONGEST = 200
# What the keeper does at the desk, where the code is all that is needed.
AT_DESK = {"issue", "return", "inspect"}


@door.get("/scan", summary="查一件公物", access=Access.PUBLIC)
async def scan_form(request: Request) -> HTTPResponse:
    # An empty field was sent too: it is told, instead of drawing the form anew as if nothing had been pressed.
    sent = request.get_args(keep_blank_values=True)
    if "code" not in sent:
        return await _draw_form(request, "", None)
    code = (sent.get("code") or "").strip()[: LONGEST + 1]
    if not code:
        return await _draw_form(request, "", InvalidInput(fields=[FieldError("code", "input.required")]))
    if len(code) > LONGEST:
        return await _draw_form(
            request, code, InvalidInput(fields=[FieldError("code", "input.too_long", limit=LONGEST)])
        )
    return redirect(f"/s/{quote(code, safe='')}", status=303)


@door.get("/s/<token>", summary="扫码结果", access=Access.PUBLIC)
async def scanned(request: Request, token: str) -> HTTPResponse:
    code = unquote(token)
    try:
        it = await find_by_scan(viewer_of(request), code)
    except DomainError as error:
        return await _draw_form(request, code, error)
    return await door.draw(
        request,
        "storefront/scanned.html",
        it=it,
        picture=f"/files/{it.picture_id}" if it.picture_id else "",
        badge=Badge(it.state_name, "accent") if it.state_name else None,
        facts=_facts(it),
        actions=[link for action in it.next_actions if (link := _link(it, action))],
        login_href=f"/login?next={quote(request.path, safe='')}",
    )


def _facts(it: ScanView) -> list[Fact]:
    facts = [
        Fact("归属单位", it.owner_unit_name),
        Fact("资产编号", it.code or "", is_code=True),
        Fact("成色", it.condition_name or ""),
        Fact("存放地点", it.place_name or ""),
        Fact("保管人", it.custodian_name or ""),
    ]
    return [fact for fact in facts if fact.value]


def _link(it: ScanView, action: NextAction) -> Link | None:
    if action.kind in AT_DESK:
        return Link(action.name, f"/admin/desk?code={quote(it.code or '', safe='')}")
    return Link(action.name, f"/admin/assets/{action.subject_id}") if action.kind == "card" else None


async def _draw_form(request: Request, code: str, error: DomainError | None) -> HTTPResponse:
    form = FormState.blank(LABELS, code=code[:LONGEST])
    if error is not None:
        form = FormState.answered(error, TypedForm({"code": code[:LONGEST]}, None), LABELS)
    return await door.draw(request, "storefront/scan.html", form.status, f=form)
