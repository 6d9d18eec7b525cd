"""An approver sends back on the phone, and the applicant corrects it there."""

import httpx

from server.circulation.commands import renew_borrowing, submit_borrowing
from server.circulation.queries import borrowing_view
from server.circulation.types import RenewBorrowing
from tests.factories.circulation import Hall, application, day, make_borrowing, make_chairs
from tests.storefront.visitor import Visitor

WHY = "请写清楚用在哪个会场"


async def send_back(client: httpx.AsyncClient, actor, title: str) -> None:
    approver = await Visitor.of(client, actor)
    address = (await approver.get("/approvals")).link(title)
    page = await approver.get(address)
    silent = await approver.submit(page, f"{address}/decision", decision="return", opinion="")
    assert silent.status == 400 and "退回修改时请写明理由" in silent.words
    done = await approver.follow(await approver.submit(page, f"{address}/decision", decision="return", opinion=WHY))
    assert "已退回修改" in done.words


async def test_application_is_corrected_and_begins_again(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    chairs = await make_chairs(hall.ledger, 3)
    it = await submit_borrowing(hall.borrower, application(chairs[0].id, quantity=3))
    await send_back(client, hall.approver, "会议椅")
    page = await borrower.get(f"/borrowings/{it.id}")
    assert "退回修改" in page.words and WHY in page.words
    address = page.link("修改后重新提交")
    page = await borrower.get(address)
    assert WHY in page.words
    wrong = await borrower.submit(page, address, kept_1="4", purpose="")
    assert wrong.status == 400 and "借用事由：请填写此项。" in wrong.words
    wrong = await borrower.submit(wrong, address, kept_1="4", purpose="培训班")
    assert "会议椅 震旦 CB-32：只能改少，最多 3 件" in wrong.words
    assert wrong.form(address).values["kept_1"] == "4"
    done = await borrower.follow(await borrower.submit(wrong, address, kept_1="2", to_day=day(1).isoformat()))
    for words in ("已重新提交", "第 1 次送审：退回修改", "会议椅 震旦 CB-32 3 件 → 会议椅 震旦 CB-32 2 件", WHY):
        assert words in done.words
    view = await borrowing_view(hall.borrower, it.id)
    assert (view.piece_count, view.to_day, view.purpose) == (2, day(1), "培训班")
    approver = await Visitor.of(client, hall.approver)
    assert "第 1 次送审" in (await approver.get((await approver.get("/approvals")).link("会议椅"))).words
    assert (await borrower.get(address)).status == 409


async def test_correction_is_not_drawn_for_anybody_but_the_applicant(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    it = await make_borrowing(hall)
    assert (await borrower.get(f"/borrowings/{it.id}/correction")).status == 409
    await send_back(client, hall.approver, "投影仪")
    manager = await Visitor.of(client, hall.approver)
    assert "修改后重新提交" not in (await manager.get(f"/borrowings/{it.id}")).words
    assert (await manager.get(f"/borrowings/{it.id}/correction")).status == 403


async def test_renewal_is_corrected(client: httpx.AsyncClient, hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, until="issued")
    await renew_borrowing(hall.borrower, RenewBorrowing(it.id, day(9), "展期延长"))
    await send_back(client, hall.lender, "续借 投影仪")
    page = await borrower.get(f"/borrowings/{it.id}")
    assert "续借退回修改" in page.words
    address = page.link("修改续借后重新提交")
    page = await borrower.get(address)
    early = await borrower.submit(page, address, to_day=day(1).isoformat())
    assert "要晚于现在的" in early.words
    done = await borrower.follow(await borrower.submit(early, address, to_day=day(5).isoformat()))
    assert "续借审批中" in done.words and "第 1 次送审：退回修改" in done.words
    assert (await borrowing_view(hall.borrower, it.id)).renewals[0].to_day == day(5)
