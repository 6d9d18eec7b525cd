"""Asking for a longer loan on the phone, and deciding about it."""

import httpx

from server.circulation.queries import borrowing_view
from tests.factories.circulation import Hall, day, make_borrowing
from tests.storefront.visitor import Visitor


async def test_loan_is_longer_when_it_is_asked_for_and_the_lender_agrees(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    it = await make_borrowing(hall, until="issued")
    address = f"/borrowings/{it.id}"
    page = await borrower.get((await borrower.get(address)).link("申请续借"))
    wrong = await borrower.submit(page, f"{address}/renewal", to_day=day(1).isoformat(), reason="")
    assert "续借原因：请填写此项。" in wrong.words
    early = await borrower.submit(page, f"{address}/renewal", to_day=day(1).isoformat(), reason="展期延长")
    assert "要晚于现在的" in early.words
    done = await borrower.follow(
        await borrower.submit(page, f"{address}/renewal", to_day=day(6).isoformat(), reason="展期延长")
    )
    assert "续借审批中" in done.words
    assert "为什么有这一步：每次都要" in done.words
    lender = await Visitor.of(client, hall.lender)
    task = (await lender.get("/approvals")).link("续借 投影仪")
    page = await lender.get(task)
    for words in ("原定归还", "展期延长", it.number):
        assert words in page.words
    await lender.submit(page, f"{task}/decision", decision="approve")
    assert "已续借" in (await borrower.get(address)).words
    assert (await borrowing_view(hall.borrower, it.id)).to_day == day(6)


async def test_renewal_is_taken_back_when_it_is_not_needed(hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, until="issued")
    address = f"/borrowings/{it.id}"
    page = await borrower.get(f"{address}/renewal")
    page = await borrower.follow(
        await borrower.submit(page, f"{address}/renewal", to_day=day(6).isoformat(), reason="展期延长")
    )
    view = await borrowing_view(hall.borrower, it.id)
    assert (await borrower.get(f"/renewals/{view.renewals[0].id}")).target == address
    page = await borrower.get(page.link("撤回续借"))
    done = await borrower.submit(page, f"{address}/renewal/withdrawal", reason="不用延了")
    page = await borrower.follow(done)
    assert "续借已撤回" in page.words
    assert page.link("申请续借")
