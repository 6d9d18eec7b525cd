"""需求广场 in the browser: posting, answering, ending."""

import httpx

from tests.factories.circulation import Hall
from tests.storefront.visitor import Visitor

TYPED = {"title": "投影仪", "quantity": "2", "term": "days", "days": "5", "reach": "city"}


async def test_need_is_posted_answered_and_ended(hall: Hall, client: httpx.AsyncClient) -> None:
    poster, lender = await Visitor.of(client, hall.borrower), await Visitor.of(client, hall.lender)
    page = await poster.get("/wanted/new")
    wrong = await poster.submit(page, "/wanted", **{**TYPED, "days": "0"})
    assert wrong.status == 400 and "天数：需用天数须在 1 到 3650 之间" in wrong.words
    done = await poster.submit(wrong, "/wanted", **TYPED)
    shown = await poster.follow(done)
    assert "大厅里现有 1 件可能合适的" in shown.words and f"/sharing/{hall.listing.id}" in shown.answer.text
    board = await lender.get("/wanted")
    seen = await lender.get(board.link("投影仪 2 件"))
    answered = await lender.submit(seen, f"{done.target}/offers", words="一台可借", listing_id=hall.listing.id)
    assert "已应答，对方会收到消息" in (await lender.follow(answered)).words
    again = await lender.submit(
        seen, f"{done.target}/offers", words="再说一遍", listing_id="", idempotency_key="form-other"
    )
    assert again.status == 409 and "您单位已经应答过这条需求" in again.words
    mine = await poster.get(done.target)
    assert "一台可借" in mine.words
    closing = await poster.get(mine.link("关闭需求"))
    ended = await poster.follow(await poster.submit(closing, f"{done.target}/closing", result="met", note="借到了"))
    assert "已解决" in ended.words and "借到了" in ended.words
    assert "还没有需求" in (await lender.get("/wanted")).words
    assert "投影仪 2 件" in (await poster.get("/wanted?view=unit")).words
