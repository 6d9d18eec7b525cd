"""代办: letting a colleague act in one's own role while away."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import colleague_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form
from server.identity.commands import Delegate, RevokeDelegation, delegate, revoke_delegation
from server.identity.queries import list_delegations
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES, Role
from server.identity.types import DelegationView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound
from server.kernel.reading import present_day
from server.web.downloads import list_links
from server.web.formats import day
from server.web.parts import Badge, Fact, Link, Option, Tone
from server.web.sessions import actor_of

STATES: dict[str, tuple[str, Tone]] = {
    "coming": ("未开始", "info"),
    "current": ("代办中", "ok"),
    "ended": ("已结束", "neutral"),
    "revoked": ("已撤销", "neutral"),
}


class DelegationForm(msgspec.Struct, frozen=True):
    """One role, for a colleague, for some days."""

    to_person_id: str
    role: str
    starts_on: date
    ends_on: date
    reason: str


@door.get("/delegations", summary="代办")
async def show_delegations(request: Request) -> HTTPResponse:
    """What I gave and took; for a security administrator, those of the units within scope."""
    actor = actor_of(request)
    views = await list_delegations(actor)
    return await door.draw(
        request,
        "admin/delegations.html",
        rows=[(view, Badge(*STATES[view.state]), _can_revoke(actor, view)) for view in views],
        can_delegate=bool(_own_roles(actor)),
        exports=list_links("/admin/delegations"),
    )


@door.get("/delegations/new", summary="请人代办")
async def draw_new_delegation(request: Request) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _new_sheet(actor_of(request)))


@door.post("/delegations", summary="请人代办")
async def add_delegation(request: Request) -> HTTPResponse:
    """Delegate."""

    async def act(actor: Actor, form: DelegationForm) -> Done:
        view = await delegate(actor, Delegate(**msgspec.structs.asdict(form)))
        text = (
            f"{view.to_person_name} 将在 {day(view.starts_on)} 至 {day(view.ends_on)} 代您办理“{view.role_name}”的事。"
        )
        return Done("/admin/delegations", text)

    return await answer_form(request, await _new_sheet(actor_of(request)), DelegationForm, act)


@door.get("/delegations/<delegation_id>/revocation", summary="撤销代办")
async def draw_delegation_end(request: Request, delegation_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _end_sheet(actor_of(request), delegation_id))


@door.post("/delegations/<delegation_id>/revocation", summary="撤销代办")
async def end_delegation(request: Request, delegation_id: str) -> HTTPResponse:
    """End it now."""

    async def act(actor: Actor, form: Nothing) -> Done:
        await revoke_delegation(actor, RevokeDelegation(delegation_id))
        return Done("/admin/delegations", "代办已撤销，立即生效。")

    return await answer_form(request, await _end_sheet(actor_of(request), delegation_id), Nothing, act)


def _own_roles(actor: Actor) -> list[str]:
    """Roles held by oneself that may be delegated."""
    own = dict.fromkeys(grant.role for grant in actor.grants if grant.delegated_by is None)
    return [role for role in own if role not in ADMINISTRATORS]


def _can_revoke(actor: Actor, view: DelegationView) -> bool:
    is_open = view.state in {"coming", "current"}
    return is_open and (view.from_person_id == actor.person_id or actor.has_role(Role.SECURITY_ADMIN))


async def _new_sheet(actor: Actor) -> FormPage:
    roles = tuple(Option(role, ROLE_NAMES[role]) for role in _own_roles(actor))
    if not roles:
        raise Forbidden("role.required")
    today = present_day().isoformat()
    return FormPage(
        title="请人代办",
        lead="外出或休假期间，请本单位同事代您办理；对方不能代您批自己的申请。",
        action="/admin/delegations",
        fields=(
            Field(
                name="to_person_id",
                label="代办人",
                kind="select",
                options=await colleague_options(actor),
            ),
            Field(name="role", label="代办哪个角色", kind="select", options=roles, value=roles[0].value),
            Field(name="starts_on", label="开始", kind="date", value=today),
            Field(name="ends_on", label="结束", kind="date", value=today, help="当天也算。"),
            Field(name="reason", label="原因", help="如 年休假。", maxlength=200),
        ),
        submit="确认代办",
        back=Link("返回", "/admin/delegations"),
        crumbs=(Link("代办", "/admin/delegations"), Link("请人代办")),
        draft="delegation",
    )


async def _end_sheet(actor: Actor, delegation_id: str) -> FormPage:
    view = next((each for each in await list_delegations(actor) if each.id == delegation_id), None)
    if view is None:
        raise NotFound("record.not_found")
    return FormPage(
        title="撤销代办",
        lead="撤销后代办人立即不能再以这个角色办理。",
        action=f"/admin/delegations/{delegation_id}/revocation",
        fields=(),
        submit="确认撤销",
        back=Link("返回", "/admin/delegations"),
        facts=(
            Fact("委托人", view.from_person_name),
            Fact("代办人", view.to_person_name),
            Fact("角色", f"{view.role_name}，{view.unit_name}"),
            Fact("日期", f"{day(view.starts_on)} 至 {day(view.ends_on)}"),
            Fact("原因", view.reason),
        ),
        crumbs=(Link("代办", "/admin/delegations"), Link("撤销")),
        is_danger=True,
    )
