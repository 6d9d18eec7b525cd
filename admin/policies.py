"""政策: what applies, since when, by whose word; every version kept."""

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import query_of
from admin.policy_words import content_facts, difference_rows, step_rows
from server.identity.queries import region_name
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.policies.commands import cancel_policy
from server.policies.queries import list_policies, may_change_policy, policy_history, policy_version
from server.policies.types import KIND_NAMES, CancelPolicy, PolicyView
from server.web.downloads import list_links
from server.web.formats import exact
from server.web.parts import Badge, Cell, Column, Fact, Link, Row
from server.web.sessions import actor_of

COLUMNS = (
    Column("政策"),
    Column("适用地区"),
    Column("版本", is_number=True),
    Column("生效"),
    Column("理由"),
    Column("制定人"),
)
STEP_COLUMNS = (Column("步骤"), Column("审批人"), Column("在哪里"), Column("什么情况下需要"))
VERSION_COLUMNS = (
    Column("版本"),
    Column("生效"),
    Column("状态"),
    Column("批文"),
    Column("理由"),
    Column("制定人"),
    Column("制定时间"),
)
DIFFERENCE_COLUMNS = (Column("项目"), Column("原来"), Column("改为"))
STATES: dict[str, Badge] = {
    "coming": Badge("待生效", "info", "calendar-clock"),
    "current": Badge("现行", "ok"),
    "past": Badge("已被取代"),
    "cancelled": Badge("已撤销", "bad"),
}


# An address cannot say the empty code.
BUILT_IN = "built-in"


class RegionQuery(msgspec.Struct, frozen=True):
    """Which region's versions, or the built-in ones; without it, those of the region that applies to the reader."""

    region: str | None = None


class CancelForm(msgspec.Struct, frozen=True):
    """Why a version is called off."""

    reason: str


@door.get("/policies", summary="政策")
async def show_policies(request: Request) -> HTTPResponse:
    """What applies now where the actor's unit is, kind by kind."""
    views = await list_policies(actor_of(request))
    rows = tuple(_row(view) for view in views)
    exports = list_links("/admin/policies")
    return await door.draw(request, "admin/policies.html", columns=COLUMNS, rows=rows, exports=exports)


@door.get("/policies/<kind>", summary="政策详情与历史")
async def show_policy(request: Request, kind: str) -> HTTPResponse:
    """A kind's versions in one region (`region`), or where the actor's unit is; the applying one in full."""
    actor = actor_of(request)
    applying = {view.kind: view for view in await list_policies(actor)}.get(kind)
    code = region_asked(query_of(request, RegionQuery), applying)
    history = await policy_history(actor, code, kind)
    shown = next((view for view in history if view.is_current), applying)
    return await door.draw(
        request,
        "admin/policy.html",
        kind=kind,
        kind_name=KIND_NAMES[kind],
        regions=await _regions(actor, kind, code),
        shown=shown,
        facts=content_facts(shown) if shown else (),
        step_columns=STEP_COLUMNS,
        step_rows=step_rows(shown) if shown else (),
        version_columns=VERSION_COLUMNS,
        version_rows=tuple(_version_row(view) for view in history),
        exports=list_links(f"/admin/policies/{kind}", RegionQuery(code or BUILT_IN)),
        can_change=await may_change_policy(actor, kind),
        crumbs=(Link("政策", "/admin/policies"), Link(KIND_NAMES[kind])),
    )


def region_asked(query: RegionQuery, applying: PolicyView | None) -> str:
    """The code of the region whose versions are asked for; of the built-in ones it is empty."""
    if query.region is None:
        return applying.region_code if applying else ""
    return "" if query.region == BUILT_IN else query.region


def policy_href(kind: str, region_code: str) -> str:
    """The address of a kind's versions in one region."""
    return f"/admin/policies/{kind}?region={region_code or BUILT_IN}"


@door.get("/policies/<kind>/versions/<version_id>", summary="政策的一个版本")
async def show_policy_version(request: Request, kind: str, version_id: str) -> HTTPResponse:
    """One version in full, and what it changed."""
    actor = actor_of(request)
    view, earlier = await version_of(actor, kind, version_id)
    return await door.draw(
        request,
        "admin/policy_version.html",
        view=view,
        badge=STATES[view.state],
        about=version_facts(view),
        earlier=earlier,
        difference_columns=DIFFERENCE_COLUMNS,
        differences=difference_rows(earlier, view) if earlier else (),
        facts=content_facts(view),
        step_columns=STEP_COLUMNS,
        step_rows=step_rows(view),
        can_cancel=view.state == "coming" and await may_change_policy(actor, kind),
        crumbs=crumbs_of(view),
    )


@door.get("/policies/<kind>/versions/<version_id>/cancellation", summary="撤销未生效的政策")
async def draw_policy_cancellation(request: Request, kind: str, version_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _cancel_sheet(actor_of(request), kind, version_id))


@door.post("/policies/<kind>/versions/<version_id>/cancellation", summary="撤销未生效的政策")
async def call_off_policy(request: Request, kind: str, version_id: str) -> HTTPResponse:
    """Call it off before it takes effect."""

    async def act(actor: Actor, form: CancelForm) -> Done:
        view = await cancel_policy(actor, CancelPolicy(version_id=version_id, reason=form.reason))
        return Done(href_of(view), f"已撤销第 {view.version} 版，原来的版本继续适用。")

    return await answer_form(request, await _cancel_sheet(actor_of(request), kind, version_id), CancelForm, act)


async def version_of(actor: Actor, kind: str, version_id: str) -> tuple[PolicyView, PolicyView | None]:
    """The version at this address and the one that it changed. NotFound `policy.not_found`."""
    view, earlier = await policy_version(actor, version_id)
    if view.kind != kind:
        raise NotFound("policy.not_found")
    return view, earlier


def href_of(view: PolicyView) -> str:
    """The address of a version."""
    return f"/admin/policies/{view.kind}/versions/{view.id}"


def crumbs_of(view: PolicyView, *last: str) -> tuple[Link, ...]:
    """The way back."""
    kind = policy_href(view.kind, view.region_code)
    above = (Link("政策", "/admin/policies"), Link(view.kind_name, kind), Link(f"第 {view.version} 版", href_of(view)))
    return (*above, *(Link(each) for each in last))


def version_facts(view: PolicyView) -> tuple[Fact, ...]:
    """Where, from when, why, by whom; and how it was called off."""
    facts = [
        Fact("适用地区", view.region_name),
        Fact("生效", effective_words(view)),
        Fact("批文", view.document_no or "—"),
        Fact("理由", view.reason),
        Fact("制定人", view.created_by_name or "产品内置"),
        Fact("制定时间", exact(view.created_at)),
    ]
    if view.cancelled_at is not None:
        facts.append(Fact("撤销", f"{view.cancelled_by_name}，{exact(view.cancelled_at)}：{view.cancel_reason}"))
    return tuple(facts)


async def _cancel_sheet(actor: Actor, kind: str, version_id: str) -> FormPage:
    view, _ = await version_of(actor, kind, version_id)
    if not await may_change_policy(actor, kind):
        raise Forbidden("role.required")
    if view.state != "coming":
        raise StateConflict("policy.not_cancellable")
    return FormPage(
        title=f"撤销{view.kind_name}政策第 {view.version} 版",
        lead=f"这一版原定 {effective_words(view)} 起生效。撤销后不再生效，原来的版本继续适用；记录仍然保留。",
        action=f"{href_of(view)}/cancellation",
        fields=(Field(name="reason", label="撤销理由", kind="textarea", maxlength=500, help="会公开显示。"),),
        submit="确认撤销",
        back=Link("返回", href_of(view)),
        facts=version_facts(view),
        crumbs=crumbs_of(view, "撤销"),
        is_danger=True,
    )


async def _regions(actor: Actor, kind: str, chosen: str) -> tuple[Link, ...]:
    codes = ["", *(code for code in actor.region_path.split("/") if code)]
    names = {code: await region_name(code) if code else "内置默认" for code in codes}
    return tuple(Link(names[code], policy_href(kind, code), code == chosen) for code in codes)


def _row(view: PolicyView) -> Row:
    return Row(
        (
            Cell(view.kind_name, f"/admin/policies/{view.kind}"),
            Cell(view.region_name),
            Cell(str(view.version)),
            Cell(effective_words(view)),
            Cell(view.reason),
            Cell(view.created_by_name or "产品内置"),
        )
    )


def _version_row(view: PolicyView) -> Row:
    return Row(
        (
            Cell(f"第 {view.version} 版", href_of(view)),
            Cell(effective_words(view)),
            Cell(badge=STATES[view.state]),
            Cell(view.document_no or "—"),
            Cell(view.reason),
            Cell(view.created_by_name or "产品内置"),
            Cell(exact(view.created_at)),
        )
    )


def effective_words(view: PolicyView) -> str:
    """From when a version applies; the built-in one from the beginning."""
    return exact(view.effective_from) if view.effective_from.year > 1971 else "一直"
