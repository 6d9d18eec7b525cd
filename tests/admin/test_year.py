"""The page of a unit's year, its lists, and what is taken along."""

import csv
import io

from server.kernel.reading import present_day
from tests.admin.conftest import Office
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
