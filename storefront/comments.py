"""留言: what applicants and approvers say to each other about an application, with pictures and documents."""

from collections.abc import Sequence

import msgspec
from sanic import HTTPResponse, Request
from sanic.request import File

from server.approvals.comments.commands import add_comment, withdraw_comment
from server.approvals.comments.queries import attachment_of, comments_of
from server.approvals.comments.types import AddComment, CommentsView
from server.files.commands import store_attachment
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FieldError, InvalidInput, NotFound
from server.web.forms import TypedForm
from server.web.page_door import own_target, redirect_with
from server.web.pages import Flash
from server.web.parts import Link
from server.web.sessions import actor_for_write, actor_of
from storefront.files import answer
from storefront.form_state import FormState
from storefront.surround import door

LABELS = {"text": "留言", "attachments": "附件"}


class CommentForm(msgspec.Struct, frozen=True):
    """What is said. What hangs on it comes as files beside it."""

    text: str = ""


class BackForm(msgspec.Struct, frozen=True):
    """Where the reader was."""

    next: str = ""


@door.get("/comments/<kind>/<subject_id>", summary="审批留言")
async def comments(request: Request, kind: str, subject_id: str) -> HTTPResponse:
    view = await comments_of(actor_of(request), kind, subject_id)
    return await _draw(request, view, FormState.blank(LABELS))


@door.post("/comments/<kind>/<subject_id>", summary="留言", is_upload=True)
async def submit_comment(request: Request, kind: str, subject_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    view = await comments_of(actor_of(request), kind, subject_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(CommentForm)
        attached = await _stored(actor, _sent(request), view)
        await add_comment(
            actor, AddComment(subject_kind=kind, subject_id=subject_id, text=body.text, attachments=tuple(attached))
        )
    except DomainError as error:
        return await _draw(request, view, FormState.refused(error, form, LABELS))
    return redirect_with(request, f"/comments/{kind}/{subject_id}", Flash("ok", "已留言，其他参与的人会收到消息。"))


@door.post("/approval-comments/<comment_id>/withdrawal", summary="撤回留言")
async def take_comment_back(request: Request, comment_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    target = own_target(form.read(BackForm).next, "/approvals")
    await withdraw_comment(actor_for_write(request, form.key), comment_id)
    return redirect_with(request, target, Flash("ok", "留言已撤回。"))


@door.get("/approval-comments/<comment_id>/attachments/<file_id>", summary="留言的附件")
async def comment_attachment(request: Request, comment_id: str, file_id: str) -> HTTPResponse:
    want_thumbnail = request.args.get("size") == "small"
    return await answer(
        request, await attachment_of(actor_of(request), comment_id, file_id, want_thumbnail=want_thumbnail)
    )


async def thread_of(actor: Actor, kind: str, subject_id: str) -> CommentsView | None:
    """What was said, for another page; None for whoever takes no part."""
    try:
        return await comments_of(actor, kind, subject_id)
    except NotFound:
        return None


def _sent(request: Request) -> list[File]:
    files = request.files.getlist("attachments") if request.files else None
    return [file for file in files or [] if isinstance(file, File) and file.body]


async def _stored(actor: Actor, files: Sequence[File], view: CommentsView) -> list[str]:
    """What was sent along, each with a key of its own, so that a repeat stores none twice."""
    if len(files) > view.most_attachments:
        fault = FieldError("attachments", "comment.too_many_attachments", limit=view.most_attachments)
        raise InvalidInput(fields=[fault])
    stored = []
    for number, file in enumerate(files):
        key = f"{actor.idempotency_key}.{number}"[:64] if actor.idempotency_key else None
        name = (file.name or "")[-128:]
        stored.append((await store_attachment(actor.with_key(key), file.body, name)).id)
    return stored


async def _draw(request: Request, view: CommentsView, form: FormState) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/comments.html",
        form.status,
        view=view,
        f=form,
        here=f"/comments/{view.subject_kind}/{view.subject_id}",
        back=PLACES[view.subject_kind].format(view.subject_id) if view.subject_kind in PLACES else "/approvals",
        who="有疑问可直接联系申请人或审批人。",
        crumbs=[Link("审批", "/approvals"), Link("留言")],
    )


PLACES = {"borrowing": "/borrowings/{}", "renewal": "/renewals/{}", "purchase_need": "/admin/needs/{}"}
