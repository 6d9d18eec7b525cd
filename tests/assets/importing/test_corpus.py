"""Nasty ledgers, each with what has to become of it."""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import xlsxwriter

from server.kernel.runtime import Runtime
from tests.factories.assets import LAPTOP as LAPTOP_CODE
from tests.factories.assets import PROJECTOR as PROJECTOR_CODE
from tests.factories.assets import Ledger, make_card, make_ledger
from tests.factories.ledgers import (
    HEADINGS,
    LAPTOP,
    PROJECTOR,
    checked,
    faults_of,
    rows_of,
    text_table,
    workbook,
)

SHORT = ("资产名称", "原值", "取得日期", "分类代码")
GOOD = ("投影仪", "4599", "2024-03-18", PROJECTOR_CODE)


@dataclass(frozen=True)
class Case:
    """One file: `verdicts` by kind; `faults` of the first faulty row; `card`: fields of the first new card."""

    name: str
    content: Callable[[], bytes]
    verdicts: dict[str, int]
    faults: dict[str, str] = field(default_factory=dict)
    card: dict[str, object] = field(default_factory=dict)


def book(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> Callable[[], bytes]:
    return lambda: workbook(list(rows), merged=merged)


def short(*rows: tuple[object, ...]) -> Callable[[], bytes]:
    """A ledger of few columns."""
    return book(SHORT, *rows)


def changed(**cells: object) -> tuple[object, ...]:
    """The good row with some cells changed: name, value, day, category."""
    return tuple(cells.get(name, cell) for name, cell in zip(("name", "value", "day", "category"), GOOD, strict=True))


def table(encoding: str, delimiter: str = ",") -> Callable[[], bytes]:
    return lambda: text_table([SHORT, GOOD], encoding, delimiter)


CASES = [
    Case("plain", book(HEADINGS, PROJECTOR, LAPTOP), {"new": 2, "skipped": 1}, card={"value_fen": 459_900}),
    Case("other words", book(("设备名称", "购置金额", "启用日期", "品目编码"), GOOD), {"new": 1, "skipped": 1}),
    Case(
        "spaced words", book((" 资 产 名 称 ", "原值（元）", "取得日期*", "分类代码："), GOOD), {"new": 1, "skipped": 1}
    ),
    Case(
        "titles above",
        book(("临平区卫健局固定资产台账",), ("单位：元", "", "2026年11月"), (), SHORT, GOOD, merged=("A1:D1",)),
        {"new": 1, "skipped": 3},
    ),
    Case(
        "two heading rows",
        book(
            ("资产名称", "价值信息", "", "取得日期", "分类代码"),
            ("", "数量", "原值", "", ""),
            ("投影仪", 1, 4599, "2024-03-18", PROJECTOR_CODE),
            merged=("A1:A2", "D1:D2", "E1:E2"),
        ),
        {"new": 1, "skipped": 2},
    ),
    Case(
        "place merged downwards",
        book(
            (*SHORT, "存放地点"),
            (*GOOD, "区卫健局办公楼"),
            (*GOOD, ""),
            (*GOOD, "火星"),
            merged=("E2:E3",),
        ),
        {"new": 2, "unconfirmed": 1, "skipped": 1},
        {"place": "import.place_unknown"},
    ),
    Case(
        "several sheets",
        lambda: workbook(
            [SHORT, GOOD],
            [("说明",), ("本表由各科室填报",)],
            [("名称", "金额", "购置日期", "分类编码"), GOOD],
            names=("设备", "说明", "家具"),
        ),
        {"new": 2, "skipped": 4},
    ),
    Case(
        "day as a cell",
        short(changed(day=date(2023, 5, 6))),
        {"new": 1, "skipped": 1},
        card={"acquired_on": "2023-05-06"},
    ),
    Case("day as a serial", short(changed(day=45052)), {"new": 1, "skipped": 1}, card={"acquired_on": "2023-05-06"}),
    *(
        Case(f"day {text}", short(changed(day=text)), {"new": 1, "skipped": 1}, card={"acquired_on": "2023-05-06"})
        for text in ("2023/5/6", "2023.5.6", "2023年5月6日", "20230506", "２０２３－０５－０６", "二〇二三年五月六日")
    ),
    Case("month only", short(changed(day="2019年6月")), {"new": 1, "skipped": 1}, card={"acquired_on": "2019-06-01"}),
    Case(
        "no such day",
        short(changed(day="2023-02-30")),
        {"error": 1, "skipped": 1},
        {"acquired_on": "import.day_impossible"},
    ),
    Case(
        "day in words",
        short(changed(day="去年夏天")),
        {"error": 1, "skipped": 1},
        {"acquired_on": "import.day_malformed"},
    ),
    Case(
        "tomorrow",
        short(changed(day="2199-01-01")),
        {"error": 1, "skipped": 1},
        {"acquired_on": "asset.acquired_in_future"},
    ),
    Case(
        "commas", short(changed(value="１２，３４５．６０元")), {"new": 1, "skipped": 1}, card={"value_fen": 1_234_560}
    ),
    Case("currency", short(changed(value="￥4,599.00")), {"new": 1, "skipped": 1}, card={"value_fen": 459_900}),
    Case("ten thousand", short(changed(value="1.2万元")), {"new": 1, "skipped": 1}, card={"value_fen": 1_200_000}),
    Case(
        "ten thousand above",
        book(("资产名称", "原值（万元）", "取得日期", "分类代码"), changed(value=0.4599)),
        {"new": 1, "skipped": 1},
        card={"value_fen": 459_900},
    ),
    Case("float noise", short(changed(value=0.1 + 0.2)), {"new": 1, "skipped": 1}, card={"value_fen": 30}),
    Case(
        "less than a fen",
        short(changed(value="12.345")),
        {"error": 1, "skipped": 1},
        {"value_fen": "import.amount_too_fine"},
    ),
    Case("negative", short(changed(value=-5)), {"error": 1, "skipped": 1}, {"value_fen": "import.amount_negative"}),
    Case("nothing paid", short(changed(value=0)), {"error": 1, "skipped": 1}, {"value_fen": "input.too_small"}),
    Case("no value", short(changed(value="")), {"error": 1, "skipped": 1}, {"value_fen": "input.required"}),
    Case(
        "broken formula",
        short(changed(value="#REF!")),
        {"error": 1, "skipped": 1},
        {"value_fen": "import.formula_error"},
    ),
    Case("no name", short(changed(name="")), {"error": 1, "skipped": 1}, {"item_name": "input.required"}),
    Case("endless name", short(changed(name="投" * 70)), {"error": 1, "skipped": 1}, {"item_name": "input.too_long"}),
    Case("full-width", short(changed(name="投影仪Ａ１")), {"new": 1, "skipped": 1}, card={"item_name": "投影仪A1"}),
    Case(
        "formula as a name", short(changed(name="@SUM(A1)")), {"new": 1, "skipped": 1}, card={"item_name": "@SUM(A1)"}
    ),
    Case("empty rows", short((), GOOD, (), (), GOOD, ()), {"new": 2, "skipped": 1}),
    Case(
        "totals at the foot",
        short(GOOD, ("合计", "4599"), ("", "总计：4599元"), ("制表人：王秀英",)),
        {"new": 1, "skipped": 4},
    ),
    Case("heading on each page", short(GOOD, SHORT, GOOD), {"new": 2, "skipped": 2}),
    Case("a thing called total", short(changed(name="总计算机")), {"new": 1, "skipped": 1}),
    Case(
        "numbers twice",
        book(HEADINGS, PROJECTOR, PROJECTOR),
        {"new": 1, "error": 1, "skipped": 1},
        {"finance_card_no": "import.repeated"},
    ),
    Case(
        "number cut by a spreadsheet",
        book(HEADINGS, (12345678901234567890, *PROJECTOR[1:])),
        {"error": 1, "skipped": 1},
        {"finance_card_no": "import.number_cut"},
    ),
    Case(
        "number as a number",
        book(HEADINGS, (3301130001, *PROJECTOR[1:])),
        {"new": 1, "skipped": 1},
        card={"finance_card_no": "3301130001"},
    ),
    Case(
        "category by name",
        short(changed(name="便携式计算机", category="")),
        {"new": 1, "skipped": 1},
        card={"category_code": LAPTOP_CODE},
    ),
    Case(
        "category to be guessed",
        short(changed(name="高清投影仪", category="")),
        {"unconfirmed": 1, "skipped": 1},
        {"item_name": "import.category_unclear"},
    ),
    Case(
        "category of an old catalogue",
        short(changed(category="2020202")),
        {"new": 1, "skipped": 1},
        card={"category_code": PROJECTOR_CODE},
    ),
    Case(
        "quantity",
        book((*SHORT, "数量"), (*GOOD, "20台")),
        {"new": 1, "skipped": 1},
        card={"value_fen": 459_900},
    ),
    Case(
        "price and amount",
        book(
            ("资产名称", "单价", "总价", "数量", "取得日期", "分类代码"),
            ("投影仪", 100, 300, 3, "2024-03-18", PROJECTOR_CODE),
        ),
        {"new": 1, "skipped": 1},
        card={"value_fen": 30_000},
    ),
    Case(
        "price and amount that contradict",
        book(
            ("资产名称", "单价", "总价", "数量", "取得日期", "分类代码"),
            ("投影仪", 100, 250, 3, "2024-03-18", PROJECTOR_CODE),
        ),
        {"error": 1, "skipped": 1},
        {"value_fen": "import.value_mismatch"},
    ),
    Case(
        "one number for many",
        book((*HEADINGS, "数量"), (*PROJECTOR, 3)),
        {"error": 1, "skipped": 1},
        {"quantity": "import.quantity_of_one_card"},
    ),
    Case(
        "nobody of that name",
        book((*SHORT, "使用人"), (*GOOD, "王某某")),
        {"unconfirmed": 1, "skipped": 1},
        {"custodian": "import.custodian_unknown"},
    ),
    Case("custodian", book((*SHORT, "使用人"), (*GOOD, "王 秀英")), {"new": 1, "skipped": 1}),
    Case("worn", book((*SHORT, "新旧程度"), (*GOOD, "九成新")), {"new": 1, "skipped": 1}, card={"condition": "good"}),
    Case(
        "condition in other words",
        book((*SHORT, "新旧程度"), (*GOOD, "马马虎虎")),
        {"error": 1, "skipped": 1},
        {"condition": "import.condition_unknown"},
    ),
    Case("secret", book((*SHORT, "是否涉密"), (*GOOD, "√")), {"new": 1, "skipped": 1}, card={"is_classified": True}),
    Case("UTF-8 with its mark", table("utf-8-sig"), {"new": 1, "skipped": 1}),
    Case("UTF-8", table("utf-8"), {"new": 1, "skipped": 1}),
    Case("GB18030", table("gb18030"), {"new": 1, "skipped": 1}),
    Case("UTF-16 with its mark", table("utf-16"), {"new": 1, "skipped": 1}),
    Case("UTF-16", table("utf-16-le"), {"new": 1, "skipped": 1}),
    Case("tabs", table("gb18030", "\t"), {"new": 1, "skipped": 1}),
    Case("semicolons", table("utf-8", ";"), {"new": 1, "skipped": 1}),
    Case(
        "line ends in quotes",
        lambda: text_table([SHORT, ('"投影仪\r\n（会议室）"', '"4,599.00"', *GOOD[2:])]),
        {"new": 1, "skipped": 1},
        card={"item_name": "投影仪 （会议室）", "value_fen": 459_900},
    ),
]


async def test_each_ledger_is_understood_when_it_is_as_nasty_as_real_ones(runtime: Runtime) -> None:
    ledger, wrong = await make_ledger(), []
    for case in CASES:
        fault = await fault_of_case(ledger, case)
        wrong += [f"{case.name}: {fault}"] if fault else []
    assert not wrong, "\n".join(wrong)


async def fault_of_case(ledger: Ledger, case: Case) -> str:
    """What became of a ledger otherwise than it should."""
    view = await checked(ledger.health_manager, case.content(), ledger.health_room.id)
    if view.counts != case.verdicts:
        return f"{view.state} {view.counts} instead of {case.verdicts} {view.refusal}"
    rows = await rows_of(ledger.health_manager, view)
    faults = next((found for row in rows if (found := faults_of(row))), {})
    card = next((row.outcome.card for row in rows if row.outcome.verdict == "new"), {})
    if faults != case.faults:
        return f"faults {faults}"
    differing = {name: card.get(name) for name, value in case.card.items() if card.get(name) != value}
    return f"card {differing}" if differing else ""


def zipped(*entries: tuple[str, bytes], flag: int = 0) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return kept.getvalue().replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00" + struct.pack("<H", flag)
    )


def with_macros() -> bytes:
    kept = io.BytesIO(workbook([SHORT, GOOD]))
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macros")
    return kept.getvalue()


def far_away() -> bytes:
    rows: list[tuple[object, ...]] = [SHORT, GOOD]
    kept = io.BytesIO()
    book_ = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book_.add_worksheet()
    for number, cells in enumerate(rows):
        sheet.write_row(number, 0, cells)
    sheet.write(1_048_575, 16_383, "很远的一格")
    book_.close()
    return kept.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b" \r\n", "没有内容"),
    "headings alone": (text_table([SHORT]), ""),
    "no ledger": (text_table([("会议纪要",), ("一、传达学习",), ("二、研究部署",)]), "没有在文件里找到台账表格"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "不是表格文件"),
    "an old workbook": (OLE, "另存为 .xlsx"),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "a web page": (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "网页格式"),
    "another archive": (zipped(("word/document.xml", b"<w/>")), "不是表格文件"),
    "macros": (with_macros(), "宏"),
    "an encrypted entry": (zipped(("xl/workbook.xml", b"<w/>"), flag=1), "密码"),
    "half a workbook": (workbook([SHORT, GOOD])[:2000], "已损坏"),
    "broken inside": (zipped(("xl/workbook.xml", b"<workbook")), "已损坏"),
    "a bomb": (zipped(("xl/workbook.xml", b"<w/>"), ("xl/worksheets/sheet1.xml", bytes(401_000_000))), "展开后太大"),
    "a cell far away": (far_away(), "展开后太大"),
    "too many columns": (text_table([tuple(range(1, 120))]), "超出 100 列"),
    "an endless cell": (text_table([SHORT, ("投" * 5000, *GOOD[1:])]), "超过 4000 字"),
    "no known encoding": (b"\xff\xfa\x80\x81,\x80\r\n" * 3, "编码"),
}


async def test_file_is_refused_in_a_sentence_when_it_is_no_table_or_a_trap(runtime: Runtime) -> None:
    ledger, wrong = await make_ledger(), []
    for name, (content, sentence) in REFUSED.items():
        view = await checked(ledger.health_manager, content, ledger.health_room.id)
        is_right = view.state == "refused" and sentence in view.refusal if sentence else view.counts == {"skipped": 1}
        wrong += [] if is_right else [f"{name}: {view.state} {view.refusal} {view.counts}"]
    assert not wrong, "\n".join(wrong)


async def test_only_differences_are_shown_when_the_number_has_a_card(runtime: Runtime) -> None:
    ledger = await make_ledger()
    card = await make_card(ledger.health_manager, ledger.health_room, finance_card_no="330113-0001")
    foreign = await make_card(ledger.culture_manager, ledger.culture_room, finance_card_no="330113-0002")
    rows = [HEADINGS, (*PROJECTOR[:2], "明基", *PROJECTOR[3:5], 4600, *PROJECTOR[6:]), LAPTOP]
    view = await checked(ledger.health_manager, workbook(rows), ledger.health_room.id)
    assert view.counts == {"different": 1, "error": 1, "skipped": 1}
    _, different, error = await rows_of(ledger.health_manager, view)
    told = {each.field: (each.before, each.after) for each in different.outcome.differences}
    assert told == {"brand": ("爱普生", "明基"), "value_fen": (459_900, 460_000)}
    assert different.asset_code == card.code
    assert faults_of(error) == {"finance_card_no": "asset.finance_card_taken"}
    assert foreign.code not in str(error)
