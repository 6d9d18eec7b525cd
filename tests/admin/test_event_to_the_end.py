"""An event borrows, one thing is lost, and the event ends when everything is back, paid or written off, by pages."""

from server.circulation.commands import submit_borrowing
from server.circulation.queries import borrowing_view, list_borrowings
from server.circulation.types import LineView
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.actor import Actor
from tests.admin.conftest import Office
from tests.factories.circulation import application, approve, day, make_chairs, make_listed_projector
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor

EVENT = "市民文化艺术节"


async def visitor(office: Office, actor: Actor) -> Visitor:
    return await Visitor.of(office.lender.client, actor)


async def begin_event(office: Office) -> str:
    """The lead unit's manager records the event; the address of its page."""
    page = await office.approver.get("/admin/occasions/new")
    wrong = await office.approver.submit(page, "/admin/occasions", name="", ends_on=day(9).isoformat())
    assert (wrong.status, "活动名称" in wrong.words) == (400, True)
    done = await office.approver.submit(page, "/admin/occasions", name=EVENT, ends_on=day(9).isoformat())
    return done.target


async def borrow_for(office: Office, event: str, pieces: int) -> str:
    """The borrower applies on a thing's page and names the event; the address of the loan."""
    hall = office.hall
    await make_chairs(hall.ledger, pieces - 1)
    _, listing = await make_listed_projector(hall.ledger, item_name="会议椅", brand="震旦", model="CB-32")
    page = await office.borrower.get(f"/sharing/{listing.id}/apply")
    assert f"{EVENT}（活动，到" in page.answer.text
    address = f"/sharing/{listing.id}/apply"
    fields = {
        "quantity": str(pieces),
        "from_day": day(0).isoformat(),
        "to_day": day(2).isoformat(),
        "purpose": "开幕式坐席",
        "occasion_id": event.rpartition("/")[2],
    }
    done = await office.borrower.submit(page, address, **fields)
    borrowing_id = done.target.rpartition("/")[2]
    await approve(borrowing_id, hall.approver, hall.lender)
    for _ in range(pieces):
        sheet = await office.lender.get(f"/admin/loans/{borrowing_id}/issuing")
        row = next(line for line in (await lines_of(office, borrowing_id)) if line.state == "waiting")
        await office.lender.submit(sheet, f"/admin/loans/{borrowing_id}/issuing", code=row.asset_code)
    return borrowing_id


async def lines_of(office: Office, borrowing_id: str) -> list[LineView]:
    return (await borrowing_view(office.hall.lender, borrowing_id)).lines


async def test_event_ends_when_everything_is_back_paid_or_written_off(office: Office) -> None:
    event = await begin_event(office)
    loan = await borrow_for(office, event, 3)
    lines = await lines_of(office, loan)
    shown = await office.approver.get(event)
    assert "3 件没有了结" in shown.words and lines[0].asset_code in shown.words
    assert (await office.approver.get(f"{event}/recall.pdf")).answer.content.startswith(b"%PDF")

    # The borrower has lost one of them.
    page = await office.borrower.get(f"/borrowings/{loan}/loss")
    empty = await office.borrower.submit(page, f"/borrowings/{loan}/loss", asset_id=lines[0].asset_id)
    assert (empty.status, "情况说明" in empty.words) == (400, True)
    done = await office.borrower.submit(
        page, f"/borrowings/{loan}/loss", asset_id=lines[0].asset_id, explanation="撤展清点少了一把"
    )
    page = await office.borrower.follow(done)
    assert "遗失 1 件" in page.words and "待认定责任" in page.words
    case = page.link("待认定责任")

    # The others come home.
    for line in lines[1:]:
        sheet = await office.lender.get(f"/admin/loans/{loan}/taking-back")
        await office.lender.submit(sheet, f"/admin/loans/{loan}/taking-back", code=line.asset_code)
    sheet = await office.lender.get(f"/admin/loans/{loan}/inspections")
    page = await office.lender.follow(await office.lender.submit(sheet, f"/admin/loans/{loan}/inspections"))
    assert "待处理损坏或遗失" in page.words

    # The event cannot end yet, and says which thing is in the way.
    sheet = await office.approver.get(f"{event}/closing")
    refused = await office.approver.submit(sheet, f"{event}/closing", note="圆满结束")
    assert (refused.status, lines[0].asset_code in refused.words, "还有 1 件" in refused.words) == (409, True, True)

    await pay_for(office, case)
    await write_off(office, case)
    sheet = await office.approver.get(f"{event}/closing")
    page = await office.approver.follow(await office.approver.submit(sheet, f"{event}/closing", note="圆满结束"))
    assert "已办结" in page.words and "已核销" in page.words
    assert await verify_promises() == []
    page = await office.lender.get("/admin/losses?state=written_off")
    assert "1,234.56" in page.words and "0.00" in page.words
    assert [row.state for row in (await list_borrowings(office.hall.borrower, "mine")).items] == ["closed"]


async def pay_for(office: Office, case: str) -> None:
    """Somebody else than the lender's desk decides, and two receipts make the amount to the fen."""
    judge = await visitor(office, await make_actor("卫健二", office.hall.ledger.city.health, Role.ASSET_MANAGER))
    sheet = await judge.get(f"{case}/decision")
    wrong = await judge.submit(sheet, f"{case}/decision", decision="保管不当", amount="12.345")
    assert (wrong.status, "4699.00" in wrong.words) == (400, True)
    page = await judge.follow(await judge.submit(sheet, f"{case}/decision", decision="保管不当", amount="1,234.56"))
    assert "应赔 1,234.56 元" in page.words
    for number, amount, said in (("0001", "1000", "还差 234.56 元"), ("0002", "234.56", "赔偿已付清")):
        sheet = await office.lender.get(f"{case}/payments")
        done = await office.lender.submit(sheet, f"{case}/payments", receipt_no=f"浙财{number}", amount=amount)
        assert said in (await office.lender.follow(done)).words
    over = await office.lender.submit(sheet, f"{case}/payments", receipt_no="浙财0003", amount="0.01")
    assert over.status == 409


async def write_off(office: Office, case: str) -> None:
    """财政部门 agrees on its own page, and the card's life ends."""
    finance = await visitor(
        office, await make_actor("财政审核", office.hall.ledger.city.district_finance, Role.FINANCE_REVIEWER)
    )
    sheet = await office.lender.get(f"{case}/write-off")
    await office.lender.submit(sheet, f"{case}/write-off", reason="赔偿已缴清")
    page = await finance.get("/admin/approvals")
    page = await finance.get(page.link("核销"))
    assert "应赔" in page.words and "撤展清点少了一把" in page.words
    action = next(form.action for form in page.forms if form.action.endswith("/decision"))
    page = await finance.follow(await finance.submit(page, action, decision="approve", opinion="同意核销"))
    assert "同意" in page.words


async def test_parts_are_ticked_off_at_the_counter(office: Office) -> None:
    hall, card = office.hall, office.hall.projector
    address = f"/admin/assets/{card.id}/accessories"
    page = await office.lender.get(address)
    wrong = await office.lender.submit(page, address, lines="遥控器 1\n遥控器 2")
    assert (wrong.status, "写了两次" in wrong.words) == (400, True)
    page = await office.lender.follow(await office.lender.submit(page, address, lines="遥控器 1\n电源线×2\n幕布"))
    assert "遥控器 1 件 电源线 2 件 幕布 1 件" in page.words
    loan = await submit_borrowing(hall.borrower, application(card.id))
    await approve(loan.id, hall.approver, hall.lender)

    page = await office.lender.get(f"/admin/desk?code={card.code}")
    bad = await office.lender.submit(page, "/admin/desk/issue", **{"part-1": "许多"})
    assert bad.status == 400
    too_many = await office.lender.submit(page, "/admin/desk/issue", **{"part-1": "3"})
    assert (too_many.status, "件数须在 0 到 2 之间" in too_many.words) == (400, True)
    done = await office.lender.submit(page, "/admin/desk/issue", **{"part-2": "0"})
    assert "已发放给" in (await office.lender.follow(done)).words

    page = await office.lender.get(f"/admin/desk?code={card.code}")
    assert "电源线" in page.words and "幕布" not in page.words
    done = await office.lender.submit(page, "/admin/desk/return", **{"part-0": "0"})
    page = await office.lender.follow(done)
    assert "缺配件：遥控器 1 件" in page.words
    await office.lender.submit(page, "/admin/desk/inspection", result="intact")
    page = await office.borrower.get(f"/borrowings/{loan.id}")
    assert "缺配件 遥控器 1 件" in page.words
