"""Pictures kept for a unit: on the disk before the row, read by who may, swept when they belong to nothing."""

import asyncio
import hashlib
import io
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from server.files.commands import make_thumbnail, store_picture
from server.files.jobs import make_thumbnails, sweep_files
from server.files.ops import require_own_picture, share_file, widen_visibility
from server.files.queries import file_for_reading
from server.files.store import file_path, use_folder, write_file
from server.files.types import FileView, Visibility
from server.kernel.actor import Actor, ActorKind, PartyKind, system_actor
from server.kernel.errors import Forbidden, InvalidInput, NotFound, Unavailable
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings

DAY = 24 * 3600
HEALTH, CULTURE = "unithealth000000", "unitculture00000"


@pytest.fixture(autouse=True)
def folder(settings: Settings) -> Path:
    """Where this test's files are."""
    path = settings.data_dir / "files"
    use_folder(path)
    return path


def official(unit_id: str, party_kind: PartyKind = PartyKind.GOVERNMENT_UNIT) -> Actor:
    """Somebody of a unit."""
    return Actor(
        kind=ActorKind.PERSON, person_id=f"p{unit_id[1:]}", person_name="王秀英", unit_id=unit_id, party_kind=party_kind
    )


def jpeg(colour: str = "orange") -> bytes:
    """A real photograph's size in one colour."""
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG")
    return out.getvalue()


def files_on_disk(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("??/*")}


async def stored_rows() -> int:
    async with reading() as db:
        row = await db.fetch_one("SELECT COUNT(*) AS number FROM stored_file")
    assert row is not None
    return int(row["number"])


def age(sha256: str, seconds: float) -> None:
    """Make a file look as if it had been written `seconds` ago."""
    instant = time.time() - seconds
    os.utime(file_path(sha256), (instant, instant))


async def is_seen(actor: Actor | None, file: FileView) -> bool:
    try:
        await file_for_reading(actor, file.id)
    except NotFound:
        return False
    return True


async def test_picture_and_thumbnail_are_on_disk_by_hash_when_stored(runtime: Runtime, folder: Path):
    stored = await store_picture(official(HEALTH), jpeg(), "投影仪.jpg")
    assert (stored.width, stored.height, stored.media_type) == (1200, 900, "image/jpeg")
    large = await file_for_reading(official(HEALTH), stored.id)
    small = await file_for_reading(official(HEALTH), stored.id, want_thumbnail=True)
    for content in (large, small):
        data = content.path.read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (content.sha256, content.size)
        assert content.path == folder / content.sha256[:2] / content.sha256
    with Image.open(small.path) as thumbnail:
        assert thumbnail.size == (480, 360)
    assert files_on_disk(folder) == {large.sha256, small.sha256}


async def test_equal_pictures_share_their_bytes_when_stored_twice(runtime: Runtime, folder: Path):
    first, second = await asyncio.gather(*(store_picture(official(unit), jpeg()) for unit in (HEALTH, CULTURE)))
    assert first.id != second.id and first.sha256 == second.sha256
    assert len(files_on_disk(folder)) == 2


async def test_one_row_is_written_when_a_key_is_used_again(runtime: Runtime):
    actor = official(HEALTH).with_key("upload-0001")
    first = await store_picture(actor, jpeg())
    assert await store_picture(actor, jpeg()) == first
    assert await stored_rows() == 1


async def test_nothing_is_kept_when_the_upload_is_no_picture(runtime: Runtime, folder: Path):
    for content in (b"", b"<?php echo 1;", jpeg()[:500]):
        with pytest.raises(InvalidInput):
            await store_picture(official(HEALTH), content)
    with pytest.raises(InvalidInput) as caught:
        await store_picture(official(HEALTH), jpeg(), "x" * 129, Visibility.PUBLIC)
    assert {fault.field for fault in caught.value.fields} == {"original_name", "visibility"}
    assert (await stored_rows(), files_on_disk(folder)) == (0, set())


async def test_upload_is_forbidden_without_a_unit(runtime: Runtime):
    for actor in (Actor(kind=ActorKind.PERSON, person_id="p"), system_actor("job")):
        with pytest.raises(Forbidden, match=r"file\.no_unit"):
            await store_picture(actor, jpeg())


async def test_visibility_decides_who_reads_a_file(runtime: Runtime):
    private = await store_picture(official(HEALTH), jpeg("red"), "", Visibility.UNIT)
    shared = await store_picture(official(HEALTH), jpeg("green"))
    supplier = official("supplier00000000", PartyKind.SUPPLIER)
    assert [await is_seen(official(HEALTH), file) for file in (private, shared)] == [True, True]
    assert [await is_seen(official(CULTURE), file) for file in (private, shared)] == [False, True]
    assert [await is_seen(supplier, file) for file in (private, shared)] == [False, False]
    assert [await is_seen(None, file) for file in (private, shared)] == [False, False]
    async with unit_of_work(system_actor("test")) as uow:
        await share_file(uow, private.id, CULTURE, CULTURE)
        await widen_visibility(uow, shared.id, Visibility.PUBLIC)
        await widen_visibility(uow, shared.id, Visibility.UNIT)
        with pytest.raises(NotFound, match=r"file\.not_found"):
            await widen_visibility(uow, "0000000000000000", Visibility.PUBLIC)
    assert await is_seen(official(CULTURE), private) and not await is_seen(supplier, private)
    async with reading() as db:
        assert len(await db.fetch_all("SELECT id FROM file_reader WHERE file_id = ?", private.id)) == 1
    assert await is_seen(None, shared) and (await file_for_reading(None, shared.id)).is_public
    with pytest.raises(NotFound, match=r"file\.not_found"):
        await file_for_reading(official(HEALTH), "0000000000000000")


async def test_picture_is_taken_for_a_record_only_by_its_own_unit(runtime: Runtime):
    stored = await store_picture(official(HEALTH), jpeg())
    async with unit_of_work(official(HEALTH)) as uow:
        await require_own_picture(uow, official(HEALTH), stored.id)
        with pytest.raises(InvalidInput) as caught:
            await require_own_picture(uow, official(CULTURE), stored.id, field="photo")
    assert [(fault.field, fault.code) for fault in caught.value.fields] == [("photo", "file.unknown")]


async def test_thumbnail_is_not_found_when_the_file_has_none(runtime: Runtime):
    stored = await store_picture(official(HEALTH), jpeg())
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE stored_file SET thumbnail_sha256 = NULL WHERE id = ?", stored.id)
        await transaction.commit()
    assert (await file_for_reading(official(HEALTH), stored.id)).sha256 == stored.sha256
    with pytest.raises(NotFound, match=r"file\.not_found"):
        await file_for_reading(official(HEALTH), stored.id, want_thumbnail=True)


async def test_picture_gets_its_thumbnail_later_when_it_came_without(runtime: Runtime, folder: Path):
    stored = [await store_picture(official(HEALTH), jpeg(colour), "", Visibility.UNIT) for colour in ("red", "green")]
    before = [await file_for_reading(official(HEALTH), each.id, want_thumbnail=True) for each in stored]
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE stored_file SET thumbnail_sha256 = NULL")
        await transaction.commit()
    for small in before:
        small.path.unlink()
    # The first one's bytes are lost: it keeps no other waiting, and is tried again the next time.
    lost = min(stored, key=lambda each: each.id)
    kept = file_path(lost.sha256).read_bytes()
    file_path(lost.sha256).unlink()
    await make_thumbnails()
    other = next(each for each in stored if each.id != lost.id)
    small = await file_for_reading(official(HEALTH), other.id, want_thumbnail=True)
    with Image.open(small.path) as thumbnail:
        assert thumbnail.size == (480, 360)
    with pytest.raises(NotFound, match=r"file\.not_found"):
        await file_for_reading(official(HEALTH), lost.id, want_thumbnail=True)
    await write_file(kept)
    await make_thumbnails()
    await make_thumbnails()
    assert (await file_for_reading(official(HEALTH), lost.id, want_thumbnail=True)).size > 0
    # Nobody sees more of a picture by its thumbnail, and only the product makes them.
    with pytest.raises(NotFound, match=r"file\.not_found"):
        await file_for_reading(official(CULTURE), other.id, want_thumbnail=True)
    with pytest.raises(Forbidden, match=r"role\.required"):
        await make_thumbnail(official(HEALTH), other.id, other.sha256)


async def test_thumbnail_is_kept_once_when_two_make_it(runtime: Runtime):
    stored = await store_picture(official(HEALTH), jpeg())
    assert not await make_thumbnail(system_actor("files"), stored.id, stored.sha256)


async def test_loss_on_disk_is_said_when_a_named_file_is_gone(runtime: Runtime):
    stored = await store_picture(official(HEALTH), jpeg())
    file_path(stored.sha256).unlink()
    with pytest.raises(Unavailable, match=r"file\.missing"):
        await file_for_reading(official(HEALTH), stored.id)


async def test_sweep_takes_only_what_is_old_and_belongs_to_nothing(runtime: Runtime, folder: Path):
    stored = await store_picture(official(HEALTH), jpeg())
    kept = files_on_disk(folder)
    for sha256 in kept:
        age(sha256, 30 * DAY)
    old, young = await write_file(b"left behind by a crash"), await write_file(b"its row is about to come")
    age(old, DAY + 60)
    part = folder / "ab" / f"{'ab' * 32}.0123abcd.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"half")
    os.utime(part, (0, 0))
    await sweep_files()
    assert files_on_disk(folder) == kept | {young}
    assert await is_seen(official(HEALTH), stored)


async def test_sweep_spares_an_old_file_when_it_is_written_again(runtime: Runtime, folder: Path):
    sha256 = await write_file(b"uploaded again a month later")
    age(sha256, 30 * DAY)
    assert await write_file(b"uploaded again a month later") == sha256
    await sweep_files()
    assert files_on_disk(folder) == {sha256}


def test_no_path_leaves_the_folder_when_the_hash_is_made_up():
    for name in ("../../etc/passwd", "", "A" * 64, "0" * 63):
        with pytest.raises(ValueError, match="SHA-256"):
            file_path(name)
