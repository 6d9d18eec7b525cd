"""The inbox."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import redirect

from server.notices.commands import mark_read
from server.notices.queries import list_notices, unread_count
from server.notices.types import NOTICE_KIND_NAMES, NoticeView
from server.web.downloads import list_links
from server.web.forms import TypedForm
from server.web.page_door import own_target, redirect_with
from server.web.pages import Flash
from server.web.parts import Link
from server.web.sessions import actor_for_write, actor_of
from storefront.addresses import Cursor, asked
from storefront.form_state import FormState
from storefront.rows import paging_hrefs
from storefront.surround import door

# Where a message's thing has its page.
PLACES = {
    "borrowing": "/borrowings/{}",
    "renewal": "/renewals/{}",
    "approval_task": "/approvals/{}",
    "comments": "/comments/{}",
    "listing": "/sharing/{}",
    "occasion": "/admin/occasions/{}",
    "purchase_need": "/admin/needs/{}",
    "wanted": "/wanted/{}",
    "loss": "/admin/losses/{}",
    "write_off": "/admin/losses/{}",
    "ledger_import": "/admin/imports/{}",
    "handover": "/me/handovers/{}",
    "saved_search": "/searches#{}",
}


class Message(msgspec.Struct, frozen=True):
    """One message as it is drawn. `href`: the page of the thing it is about, or empty."""

    id: str
    title: str
    body: str
    at: datetime
    is_unread: bool
    href: str


class InboxQuery(msgspec.Struct, frozen=True):
    """Which kind, and where the page begins."""

    kind: Literal["approval", "borrowing", "reuse", "other"] | None = None
    after: Cursor | None = None


@door.get("/messages", summary="消息")
async def inbox(request: Request) -> HTTPResponse:
    actor = actor_of(request)
    # Counted first: one that arrives in between is then drawn, instead of counted and not to be found.
    counted = await unread_count(actor)
    query = asked(request, InboxQuery)
    kind = query.kind
    page = await list_notices(actor, query.after, kind=kind)
    unread = max(counted, sum(not notice.is_read for notice in page.items))
    first, following = paging_hrefs(request, page.next_cursor)
    return await door.draw(
        request,
        "storefront/messages.html",
        items=[_message(notice) for notice in page.items],
        unread=unread,
        tabs=[
            Link("全部", "/messages", kind is None),
            *(Link(name, f"/messages?kind={key}", key == kind) for key, name in NOTICE_KIND_NAMES.items()),
        ],
        is_narrowed=kind is not None,
        lead=f"{unread} 条未读" if unread else "都看过了",
        f=FormState.blank({}),
        first_href=first,
        next_href=following,
        exports=list_links("/messages", query),
    )


@door.post("/messages/read", summary="全部标为已读")
async def read_all(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    await mark_read(actor_for_write(request, form.key), None)
    return redirect_with(request, "/messages", Flash("ok", "消息都标为已读了。"))


@door.post("/messages/<notice_id>/read", summary="查看消息")
async def read_one(request: Request, notice_id: str) -> HTTPResponse:
    form: TypedForm[Any] = TypedForm.of(request)
    await mark_read(actor_for_write(request, form.key), [notice_id])
    return redirect(own_target(str(form.typed.get("next", "")), "/messages"), status=303)


def _message(notice: NoticeView) -> Message:
    place = PLACES.get(notice.link_kind, "")
    href = place.format(notice.link_id) if place and notice.link_id else ""
    return Message(notice.id, notice.title, notice.body, notice.created_at, not notice.is_read, href)
