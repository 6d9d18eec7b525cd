"""Ledgers as units really keep them: amounts in 万元, headings of two rows, their own numbers, the same file twice."""

import csv
import io
from dataclasses import dataclass
from datetime import date

import pytest

from server.assets.importing.commands import apply_import
from server.assets.importing.layout import plan_sheet
from server.assets.importing.queries import import_view, same_before
from server.assets.importing.types import RowView
from server.assets.importing.values import CellFault, amount_of, day_of
from server.assets.queries import CARD_HEADINGS, card_table, list_cards
from server.assets.types import CardFilter
from server.files.tables import csv_chunks
from server.kernel.runtime import Runtime
from tests.factories.assets import PROJECTOR as PROJECTOR_CODE
from tests.factories.assets import Ledger, make_card, make_ledger
from tests.factories.ledgers import checked, faults_of, imported, rows_of, text_table, work, workbook

SHORT = ("资产名称", "原值", "取得日期", "分类代码")


def thing(value: object, *more: object, day: object = "2024-03-18") -> tuple[object, ...]:
    return ("投影仪", value, day, PROJECTOR_CODE, *more)


async def read(ledger: Ledger, *rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> list[RowView]:
    """The rows of a ledger that are things, judged."""
    view = await checked(ledger.health_manager, workbook(list(rows), merged=merged), ledger.health_room.id)
    return [row for row in await rows_of(ledger.health_manager, view) if row.outcome.verdict != "skipped"]


def values(rows: list[RowView]) -> list[object]:
    return [row.outcome.card.get("value_fen") for row in rows]


def notes(row: RowView) -> set[str]:
    return {remark.code for remark in row.outcome.remarks if not remark.is_fault}


@dataclass(frozen=True)
class Money:
    """A heading, what stands above it, the cell, and the fen that are meant; noted where 万元 had to be supposed."""

    heading: str
    cell: str
    fen: int
    is_noted: bool
    above: str = ""


MONEY = (
    Money("原值（万元）", "0.45", 450_000, True),
    Money("原值（万）", "0.45", 450_000, True),
    Money("原值（万元）", "4500元", 450_000, False),
    Money("原值（万元）", "0.45万元", 450_000, False),
    Money("原值", "0.45", 450_000, True, "单位：万元"),
    Money("原值", "0.45", 450_000, True, "金额单位： 人民币万元"),
    Money("原值（元）", "4500", 450_000, False, "单位：万元"),
    Money("原值", "4500", 450_000, False, "单位：元"),
)


async def test_amounts_are_meant_in_the_unit_that_is_said_nearest(runtime: Runtime) -> None:
    ledger, wrong = await make_ledger(), []
    for case in MONEY:
        head = [(case.above,)] if case.above else []
        [row] = await read(ledger, *head, ("资产名称", case.heading, *SHORT[2:]), thing(case.cell))
        found = (row.outcome.card.get("value_fen"), "import.amount_in_ten_thousand" in notes(row))
        wrong += [f"{case}: {found}"] if found != (case.fen, case.is_noted) else []
    assert not wrong, "\n".join(wrong)


async def test_row_says_its_own_unit_when_there_is_a_column_for_it(runtime: Runtime) -> None:
    rows = await read(await make_ledger(), (*SHORT, "金额单位"), thing("0.45", "万元"), thing("4500", "元"))
    assert values(rows) == [450_000, 450_000]


async def test_merged_amount_is_nobodys_when_it_stands_over_several_things(runtime: Runtime) -> None:
    rows = await read(await make_ledger(), SHORT, thing(9000), thing(""), thing(""), merged=("B2:B4",))
    assert values(rows)[0] == 900_000
    assert [faults_of(row) for row in rows[1:]] == [{"value_fen": "import.amount_merged"}] * 2


TWO_ROWS = (
    ("序号", "资产信息", "", "", "价值信息", "", "", "购置日期", "分类代码"),
    ("", "名称", "品牌", "型号", "单价", "数量", "金额", "", ""),
    (1, "会议椅", "震旦", "CB-32", 100, 20, 2000, "2024-03-18", PROJECTOR_CODE),
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_heading_of_two_rows_is_read_as_one(runtime: Runtime, kind: str) -> None:
    ledger = await make_ledger()
    content = text_table(TWO_ROWS) if kind == "csv" else workbook(list(TWO_ROWS))
    view = await checked(ledger.health_manager, content, ledger.health_room.id)
    [row] = await rows_of(ledger.health_manager, view, "new")
    assert (row.outcome.card["value_fen"], row.outcome.quantity, row.outcome.card["brand"]) == (200_000, 20, "震旦")


async def test_sheet_without_a_heading_goes_on_with_the_one_before(runtime: Runtime) -> None:
    ledger = await make_ledger()
    content = workbook([SHORT, thing(4599)], [thing(4600), thing(4700)], names=("一", "二"))
    view = await checked(ledger.health_manager, content, ledger.health_room.id)
    assert values(await rows_of(ledger.health_manager, view, "new")) == [459_900, 460_000, 470_000]


def test_first_row_is_a_heading_when_it_holds_no_number() -> None:
    before = plan_sheet(0, "一", [(1, list(SHORT))])
    other = plan_sheet(1, "二", [(1, ["部门", "人数", "说明", "备注"]), (2, ["办公室", "3", "", ""])], before)
    assert (other.heading_row, other.headings) == (1, ["部门", "人数", "说明", "备注"])


async def test_rounding_is_no_contradiction_and_is_said(runtime: Runtime) -> None:
    headings = ("资产名称", "单价", "金额（万元）", "取得日期", "分类代码", "数量")
    ledger = await make_ledger()
    cases = (
        (("333.33", "1000.00元", 3), 100_000, "import.amount_rounded"),
        (("4567元", "1.37", 3), 1_370_100, "import.amount_rounded"),
        (("100元", "100元", 20), 200_000, "import.amount_is_price"),
    )
    for (each, total, quantity), fen, note in cases:
        line = ("投影仪", each if each.endswith("元") else f"{each}元", total, "2024-03-18", PROJECTOR_CODE, quantity)
        [row] = await read(ledger, headings, line)
        assert (row.outcome.card.get("value_fen"), note in notes(row)) == (fen, True), line
    [row] = await read(ledger, headings, ("投影仪", "333.33元", "1000.05元", "2024-03-18", PROJECTOR_CODE, 3))
    assert faults_of(row) == {"value_fen": "import.value_mismatch"}


async def test_own_running_numbers_stand_in_nobodys_way(runtime: Runtime) -> None:
    ledger = await make_ledger()
    for manager, room in (
        (ledger.health_manager, ledger.health_room),
        (ledger.culture_manager, ledger.culture_room),
    ):
        sheet = [("编号", *SHORT), ("1", *thing(4599)), ("2", *thing(4600))]
        view = await imported(manager, workbook(sheet, [*sheet[:1], ("1", *thing(99))], names=("甲", "乙")), room.id)
        assert (view.made, view.counts.get("error")) == (3, None)
        assert view.plan.mapping["编号"] == ""
    long = [("资产编号", *SHORT), ("330113001-2023-000012", *thing(4599))]
    view = await checked(ledger.health_manager, workbook(long), ledger.health_room.id)
    assert view.plan.mapping["资产编号"] == "finance_card_no"


async def test_things_that_are_there_already_are_not_chosen_beforehand(runtime: Runtime) -> None:
    ledger = await make_ledger()
    content = workbook([SHORT, thing(4599), thing(4700)])
    first = await imported(ledger.health_manager, content, ledger.health_room.id)
    again = await checked(ledger.health_manager, content, ledger.health_room.id)
    before = await same_before(ledger.health_manager, again.id)
    assert before is not None and (before.id, before.made) == (first.id, 2)
    assert await same_before(ledger.health_manager, first.id) is None
    assert (again.counts["new"], again.chosen) == (2, 0)
    more = await checked(ledger.health_manager, workbook([SHORT, thing(4599), thing(1)]), ledger.health_room.id)
    assert [row.is_chosen for row in await rows_of(ledger.health_manager, more, "new")] == [False, True]
    assert await same_before(ledger.health_manager, more.id) is None


async def test_export_is_matched_with_its_own_cards_when_it_comes_back(runtime: Runtime) -> None:
    ledger = await make_ledger()
    manager = ledger.health_manager
    await make_card(manager, ledger.health_room, item_name="=1+1", brand="@甲")
    await make_card(manager, ledger.health_room)
    theirs = await make_card(ledger.culture_manager, ledger.culture_room)
    rows = card_table(manager, CardFilter())
    content = b"".join([chunk async for chunk in csv_chunks(CARD_HEADINGS, rows)])
    view = await checked(manager, content, ledger.health_room.id)
    assert view.counts == {"same": len((await list_cards(manager)).items), "skipped": 1}
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    lines[1][lines[0].index("型号")] = "改过"
    lines[2][lines[0].index("资产编号")] = theirs.code
    changed = await checked(manager, text_table(lines), ledger.health_room.id)
    assert (changed.counts["different"], changed.counts["error"]) == (1, 1)
    [row] = await rows_of(manager, changed, "error")
    assert faults_of(row) == {"asset_code": "import.code_unknown"}


async def test_row_of_a_running_number_alone_is_no_thing(runtime: Runtime) -> None:
    ledger = await make_ledger()
    rows = [("序号", *SHORT), (1, *thing(4599)), (2,), (3,), ("共1台，4599元",), ("打印时间2024-05-06",)]
    view = await checked(ledger.health_manager, workbook(rows), ledger.health_room.id)
    assert view.counts == {"new": 1, "skipped": 5}


async def test_import_is_applied_when_a_thing_like_it_was_chosen_all_the_same(runtime: Runtime) -> None:
    ledger = await make_ledger()
    manager = ledger.health_manager
    await imported(manager, workbook([SHORT, thing(4599)]), ledger.health_room.id)
    view = await checked(manager, workbook([SHORT, thing(4599), thing(8)]), ledger.health_room.id)
    await apply_import(manager, view.id)
    await work()
    assert (await import_view(manager, view.id)).made == 1


@pytest.mark.parametrize(
    ("text", "day", "is_supposed"),
    [
        ("二〇二四年三月", date(2024, 3, 1), True),
        ("2024年3月5号", date(2024, 3, 5), False),
        ("二〇二四年三月五号", date(2024, 3, 5), False),
        ("2024.10", date(2024, 10, 1), True),
    ],
)
def test_day_is_understood_as_people_write_it(text: str, day: date, is_supposed: bool) -> None:
    assert day_of(text) == (day, is_supposed)


def test_month_is_asked_for_when_a_number_has_lost_its_end() -> None:
    with pytest.raises(CellFault) as fault:
        day_of("2024.1")
    assert (fault.value.code, fault.value.data["year"]) == ("import.month_unclear", "2024")


def test_amount_says_what_its_last_digit_is_worth() -> None:
    assert amount_of("1.37", is_ten_thousand=True).last_place_fen == 10_000
    assert amount_of("1,234.50").last_place_fen == 1
    assert amount_of("1234", is_ten_thousand=False).last_place_fen == 100
