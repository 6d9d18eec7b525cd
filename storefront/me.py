"""Myself: posts and the unit I act for, who stands in for me, where I am logged in, and my security."""

from datetime import date
from typing import Annotated, Any

import msgspec
from sanic import HTTPResponse, Request

from server.identity.commands import Delegate, RevokeDelegation, delegate, end_own_session, revoke_delegation
from server.identity.queries import handovers_to_sign, list_delegations, my_posts, my_sessions, person_by_id
from server.identity.queries.colleagues import list_colleagues
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES
from server.identity.types import SessionView
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, NotFound
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Badge, Fact, Option
from server.web.sessions import actor_for_write, actor_of
from storefront.devices import device_name
from storefront.form_state import FormState
from storefront.surround import door, has_desk

LABELS = {
    "to_person_id": "请谁代办",
    "role": "代办哪项",
    "starts_on": "从哪天起",
    "ends_on": "到哪天止",
    "reason": "原因",
}
DELEGATION_BADGES = {
    "coming": Badge("未开始", "info", "calendar-clock"),
    "current": Badge("代办中", "ok"),
    "ended": Badge("已到期"),
    "revoked": Badge("已撤销"),
}


class DelegationForm(msgspec.Struct, frozen=True):
    """Who stands in, in which role, from when to when, and why."""

    to_person_id: str
    role: str
    starts_on: date
    ends_on: date
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@door.get("/me", summary="我的信息")
async def me(request: Request) -> HTTPResponse:
    return await _draw(request, FormState.blank(LABELS))


@door.post("/me/delegations", summary="请人代办")
async def submit_delegation(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        body = form.read(DelegationForm)
        wanted = Delegate(body.to_person_id, body.role, body.starts_on, body.ends_on, body.reason)
        made = await delegate(actor_for_write(request, form.key), wanted)
    except DomainError as error:
        return await _draw(request, FormState.refused(error, form, LABELS))
    return redirect_with(
        request, "/me#delegations", Flash("ok", f"已请 {made.to_person_name} 代办“{made.role_name}”。")
    )


@door.post("/me/delegations/<delegation_id>/revocation", summary="撤销代办")
async def submit_revocation(request: Request, delegation_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    await revoke_delegation(actor_for_write(request, form.key), RevokeDelegation(delegation_id))
    return redirect_with(request, "/me#delegations", Flash("ok", "代办已撤销。"))


@door.post("/me/sessions/<session_id>/end", summary="退出一台设备")
async def submit_end(request: Request, session_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    await end_own_session(actor_for_write(request, form.key), session_id)
    return redirect_with(request, "/me", Flash("ok", "那台设备已经退出。"))


@door.post("/me/sessions/end-others", summary="退出其他所有设备")
async def submit_end_others(request: Request) -> HTTPResponse:
    for session in await my_sessions(actor_of(request)):
        if not session.is_current:
            await _end(actor_of(request), session.id)
    return redirect_with(request, "/me", Flash("ok", "其他设备都已退出。"))


async def _end(actor: Actor, session_id: str) -> None:
    try:
        await end_own_session(actor, session_id)
    except NotFound:
        return  # it has ended by itself in the meantime, which is what was wanted


async def _draw(request: Request, form: FormState) -> HTTPResponse:
    actor = actor_of(request)
    sessions = await my_sessions(actor)
    has_factor = (await person_by_id(actor, actor.person_id or "")).has_second_factor
    return await door.draw(
        request,
        "storefront/me.html",
        form.status,
        f=form,
        posts=await my_posts(actor),
        unit_id=actor.unit_id,
        person_id=actor.person_id,
        roles=_roles(actor),
        own_roles=_own_roles(actor),
        colleagues=[Option(each.id, f"{each.name}（{each.title}）") for each in await list_colleagues(actor)],
        delegations=await list_delegations(actor),
        delegation_badges=DELEGATION_BADGES,
        handovers=await handovers_to_sign(actor),
        sessions=[_drawn(each) for each in sessions],
        current=Badge("正在代表", "ok"),
        this_device=Badge("这台设备", "ok"),
        has_second_factor=has_factor,
        security=_security(sessions, has_factor=has_factor),
        has_desk=has_desk(actor),
    )


def _roles(actor: Actor) -> list[Badge]:
    return [
        Badge(ROLE_NAMES[grant.role] + ("（代办）" if grant.delegated_by else ""), "neutral", "user-check")
        for grant in actor.grants
    ]


def _own_roles(actor: Actor) -> list[Option]:
    # What one stands in for is not one's own to hand on.
    return [
        Option(grant.role, ROLE_NAMES[grant.role])
        for grant in actor.grants
        if not grant.delegated_by and grant.role not in ADMINISTRATORS
    ]


def _drawn(session: SessionView) -> dict[str, Any]:
    return {
        "id": session.id,
        "device": device_name(session.user_agent, session.channel),
        "unit_name": session.unit_name,
        "seen_at": session.seen_at,
        "is_current": session.is_current,
    }


def _security(sessions: list[SessionView], *, has_factor: bool) -> list[Fact]:
    return [
        Fact("动态口令", "已启用" if has_factor else "未启用"),
        Fact("登录着", f"{len(sessions)} 处"),
    ]
