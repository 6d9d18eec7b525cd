"""Pictures and documents: sent in once, shown to those who may see them."""

import asyncio
from pathlib import Path

from sanic import HTTPResponse, Request

from miniapp_api.api import api
from server.files.commands import store_attachment
from server.files.queries import file_for_reading
from server.files.types import FileContent, FileView
from server.kernel.errors import FieldError, InvalidInput
from server.web.forms import uploaded_file
from server.web.saving import as_saved
from server.web.sessions import actor_of

TAG = "图片"
# A stored picture never changes under its id; only who may see it does, so it stays with its viewer.
_CACHE = "private, max-age=86400, immutable"


@api.write("POST", "/files", answer=FileView, summary="上传图片或 PDF", tag=TAG, status=201, is_upload=True)
async def post_file(request: Request) -> FileView:
    file = uploaded_file(request, "file")
    if file is None:
        raise InvalidInput(fields=[FieldError("file", "input.required")])
    # Seen by the uploader's unit until it is attached to something that others may see.
    return await store_attachment(actor_of(request), file.body, file.name)


@api.get("/files/<file_id>", answer=bytes, summary="查看图片", tag=TAG)
async def get_file(request: Request, file_id: str) -> HTTPResponse:
    return await picture(request, await file_for_reading(actor_of(request), file_id, want_thumbnail=False))


@api.get("/files/<file_id>/thumbnail", answer=bytes, summary="查看缩略图", tag=TAG)
async def get_thumbnail(request: Request, file_id: str) -> HTTPResponse:
    return await picture(request, await file_for_reading(actor_of(request), file_id, want_thumbnail=True))


async def picture(request: Request, content: FileContent) -> HTTPResponse:
    """The picture or document, or 304 where the client has it already."""
    tag = f'"{content.sha256}"'
    headers = {"Cache-Control": _CACHE, "ETag": tag, "X-Content-Type-Options": "nosniff", "Vary": "Authorization"}
    headers |= as_saved(content.media_type, content.name)
    if tag in request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers=headers)
    data = await asyncio.to_thread(Path(content.path).read_bytes)
    return HTTPResponse(data, content_type=content.media_type, headers=headers)
