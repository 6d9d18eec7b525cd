"""授权: what is asked for, what was given and taken with its reasons, and what reaches further than it need."""

from typing import Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Drawn, Field, FormPage, answer, answer_form, draw_form, fresh
from admin.lists import first_href, next_href, query_of
from admin.people import crumbs_of, facts_of
from server.identity.commands import (
    AnswerRequest,
    RequestRole,
    grant_request,
    refuse_request,
    request_role,
    withdraw_request,
)
from server.identity.queries import (
    grants_of_person,
    list_role_requests,
    person_by_id,
    role_request_by_id,
    wide_grants,
)
from server.identity.roles import ROLE_NAMES, Role
from server.identity.types import GrantView, RoleRequestView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.web.downloads import list_links
from server.web.formats import exact
from server.web.parts import Badge, Cell, Column, Fact, Link, Option, Row, Tone
from server.web.sessions import actor_of

ASKING = (Role.SYSTEM_ADMIN, Role.ASSET_MANAGER)
WATCHING = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
TONES: dict[str, Tone] = {"pending": "warn", "granted": "ok", "refused": "bad", "withdrawn": "neutral"}
REQUEST_COLUMNS = (
    Column("人员"),
    Column("单位与岗位"),
    Column("角色"),
    Column("理由"),
    Column("申请人"),
    Column("状态"),
)
GRANT_COLUMNS = (
    Column("角色"),
    Column("单位与岗位"),
    Column("授予"),
    Column("授予理由"),
    Column("收回"),
    Column("收回理由"),
)
WIDE_COLUMNS = (Column("人员"), Column("单位与岗位"), Column("角色"), Column("为什么要看"), Column("授予"))


class RequestQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    state: Literal["", "pending", "granted", "refused", "withdrawn"] = ""
    cursor: str | None = None


class RequestForm(msgspec.Struct, frozen=True):
    """A request as it is typed."""

    post_id: str
    role: str
    reason: str
    is_subtree: bool = False


class NoteForm(msgspec.Struct, frozen=True):
    """What is said with an answer."""

    note: str = ""


@door.get("/role-requests", summary="授权申请")
async def show_role_requests(request: Request) -> HTTPResponse:
    """What waits for the security administrator, and what was answered."""
    actor, query = actor_of(request), query_of(request, RequestQuery)
    state = query.state
    page = await list_role_requests(actor, state, query.cursor)
    return await door.draw(
        request,
        "admin/role_requests.html",
        columns=REQUEST_COLUMNS,
        rows=tuple(_request_row(each) for each in page.items),
        tabs=(
            Link("全部", "/admin/role-requests", not state),
            Link("待授权", "/admin/role-requests?state=pending", state == "pending"),
            Link("已授权", "/admin/role-requests?state=granted", state == "granted"),
        ),
        watches=actor.has_role(*WATCHING),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/role-requests", query),
    )


@door.get("/role-requests/<request_id>", summary="授权申请详情")
async def show_role_request(request: Request, request_id: str) -> HTTPResponse:
    """One request, and the answer."""
    return await _draw(request, request_id, fresh(), 200)


@door.post("/role-requests/<request_id>/grant", summary="同意授权")
async def give_requested_role(request: Request, request_id: str) -> HTTPResponse:
    """Give what was asked."""

    async def act(actor: Actor, form: NoteForm) -> Done:
        done = await grant_request(actor, AnswerRequest(request_id, form.note))
        return Done(f"/admin/role-requests/{request_id}", f"已授予 {done.person_name}“{done.role_name}”。")

    return await answer(request, NoteForm, act, lambda drawn, status: _draw(request, request_id, drawn, status))


@door.post("/role-requests/<request_id>/refusal", summary="不同意授权")
async def refuse_requested_role(request: Request, request_id: str) -> HTTPResponse:
    """Refuse what was asked."""

    async def act(actor: Actor, form: NoteForm) -> Done:
        await refuse_request(actor, AnswerRequest(request_id, form.note))
        return Done(f"/admin/role-requests/{request_id}", "已退回，申请人能看到原因。")

    return await answer(request, NoteForm, act, lambda drawn, status: _draw(request, request_id, drawn, status))


@door.post("/role-requests/<request_id>/withdrawal", summary="撤回授权申请")
async def withdraw_requested_role(request: Request, request_id: str) -> HTTPResponse:
    """Take the request back."""

    async def act(actor: Actor, form: NoteForm) -> Done:
        await withdraw_request(actor, AnswerRequest(request_id, form.note))
        return Done(f"/admin/role-requests/{request_id}", "已撤回。")

    return await answer(request, NoteForm, act, lambda drawn, status: _draw(request, request_id, drawn, status))


@door.get("/people/<person_id>/role-requests/new", summary="申请授权")
async def draw_new_request(request: Request, person_id: str) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/role-requests", summary="申请授权")
async def ask_for_role(request: Request, person_id: str) -> HTTPResponse:
    """Ask for the role."""

    async def act(actor: Actor, form: RequestForm) -> Done:
        made = await request_role(actor, RequestRole(form.post_id, form.role, form.is_subtree, form.reason))
        return Done(f"/admin/role-requests/{made.id}", "已提出，等安全管理员办理。")

    return await answer_form(request, await _sheet(actor_of(request), person_id), RequestForm, act)


@door.get("/people/<person_id>/grants", summary="权限沿革")
async def show_grants(request: Request, person_id: str) -> HTTPResponse:
    """Every role that somebody has or had, with reasons."""
    actor = actor_of(request)
    grants = await grants_of_person(actor, person_id)
    name = grants[0].person_name if grants else ""
    crumbs = (Link("人员", "/admin/people"), Link(name or "权限沿革", f"/admin/people/{person_id}"), Link("权限沿革"))
    return await door.draw(
        request,
        "admin/grants.html",
        title=f"权限沿革：{name}" if name else "权限沿革",
        lead="谁在什么时候、为什么授予和收回。",
        caption="权限沿革",
        columns=GRANT_COLUMNS,
        rows=tuple(_grant_row(each) for each in grants),
        exports=list_links(f"/admin/people/{person_id}/grants"),
        # The auditor sees the rights of people, not the people's own page.
        crumbs=crumbs if actor.has_role(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN) else (),
    )


@door.get("/grants", summary="权限检查")
async def show_wide_grants(request: Request) -> HTTPResponse:
    """The roles that somebody should look at again."""
    return await door.draw(
        request,
        "admin/grants.html",
        title="权限检查",
        lead="管得宽的、一人多角色的、高权限还没有启用动态口令的，请逐项核对是否仍然需要。",
        caption="需要核对的权限",
        columns=WIDE_COLUMNS,
        rows=tuple(_wide_row(each) for each in await wide_grants(actor_of(request))),
        exports=list_links("/admin/grants"),
        crumbs=(Link("授权申请", "/admin/role-requests"), Link("权限检查")),
    )


def _request_row(each: RoleRequestView) -> Row:
    reach = "，也管下级单位" if each.is_subtree else ""
    return Row(
        (
            Cell(each.person_name, f"/admin/role-requests/{each.id}"),
            Cell(f"{each.unit_name} {each.post_title}"),
            Cell(f"{each.role_name}{reach}"),
            Cell(each.reason),
            Cell(each.requested_by_name or "系统"),
            Cell(badge=Badge(each.state_name, TONES[each.state])),
        )
    )


def _grant_row(each: GrantView) -> Row:
    return Row(
        (
            Cell(f"{each.role_name}{'，也管下级单位' if each.is_subtree else ''}"),
            Cell(f"{each.unit_name} {each.post_title}"),
            Cell(f"{each.granted_by_name}，{exact(each.granted_at)}"),
            Cell(each.reason or "未填写"),
            Cell("" if each.revoked_at is None else f"{each.revoked_by_name}，{exact(each.revoked_at)}"),
            Cell(each.revoke_reason),
        )
    )


def _wide_row(each: GrantView) -> Row:
    return Row(
        (
            Cell(each.person_name, f"/admin/people/{each.person_id}/grants"),
            Cell(f"{each.unit_name} {each.post_title}"),
            Cell(each.role_name),
            Cell(each.why_wide),
            Cell(f"{each.granted_by_name}，{exact(each.granted_at)}"),
        )
    )


async def _draw(request: Request, request_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    asked = await role_request_by_id(actor, request_id)
    is_waiting = asked.state == "pending"
    return await door.draw(
        request,
        "admin/role_request.html",
        status,
        asked=asked,
        badge=Badge(asked.state_name, TONES[asked.state]),
        facts=_facts(asked),
        drawn=drawn,
        can_decide=is_waiting and actor.has_role(Role.SECURITY_ADMIN),
        can_withdraw=is_waiting and actor.has_role(*ASKING),
        crumbs=(Link("授权申请", "/admin/role-requests"), Link(f"{asked.person_name} {asked.role_name}")),
    )


def _facts(asked: RoleRequestView) -> tuple[Fact, ...]:
    facts = [
        Fact("人员", asked.person_name),
        Fact("单位与岗位", f"{asked.unit_name} {asked.post_title}"),
        Fact("角色", asked.role_name),
        Fact("范围", "也管下级单位" if asked.is_subtree else "本单位"),
        Fact("理由", asked.reason),
        Fact("申请", f"{asked.requested_by_name or '系统'}，{exact(asked.requested_at)}"),
    ]
    if asked.decided_at is not None:
        facts.append(Fact(asked.state_name, f"{asked.decided_by_name or '系统'}，{exact(asked.decided_at)}"))
    if asked.decision_note:
        facts.append(Fact("说明", asked.decision_note))
    return tuple(facts)


async def _sheet(actor: Actor, person_id: str) -> FormPage:
    if not actor.has_role(*ASKING):
        raise Forbidden("role.required")
    person = await person_by_id(actor, person_id)
    posts = tuple(Option(post.post_id, f"{post.unit_name} {post.title}") for post in person.posts)
    return FormPage(
        title=f"为 {person.name} 申请授权",
        lead="由安全管理员办理；申请、理由和结果三员都看得到。不能为自己申请。",
        action=f"/admin/people/{person_id}/role-requests",
        fields=(
            Field(name="post_id", label="岗位", kind="select", options=posts, value=posts[0].value if posts else ""),
            Field(
                name="role",
                label="角色",
                kind="select",
                options=tuple(Option(role, name) for role, name in ROLE_NAMES.items()),
            ),
            Field(name="is_subtree", label="也管下级单位", kind="checkbox"),
            Field(name="reason", label="为什么需要", kind="textarea", maxlength=200, rows=2),
        ),
        submit="提出申请",
        back=Link("返回", f"/admin/people/{person_id}"),
        facts=facts_of(person),
        crumbs=crumbs_of(person, "申请授权"),
    )
