"""Logging in and out: by WeChat, by binding, by password with a second factor; and going on for another unit."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key
from server.identity.commands import (
    BindByInvitation,
    BindByPhone,
    LogIn,
    LogInByWechat,
    bind_wechat_by_invitation,
    bind_wechat_by_phone,
    confirm_second_factor,
    log_in,
    log_in_by_wechat,
    log_out,
    switch_unit,
)
from server.identity.sessions import API
from server.identity.types import SessionGrant
from server.kernel.errors import FieldError, InvalidInput
from server.web.login_rate import check_login_rate
from server.web.routes import Access
from server.web.sessions import actor_of

TAG = "登录"
WechatCode = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
TotpCode = Annotated[str, msgspec.Meta(pattern=r"^\d{6}$")]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Password(msgspec.Struct, frozen=True, kw_only=True):
    """A login name and its password."""

    login_name: Key
    password: Secret


class WechatLogin(msgspec.Struct, frozen=True, kw_only=True):
    """The code that `wx.login` gave: five minutes, once."""

    code: WechatCode


class WechatUser(msgspec.Struct, frozen=True, kw_only=True):
    """The WeChat user to bind: by the ticket that `wechat.not_bound` came with, or by a fresh code of `wx.login`."""

    ticket: WechatCode | None = None
    code: WechatCode | None = None


class InvitationBinding(WechatUser, frozen=True, kw_only=True):
    """And the invitation that the unit handed over."""

    invitation: Key


class PhoneBinding(WechatUser, frozen=True, kw_only=True):
    """And the code that `getPhoneNumber` gave."""

    phone_code: WechatCode


class SecondFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Six digits of the authenticator app."""

    code: TotpCode


@api.write(
    "POST",
    "/session/wechat",
    body=WechatLogin,
    answer=SessionGrant,
    summary="微信登录",
    tag=TAG,
    access=Access.PUBLIC,
    status=201,
)
async def post_wechat_session(request: Request, body: WechatLogin) -> SessionGrant:
    await check_login_rate(request)
    return await log_in_by_wechat(actor_of(request), LogInByWechat(body.code, user_agent_of(request)))


@api.write(
    "POST",
    "/session/invitation",
    body=InvitationBinding,
    answer=SessionGrant,
    summary="凭邀请码绑定微信并登录",
    tag=TAG,
    access=Access.PUBLIC,
    status=201,
)
async def post_invitation_session(request: Request, body: InvitationBinding) -> SessionGrant:
    await check_login_rate(request)
    ticket, code = wechat_user(body)
    wanted = BindByInvitation(body.invitation, ticket, code, user_agent_of(request))
    return await bind_wechat_by_invitation(actor_of(request), wanted)


@api.write(
    "POST",
    "/session/phone",
    body=PhoneBinding,
    answer=SessionGrant,
    summary="凭手机号绑定微信并登录",
    tag=TAG,
    access=Access.PUBLIC,
    status=201,
)
async def post_phone_session(request: Request, body: PhoneBinding) -> SessionGrant:
    await check_login_rate(request)
    ticket, code = wechat_user(body)
    wanted = BindByPhone(body.phone_code, ticket, code, user_agent_of(request))
    return await bind_wechat_by_phone(actor_of(request), wanted)


@api.write(
    "POST",
    "/session/password",
    body=Password,
    answer=SessionGrant,
    summary="账号密码登录",
    tag=TAG,
    access=Access.PUBLIC,
    status=201,
)
async def post_password_session(request: Request, body: Password) -> SessionGrant:
    await check_login_rate(request)
    return await log_in(actor_of(request), LogIn(body.login_name, body.password, user_agent_of(request), API))


@api.write(
    "POST",
    "/session/second-factor",
    body=SecondFactor,
    answer=SessionGrant,
    summary="动态口令",
    tag=TAG,
    access=Access.HALF_SIGNED_IN,
    status=201,
)
async def post_second_factor(request: Request, body: SecondFactor) -> SessionGrant:
    return await confirm_second_factor(actor_of(request), body.code)


@api.write("DELETE", "/session", answer=None, summary="退出登录", tag=TAG, access=Access.HALF_SIGNED_IN)
async def delete_session(request: Request) -> None:
    await log_out(actor_of(request))


@api.write("POST", "/units/<unit_id>/session", answer=SessionGrant, summary="改为代表另一单位办事", tag=TAG, status=201)
async def post_unit_session(request: Request, unit_id: str) -> SessionGrant:
    return await switch_unit(actor_of(request), unit_id)


def wechat_user(body: WechatUser) -> tuple[str, str]:
    """The ticket and the code of a binding; InvalidInput where there is neither."""
    if not body.ticket and not body.code:
        raise InvalidInput(fields=[FieldError("code", "input.required")])
    return body.ticket or "", body.code or ""


def user_agent_of(request: Request) -> str:
    """What the client says of itself, for the person's own list of sessions."""
    return request.headers.get("user-agent", "")[:200]
