"""My account: password, authenticator app, the devices I am logged in on, and the WeChat binding."""

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.session import SecondFactor, Secret
from server.identity.commands import (
    ChangePassword,
    begin_totp_setup,
    change_password,
    confirm_totp,
    end_own_session,
    unbind_wechat,
)
from server.identity.queries import my_sessions
from server.identity.types import SessionGrant, SessionView, TotpSetup
from server.web.routes import Access
from server.web.sessions import actor_of

TAG = "我的"


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """The present password and the one to come."""

    old_password: Secret
    new_password: Secret


@api.write(
    "POST",
    "/me/password",
    body=NewPassword,
    answer=None,
    summary="修改口令",
    tag=TAG,
    access=Access.HALF_SIGNED_IN,
)
async def post_password(request: Request, body: NewPassword) -> None:
    await change_password(actor_of(request), ChangePassword(body.old_password, body.new_password))


@api.write("POST", "/me/totp", answer=TotpSetup, summary="开始设置动态口令", tag=TAG, status=201)
async def post_totp(request: Request) -> TotpSetup:
    return await begin_totp_setup(actor_of(request))


@api.write(
    "POST",
    "/me/totp/confirmation",
    body=SecondFactor,
    answer=SessionGrant,
    summary="确认动态口令",
    tag=TAG,
    status=201,
)
async def post_totp_confirmation(request: Request, body: SecondFactor) -> SessionGrant:
    return await confirm_totp(actor_of(request), body.code)


@api.get("/me/sessions", answer=list[SessionView], summary="我登录的设备", tag=TAG)
async def get_sessions(request: Request) -> list[SessionView]:
    return await my_sessions(actor_of(request))


@api.write("DELETE", "/me/sessions/<session_id>", answer=None, summary="让一台设备退出登录", tag=TAG)
async def delete_own_session(request: Request, session_id: str) -> None:
    await end_own_session(actor_of(request), session_id)


@api.write("DELETE", "/me/wechat", answer=None, summary="解除微信绑定", tag=TAG)
async def delete_wechat(request: Request) -> None:
    actor = actor_of(request)
    await unbind_wechat(actor, actor.person_id or "")
