"""Talking about an application on the phone."""

from urllib.parse import quote

import httpx

from server.approvals.comments.commands import add_comment
from server.approvals.comments.types import AddComment
from tests.factories.circulation import Hall, make_borrowing, make_photograph
from tests.factories.documents import make_pdf, page_texts
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor


async def test_applicant_and_approver_talk(client: httpx.AsyncClient, hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall)
    page = await borrower.get(f"/borrowings/{it.id}")
    address = page.link("写留言")
    page = await borrower.get(address)
    assert "还没有留言" in page.words
    empty = await borrower.submit(page, address, text="")
    assert empty.status == 400 and "留言：请填写此项。" in empty.words
    done = await borrower.follow(await borrower.submit(empty, address, text="会场在二楼"))
    assert "已留言" in done.words and "会场在二楼" in done.words
    approver = await Visitor.of(client, hall.approver)
    task = (await approver.get("/approvals")).link("投影仪")
    assert "会场在二楼" in (await approver.get(task)).words
    withdrawal = next(form.action for form in done.forms if form.action.endswith("/withdrawal"))
    gone = await borrower.follow(await borrower.submit(done, withdrawal))
    assert "留言已撤回" in gone.words and "会场在二楼" not in gone.words
    lender = await Visitor.of(client, hall.lender)
    assert (await lender.get(address)).status == 404
    assert "写留言" not in (await lender.get(f"/borrowings/{it.id}")).words


async def test_pictures_of_a_comment_are_shown_to_those_who_take_part(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    it = await make_borrowing(hall)
    picture = await make_photograph(hall.borrower)
    wanted = AddComment(subject_kind="borrowing", subject_id=it.id, text="现场", attachments=(picture,))
    comment = await add_comment(hall.borrower, wanted)
    address = f"/approval-comments/{comment.id}/attachments/{picture}"
    approver = await Visitor.of(client, hall.approver)
    assert (await approver.get(f"{address}?size=small")).status == 200
    lender = await Visitor.of(client, hall.lender)
    assert (await lender.get(address)).status == 404


async def test_document_is_attached_named_and_saved_by_those_who_take_part(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    it = await make_borrowing(hall)
    address = f"/comments/borrowing/{it.id}"

    async def attach(name: str, content: bytes) -> Drawn:
        values = {**(await borrower.get(address)).form(address).values, "text": "附批文"}
        files = {"attachments": (name, content, "application/octet-stream")}
        return await borrower.send("POST", address, data=values, files=files)

    broken = await attach("批文.pdf", b"%PDF-1.7")
    assert broken.status == 400 and "这个 PDF 已损坏" in broken.words
    assert "只能上传 JPG、PNG、WebP 格式的照片，或 PDF 文件" in (await attach("台账.xlsx", b"PK\x03\x04")).words
    done = await borrower.follow(await attach("艺术节批文.pdf", make_pdf("one", "two")))
    assert "艺术节批文.pdf PDF，2 页" in done.words
    file = done.link("艺术节批文.pdf")
    approver = await Visitor.of(client, hall.approver)
    answer = (await approver.get(file)).answer
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('艺术节批文.pdf')}"
    assert page_texts(answer.content) == ["", ""]
    small = (await approver.get(f"{file}?size=small")).answer
    assert small.headers["content-type"] == "image/jpeg" and "content-disposition" not in small.headers
    lender = await Visitor.of(client, hall.lender)
    assert (await lender.get(file)).status == 404
