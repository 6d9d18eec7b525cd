"""Uploads: made safe, kept on disk, then named by a row."""

import asyncio
import hashlib

import msgspec

from server.files.documents import MEDIA_TYPE, is_document, redraw_document
from server.files.models import StoredFile
from server.files.pictures import reencode_picture
from server.files.store import file_path, write_file
from server.files.types import FileView, Visibility
from server.kernel.actor import Actor, ActorKind
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, InvalidInput, Unavailable
from server.kernel.unit_of_work import UnitOfWork

_LONGEST_NAME = 128


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What an idempotency key stands for: the upload by its hash. The re-encoded files follow from it."""

    kind: str
    upload_sha256: str
    original_name: str
    visibility: Visibility
    sha256: str
    thumbnail_sha256: str
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


async def store_picture(
    actor: Actor, content: bytes, original_name: str = "", visibility: Visibility = Visibility.GOVERNMENT
) -> FileView:
    """Keep an uploaded picture for the acting unit: re-encoded, without metadata, with a thumbnail.

    It is for its unit or for every government unit; public it becomes only when what it shows is published.

    Raises Forbidden `file.no_unit`; InvalidInput, LimitReached and Unavailable as `reencode_picture` does; InvalidInput
    naming `original_name` or `visibility`.
    """
    name = _checked(actor, original_name, visibility)
    picture = await reencode_picture(content)
    # On the disk before the row: the other way round, a crash between them would leave a row without a file.
    await write_file(picture.large.data)
    await write_file(picture.thumbnail.data)
    return await _keep_picture(
        actor,
        _Stored(
            kind="picture",
            upload_sha256=hashlib.sha256(content).hexdigest(),
            original_name=name,
            visibility=visibility,
            sha256=picture.large.sha256,
            thumbnail_sha256=picture.thumbnail.sha256,
            size=len(picture.large.data),
            width=picture.large.width,
            height=picture.large.height,
            media_type=picture.large.media_type,
        ),
    )


async def store_attachment(actor: Actor, content: bytes, original_name: str = "") -> FileView:
    """Keep what somebody attaches for the acting unit: a picture as `store_picture` does, or a PDF of which the pages
    are drawn anew. It is for its unit until it hangs on something that others may see.

    Raises what `store_picture` and `redraw_document` raise; InvalidInput `file.attachment_type` for anything else.
    """
    if not is_document(content):
        try:
            return await store_picture(actor, content, original_name, Visibility.UNIT)
        except InvalidInput as error:
            raise InvalidInput("file.attachment_type") if error.code == "file.picture_type" else error from None
    name = _checked(actor, original_name, Visibility.UNIT)
    document = await redraw_document(content)
    await write_file(document.data)
    await write_file(document.thumbnail.data)
    return await _keep_document(
        actor,
        _Stored(
            kind="document",
            upload_sha256=hashlib.sha256(content).hexdigest(),
            original_name=name,
            visibility=Visibility.UNIT,
            sha256=document.sha256,
            thumbnail_sha256=document.thumbnail.sha256,
            size=len(document.data),
            pages=document.pages,
            media_type=MEDIA_TYPE,
        ),
    )


def _checked(actor: Actor, original_name: str, visibility: Visibility) -> str:
    """The upload's name, of somebody who acts for a unit."""
    if actor.person_id is None or actor.unit_id is None:
        raise Forbidden("file.no_unit")
    checks = Checks()
    name = checks.text("original_name", original_name, longest=_LONGEST_NAME, shortest=0)
    if visibility is Visibility.PUBLIC:
        checks.fault("visibility", "input.not_a_choice")
    checks.finish()
    return name


@command("file.store_picture")
async def _keep_picture(uow: UnitOfWork, actor: Actor, stored: _Stored) -> FileView:
    return await _keep(uow, actor, stored)


@command("file.store_document")
async def _keep_document(uow: UnitOfWork, actor: Actor, stored: _Stored) -> FileView:
    return await _keep(uow, actor, stored)


async def _keep(uow: UnitOfWork, actor: Actor, stored: _Stored) -> FileView:
    row = StoredFile(
        kind=stored.kind,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        thumbnail_sha256=stored.thumbnail_sha256,
        width=stored.width,
        height=stored.height,
        pages=stored.pages,
        original_name=stored.original_name,
        owner_unit_id=actor.unit_id,
        uploaded_by=actor.person_id,
        uploaded_at=await uow.now(),
        visibility=str(stored.visibility),
    )
    await uow.add(row)
    await uow.record(f"file.store_{stored.kind}", "file", row.id, sha256=stored.sha256, upload=stored.upload_sha256)
    return FileView(
        id=row.id,
        media_type=stored.media_type,
        size=stored.size,
        width=stored.width,
        height=stored.height,
        sha256=stored.sha256,
        pages=stored.pages,
    )


async def make_thumbnail(actor: Actor, file_id: str, sha256: str) -> bool:
    """Give a stored picture the small rendition that it lacks, by the same limited process as an upload; False where
    it has one by now. `sha256`: of the picture's own bytes.

    Raises Forbidden `role.required` for anybody but the product's jobs; what `reencode_picture` raises; Unavailable
    `file.missing` where the disk does not have the picture.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise Forbidden("role.required")
    path = file_path(sha256)
    if not path.is_file():
        raise Unavailable("file.missing")
    picture = await reencode_picture(await asyncio.to_thread(path.read_bytes))
    thumbnail = await write_file(picture.thumbnail.data)
    return await _keep_thumbnail(actor, file_id, thumbnail)


@command("file.keep_thumbnail", is_audited=False)
async def _keep_thumbnail(uow: UnitOfWork, actor: Actor, file_id: str, sha256: str) -> bool:
    kept = await uow.change(StoredFile, {"id": file_id, "thumbnail_sha256": None}, thumbnail_sha256=sha256)
    if kept:
        await uow.record("file.keep_thumbnail", "file", file_id, sha256=sha256)
    return bool(kept)
