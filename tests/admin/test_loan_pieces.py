"""Several things of one loan through the desk's pages: scanned one after the other, then the rest found intact."""

from server.circulation.commands import issue_by_code, submit_borrowing
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, IssueByCode
from tests.admin.conftest import Office
from tests.admin.test_ledger import photograph
from tests.factories.circulation import application, approve, make_chairs, make_listed_projector


async def approved(office: Office, pieces: int = 3) -> tuple[BorrowingView, str]:
    """An approved borrowing of so many chairs, and the code of an equal one that it did not take."""
    made = await make_chairs(office.hall.ledger, pieces + 1)
    view = await submit_borrowing(office.hall.borrower, application(made[0].id, quantity=pieces))
    await approve(view.id, office.hall.approver, office.hall.lender)
    return view, made[-1].code


async def test_chairs_go_out_and_come_home_when_they_are_scanned_one_by_one(office: Office) -> None:
    view, spare = await approved(office)
    desk, address = office.lender, f"/admin/loans/{view.id}"
    page = await desk.get((await desk.get(address)).link("逐件发放"))
    assert "还有 3 件待领" in page.words
    assert "autofocus" in page.answer.text
    for code, said in ((view.lines[0].asset_code, "还有 2 件。"), (spare, f"（代 {view.lines[1].asset_code}）")):
        page = await desk.follow(await desk.submit(page, f"{address}/issuing", code=code))
        assert said in page.words
    wrong = await desk.submit(page, f"{address}/issuing", code=office.hall.projector.code)
    assert (wrong.status, "borrowing.asset_not_on_it" in wrong.words) == (409, True)
    page = await desk.follow(await desk.submit(page, f"{address}/issuing", code=view.lines[2].asset_code))
    assert "全部发完" in page.words
    assert page.link("打印借用单") == f"{address}/slip"

    page = await desk.get(page.link("逐件收回"))
    page = await desk.follow(await desk.submit(page, f"{address}/taking-back", code=spare))
    assert "还有 2 件在外" in page.words
    page = await desk.get(address)
    assert "在借 2 件，已还 1 件" in page.words
    for line in (view.lines[0], view.lines[2]):
        back = await desk.get(f"{address}/taking-back")
        page = await desk.follow(await desk.submit(back, f"{address}/taking-back", code=line.asset_code))
    assert "全部收回，请验收" in page.words
    page = await desk.get(page.link("其余都完好"))
    page = await desk.follow(await desk.submit(page, f"{address}/inspections"))
    assert "已办结" in page.words


async def test_one_of_several_is_decided_when_it_came_back_damaged(office: Office) -> None:
    view, _ = await approved(office, 2)
    desk, address = office.lender, f"/admin/loans/{view.id}"
    for line in view.lines:
        await issue_by_code(office.hall.lender, IssueByCode(view.id, line.asset_code, "李晓梅"))
        await desk.send(
            "POST", f"{address}/taking-back", data=await form_of(desk, f"{address}/taking-back", line.asset_code)
        )
    code = view.lines[1].asset_code
    seen = await desk.get(f"/admin/desk?code={code}")
    values = {**seen.form("/admin/desk/inspection").values, "result": "damaged", "note": "椅背开裂"}
    files = {"picture_id": ("椅背.jpg", photograph(), "image/jpeg")}
    await desk.send("POST", "/admin/desk/inspection", data=values, files=files)
    page = await desk.get(address)
    assert "有损坏待处理" in page.words
    page = await desk.get(page.link("处理损坏"))
    done = await desk.submit(page, f"{address}/damage", decision="由借用单位赔偿", to="repair")
    assert "由借用单位赔偿" in (await desk.follow(done)).words
    assert (await borrowing_view(office.hall.lender, view.id)).state == "returned"


async def form_of(desk, address: str, code: str) -> dict[str, str]:
    return {**(await desk.get(address)).form(address).values, "code": code}


async def test_whose_it_was_is_said_when_a_thing_of_another_loan_comes_back(office: Office) -> None:
    view, _ = await approved(office, 2)
    other, _ = await make_listed_projector(office.hall.ledger)
    loan = await submit_borrowing(office.hall.borrower, application(other.id))
    await approve(loan.id, office.hall.approver, office.hall.lender)
    await issue_by_code(office.hall.lender, IssueByCode(loan.id, other.code, "李晓梅"))
    address = f"/admin/loans/{view.id}/taking-back"
    page = await office.lender.submit(await office.lender.get(address), address, code=other.code)
    assert f"它属于另一张借用单 {loan.number}" in (await office.lender.follow(page)).words
