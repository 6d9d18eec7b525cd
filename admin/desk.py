"""仓管台: one input for a scanned or typed code, what the thing is, and the one thing to do next. Made for one hand."""

import re
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from admin.accessories import PARTS, Part, parts_back, parts_out, ticked_of, without_parts
from admin.door import door
from admin.form_page import Done, Drawn, answer_loose, fresh
from admin.pictures import picture_of
from admin.progress import latest_line, short_facts
from admin.uploads import stored_picture
from server.assets.queries import accessory_list, find_by_scan
from server.assets.types import NextAction, ScanView
from server.circulation.commands import inspect_return, issue_by_code, return_by_code
from server.circulation.queries import borrowing_view, desk_borrowing_of
from server.circulation.states import INSPECTION_NAMES
from server.circulation.types import (
    BorrowingView,
    Inspection,
    InspectReturn,
    IssueByCode,
    LineView,
    ReturnByCode,
)
from server.files.types import Visibility
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, NotFound, Unavailable
from server.web.forms import Problems
from server.web.parsing import build
from server.web.parts import Fact, Option
from server.web.sessions import actor_of
from server.web.statuses import status_of

# A damaged thing waits for a decision that is made on the loan's own page.
KINDS = frozenset({"issue", "return", "inspect", "resolve"})
AT_DESK = (Role.WAREHOUSE_KEEPER, Role.ASSET_MANAGER)
# The fields of each form; of the parts that belong to the thing there are as many as it has.
ISSUED = re.compile(rf"code|received_by|borrowing_id|{PARTS}")
RETURNED = re.compile(rf"code|{PARTS}")
INSPECTED = re.compile(rf"code|borrowing_id|asset_id|result|note|picture_id|{PARTS}")
RESULTS = tuple(Option(value, name) for value, name in INSPECTION_NAMES.items())


class IssueForm(msgspec.Struct, frozen=True):
    """Handing out: the code again, for which loan, and who takes it."""

    code: str
    received_by: str = ""
    borrowing_id: str | None = None


class ReturnForm(msgspec.Struct, frozen=True):
    """Taking back: the code again."""

    code: str


class InspectionForm(msgspec.Struct, frozen=True):
    """What was found. The picture comes as a file beside it."""

    code: str
    borrowing_id: str
    asset_id: str
    result: Inspection
    note: str = ""


@door.get("/desk", summary="仓管台")
async def show_desk(request: Request) -> HTTPResponse:
    """The input, and under it what the code says."""
    return await _draw(request, request.args.get("code") or "", fresh(), 200)


@door.post("/desk/issue", summary="发放")
async def issue(request: Request) -> HTTPResponse:
    """Hand the thing out."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        form, ticked = build(without_parts(typed), IssueForm, is_strict=False), ticked_of(typed)
        view = await issue_by_code(actor, IssueByCode(form.borrowing_id, form.code, form.received_by, ticked))
        text = f"已发放给 {form.received_by}：{latest_line(view, 'issued_at').asset_name}。"
        return Done("/admin/desk", text, "打印借用单", f"/admin/loans/{view.id}/slip")

    return await answer_loose(request, ISSUED, act, lambda drawn, status: _draw_again(request, drawn, status))


@door.post("/desk/return", summary="收回")
async def take_back(request: Request) -> HTTPResponse:
    """Take the thing back; inspecting it comes next."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        form, ticked = build(without_parts(typed), ReturnForm, is_strict=False), ticked_of(typed)
        view = await return_by_code(actor, ReturnByCode(form.code, ticked))
        line = latest_line(view, "returned_at")
        lacking = f"缺配件：{line.missing}。" if line.missing else ""
        return Done(f"/admin/desk?code={line.asset_code}", f"已收回：{line.asset_name}。{lacking}请接着验收。")

    return await answer_loose(request, RETURNED, act, lambda drawn, status: _draw_again(request, drawn, status))


@door.post("/desk/inspection", summary="验收", is_upload=True)
async def inspect(request: Request) -> HTTPResponse:
    """Note what was found."""

    async def act(actor: Actor, typed: dict[str, Any]) -> Done:
        form, ticked = build(without_parts(typed), InspectionForm, is_strict=False), ticked_of(typed)
        picture_id = await stored_picture(request, actor, "picture_id", Visibility.UNIT)
        wanted = InspectReturn(form.borrowing_id, form.asset_id, form.result, form.note, picture_id, ticked)
        view = await inspect_return(actor, wanted)
        name = next(line.asset_name for line in view.lines if line.asset_id == form.asset_id)
        text = f"已验收（{INSPECTION_NAMES[form.result]}）：{name}。"
        return Done("/admin/desk", text, f"看 {view.number}", f"/admin/loans/{view.id}")

    return await answer_loose(request, INSPECTED, act, lambda drawn, status: _draw_again(request, drawn, status))


async def _draw_again(request: Request, drawn: Drawn, status: int) -> HTTPResponse:
    return await _draw(request, str(drawn.typed.get("code", "")), drawn, status)


async def _draw(request: Request, code: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    require_role(actor, *AT_DESK)
    scan: ScanView | None = None
    if code.strip():
        try:
            scan = await find_by_scan(actor, code)
        except Unavailable:
            raise
        except DomainError as error:
            # The code says nothing that can be acted on: that is this page's answer, not another page.
            if not drawn.problems:
                drawn, status = msgspec.structs.replace(drawn, problems=Problems.of(error)), status_of(error)
    action = await _action(actor, scan) if scan else None
    loan = await _loan(actor, action.subject_id if action else None)
    return await door.draw(
        request,
        "admin/desk.html",
        status,
        code=code,
        drawn=drawn,
        scan=scan,
        action=action,
        picture=picture_of(scan.picture_id, "") if scan else "",
        facts=_facts(scan) if scan else (),
        results=RESULTS,
        parts=await _parts(actor, scan, action, loan["loan"], drawn) if scan and action else (),
        missing=next((line.missing for line in _lines(loan["loan"], scan)), ""),
        **loan,
    )


async def _parts(
    actor: Actor, scan: ScanView, action: NextAction, loan: BorrowingView | None, drawn: Drawn
) -> tuple[Part, ...]:
    """What belongs to the thing and is to be ticked off now."""
    if action.kind == "issue" and scan.asset_id:
        return parts_out((await accessory_list(actor, scan.asset_id)).accessories, drawn.typed)
    lines = _lines(loan, scan)
    return parts_back(lines[0].accessories, drawn.typed) if lines else ()


def _lines(loan: BorrowingView | None, scan: ScanView | None) -> list[LineView]:
    if loan is None or scan is None:
        return []
    return [line for line in loan.lines if line.asset_id == scan.asset_id]


async def _action(actor: Actor, scan: ScanView) -> NextAction | None:
    """The one thing to do next. A scan tells it to keepers; the holder's asset manager finds it in the own desk."""
    if scan.next_actions:
        return next((each for each in scan.next_actions if each.kind in KINDS), None)
    found = await desk_borrowing_of(actor, scan.asset_id) if scan.asset_id else None
    return NextAction(kind=found.kind, name="", subject_id=found.borrowing_id) if found else None


async def _loan(actor: Actor, borrowing_id: str | None) -> dict[str, Any]:
    if borrowing_id is None:
        return {"loan": None, "loan_facts": ()}
    try:
        view = await borrowing_view(actor, borrowing_id)
    except NotFound:
        return {"loan": None, "loan_facts": ()}
    return {"loan": view, "loan_facts": short_facts(view)}


def _facts(scan: ScanView) -> tuple[Fact, ...]:
    pairs = (
        ("编号", scan.code),
        ("权属单位", scan.owner_unit_name),
        ("状态", scan.state_name),
        ("新旧程度", scan.condition_name),
        ("地点", scan.place_name),
        ("保管人", scan.custodian_name),
    )
    return tuple(Fact(term, value, is_code=term == "编号") for term, value in pairs if value)
