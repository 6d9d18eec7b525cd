"""Logging in and out: the password, the second factor, the first change of password, and how the pages look."""

from typing import Any
from urllib.parse import quote

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import redirect

from server.identity.commands import (
    ChangePassword,
    LogIn,
    change_password,
    confirm_second_factor,
    log_in,
    log_out,
    switch_unit,
)
from server.identity.types import SessionFacts, SessionGrant
from server.kernel.errors import DomainError, FieldError, InvalidInput
from server.kernel.messages import register_messages
from server.kernel.reading import present
from server.web.forms import TypedForm
from server.web.login_rate import check_login_rate
from server.web.page_door import own_target, redirect_with
from server.web.pages import Flash
from server.web.preferences import change_preferences, keep_preferences
from server.web.routes import Access
from server.web.sessions import actor_for_write, actor_of, clear_session_cookie, nobody, set_session_cookie
from storefront.form_state import FormState
from storefront.surround import door, is_signed_in

LABELS = {"login_name": "登录名", "password": "口令"}
CODE_LABELS = {"code": "动态口令"}
PASSWORD_LABELS = {"old_password": "现在的口令", "new_password": "新口令", "repeated_password": "再输一遍新口令"}
SECRETS = ("password", "old_password", "new_password", "repeated_password", "code")
_USER_AGENT_LENGTH = 200
register_messages({"password.not_repeated": "两次输入的新口令不一样，请重新输入。"})


class LoginForm(msgspec.Struct, frozen=True):
    """What the login page sends."""

    login_name: str
    password: str
    next: str = "/"


class CodeForm(msgspec.Struct, frozen=True):
    """Six digits of the authenticator app."""

    code: str
    next: str = "/"


class PasswordForm(msgspec.Struct, frozen=True):
    """The present password and the wanted one, twice."""

    old_password: str
    new_password: str
    repeated_password: str
    next: str = "/"


@door.get("/login", summary="登录", access=Access.PUBLIC)
async def login_page(request: Request) -> HTTPResponse:
    if is_signed_in(request):
        return redirect(wanted_next(request), status=303)
    return await _draw_login(request, FormState.blank(LABELS))


@door.post("/login", summary="提交登录", access=Access.PUBLIC)
async def submit_login(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        await check_login_rate(request)
        body = form.read(LoginForm)
        agent = request.headers.get("user-agent", "")[:_USER_AGENT_LENGTH]
        grant = await log_in(nobody(request), LogIn(body.login_name, body.password, agent))
    except DomainError as error:
        return await _draw_login(request, refused_login(error, form, LABELS))
    if request.ctx.session is not None:
        # Somebody else was logged in at this browser: their session must not go on where nobody can see or end it.
        await log_out(actor_of(request))
    return enter(request, grant, own_target(body.next, "/"))


@door.get("/login/second-factor", summary="动态口令", access=Access.HALF_SIGNED_IN)
async def second_factor_page(request: Request) -> HTTPResponse:
    href = step_href(request.ctx.session, wanted_next(request))
    if not request.ctx.session.needs_second_factor:
        return redirect(href, status=303)
    return await _draw_second_factor(request, FormState.blank(CODE_LABELS))


@door.post("/login/second-factor", summary="提交动态口令", access=Access.HALF_SIGNED_IN)
async def submit_second_factor(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        await check_login_rate(request)
        body = form.read(CodeForm)
        grant = await confirm_second_factor(actor_of(request), body.code)
    except DomainError as error:
        return await _draw_second_factor(request, refused_login(error, form, CODE_LABELS))
    return enter(request, grant, own_target(body.next, "/"))


@door.get("/login/password", summary="修改口令", access=Access.HALF_SIGNED_IN)
async def password_page(request: Request) -> HTTPResponse:
    return await _draw_password(request, FormState.blank(PASSWORD_LABELS))


@door.post("/login/password", summary="保存新口令", access=Access.HALF_SIGNED_IN)
async def submit_password(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        body = form.read(PasswordForm)
        if body.new_password != body.repeated_password:
            raise InvalidInput(fields=[FieldError("repeated_password", "password.not_repeated")])
        actor = actor_for_write(request, form.key)
        await change_password(actor, ChangePassword(body.old_password, body.new_password))
    except DomainError as error:
        return await _draw_password(request, refused_login(error, form, PASSWORD_LABELS))
    session = msgspec.structs.replace(request.ctx.session, must_change_password=False)
    href = step_href(session, own_target(body.next, "/"))
    return redirect_with(request, href, Flash("ok", "口令已经改好，其他设备上的登录都已退出。"))


@door.post("/logout", summary="退出登录", access=Access.PUBLIC)
async def submit_logout(request: Request) -> HTTPResponse:
    if request.ctx.session is not None:
        await log_out(actor_of(request))
    response = redirect("/", status=303)
    clear_session_cookie(request, response)
    return response


@door.post("/switch-unit", summary="改为代表另一单位办事")
async def submit_switch(request: Request) -> HTTPResponse:
    unit_id = TypedForm.of(request).typed.get("unit_id", "")
    grant = await switch_unit(actor_of(request), str(unit_id))
    return enter(request, grant, "/", Flash("ok", "已切换单位，下面是新单位的事。"))


@door.post("/preferences", summary="显示设置", access=Access.PUBLIC)
async def submit_preferences(request: Request) -> HTTPResponse:
    typed = TypedForm.of(request).typed
    response = redirect(own_target(str(typed.get("next", "")), "/"), status=303)
    name, value = next(
        ((name, str(typed[name])) for name in ("theme", "elder", "text_size") if name in typed), ("", "")
    )
    keep_preferences(request, response, change_preferences(request, name, value))
    return response


def enter(request: Request, grant: SessionGrant, href: str, flash: Flash | None = None) -> HTTPResponse:
    """Go on under a new session: to what it still owes first, then to `href`."""
    response = redirect_with(request, step_href(grant, href), flash)
    seconds = int((grant.expires_at - present()).total_seconds())
    set_session_cookie(request, response, grant.token, max(seconds, 0))
    return response


def step_href(session: SessionGrant | SessionFacts, href: str) -> str:
    """Where a session has to go before `href`: second factor, new password, or setting up the factor."""
    if session.needs_second_factor:
        step = "/login/second-factor"
    elif session.must_change_password:
        step = "/login/password"
    elif session.needs_totp_setup:
        step = "/login/totp-setup"
    else:
        return href
    return f"{step}?next={quote(href, safe='')}"


def wanted_next(request: Request) -> str:
    """Where the visitor wanted to go before the login came between; never to another site."""
    return own_target(request.args.get("next"), "/")


def refused_login(error: DomainError, form: "TypedForm[Any]", labels: dict[str, str]) -> FormState:
    """The form again without its secrets. Here being unknown is a fault of what was typed, so it is drawn too."""
    kept = {name: value for name, value in form.typed.items() if name not in SECRETS}
    return FormState.answered(error, TypedForm(kept, form.key), labels)


def next_of(form: FormState, request: Request) -> str:
    """The target that a redrawn form keeps."""
    return own_target(form.value("next"), "/") if "next" in form.typed else wanted_next(request)


async def _draw_login(request: Request, form: FormState) -> HTTPResponse:
    return await door.draw(request, "storefront/login.html", form.status, f=form, next_href=next_of(form, request))


async def _draw_second_factor(request: Request, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/second_factor.html",
        form.status,
        f=form,
        next_href=next_of(form, request),
        person_name=actor_of(request).person_name,
    )


async def _draw_password(request: Request, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/password.html",
        form.status,
        f=form,
        next_href=next_of(form, request),
        is_required=request.ctx.session.must_change_password,
    )
