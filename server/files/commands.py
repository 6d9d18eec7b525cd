"""Uploads: made safe, kept on disk, then named by a row."""

import asyncio
import hashlib

import msgspec

from server.files.models import StoredFile
from server.files.pictures import reencode_picture
from server.files.store import file_path, write_file
from server.files.types import FileView, ReencodedPicture, Visibility
from server.kernel.actor import Actor, ActorKind
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import Forbidden, Unavailable
from server.kernel.unit_of_work import UnitOfWork

_LONGEST_NAME = 128


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What an idempotency key stands for: the upload by its hash. The re-encoded files follow from it."""

    upload_sha256: str
    original_name: str
    visibility: Visibility
    large_sha256: str
    thumbnail_sha256: str
    size: int
    width: int
    height: int
    media_type: str


async def store_picture(
    actor: Actor, content: bytes, original_name: str = "", visibility: Visibility = Visibility.GOVERNMENT
) -> FileView:
    """Keep an uploaded picture for the acting unit: re-encoded, without metadata, with a thumbnail.

    It is for its unit or for every government unit; public it becomes only when what it shows is published.

    Raises Forbidden `file.no_unit`; InvalidInput, LimitReached and Unavailable as `reencode_picture` does; InvalidInput
    naming `original_name` or `visibility`.
    """
    if actor.person_id is None or actor.unit_id is None:
        raise Forbidden("file.no_unit")
    checks = Checks()
    name = checks.text("original_name", original_name, longest=_LONGEST_NAME, shortest=0)
    if visibility is Visibility.PUBLIC:
        checks.fault("visibility", "input.not_a_choice")
    checks.finish()
    picture = await reencode_picture(content)
    # On the disk before the row: the other way round, a crash between them would leave a row without a file.
    await write_file(picture.large.data)
    await write_file(picture.thumbnail.data)
    return await _keep_picture(actor, _stored(content, name, visibility, picture))


def _stored(content: bytes, name: str, visibility: Visibility, picture: ReencodedPicture) -> _Stored:
    return _Stored(
        upload_sha256=hashlib.sha256(content).hexdigest(),
        original_name=name,
        visibility=visibility,
        large_sha256=picture.large.sha256,
        thumbnail_sha256=picture.thumbnail.sha256,
        size=len(picture.large.data),
        width=picture.large.width,
        height=picture.large.height,
        media_type=picture.large.media_type,
    )


@command("file.store_picture")
async def _keep_picture(uow: UnitOfWork, actor: Actor, stored: _Stored) -> FileView:
    row = StoredFile(
        kind="picture",
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.large_sha256,
        thumbnail_sha256=stored.thumbnail_sha256,
        width=stored.width,
        height=stored.height,
        original_name=stored.original_name,
        owner_unit_id=actor.unit_id,
        uploaded_by=actor.person_id,
        uploaded_at=await uow.now(),
        visibility=str(stored.visibility),
    )
    await uow.add(row)
    await uow.record("file.store_picture", "file", row.id, sha256=stored.large_sha256, upload=stored.upload_sha256)
    return FileView(
        id=row.id,
        media_type=stored.media_type,
        size=stored.size,
        width=stored.width,
        height=stored.height,
        sha256=stored.large_sha256,
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
