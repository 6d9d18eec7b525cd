"""Deciding on one screen."""

import httpx

from server.circulation.queries import borrowing_view
from tests.factories.circulation import Hall, make_borrowing
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor


async def open_task(visitor: Visitor) -> tuple[Drawn, str]:
    """The task that waits, and where its decision goes."""
    listed = await visitor.get("/approvals")
    address = listed.link("投影仪")
    return await visitor.get(address), f"{address}/decision"


async def test_borrowing_goes_through_when_both_units_agree(
    client: httpx.AsyncClient, hall: Hall, approver: Visitor
) -> None:
    it = await make_borrowing(hall)
    page, address = await open_task(approver)
    for words in (it.number, "李晓梅", "全区文化工作会议放映", "没有与其他借用冲突", "本单位"):
        assert words in page.words
    done = await approver.submit(page, address, decision="approve", opinion="同意，注意保管。")
    assert "已同意：" in (await approver.follow(done)).words
    lender = await Visitor.of(client, hall.lender)
    page, address = await open_task(lender)
    assert "同意，注意保管。" in page.words
    assert (await lender.submit(page, address, decision="approve")).target == "/approvals"
    assert (await borrowing_view(hall.borrower, it.id)).state == "approved"


async def test_way_to_decide_several_at_once_is_shown_when_several_wait(hall: Hall, approver: Visitor) -> None:
    await make_borrowing(hall, 1, 2)
    assert "一次办理几件" not in (await approver.get("/approvals")).words
    await make_borrowing(hall, 4, 5)
    page = await approver.get("/approvals")
    desk = await approver.get(page.link("一次办理几件"))
    assert "一起看所选的" in desk.words


async def test_reason_is_asked_for_beside_its_field_when_disagreeing_without_one(hall: Hall, approver: Visitor) -> None:
    it = await make_borrowing(hall)
    page, address = await open_task(approver)
    refused = await approver.submit(page, address, decision="reject", opinion="否")
    assert refused.status == 400
    assert "意见：" in refused.words
    assert refused.form(address).values["opinion"] == "否"
    assert (await borrowing_view(hall.borrower, it.id)).state == "submitted"
    await approver.submit(refused, address, decision="reject", opinion="本周会议已改期")
    assert (await borrowing_view(hall.borrower, it.id)).state == "rejected"
    assert "本周会议已改期" in (await approver.get((await approver.get("/approvals?state=decided")).link("投影"))).words


async def test_first_answer_stands_when_the_button_is_pressed_twice(hall: Hall, approver: Visitor) -> None:
    await make_borrowing(hall)
    page, address = await open_task(approver)
    first = await approver.submit(page, address, decision="approve")
    second = await approver.submit(page, address, decision="approve")
    assert first.target == second.target == "/approvals"
    contrary = await approver.submit(page, address, decision="reject", opinion="改主意了")
    assert contrary.status == 409


async def test_decision_is_named_as_missing_when_neither_button_was_pressed(hall: Hall, approver: Visitor) -> None:
    await make_borrowing(hall)
    page, address = await open_task(approver)
    for decision in ("", "perhaps"):
        assert (await approver.submit(page, address, decision=decision)).status == 400


async def test_task_is_unknown_when_it_waits_for_somebody_else(
    client: httpx.AsyncClient, hall: Hall, approver: Visitor, borrower: Visitor
) -> None:
    await make_borrowing(hall)
    page, address = await open_task(approver)
    lender = await Visitor.of(client, hall.lender)
    for other in (borrower, lender):
        assert (await other.get(address.removesuffix("/decision"))).status == 404
        values = {**page.form(address).values, "decision": "approve"}
        values["csrf_token"] = (await other.get("/me")).form("/logout").values["csrf_token"]
        assert (await other.send("POST", address, data=values)).status == 404
