"""Papers as they come out of the printer: readable, complete, with their own fonts, and codes that scan."""

import asyncio
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from reportlab.lib.units import mm

from server.files.messages import MESSAGES
from server.files.papers.pieces import code_groups, fit_lines, printed_time
from server.files.pdf import (
    build_form,
    build_label,
    build_label_sheet,
    find_font,
    render_form,
    render_label,
    render_label_sheet,
)
from server.files.types import Column, Form, FormTable, Label
from server.kernel.errors import InvalidInput, Unavailable

SCAN_TEXT = "https://gwc.example.gov.cn/s/7F3K9Q2M"
LABEL = Label(
    asset_code="A02020200-330106001-2025-000123",
    name="激光投影仪 爱普生 CB-L530U",
    owner_unit="杭州市西湖区机关事务服务中心",
    category="投影仪",
    scan_text=SCAN_TEXT,
    serial_no="X4HK8100236",
)
COLUMNS = (
    Column(title="序号", share=0.6, align="center"),
    Column(title="资产编号", share=2.4),
    Column(title="名称规格", share=3),
    Column(title="价值（元）", share=1.3, align="right"),
)


def lines(count: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            str(n),
            f"A02020200-330106001-2025-{n:06d}",
            "激光投影仪 爱普生 CB-L530U，含遥控器、电源线与便携包",
            "12,800.00",
        )
        for n in range(1, count + 1)
    )


def form(count: int = 2) -> Form:
    return Form(
        title="公物仓资产借用单",
        number="西机管公借〔2026〕第000123号",
        unit="杭州市西湖区机关事务服务中心",
        fields=(("借用单位", "杭州市西湖区教育局"), ("借用人", "陈晓岚"), ("借用事由", "全区中小学校长会议现场投影")),
        table=FormTable(
            columns=COLUMNS, rows=lines(count), total=("合计", "", f"共{count}件", f"{12_800 * count:,}.00")
        ),
        signatures=("借用人", "仓管员", "单位资产管理员"),
        qr_text="https://gwc.example.gov.cn/v/Q7ZK3M9P4T",
        printed_at=datetime(2026, 3, 5, 16, 5, tzinfo=UTC),
        footer="西湖区公物仓",
        note="如有损坏，请当日登记。",
    )


def pages(pdf: bytes) -> list[str]:
    """The text of each page without white space, so that a line break in a cell does not hide a word."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def fonts(pdf: bytes) -> dict[str, Any]:
    """Every font that any page names, with its descriptor."""
    found: dict[str, Any] = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for each in resources["/Font"].values():
            font = each.get_object()
            found[font["/BaseFont"]] = font.get("/FontDescriptor")
    return found


def drawn_modules(pdf: bytes, side: float) -> tuple[tuple[bool, ...], ...]:
    """The QR code on the first page as drawn: modules read back from the page's largest set of filled rectangles."""
    content = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert content is not None
    number = r"(-?[\d.]+)"
    paths = re.findall(rb"n((?:\s+[-\d. ]+ re)+)\s+f", content.get_data())
    rectangles = [
        tuple(float(part) for part in match)
        for match in re.findall(rf"{number} {number} {number} {number} re", max(paths, key=len).decode())
    ]
    height = min(rectangle[3] for rectangle in rectangles)
    size = round(side / height) - 8
    left = min(rectangle[0] for rectangle in rectangles)
    top = max(rectangle[1] + rectangle[3] for rectangle in rectangles)
    grid = [[False] * size for _ in range(size)]
    for x, y, width, _ in rectangles:
        row, start = round((top - y) / height) - 1, round((x - left) / height)
        grid[row][start : start + round(width / height)] = [True] * round(width / height)
    return tuple(map(tuple, grid))


def expected_modules(text: str) -> tuple[tuple[bool, ...], ...]:
    return tuple(
        tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m", boost_error=False).matrix
    )


def test_label_says_what_whose_and_which_when_printed() -> None:
    pdf = build_label(LABEL)
    (text,) = pages(pdf)
    for expected in (LABEL.asset_code, LABEL.owner_unit, "投影仪", "X4HK8100236", "激光投影仪爱普生CB-L530U"):
        assert re.sub(r"\s", "", expected) in text
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((60 * mm, 40 * mm), abs=0.1)


def test_label_code_is_the_one_to_scan_when_read_back_from_the_page() -> None:
    assert drawn_modules(build_label(LABEL), 26 * mm) == expected_modules(SCAN_TEXT)


def test_form_code_is_the_one_to_verify_when_read_back_from_the_page() -> None:
    assert drawn_modules(build_form(form()), 26 * mm) == expected_modules(form().qr_text)


@pytest.mark.parametrize(
    "pdf", [build_label(LABEL), build_label_sheet([LABEL]), build_form(form())], ids=["label", "sheet", "form"]
)
def test_every_font_is_an_embedded_subset_when_a_paper_is_made(pdf: bytes) -> None:
    found = fonts(pdf)
    assert found
    for name, descriptor in found.items():
        assert re.match(r"/[A-Z]{6}\+", name)
        assert len(descriptor["/FontFile2"].get_data()) > 1000
    assert len(pdf) < 200_000


def test_name_ends_in_an_ellipsis_when_two_lines_are_too_few() -> None:
    (text,) = pages(build_label(replace(LABEL, name="五千流明高亮度激光工程投影机含吊架与电动幕布整套设备")))
    assert "五千流明" in text
    assert "…" in text
    assert "整套设备" not in text


def test_serial_number_caption_is_left_out_when_there_is_none() -> None:
    assert "序列号" not in pages(build_label(replace(LABEL, serial_no="")))[0]


def test_second_sheet_begins_when_there_are_more_than_twenty_one_labels() -> None:
    labels = [replace(LABEL, asset_code=f"A02020200-330106001-2025-{n:06d}") for n in range(22)]
    first, second = pages(build_label_sheet(labels))
    assert [label.asset_code in first for label in labels] == [True] * 21 + [False]
    assert labels[21].asset_code in second


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (replace(LABEL, scan_text="https://gwc.example.gov.cn/" + "a" * 900), "file.qr_too_long"),
        (replace(LABEL, scan_text="字" * 4000), "file.qr_too_long"),
        (replace(LABEL, asset_code="A" * 60), "file.label_code_too_long"),
    ],
    ids=["too small to scan", "no code holds it", "too wide to print"],
)
def test_refused_when_a_label_would_not_be_readable(label: Label, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        build_label(label)
    assert caught.value.code == code
    assert code in MESSAGES


def test_refused_when_there_is_no_label_to_print() -> None:
    with pytest.raises(InvalidInput, match=r"file\.label_empty"):
        build_label_sheet([])


def test_form_holds_every_part_when_printed() -> None:
    (text,) = pages(build_form(form()))
    for expected in (
        "公物仓资产借用单",
        "文号：西机管公借〔2026〕第000123号",
        "杭州市西湖区机关事务服务中心",
        "借用单位杭州市西湖区教育局",
        "陈晓岚",
        "A02020200-330106001-2025-000002",
        "共2件25,600.00",
        "备注：如有损坏，请当日登记。",
        "仓管员：",
        "（盖章处）",
        "骑缝章处",
        "扫码核验真伪",
        "第1页共1页",
        "打印时间：2026年3月6日00:05",
    ):
        assert expected in text


def test_heading_and_page_count_repeat_when_the_lines_take_several_pages() -> None:
    texts = pages(build_form(form(60)))
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"第{number}页共{len(texts)}页" in text
        assert "骑缝章处" in text
        assert "西机管公借〔2026〕第000123号" in text
    for text in texts[:-1]:
        assert text.count("名称规格") == 1
    whole = "".join(texts)
    assert [n for n in range(1, 61) if whole.count(f"-2025-{n:06d}") != 1] == []
    assert "合计" in texts[-1]
    assert sum("（盖章处）" in text for text in texts) == 1


def test_no_character_is_lost_when_texts_are_taller_than_a_page() -> None:
    reason, remark = "会议保障用途说明。" * 300, "附件含线材与遥控器。" * 300
    long = form(5)
    assert long.table is not None
    rows = (*long.table.rows[:2], ("3", "A1-2", remark, "1.00"), *long.table.rows[3:])
    whole = "".join(pages(build_form(replace(long, fields=(("事由", reason),), table=replace(long.table, rows=rows)))))
    for word, count in (("会", 300), ("途", 300), ("附", 300), ("器", 300 + 4)):
        assert whole.count(word) == count


def test_markup_is_printed_as_typed_when_a_field_holds_it() -> None:
    (text,) = pages(build_form(replace(form(), fields=(("事由", "<b>急用</b> & <img src='/etc/passwd'/>"),))))
    assert "<b>急用</b>&<imgsrc='/etc/passwd'/>" in text


def test_form_without_table_fields_or_signatures_is_still_a_paper() -> None:
    bare = replace(form(), fields=(), table=None, signatures=(), note="", footer="")
    (text,) = pages(build_form(bare))
    assert "公物仓资产借用单" in text
    assert "（盖章处）" in text


@pytest.mark.parametrize("row", [("1", "A1"), ("1", "A1", "桌", "1.00", "多")])
def test_refused_when_a_row_has_not_one_cell_a_column(row: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"file\.table_shape"):
        build_form(replace(form(), table=FormTable(columns=COLUMNS, rows=(row,))))


def test_refused_when_the_time_has_no_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build_form(replace(form(), printed_at=datetime(2026, 3, 5, 8, 0)))  # noqa: DTZ001  the fault under test


def test_bytes_are_equal_when_the_input_is() -> None:
    assert build_form(form(30)) == build_form(form(30))
    assert build_label(LABEL) == build_label(LABEL)
    assert build_form(form(1)) != build_form(form(2))


async def test_papers_are_whole_when_many_are_asked_for_at_once() -> None:
    labels = [replace(LABEL, asset_code=f"A02020200-330106001-2025-{n:06d}") for n in range(6)]
    made = await asyncio.gather(
        *(render_label(each) for each in labels), render_form(form()), render_label_sheet(labels)
    )
    assert made[:6] == [build_label(each) for each in labels]
    assert made[6:] == [build_form(form()), build_label_sheet(labels)]


def test_font_is_found_when_it_lies_in_the_folder_or_one_below(tmp_path: Path) -> None:
    nested = tmp_path / "700Bold" / "NotoSansSC_700Bold.ttf"
    nested.parent.mkdir()
    nested.touch()
    assert find_font("bold", [tmp_path / "none", tmp_path]) == nested
    direct = tmp_path / "wqy-microhei.ttc"
    direct.touch()
    assert find_font("regular", [tmp_path]) == direct


def test_configured_folder_comes_first_when_it_holds_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "NotoSansSC_400Regular.ttf").touch()
    monkeypatch.setenv("FONT_DIR", str(tmp_path))
    assert find_font("regular") == tmp_path / "NotoSansSC_400Regular.ttf"


def test_unavailable_when_no_folder_holds_a_font(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        find_font("regular", [tmp_path])
    assert caught.value.code == "file.font_missing"
    assert caught.value.code in MESSAGES


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("A02020200-330106001-2025-000123", ["A02", "020", "200-", "330", "106", "001-", "2025-", "000", "123"]),
        ("ZC20250001", ["ZC20", "2500", "01"]),
        ("A1", ["A1"]),
    ],
)
def test_code_is_grouped_without_losing_a_sign(code: str, groups: list[str]) -> None:
    assert code_groups(code) == groups
    assert "".join(groups) == code


def test_latin_word_is_not_cut_when_a_line_breaks() -> None:
    assert fit_lines("激光投影仪爱普生 CB-L530U", "bold", 9.5, 100, 2) == ["激光投影仪爱普生", "CB-L530U"]


def test_time_is_printed_in_shanghai_when_it_is_still_yesterday_in_utc() -> None:
    assert printed_time(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)) == "2027年1月1日 00:30"
