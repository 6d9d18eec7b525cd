# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What other domains need of files inside their own unit of work."""

from collections.abc import Sequence

from tortoise.exceptions import IntegrityError

from server.files.models import FileReader, StoredFile
from server.files.types import Visibility
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

ATTACHABLE = ("picture", "document")
_BY_WIDTH = (Visibility.UNIT, Visibility.GOVERNMENT, Visibility.PUBLIC)


async def require_own_picture(uow: UnitOfWork, actor: Actor, file_id: str, *, field: str = "picture_id") -> None:
    """Raise InvalidInput (`field`: `file.unknown`) unless the file is a picture that the acting unit stored."""
    await _require_own(uow, actor, file_id, ("picture",), field)


async def require_own_attachment(uow: UnitOfWork, actor: Actor, file_id: str, *, field: str) -> None:
    """The same for what may hang on something: a picture or a document."""
    await _require_own(uow, actor, file_id, ATTACHABLE, field)


async def _require_own(uow: UnitOfWork, actor: Actor, file_id: str, kinds: Sequence[str], field: str) -> None:
    marks = ", ".join("?" * len(kinds))
    row = await uow.fetch_one(
        f"SELECT 1 AS found FROM stored_file WHERE id = ? AND owner_unit_id = ? AND kind IN ({marks})",
        file_id,
        actor.unit_id,
        *kinds,
    )
    if row is None:
        raise InvalidInput(fields=[FieldError(field, "file.unknown")])


async def share_file(uow: UnitOfWork, file_id: str, *unit_ids: str) -> None:
    """Let other units see a file: the parties to what it shows."""
    for unit_id in unit_ids:
        try:
            await uow.add(FileReader(file_id=file_id, unit_id=unit_id))
        except IntegrityError as error:
            # Shared with this unit before: one row says it.
            if not is_duplicate(error):
                raise


async def widen_visibility(uow: UnitOfWork, file_id: str, visibility: Visibility) -> None:
    """Let more people see a file, as when its thing is put on the board; never fewer. NotFound `file.not_found`."""
    narrower = [str(each) for each in _BY_WIDTH[: _BY_WIDTH.index(visibility)]]
    widened = await uow.change(StoredFile, {"id": file_id, "visibility__in": narrower}, visibility=str(visibility))
    if not widened and await uow.find(StoredFile, id=file_id) is None:
        raise NotFound("file.not_found")


async def keep_document(
    uow: UnitOfWork, actor: Actor, *, kind: str, media_type: str, name: str, sha256: str, size: int
) -> str:
    """Name a document whose bytes are on the disk (`store.write_file`); its id. It is for the domain that keeps it:
    nobody reads it as a picture (`file_for_reading`)."""
    row = StoredFile(
        kind=kind,
        media_type=media_type,
        size=size,
        sha256=sha256,
        original_name=name,
        owner_unit_id=actor.unit_id,
        uploaded_by=actor.person_id,
        uploaded_at=await uow.now(),
        visibility=str(Visibility.UNIT),
    )
    await uow.add(row)
    return row.id
