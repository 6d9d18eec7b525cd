# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Reading stored files: whoever may not see one hears that there is none."""

from collections.abc import Sequence

from server.files.store import file_path
from server.files.types import Attachment, FileContent, Visibility
from server.identity.scope import Clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind, PartyKind
from server.kernel.errors import NotFound, Unavailable
from server.kernel.reading import reading


async def file_for_reading(actor: Actor | None, file_id: str, want_thumbnail: bool = False) -> FileContent:
    """The bytes of a picture or document that `actor` (None: not logged in) may see, or of its thumbnail.

    Raises NotFound `file.not_found`; Unavailable `file.missing` when the disk does not have what the row names.
    """
    clause, values = visible_clause(actor)
    async with reading() as db:
        row = await db.fetch_one(
            "SELECT f.media_type, f.sha256, f.thumbnail_sha256, f.visibility, f.original_name FROM stored_file f"
            # A ledger names everything its unit has: its own page shows it to those who may import.
            f" WHERE f.id = ? AND f.kind <> 'ledger' AND {clause}",
            file_id,
            *values,
        )
    if row is None or (want_thumbnail and row["thumbnail_sha256"] is None):
        raise NotFound("file.not_found")
    sha256 = row["thumbnail_sha256"] if want_thumbnail else row["sha256"]
    path = file_path(sha256)
    if not path.is_file():
        raise Unavailable("file.missing")
    return FileContent(
        path=path,
        # A thumbnail is a picture, of a document too.
        media_type="image/jpeg" if want_thumbnail else row["media_type"],
        size=path.stat().st_size,
        sha256=sha256,
        is_public=row["visibility"] == Visibility.PUBLIC,
        name=row["original_name"],
    )


async def attachments(rows: RowSource, ids: Sequence[str]) -> dict[str, Attachment]:
    """The files by id, for whoever was found to take part in what they hang on."""
    if not ids:
        return {}
    found = await rows.fetch_all(
        f"SELECT id, kind, original_name, size, pages FROM stored_file WHERE id IN ({', '.join('?' * len(ids))})", *ids
    )
    return {
        row["id"]: Attachment(
            id=row["id"], kind=row["kind"], name=row["original_name"], size=row["size"], pages=row["pages"]
        )
        for row in found
    }


def visible_clause(actor: Actor | None) -> Clause:
    """A condition on `stored_file f`: public, for government units, or for the actor's own unit."""
    if actor is not None and actor.kind is ActorKind.SYSTEM:
        return "1 = 1", ()
    if actor is None or actor.unit_id is None:
        return "f.visibility = 'public'", ()
    seen = "('public', 'government')" if actor.party_kind is PartyKind.GOVERNMENT_UNIT else "('public')"
    shared = "EXISTS (SELECT 1 FROM file_reader r WHERE r.file_id = f.id AND r.unit_id = ?)"
    return f"(f.visibility IN {seen} OR f.owner_unit_id = ? OR {shared})", (actor.unit_id, actor.unit_id)
