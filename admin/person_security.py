"""What a security administrator does for people: roles, passwords, second factors, disabling; and inviting."""

from collections.abc import Awaitable, Callable

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form
from admin.people import crumbs_of, facts_of
from server.identity.commands import (
    DisablePerson,
    GrantRole,
    RevokeRole,
    disable_person,
    end_sessions,
    grant_role,
    invite_person,
    reset_password,
    reset_second_factor,
    revoke_role,
    unlock_login,
)
from server.identity.commands.held import list_held
from server.identity.queries import person_by_id
from server.identity.roles import ROLE_NAMES, Role
from server.identity.types import PersonView, PostView
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.web.formats import exact
from server.web.parts import Fact, Link, Option
from server.web.sessions import actor_of

_REASON = Field(name="reason", label="理由", kind="textarea", maxlength=200, rows=2)
ROLES = tuple(Option(role, name) for role, name in ROLE_NAMES.items())


class RoleForm(msgspec.Struct, frozen=True):
    """A role for a post."""

    post_id: str
    role: str
    reason: str
    is_subtree: bool = False


class ReasonForm(msgspec.Struct, frozen=True):
    """Why."""

    reason: str


class Reset(msgspec.Struct, frozen=True):
    """One of the three small repairs of somebody's login."""

    title: str
    lead: str
    submit: str
    said: str
    run: Callable[[Actor, str], Awaitable[object]]


RESETS = {
    "second-factor": Reset(
        "重置动态口令",
        "对方下次登录时重新设置；现有登录全部退出。",
        "确认重置",
        "动态口令已重置。",
        reset_second_factor,
    ),
    "sessions": Reset("退出全部登录", "对方在所有设备上的登录立即失效。", "确认退出", "已退出全部登录。", end_sessions),
    "lock": Reset("解除登录限制", "清除连续输错造成的等待。", "解除", "登录限制已解除。", unlock_login),
}


@door.get("/people/<person_id>/roles/new", summary="授予角色")
async def draw_grant(request: Request, person_id: str) -> HTTPResponse:
    """The form: which post, which role, how far."""
    return await draw_form(request, await _grant_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/roles", summary="授予角色")
async def grant(request: Request, person_id: str) -> HTTPResponse:
    """Grant the role."""

    async def act(actor: Actor, form: RoleForm) -> Done:
        await grant_role(actor, GrantRole(form.post_id, form.role, form.is_subtree, required(form.reason)))
        return Done(f"/admin/people/{person_id}", f"已授予“{ROLE_NAMES[form.role]}”。")

    return await answer_form(request, await _grant_sheet(actor_of(request), person_id), RoleForm, act)


@door.get("/people/<person_id>/posts/<post_id>/roles/<role>/revocation", summary="收回角色")
async def draw_revocation(request: Request, person_id: str, post_id: str, role: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _revoke_sheet(actor_of(request), person_id, post_id, role))


@door.post("/people/<person_id>/posts/<post_id>/roles/<role>/revocation", summary="收回角色")
async def revoke(request: Request, person_id: str, post_id: str, role: str) -> HTTPResponse:
    """Take the role back, at once in every session."""

    async def act(actor: Actor, form: ReasonForm) -> Done:
        await revoke_role(actor, RevokeRole(post_id, role, required(form.reason)))
        return Done(f"/admin/people/{person_id}", f"已收回“{ROLE_NAMES[role]}”，立即生效。")

    sheet = await _revoke_sheet(actor_of(request), person_id, post_id, role)
    return await answer_form(request, sheet, ReasonForm, act)


def required(reason: str) -> str:
    """The reason; InvalidInput where it is none. On a page nobody gives or takes rights without saying why."""
    if not reason.strip():
        raise InvalidInput(fields=[FieldError("reason", "input.required")])
    return reason


@door.get("/people/<person_id>/invitation", summary="邀请绑定微信")
async def draw_invitation(request: Request, person_id: str) -> HTTPResponse:
    """Say what an invitation is."""
    return await draw_form(request, await _invite_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/invitation", summary="邀请绑定微信")
async def invite(request: Request, person_id: str) -> HTTPResponse:
    """Make the code and show it, once."""
    person = await person_by_id(actor_of(request), person_id)

    async def act(actor: Actor, form: Nothing) -> HTTPResponse:
        made = await invite_person(actor, person_id)
        text = f"请当面或电话告诉本人，在小程序里输入。{exact(made.expires_at)} 前有效，用一次即失效。"
        return await draw_once(request, person, "邀请码", made.code, text)

    return await answer_form(request, await _invite_sheet(actor_of(request), person_id), Nothing, act)


@door.get("/people/<person_id>/password", summary="发放临时口令")
async def draw_password(request: Request, person_id: str) -> HTTPResponse:
    """Say what a temporary password does."""
    return await draw_form(request, await _password_sheet(actor_of(request), person_id))


@door.post("/people/<person_id>/password", summary="发放临时口令")
async def give_password(request: Request, person_id: str) -> HTTPResponse:
    """Make a temporary password and show it, once."""
    person = await person_by_id(actor_of(request), person_id)

    async def act(actor: Actor, form: Nothing) -> HTTPResponse:
        made = await reset_password(actor, person_id)
        return await draw_once(request, person, "临时口令", made.password, "请当面交给本人；首次登录必须修改。")

    return await answer_form(request, await _password_sheet(actor_of(request), person_id), Nothing, act)


@door.get("/people/<person_id>/resets/<kind>", summary="登录维护")
async def draw_reset(request: Request, person_id: str, kind: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, await _reset_sheet(actor_of(request), person_id, kind))


@door.post("/people/<person_id>/resets/<kind>", summary="登录维护")
async def reset(request: Request, person_id: str, kind: str) -> HTTPResponse:
    """Do it."""
    sheet = await _reset_sheet(actor_of(request), person_id, kind)

    async def act(actor: Actor, form: Nothing) -> Done:
        await RESETS[kind].run(actor, person_id)
        return Done(f"/admin/people/{person_id}", RESETS[kind].said)

    return await answer_form(request, sheet, Nothing, act)


@door.get("/people/<person_id>/disabling", summary="停用人员")
async def draw_disabling(request: Request, person_id: str) -> HTTPResponse:
    """What is still held, and the form once nothing is."""
    actor = actor_of(request)
    require_security_admin(actor)
    person = await person_by_id(actor, person_id)
    held = await list_held(actor, person_id)
    if held:
        return await door.draw(
            request,
            "admin/held.html",
            person=person,
            held=held,
            crumbs=crumbs_of(person, "停用"),
            facts=facts_of(person),
        )
    return await draw_form(request, _disable_sheet(person))


@door.post("/people/<person_id>/disabling", summary="停用人员")
async def disable(request: Request, person_id: str) -> HTTPResponse:
    """Disable the person."""
    person = await person_by_id(actor_of(request), person_id)

    async def act(actor: Actor, form: ReasonForm) -> Done:
        await disable_person(actor, DisablePerson(person_id, form.reason))
        return Done("/admin/people", f"{person.name} 已停用，所有登录、代办和微信绑定都已结束。")

    return await answer_form(request, _disable_sheet(person), ReasonForm, act)


async def draw_once(request: Request, person: PersonView, title: str, code: str, text: str) -> HTTPResponse:
    """A code that is shown here and nowhere again."""
    crumbs = crumbs_of(person, title)
    return await door.draw(request, "admin/once.html", person=person, title=title, code=code, text=text, crumbs=crumbs)


def require_security_admin(actor: Actor) -> None:
    """Draw no form that cannot be sent."""
    if not actor.has_role(Role.SECURITY_ADMIN):
        raise Forbidden("role.required")


async def _grant_sheet(actor: Actor, person_id: str) -> FormPage:
    require_security_admin(actor)
    person = await person_by_id(actor, person_id)
    posts = tuple(Option(post.post_id, f"{post.unit_name} {post.title}") for post in person.posts)
    fields = (
        Field(name="post_id", label="岗位", kind="select", options=posts, value=posts[0].value if posts else ""),
        Field(name="role", label="角色", kind="select", options=ROLES),
        Field(name="is_subtree", label="也管下级单位", kind="checkbox"),
        _REASON,
    )
    return _sheet(person, "授予角色", "roles", fields, "授予", lead="三员必须分设，也不得兼任业务角色。")


async def _revoke_sheet(actor: Actor, person_id: str, post_id: str, role: str) -> FormPage:
    require_security_admin(actor)
    person = await person_by_id(actor, person_id)
    post: PostView | None = next((post for post in person.posts if post.post_id == post_id), None)
    if post is None or role not in ROLE_NAMES:
        raise NotFound("record.not_found")
    lead = f"{post.unit_name} {post.title} 的“{ROLE_NAMES[role]}”，在对方所有登录中立即失效。"
    return _sheet(
        person, "收回角色", f"posts/{post_id}/roles/{role}/revocation", (_REASON,), "确认收回", lead, is_danger=True
    )


async def _invite_sheet(actor: Actor, person_id: str) -> FormPage:
    if not actor.has_role(Role.SYSTEM_ADMIN, Role.ASSET_MANAGER):
        raise Forbidden("role.required")
    person = await person_by_id(actor, person_id)
    lead = "生成一个只显示一次的邀请码；以前没用过的邀请码随即失效。"
    return _sheet(person, "邀请绑定微信", "invitation", (), "生成邀请码", lead)


async def _password_sheet(actor: Actor, person_id: str) -> FormPage:
    require_security_admin(actor)
    person = await person_by_id(actor, person_id)
    lead = "生成一个只显示一次的临时口令；对方现有登录全部退出。"
    return _sheet(person, "发放临时口令", "password", (), "生成临时口令", lead)


async def _reset_sheet(actor: Actor, person_id: str, kind: str) -> FormPage:
    require_security_admin(actor)
    person = await person_by_id(actor, person_id)
    if kind not in RESETS:
        raise NotFound("record.not_found")
    wanted = RESETS[kind]
    return _sheet(person, wanted.title, f"resets/{kind}", (), wanted.submit, wanted.lead, is_danger=kind != "lock")


def _disable_sheet(person: PersonView) -> FormPage:
    reason = Field(name="reason", label="理由", kind="textarea", help="如 调离、退休。", maxlength=200)
    lead = "停用后不能登录，代办和微信绑定一并结束；办过的事和名字都保留。"
    return _sheet(person, "停用", "disabling", (reason,), "确认停用", lead, is_danger=True)


def _sheet(
    person: PersonView,
    title: str,
    path: str,
    fields: tuple[Field, ...],
    submit: str,
    lead: str = "",
    *,
    is_danger: bool = False,
) -> FormPage:
    return FormPage(
        title=f"{title}：{person.name}",
        lead=lead,
        action=f"/admin/people/{person.id}/{path}",
        fields=fields,
        submit=submit,
        back=Link("返回", f"/admin/people/{person.id}"),
        facts=(*facts_of(person), *(Fact("岗位", f"{post.unit_name} {post.title}") for post in person.posts)),
        crumbs=crumbs_of(person, title),
        is_danger=is_danger,
    )
