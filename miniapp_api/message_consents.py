"""Which messages may go to one's WeChat."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from server.notices.wechat.commands import answer_consents, withdraw_consent
from server.notices.wechat.queries import my_consents
from server.notices.wechat.types import ConsentAnswer, ConsentsView, TemplateId
from server.web.sessions import actor_of

TAG = "消息"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the phone answered to one `wx.requestSubscribeMessage`, which asks for at most five templates."""

    answers: Annotated[list[ConsentAnswer], msgspec.Meta(min_length=1, max_length=5)]


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """The template by which nothing more is to be sent."""

    template_id: TemplateId


@api.get("/message-consents", answer=ConsentsView, summary="微信提醒的模板与授权", tag=TAG)
async def get_message_consents(request: Request) -> ConsentsView:
    return await my_consents(actor_of(request))


@api.write("POST", "/message-consents/answers", body=Answers, answer=ConsentsView, summary="记录微信提醒授权", tag=TAG)
async def post_consent_answers(request: Request, body: Answers) -> ConsentsView:
    return await answer_consents(actor_of(request), body.answers)


@api.write(
    "POST", "/message-consents/withdrawal", body=Withdrawal, answer=ConsentsView, summary="停止微信提醒", tag=TAG
)
async def post_consent_withdrawal(request: Request, body: Withdrawal) -> ConsentsView:
    return await withdraw_consent(actor_of(request), body.template_id)
