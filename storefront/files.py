"""Pictures and documents, for those who may see them."""

import asyncio
from pathlib import Path

from sanic import HTTPResponse, Request

from server.files.queries import file_for_reading
from server.files.types import FileContent
from server.web.saving import as_saved
from server.web.sessions import actor_of
from storefront.surround import door

# A stored picture never changes under its id, but who may see it does: it stays with its viewer, for an hour, and is
# not asked for again within it.
CACHE = "private, max-age=3600, immutable"
# Opened by itself, a picture is nothing but a picture.
CONTENT_POLICY = "default-src 'none'; sandbox"


@door.get("/files/<file_id>", summary="查看图片")
async def picture(request: Request, file_id: str) -> HTTPResponse:
    return await answer(request, await file_for_reading(actor_of(request), file_id, want_thumbnail=False))


@door.get("/files/<file_id>/thumbnail", summary="查看缩略图")
async def thumbnail(request: Request, file_id: str) -> HTTPResponse:
    return await answer(request, await file_for_reading(actor_of(request), file_id, want_thumbnail=True))


async def answer(request: Request, content: FileContent) -> HTTPResponse:
    """The file, or 304 where the browser holds it already. A document is saved under its name: no browser shows one
    in a sandbox."""
    tag = f'"{content.sha256}"'
    headers = {
        "Cache-Control": CACHE,
        "ETag": tag,
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": CONTENT_POLICY,
        **as_saved(content.media_type, content.name),
    }
    offered = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in offered:
        return HTTPResponse(status=304, headers=headers)
    body = await asyncio.to_thread(Path(content.path).read_bytes)
    return HTTPResponse(body, content_type=content.media_type, headers=headers)
