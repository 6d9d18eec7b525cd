"""Ledgers as units keep them, made here, and a unit that imports them."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from server.assets.importing.commands import apply_import, begin_import, map_columns
from server.assets.importing.queries import import_view, list_rows
from server.assets.importing.types import AT_WORK, ImportView, MapColumns, RowView, StartImport
from server.assets.importing.work import work_on_imports
from server.files.store import write_file
from server.kernel.actor import Actor
from server.kernel.reading import reading
from tests.support.waiting import eventually

HEADINGS = ("卡片编号", "资产名称", "品牌", "型号", "分类代码", "原值", "取得日期", "存放地点", "保管人")
PROJECTOR = ("330113-0001", "投影仪", "爱普生", "CB-X06", "A02020200", 4599.00, "2024-03-18", "", "")
LAPTOP = ("330113-0002", "笔记本电脑", "联想", "T14", "A02010105", "5,699.50", "2023年5月6日", "", "")

Cells = Sequence[Any]


def workbook(*sheets: Sequence[Cells], names: Sequence[str] = (), merged: Sequence[str] = ()) -> bytes:
    """A workbook of these sheets; `merged` areas (`A1:I1`) of the first keep the text of their first cell."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for index, rows in enumerate(sheets):
        sheet = book.add_worksheet(names[index] if index < len(names) else None)
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                elif value is not None and value != "":
                    sheet.write(row, column, value)
        for area in merged if index == 0 else ():
            first = area.split(":", maxsplit=1)[0]
            column, row = ord(first[0]) - ord("A"), int(first[1:]) - 1
            sheet.merge_range(area, rows[row][column])
    book.close()
    return kept.getvalue()


def text_table(rows: Sequence[Cells], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A CSV file."""
    return "".join(delimiter.join(map(str, cells)) + "\r\n" for cells in rows).encode(encoding)


async def work() -> None:
    """Let everything that waits be done: here, or by a product that runs in this process."""
    while await work_on_imports():
        pass
    await eventually(_is_idle, 30)


async def _is_idle() -> bool:
    marks = ", ".join("?" * len(AT_WORK))
    async with reading() as rows:
        sql = f"SELECT id FROM ledger_import WHERE state IN ({marks})"
        return await rows.fetch_one(sql, *AT_WORK) is None


async def kept_ledger(content: bytes, name: str = "台账.xlsx") -> StartImport:
    """A ledger whose bytes are kept."""
    return StartImport(file_name=name, sha256=await write_file(content), size=len(content))


async def upload(actor: Actor, content: bytes, name: str = "台账.xlsx") -> str:
    """Upload a ledger and let it be read; the import's id."""
    import_id = await begin_import(actor, await kept_ledger(content, name))
    await work()
    return import_id


async def checked(actor: Actor, content: bytes, place_id: str, **mapping: str) -> ImportView:
    """A ledger uploaded, its proposed columns taken (`mapping` replaces some), its rows judged."""
    import_id = await upload(actor, content)
    view = await import_view(actor, import_id)
    if view.state == "mapping":
        wanted = MapColumns(
            import_id=import_id,
            mapping={**view.plan.mapping, **mapping},
            default_place_id=place_id,
            default_condition="good",
        )
        await map_columns(actor, wanted)
        await work()
    return await import_view(actor, import_id)


async def imported(actor: Actor, content: bytes, place_id: str) -> ImportView:
    """A ledger imported to its end."""
    view = await checked(actor, content, place_id)
    assert view.state == "ready", (view.state_name, view.refusal)
    await apply_import(actor, view.id)
    await work()
    return await import_view(actor, view.id)


async def rows_of(actor: Actor, view: ImportView, verdict: str | None = None) -> list[RowView]:
    """The rows of an import."""
    return (await list_rows(actor, view.id, verdict)).items


def faults_of(row: RowView) -> dict[str, str]:
    """The faults of a row by field."""
    return {remark.field: remark.code for remark in row.outcome.remarks if remark.is_fault}


async def codes() -> list[str]:
    """The codes of all cards."""
    async with reading() as db:
        return [row["code"] for row in await db.fetch_all("SELECT code FROM asset_card ORDER BY code")]


async def count(table: str) -> int:
    """How many rows a table has."""
    async with reading() as db:
        row = await db.fetch_one(f"SELECT COUNT(*) AS number FROM {table}")
    assert row is not None
    return int(row["number"])
