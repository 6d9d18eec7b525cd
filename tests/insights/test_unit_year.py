"""A unit's year, counted again in plain Python from the rows; and the lists that its figures lead to."""

import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.circulation.losses.commands import refund_loss, report_found
from server.circulation.losses.types import ReportFound
from server.identity.roles import Role
from server.insights.queries import (
    YearQuestion,
    list_met_needs,
    list_offered,
    list_saved,
    list_year_loans,
    list_year_losses,
    unit_year,
)
from server.insights.sql import ordinal_of_day, ordinal_of_instant
from server.insights.types import LoanFigures, LossFigures, YearFigures
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.instants import from_microseconds, shanghai_day, to_day_number, to_microseconds
from server.kernel.reading import present_day, reading
from server.kernel.runtime import Runtime
from tests.circulation import test_refunds as refunds
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_losses import FEN, make_loss, settled, write_off
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, make_borrowing, make_hall
from tests.factories.classification import STANDARD, make_standard
from tests.factories.identity import City, make_actor

LOANS = 60
CEILING = 10_000_00


@pytest.fixture
async def hall(runtime: Runtime) -> Hall:
    return await make_hall()


async def insert(runtime: Runtime, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    marks = f"({', '.join('?' * len(columns))})"
    async with runtime.database.transaction() as transaction:
        for batch in (rows[start : start + 200] for start in range(0, len(rows), 200)):
            await transaction.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([marks] * len(batch))}",
                *(value for row in batch for value in row.values()),
            )
        await transaction.commit()


async def make_loans(runtime: Runtime, hall: Hall, seed: int = 7, number: int = LOANS) -> None:
    """Loans of the last two years between offices, as rows: some partly issued, late, still out, or damaged."""
    chance, city = random.Random(seed), hall.ledger.city
    cards = [hall.projector.id]
    for name in ("投影仪", "会议椅", "笔记本电脑"):
        card = await make_card(hall.lender, hall.ledger.health_room, item_name=name)
        cards.append(card.id)
    units = [city.culture, city.health, city.hospital, city.linping]
    loans, lines = [], []
    for index in range(number):
        borrower, holder = chance.sample(units, 2)
        loan, made = a_loan(chance, index, borrower, holder, cards)
        loans.append(loan)
        lines += made
    await insert(runtime, "borrowing", loans)
    await insert(runtime, "borrowing_line", lines)


def a_loan(chance: random.Random, index: int, borrower: Any, holder: Any, cards: list[str]) -> tuple[Any, list[Any]]:
    today = present_day()
    first = date(today.year - 1, 1, 1) + timedelta(days=chance.randrange((today - date(today.year - 1, 1, 1)).days + 1))
    lines = []
    loan_id = new_id()
    for card in chance.sample(cards, chance.randint(1, len(cards))):
        is_issued, is_back = chance.random() < 0.9, chance.random() < 0.8
        start = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
            minutes=chance.randrange(-480, 960), days=chance.choice([0, 0, 0, 1])
        )
        start = min(start, datetime.now(UTC))
        back = start + timedelta(minutes=chance.randrange(1, 60 * 24 * 40))
        lines.append(
            {
                "id": new_id(),
                "borrowing_id": loan_id,
                "item": 1,
                "alike_key": "",
                "asset_id": card,
                "asset_code": card,
                "asset_name": "资产",
                "value_fen": chance.randrange(1, 5_000_001),
                "issued_at": to_microseconds(start) if is_issued else None,
                "returned_at": to_microseconds(back) if is_issued and is_back and back < datetime.now(UTC) else None,
                "inspection_result": chance.choice([None, "intact", "damaged"]) if is_issued and is_back else None,
            }
        )
    issued = [line["issued_at"] for line in lines if line["issued_at"] is not None]
    loan = {
        "id": loan_id,
        "number": f"测借〔2026〕{index}号",
        "title": "资产",
        "applicant_id": new_id(),
        "applicant_name": "某人",
        "borrower_unit_id": borrower.id,
        "borrower_unit_name": borrower.name,
        "borrower_unit_path": borrower.path,
        "holder_unit_id": holder.id,
        "holder_unit_name": holder.name,
        "holder_unit_path": holder.path,
        "place_id": new_id(),
        "place_path": "p/",
        "place_name": "仓",
        "purpose": "用",
        "from_day": to_day_number(first),
        "to_day": to_day_number(first + timedelta(days=chance.randrange(0, 30))),
        "state": "issued" if issued else "approved",
        "is_overdue": 0,
        "policy_version_id": new_id(),
        "submitted_at": to_microseconds(datetime.now(UTC)),
        "issued_at": min(issued, default=None),
        "version": 1,
    }
    return loan, lines


async def counted_again(unit_path: str, column: str, year: int, *, is_below: bool) -> LoanFigures:
    """One side's figures from the rows, one by one."""
    async with reading() as db:
        loans = await db.fetch_all("SELECT * FROM borrowing")
        lines = await db.fetch_all("SELECT * FROM borrowing_line WHERE issued_at IS NOT NULL")
    figures = dict.fromkeys(LoanFigures.__struct_fields__, 0)
    for loan in loans:
        is_ours = loan[column].startswith(unit_path) if is_below else loan[column] == unit_path
        if not is_ours or loan["issued_at"] is None or day_of(loan["issued_at"]).year != year:
            continue
        figures["loans"] += 1
        last = date.min
        for line in (line for line in lines if line["borrowing_id"] == loan["id"]):
            back = present_day() if line["returned_at"] is None else day_of(line["returned_at"])
            last = max(last, back)
            figures["pieces"] += 1
            figures["days"] += (back - day_of(line["issued_at"])).days + 1
            figures["value_fen"] += line["value_fen"]
            if line["inspection_result"] == "damaged":
                figures["damaged"] += 1
                figures["damaged_fen"] += line["value_fen"]
        due = datetime.strptime(str(loan["to_day"]), "%Y%m%d").replace(tzinfo=UTC).date()
        if last > due:
            figures["late_loans"] += 1
            figures["late_days"] += (last - due).days
    return LoanFigures(**figures)


def day_of(microseconds: int) -> date:
    return shanghai_day(from_microseconds(microseconds))


async def saved_again(unit_path: str, year: int, *, is_below: bool) -> tuple[int, int, int]:
    """Pieces, fen, and fen by standard: each thing once for each unit that borrowed it."""
    async with reading() as db:
        lines = await db.fetch_all(
            "SELECT l.*, b.borrower_unit_id, b.borrower_unit_path, b.issued_at AS began, c.category_code"
            " FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id JOIN asset_card c ON c.id = l.asset_id"
            " WHERE l.issued_at IS NOT NULL ORDER BY l.id"
        )
    prices: dict[tuple[str, str], tuple[int, bool]] = {}
    for line in lines:
        path = line["borrower_unit_path"]
        is_ours = path.startswith(unit_path) if is_below else path == unit_path
        if is_ours and day_of(line["began"]).year == year:
            is_priced = line["category_code"] == "A02020200"
            price = CEILING if is_priced else line["value_fen"]
            prices.setdefault((line["borrower_unit_id"], line["asset_id"]), (price, is_priced))
    return (
        len(prices),
        sum(price for price, _ in prices.values()),
        sum(price for price, is_priced in prices.values() if is_priced),
    )


async def overseer(city: City) -> Actor:
    return await make_actor("财政审核", city.district_finance, Role.FINANCE_REVIEWER, is_subtree=True)


async def test_figures_are_the_loans_counted_one_by_one(runtime: Runtime, hall: Hall):
    await make_standard("330113", STANDARD)
    await make_loans(runtime, hall)
    city = hall.ledger.city
    boss = await make_actor("区长办", city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    year = present_day().year
    assert (await unit_year(boss, YearQuestion(unit_id=city.linping.id, year=year, is_below=True))).figures.lent.loans
    for unit, is_below in ((city.culture, False), (city.health, False), (city.health, True), (city.linping, True)):
        view = await unit_year(boss, YearQuestion(unit_id=unit.id, year=year, is_below=is_below))
        for figures in (view.figures, view.before):
            await require_right(figures, unit.path, is_below=is_below)


async def require_right(figures: YearFigures, path: str, *, is_below: bool) -> None:
    lent = await counted_again(path, "holder_unit_path", figures.year, is_below=is_below)
    borrowed = await counted_again(path, "borrower_unit_path", figures.year, is_below=is_below)
    assert (figures.lent, figures.borrowed) == (lent, borrowed)
    saving = figures.saving
    again = await saved_again(path, figures.year, is_below=is_below)
    assert (saving.pieces, saving.fen, saving.by_standard_fen) == again


async def test_lists_hold_exactly_what_the_figures_count(runtime: Runtime, hall: Hall):
    await make_loans(runtime, hall)
    asked = YearQuestion(unit_id=hall.ledger.city.culture.id, year=present_day().year)
    figures = (await unit_year(hall.approver, asked)).figures
    for kind, side in (("lent", figures.lent), ("borrowed", figures.borrowed)):
        loans = await every(lambda at, kind=kind: list_year_loans(hall.approver, asked, kind, at, 7))
        assert len({loan.id for loan in loans}) == len(loans) == side.loans
        totals = [sum(getattr(loan, name) for loan in loans) for name in ("pieces", "days", "value_fen", "late_days")]
        assert totals == [side.pieces, side.days, side.value_fen, side.late_days]
    late = await every(lambda at: list_year_loans(hall.approver, asked, "late", at, 3))
    assert (len(late), all(loan.late_days for loan in late)) == (figures.borrowed.late_loans, True)
    damaged = await every(lambda at: list_year_loans(hall.approver, asked, "damaged", at, 3))
    assert sum(loan.damaged for loan in damaged) == figures.borrowed.damaged
    things = await every(lambda at: list_saved(hall.approver, asked, at, 2))
    assert (len(things), sum(thing.price_fen for thing in things)) == (figures.saving.pieces, figures.saving.fen)
    assert {thing.source for thing in things} == {"没有按件定价的配置标准，按账面原值"}


async def test_offers_are_counted_when_they_are_listed_and_needs_when_they_are_met(runtime: Runtime, hall: Hall):
    asked = YearQuestion(unit_id=hall.ledger.city.health.id, year=present_day().year)
    view = await unit_year(hall.lender, asked)
    offered = await list_offered(hall.lender, asked)
    assert [it.asset_code for it in offered.items] == [hall.projector.code]
    assert (view.figures.listed, view.figures.listed_fen, view.listed_now) == (1, hall.projector.value_fen, 1)
    assert (await list_met_needs(hall.lender, asked)).items == []
    assert (await unit_year(hall.approver, YearQuestion(unit_id=hall.approver.unit_id or "", year=asked.year))) != view


async def test_losses_are_counted_for_both_sides_to_the_fen(hall: Hall):
    city, year = hall.ledger.city, present_day().year
    mine = YearQuestion(unit_id=city.health.id, year=year)
    theirs = YearQuestion(unit_id=city.culture.id, year=year)
    loss = await make_loss(hall)
    value = hall.projector.value_fen
    reported = LossFigures(lost=1, lost_fen=value, due_fen=0, paid_fen=0, written_off=0, written_off_fen=0)
    assert (await unit_year(hall.lender, mine)).figures.losses == reported
    await settled(loss)
    await write_off(loss)
    counted = LossFigures(lost=1, lost_fen=value, due_fen=FEN, paid_fen=FEN, written_off=1, written_off_fen=value)
    nothing = LossFigures(lost=0, lost_fen=0, due_fen=0, paid_fen=0, written_off=0, written_off_fen=0)
    lender, borrower = await unit_year(hall.lender, mine), await unit_year(hall.approver, theirs)
    assert (lender.figures.losses, lender.figures.caused, lender.before.losses) == (counted, nothing, nothing)
    assert (borrower.figures.losses, borrower.figures.caused) == (nothing, counted)
    [case] = (await list_year_losses(hall.lender, mine, "losses")).items
    assert (case.number, case.due_fen, case.paid_fen, case.state_name) == (loss.view.number, FEN, FEN, "已核销")
    assert [it.id for it in (await list_year_losses(hall.approver, theirs, "caused")).items] == [case.id]
    assert (await list_year_losses(hall.lender, mine, "caused")).items == []
    before = YearQuestion(unit_id=city.health.id, year=year - 1)
    assert (await list_year_losses(hall.lender, before, "losses")).items == []
    with expect_refusal(NotFound, "record.not_found"):
        await list_year_losses(hall.approver, mine, "losses")


async def test_thing_that_was_found_again_was_not_lost(hall: Hall):
    loss = await make_loss(hall)
    await report_found(hall.lender, ReportFound(loss_id=loss.view.id, condition="good", note="在库房夹层找到"))
    asked = YearQuestion(unit_id=hall.ledger.city.health.id, year=present_day().year)
    assert (await unit_year(hall.lender, asked)).figures.losses.lost == 0
    assert (await list_year_losses(hall.lender, asked, "losses")).items == []


async def test_money_that_was_received_stays_in_the_year_until_it_is_paid_back(hall: Hall):
    city, year = hall.ledger.city, present_day().year
    sides = (
        (hall.lender, "losses", YearQuestion(unit_id=city.health.id, year=year)),
        (hall.approver, "caused", YearQuestion(unit_id=city.culture.id, year=year)),
    )

    async def counted(kept_fen: int, refunded_fen: int) -> None:
        """Both sides' figures, and their lists, which add up to them: nothing is lost, and nothing more is owed."""
        for reader, side, asked in sides:
            figures = getattr((await unit_year(reader, asked)).figures, side)
            assert figures == LossFigures(
                lost=0, lost_fen=0, due_fen=kept_fen, paid_fen=kept_fen, written_off=0, written_off_fen=0
            )
            [case] = (await list_year_losses(reader, asked, side)).items
            assert (case.due_fen, case.paid_fen, case.refunded_fen) == (kept_fen, kept_fen, refunded_fen)
            assert case.state_name == "已找回"

    _, case = await refunds.found(hall)
    await counted(refunds.PAID, 0)
    await refund_loss(hall.lender, refunds.repayment(case.id, 5_001))
    await counted(refunds.PAID - 5_001, 5_001)
    await refund_loss(hall.lender, refunds.repayment(case.id, refunds.PAID - 5_001, "退0002"))
    await counted(0, refunds.PAID)


async def test_year_is_for_the_units_managers_and_reviewers(hall: Hall):
    city, year = hall.ledger.city, present_day().year
    asked = YearQuestion(unit_id=city.health.id, year=year)
    with expect_refusal(Forbidden, "role.required"):
        await unit_year(hall.borrower, asked)
    with expect_refusal(NotFound, "record.not_found"):
        await unit_year(hall.approver, asked)
    with expect_refusal(NotFound, "record.not_found"):
        await list_year_loans(hall.approver, asked, "lent")
    with expect_refusal(NotFound, "record.not_found"):
        await list_saved(hall.approver, asked)
    with expect_refusal(Forbidden, "role.required"):
        await unit_year(hall.lender, YearQuestion(unit_id=city.health.id, year=year, is_below=True))
    for wrong in (2019, year + 1):
        with expect_refusal(InvalidInput, "year.out_of_range"):
            await unit_year(hall.lender, YearQuestion(unit_id=city.health.id, year=wrong))


async def test_a_loan_is_late_now_until_it_is_back(runtime: Runtime, hall: Hall):
    view = await make_borrowing(hall, until="issued")
    async with runtime.database.transaction() as transaction:
        await transaction.execute("UPDATE borrowing SET is_overdue = 1 WHERE id = ?", view.id)
        await transaction.commit()
    year = present_day().year
    mine = await unit_year(hall.approver, YearQuestion(unit_id=hall.ledger.city.culture.id, year=year))
    theirs = await unit_year(hall.lender, YearQuestion(unit_id=hall.ledger.city.health.id, year=year))
    assert (mine.late_now, mine.late_lent_now) == (1, 0) and (theirs.late_now, theirs.late_lent_now) == (0, 1)
    assert (mine.figures.borrowed.loans, theirs.figures.lent.loans) == (1, 1)


async def every(fetch: Any) -> list[Any]:
    items, at = [], None
    while True:
        page = await fetch(at)
        items += page.items
        if (at := page.next_cursor) is None:
            return items


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(1992, 1, 1), date(2199, 12, 31)), st.integers(0, 86_400_000_000 - 1))
def test_days_are_counted_as_python_counts_them(day: date, within: int):
    noon = int((datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    instant = (noon - 8 * 3600) * 1_000_000 + within
    days = eval_sql(ordinal_of_day("x").replace("x", str(to_day_number(day))))
    assert (days, eval_sql(ordinal_of_instant("x").replace("x", str(instant)))) == (day.toordinal(), day.toordinal())


def eval_sql(expression: str) -> int:
    with sqlite3.connect(":memory:") as connection:
        return int(connection.execute(f"SELECT {expression}").fetchone()[0])
