"""Following one's borrowings, withdrawing one, and the paper."""

from typing import Any

import pytest

from server.web.routes import ROUTES
from tests.factories.circulation import Hall, answer, day, make_borrowing
from tests.storefront.visitor import Visitor

STAGES = {
    "submitted": ("审批中", "单位资产管理员审批"),
    "approved": ("已批准待备货", "已经批准"),
    "issued": ("借用中", "当天或之前归还"),
    "returned": ("已归还待验收", "等仓管员验收"),
}


@pytest.mark.parametrize("stage", STAGES)
async def test_state_and_the_next_step_are_told_at_every_stage(hall: Hall, borrower: Visitor, stage: str) -> None:
    it = await make_borrowing(hall, until=stage)
    page = await borrower.get(f"/borrowings/{it.id}")
    for words in (*STAGES[stage], it.number, "投影仪 爱普生 CB-X06", "李晓梅", "全区文化工作会议放映"):
        assert words in page.words
    assert ("撤回申请" in " ".join(page.links)) == (stage in {"submitted", "approved"})
    assert ("领取时出示" in page.words) == (stage == "approved")
    listed = await borrower.get("/borrowings")
    assert listed.link("投影仪") == f"/borrowings/{it.id}"


async def test_reason_of_a_refusal_stands_in_the_steps_when_an_approver_disagrees(
    hall: Hall, borrower: Visitor
) -> None:
    it = await make_borrowing(hall)
    await answer(it.id, hall.approver, is_approved=False, opinion="本周会议已改期，请下周再申请。")
    page = await borrower.get(f"/borrowings/{it.id}")
    assert "本周会议已改期，请下周再申请。" in page.words
    assert "申请没有通过" in page.words
    assert "投影仪" not in " ".join((await borrower.get("/borrowings")).links)
    assert (await borrower.get("/borrowings?state=ended")).link("投影仪") == f"/borrowings/{it.id}"


async def test_days_are_free_again_when_the_application_is_withdrawn(hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, 3, 5)
    address = f"/borrowings/{it.id}/withdrawal"
    page = await borrower.get((await borrower.get(f"/borrowings/{it.id}")).link("撤回申请"))
    empty = await borrower.submit(page, address)
    assert empty.status == 400
    assert "撤回原因：请填写此项。" in empty.words
    done = await borrower.submit(empty, address, reason="活动取消")
    seen = await borrower.follow(done)
    assert "申请已撤回，占用的日期已经放开" in seen.words
    assert "活动取消" in seen.words
    await make_borrowing(hall, 3, 5)
    late = await borrower.submit(page, address, reason="再撤一次")
    assert late.status == 409
    assert late.form(address).values["reason"] == "再撤一次"


async def test_paper_is_a_pdf_when_the_borrowing_is_approved(hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, until="approved")
    page = await borrower.get(f"/borrowings/{it.id}")
    paper = await borrower.client.get(
        page.link("下载借用单"), headers={"Cookie": "; ".join(f"{k}={v}" for k, v in borrower.cookies.items())}
    )
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert paper.headers["cache-control"] == "private, no-store"


async def test_units_loans_are_listed_for_its_asset_manager_alone(
    hall: Hall, borrower: Visitor, approver: Visitor
) -> None:
    it = await make_borrowing(hall)
    assert (await approver.get("/borrowings?view=unit")).link("投影仪") == f"/borrowings/{it.id}"
    assert "本单位借入" not in " ".join((await borrower.get("/borrowings?view=unit")).links)


async def test_counts_are_on_the_first_page(hall: Hall, borrower: Visitor, approver: Visitor) -> None:
    await make_borrowing(hall)
    assert (await borrower.get("/")).link("审批中 1 件") == "/borrowings"
    assert (await approver.get("/")).link("待我审批 1 件") == "/approvals"
    await make_borrowing(hall, 10, 12, until="submitted")
    assert "待我审批 2 件" in " ".join((await approver.get("/")).links)


async def test_the_way_of_collecting_is_told_when_the_borrower_chooses_it(hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, until="approved")
    address = f"/borrowings/{it.id}"
    page = await borrower.get((await borrower.get(address)).link("领取方式"))
    typed = {"way": "delivery", "day": day(1).isoformat(), "half": "morning"}
    refused = await borrower.submit(page, f"{address}/collection", **typed)
    assert "送到哪里：请填写此项。" in refused.words
    done = await borrower.submit(page, f"{address}/collection", **typed, address="区文化馆一楼")
    assert "上午，送到区文化馆一楼" in (await borrower.follow(done)).words


@pytest.mark.parametrize("path", ["/borrowings", "/approvals", "/messages"])
async def test_made_up_page_is_refused_as_a_page(borrower: Visitor, path: str) -> None:
    page = await borrower.get(f"{path}?after=made-up")
    assert page.status == 400
    assert "翻页位置已失效" in page.words


def test_every_page_of_the_door_has_a_summary() -> None:
    routes: list[Any] = [route for route in ROUTES.values() if route.door == "storefront"]
    assert len(routes) > 25
    assert all(route.summary for route in routes)


async def test_first_page_counts_what_is_out_and_warns_of_nothing_when_nothing_is_late(
    hall: Hall, borrower: Visitor
) -> None:
    await make_borrowing(hall, 0, 0, until="issued")
    page = await borrower.get("/")
    assert "待我归还 1 件" in " ".join(page.links)
    assert "请尽快归还" not in page.words
