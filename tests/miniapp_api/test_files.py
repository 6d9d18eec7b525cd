"""Pictures by phone."""

import io

import pytest
from PIL import Image

from server.kernel.ids import new_id
from tests.factories.documents import make_pdf
from tests.miniapp_api.conftest import Town
from tests.miniapp_api.pictures import a_picture
from tests.support.http import code_of, data_of, fields_of


async def test_picture_is_shown_when_it_was_sent(town: Town) -> None:
    sent = data_of(await town.lender.upload("/files", a_picture()), 201)
    assert (sent["width"], sent["height"]) == (640, 480)
    stranger = await town.borrower.get(f"/files/{sent['id']}")
    assert stranger.status_code == 404, "nobody else sees what is attached to nothing yet"
    shown = await town.lender.get(f"/files/{sent['id']}")
    assert shown.status_code == 200 and shown.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size == (640, 480)
    small = await town.lender.get(f"/files/{sent['id']}/thumbnail")
    assert max(Image.open(io.BytesIO(small.content)).size) <= 480
    for answer in (shown, small):
        assert answer.headers["cache-control"].startswith("private")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_nothing_is_sent_again_when_the_client_has_it(town: Town) -> None:
    sent = data_of(await town.lender.upload("/files", a_picture()), 201)
    shown = await town.lender.get(f"/files/{sent['id']}")
    again = await town.lender.send("GET", f"/files/{sent['id']}", headers={"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == shown.headers["etag"]
    other = await town.lender.send("GET", f"/files/{sent['id']}", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


async def test_picture_is_not_found_when_nobody_asks_or_it_is_made_up(town: Town) -> None:
    sent = data_of(await town.lender.upload("/files", a_picture()), 201)
    assert code_of(await town.nobody.get(f"/files/{sent['id']}"), 401) == "session.required"
    assert code_of(await town.lender.get(f"/files/{new_id()}"), 404) == "file.not_found"
    assert code_of(await town.lender.get(f"/files/{new_id()}/thumbnail"), 404) == "file.not_found"


@pytest.mark.parametrize("content", [b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff broken", b"%PDF-1.7"])
async def test_upload_is_refused_when_it_is_no_picture(town: Town, content: bytes) -> None:
    refused = await town.lender.upload("/files", content)
    assert refused.status_code == 400 and refused.json()["code"].startswith("file.")


async def test_document_is_saved_by_its_name_when_it_was_sent(town: Town) -> None:
    sent = data_of(await town.lender.upload("/files", make_pdf("one", "two", "three")), 201)
    assert (sent["pages"], sent["width"], sent["media_type"]) == (3, None, "application/pdf")
    shown = await town.lender.get(f"/files/{sent['id']}")
    assert shown.headers["content-type"] == "application/pdf" and shown.content.startswith(b"%PDF-")
    assert shown.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    small = await town.lender.get(f"/files/{sent['id']}/thumbnail")
    assert Image.open(io.BytesIO(small.content)).format == "JPEG"


async def test_document_is_no_photograph_of_a_thing(town: Town) -> None:
    sent = data_of(await town.lender.upload("/files", make_pdf("one")), 201)
    answer = await town.lender.post(f"/assets/{town.hall.projector.id}/picture", {"picture_id": sent["id"]})
    assert fields_of(answer) == {"picture_id": "file.unknown"}


async def test_upload_is_refused_when_the_file_is_missing(town: Town) -> None:
    key = {"Idempotency-Key": new_id()}
    refused = await town.lender.send("POST", "/files", headers=key, files={"other": ("a.jpg", a_picture())})
    assert fields_of(refused) == {"file": "input.required"}
    assert code_of(await town.lender.post("/files", {"file": "aGVsbG8="}), 400) == "input.invalid"
    broken = {**key, "Content-Type": "multipart/form-data; boundary=x"}
    refused = await town.lender.send("POST", "/files", headers=broken, content=b"--y\r\nnot a form")
    assert refused.status_code == 400


async def test_upload_is_refused_when_it_is_too_large(town: Town) -> None:
    answer = await town.lender.upload("/files", b"\xff\xd8" + bytes(33_000_000))
    assert code_of(answer, 413) == "request.upload_too_large"


async def test_one_picture_is_kept_when_the_upload_is_repeated(town: Town) -> None:
    key = new_id()
    one = data_of(await town.lender.upload("/files", a_picture(), key=key), 201)
    assert data_of(await town.lender.upload("/files", a_picture(), key=key), 201) == one
    other = await town.lender.upload("/files", a_picture(colour=(200, 20, 20)), key=key)
    assert code_of(other, 409) == "idempotency.key_reused"
