"""Files that are neither pictures nor documents, or worse: refused in a sentence at both doors, and nothing kept."""

import struct
import zlib
from typing import Any

from server.kernel.ids import new_id
from server.settings import Settings
from tests.access.conftest import Trial
from tests.access.stored import changes, contents
from tests.factories.documents import make_locked_pdf, make_pdf
from tests.input.sending import Way, credentials, ways
from tests.input.test_json import refusal_of
from tests.input.test_pages import fault_of
from tests.miniapp_api.pictures import a_picture


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A PNG of a few kilobytes that would fill gigabytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 2_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
BROKEN = {
    "nothing": b"",
    "text": "这不是图片".encode(),
    "svg": SVG,
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "half": a_picture(320, 240)[:600],
    "bomb": bomb(),
    "gif header": b"GIF89a" + b"\x00" * 50,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "locked pdf": make_locked_pdf(),
    "pdf of too many pages": make_pdf(*["page"] * 21),
}
UPLOADS = {"/mini/v1/files": "file", "/admin/assets/<asset_id>/picture": "picture"}


async def uploads(trial: Trial) -> list[Way]:
    return [way for way in await ways(trial) if way.case.path in UPLOADS and way.case.method == "POST"]


def options_of(way: Way, **options: Any) -> dict[str, Any]:
    """Credentials, key and token of an upload."""
    if way.is_json:
        return {"headers": {**credentials(way), "Idempotency-Key": new_id()}, **options}
    own = {"csrf_token": way.shown.csrf_token, "idempotency_key": f"form-{new_id()}"}
    return {"headers": credentials(way), "data": own, **options}


async def test_upload_is_refused_and_nothing_is_kept_when_it_is_no_sound_picture(
    trial: Trial, settings: Settings
) -> None:
    sent = await uploads(trial)
    before, faults = await contents(), []
    kept = sorted(path.name for path in (settings.data_dir / "files").rglob("*"))
    for way in sent:
        for name, content in BROKEN.items():
            files = {UPLOADS[way.case.path]: ("照片.jpg", content, "image/jpeg")}
            answer = await trial.client.post(way.address, **options_of(way, files=files))
            judge = refusal_of if way.is_json else fault_of
            if fault := judge(answer, {400, 413}):
                faults.append(f"{way} {name}: {fault}")
    faults += changes(before, await contents())
    assert len(sent) == len(UPLOADS)
    assert not faults, "\n".join(faults)
    assert sorted(path.name for path in (settings.data_dir / "files").rglob("*")) == kept


async def test_upload_is_refused_when_its_form_is_broken_or_too_large(trial: Trial) -> None:
    sent = await uploads(trial)
    before, faults = await contents(), []
    too_large = {"file": ("大.jpg", b"\xff\xd8" + b"\x00" * 33_000_000, "image/jpeg")}
    kinds = ("multipart/form-data", "multipart/form-data; boundary=nothing", "image/jpeg", "application/json", "x" * 99)
    for way in sent:
        for kind in kinds:
            options = options_of(way, content=b"--other\r\nContent-Disposition: form-data\r\n\r\nx")
            options.pop("data", None)
            options["headers"] |= {"Content-Type": kind, "X-CSRF-Token": way.shown.csrf_token}
            answer = await trial.client.post(way.address, **options)
            judge = refusal_of if way.is_json else fault_of
            if fault := judge(answer, {400, 403, 413, 415}):
                faults.append(f"{way} {kind[:50]}: {fault}")
        answer = await trial.client.post(way.address, **options_of(way, files=too_large))
        if answer.status_code != 413:
            faults.append(f"{way} too large: {answer.status_code}")
    faults += changes(before, await contents())
    assert not faults, "\n".join(faults)
