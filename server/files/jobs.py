"""Sweeping up bytes that no row names, because the command that should have named them failed; and small renditions for
pictures that came without."""

import logging
from datetime import timedelta

from server.files.commands import make_thumbnail
from server.files.store import list_old_files, remove_old_file
from server.kernel.actor import system_actor
from server.kernel.errors import DomainError
from server.kernel.reading import reading
from server.kernel.schedule import every
from server.kernel.storage.database import Row

_log = logging.getLogger("server.files")
_AGE_SECONDS = timedelta(days=1).total_seconds()
_BATCH = 200


@every(timedelta(hours=6), "files.sweep", lease=timedelta(minutes=30))
async def sweep_files() -> None:
    """Remove files on disk that are older than a day and belong to nothing."""
    old = await list_old_files(_AGE_SECONDS)
    removed = 0
    for start in range(0, len(old), _BATCH):
        for sha256 in await _nameless(old[start : start + _BATCH]):
            removed += await remove_old_file(sha256, _AGE_SECONDS)
    if removed:
        _log.info("swept up %d files that belonged to nothing", removed)


@every(timedelta(hours=1), "files.make_thumbnails", lease=timedelta(minutes=30))
async def make_thumbnails() -> None:
    """Make the small rendition of every picture that has none, one after the other: pictures of an earlier release, or
    brought in from elsewhere. One that cannot be read is told of, and keeps no other waiting."""
    actor, made, last = system_actor("files"), 0, ""
    while rows := await _without_thumbnail(last):
        for row in rows:
            try:
                made += await make_thumbnail(actor, row["id"], row["sha256"])
            except DomainError as error:
                _log.warning("no thumbnail of %s: %s", row["id"], error.code)
        last = rows[-1]["id"]
    if made:
        _log.info("made %d thumbnails", made)


async def _without_thumbnail(after: str) -> list[Row]:
    async with reading() as db:
        return await db.fetch_all(
            "SELECT id, sha256 FROM stored_file WHERE kind = 'picture' AND thumbnail_sha256 IS NULL AND id > ?"
            " ORDER BY id LIMIT ?",
            after,
            _BATCH,
        )


async def _nameless(hashes: list[str]) -> list[str]:
    marks = ", ".join("?" * len(hashes))
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT sha256 AS kept FROM stored_file WHERE sha256 IN ({marks})"  # noqa: S608 - only placeholders
            f" UNION SELECT thumbnail_sha256 FROM stored_file WHERE thumbnail_sha256 IN ({marks})",
            *hashes,
            *hashes,
        )
    kept = {row["kept"] for row in rows}
    return [sha256 for sha256 in hashes if sha256 not in kept]
