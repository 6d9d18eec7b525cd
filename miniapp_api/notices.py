"""The inbox."""

from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, Paging
from server.kernel.paging import Page
from server.notices.commands import mark_read
from server.notices.queries import list_notices, unread_count
from server.notices.types import NoticeView, UnreadView
from server.web.sessions import actor_of

TAG = "消息"


class NoticeQuery(Paging, frozen=True, kw_only=True):
    """Of one kind, or all; only what is unread, or all."""

    kind: Annotated[str, msgspec.Meta(max_length=16)] | None = None
    unread: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices were read; without ids all of them."""

    ids: Annotated[list[Key], msgspec.Meta(max_length=100)] | None = None


@api.get("/notices", answer=Page[NoticeView], query=NoticeQuery, summary="消息列表", tag=TAG)
async def get_notices(request: Request, query: NoticeQuery) -> Page[NoticeView]:
    return await list_notices(actor_of(request), query.cursor, is_unread_only=query.unread, kind=query.kind)


@api.get("/notices/unread-count", answer=UnreadView, summary="未读消息数", tag=TAG)
async def get_unread_count(request: Request) -> UnreadView:
    return UnreadView(unread=await unread_count(actor_of(request)))


@api.write("POST", "/notices/reading", body=Reading, answer=UnreadView, summary="标为已读", tag=TAG)
async def post_reading(request: Request, body: Reading) -> UnreadView:
    return await mark_read(actor_of(request), body.ids)
