"""The page of a unit's year, its lists, and what is taken along."""

import csv
import io

from server.circulation.queries import borrowing_view
from server.kernel.reading import present_day
from tests.admin.conftest import Office
from tests.circulation.test_refunds import found
from tests.factories.circulation import make_borrowing


async def test_year_leads_to_the_loans_that_it_counts(office: Office) -> None:
    loan = await make_borrowing(office.hall, until="issued")
    page = await office.lender.get("/admin/year")
    assert "1 笔，1 件·天" in page.words and "不买省下" in page.words and "按账面原值" in page.words
    shown = await office.lender.get(page.link("借出 1"))
    assert f"{loan.number} {loan.title}" in shown.words and "4,599.00 元" in shown.words
    before = await office.lender.get(f"/admin/year?year={present_day().year - 1}")
    assert "0 笔，0 件·天" in before.words
    assert "这一年没有" in (await office.lender.get(f"/admin/year/{office.hall.lender.unit_id}/late")).words


async def test_figures_and_lists_are_taken_along(office: Office) -> None:
    loan = await make_borrowing(office.hall, until="issued")
    base = f"/admin/year/{office.hall.ledger.city.health.id}"
    figures = await rows_of(office, f"{base}/export?format=csv")
    assert {row["项目"]: row["本年"] for row in figures}["借出资产原值"] == "4599.00"
    (row,) = await rows_of(office, f"{base}/lent/export?format=csv")
    assert (row["借用单号"], row["件数"], row["账面原值（元）"]) == (loan.number, "1", "4599.00")
    book = (await office.lender.get(f"{base}/lent/export")).answer
    assert book.status_code == 200 and book.content[:2] == b"PK"


async def test_money_of_a_found_thing_stays_until_its_repayment_is_recorded(office: Office) -> None:
    _, case = await found(office.hall)
    year = await office.lender.get("/admin/year")
    assert "赔偿应收 200.02 元，已收 200.02 元" in year.words and "找回时还没付的不再算应收应付" in year.words
    assert "赔偿应付 200.02 元，已付 200.02 元" in (await office.approver.get("/admin/year")).words
    loan = await office.borrower.get(f"/borrowings/{case.borrowing_id}")
    assert "遗失，已找回" in loan.words and "未付" not in loan.words

    address = f"/admin/losses/{case.id}"
    page = await office.lender.get(address)
    assert "未付 0.00 元" in page.words and "找回后不再收取 100.00 元" in page.words
    assert "退还赔偿" not in (await office.approver.get(address)).words
    sheet = await office.lender.get(f"{address}/refunds")
    over = await office.lender.submit(sheet, f"{address}/refunds", document_no="退0001", amount="200.03")
    assert (over.status, "还能退还 200.02 元" in over.words) == (400, True)
    done = await office.lender.submit(sheet, f"{address}/refunds", document_no="退0001", amount="200.01")
    page = await office.lender.follow(done)
    assert "还有 0.01 元 没有退还" in page.words and "退还凭证" in page.words and "已退还 200.01 元" in page.words
    base = f"/admin/year/{office.hall.ledger.city.health.id}"
    figures = {row["项目"]: row["本年"] for row in await rows_of(office, f"{base}/export?format=csv")}
    assert (figures["应收赔偿"], figures["已收赔偿"], figures["出借遗失件数"]) == ("0.01", "0.01", "0")
    (row,) = await rows_of(office, f"{base}/losses/export?format=csv")
    assert (row["应赔（元）"], row["已赔（元）"], row["已退还（元）"], row["现在"]) == (
        "0.01",
        "0.01",
        "200.01",
        "已找回",
    )
    [of_loan] = (await borrowing_view(office.hall.borrower, case.borrowing_id)).losses
    assert of_loan.left_fen == 0


async def test_wrong_addresses_are_refused(office: Office) -> None:
    base = f"/admin/year/{office.hall.ledger.city.health.id}"
    assert (await office.lender.get(f"{base}/profit")).status == 404
    assert (await office.lender.get(f"{base}/profit/export")).status == 404
    assert (await office.lender.get(f"{base}?year=1999")).status == 400
    assert (await office.lender.get(f"{base}?year=今年")).status == 400
    assert (await office.lender.get(f"{base}?below=1")).status == 403


async def rows_of(office: Office, path: str) -> list[dict[str, str]]:
    answer = (await office.lender.get(path)).answer
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
