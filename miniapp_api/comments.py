"""What applicants and approvers say to each other about an application."""

from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from miniapp_api.api import api
from miniapp_api.bodies import Key
from miniapp_api.files import picture
from server.approvals.comments.commands import add_comment, withdraw_comment
from server.approvals.comments.queries import attachment_of, comments_of
from server.approvals.comments.types import LONGEST_COMMENT, AddComment, CommentsView, CommentView
from server.web.sessions import actor_of

TAG = "审批"


class CommentBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, and the pictures and documents that the unit has stored for it."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_COMMENT)]
    attachments: Annotated[tuple[Key, ...], msgspec.Meta(max_length=9)] = ()


@api.get("/comments/<kind>/<subject_id>", answer=CommentsView, summary="审批留言", tag=TAG)
async def get_comments(request: Request, kind: str, subject_id: str) -> CommentsView:
    return await comments_of(actor_of(request), kind, subject_id)


@api.write(
    "POST", "/comments/<kind>/<subject_id>", body=CommentBody, answer=CommentView, summary="留言", tag=TAG, status=201
)
async def post_comment(request: Request, kind: str, subject_id: str, body: CommentBody) -> CommentView:
    wanted = AddComment(subject_kind=kind, subject_id=subject_id, text=body.text, attachments=body.attachments)
    return await add_comment(actor_of(request), wanted)


@api.write(
    "POST", "/approval-comments/<comment_id>/withdrawal", answer=CommentView, summary="撤回留言", tag=TAG, status=201
)
async def post_comment_withdrawal(request: Request, comment_id: str) -> CommentView:
    return await withdraw_comment(actor_of(request), comment_id)


@api.get("/approval-comments/<comment_id>/attachments/<file_id>", answer=bytes, summary="留言的附件", tag=TAG)
async def get_comment_attachment(request: Request, comment_id: str, file_id: str) -> HTTPResponse:
    content = await attachment_of(actor_of(request), comment_id, file_id, want_thumbnail=False)
    return await picture(request, content)
