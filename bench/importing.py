"""An import of a big ledger, from the file to the cards, against the same rows inserted through the bare driver."""

import asyncio
import io
import resource
import time
from collections.abc import Sequence
from multiprocessing import get_context
from typing import Any

import xlsxwriter

from bench.load import say
from bench.stage import Stage, stage, storages
from server import wiring
from server.assets.importing.commands import apply_import, begin_import, map_columns
from server.assets.importing.queries import import_view
from server.assets.importing.types import ImportView, MapColumns, StartImport
from server.assets.importing.work import work_on_imports
from server.files.store import write_file
from server.kernel.actor import Actor
from server.kernel.runtime import Runtime
from server.opening import opened

ROWS = 100_000
_HEADINGS = (
    "序号",
    "卡片编号",
    "资产名称",
    "品牌",
    "型号",
    "规格",
    "分类代码",
    "分类名称",
    "原值",
    "取得日期",
    "新旧程度",
    "存放地点",
    "保管人",
    "使用部门",
    "备注",
)
_ITEMS = (
    ("投影仪", "爱普生", "CB-X06", "3600 流明", "A02020200", "投影仪"),
    ("便携式计算机", "联想", "ThinkPad E14", "i5/16G/512G", "A02010108", "便携式计算机"),
    ("会议椅", "震旦", "CB-32", "网布", "A05010303", "会议椅"),
    ("数字照相机", "佳能", "EOS R6", "全画幅", "A02020501", "数字照相机"),
)
_BATCH = 1_000


def run() -> None:
    """Print, per storage, imported rows a second to bare inserts a second, and the most memory that either took."""
    for storage in storages():
        # Each in a process of its own: a process tells its greatest memory, and the first one's floor takes much.
        process = get_context("spawn").Process(target=_run, args=(storage,))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(process.exitcode)


def _run(storage: str) -> None:
    with stage(storage) as made:
        asyncio.run(_measure(made))


async def _measure(made: Stage) -> None:
    wiring.wire(made.settings)
    async with opened(made.settings) as runtime:
        manager = made.cast.actors["zhouwei"]
        content = _ledger()
        began = time.perf_counter()
        view = await _import(manager, made, content)
        seconds = time.perf_counter() - began
        assert view.made == ROWS, view
        ours = _megabytes(resource.RUSAGE_SELF)
        reader = _megabytes(resource.RUSAGE_CHILDREN)
        floor = await _floor(runtime)
        say("import", ROWS / seconds, floor, f"{made.storage}, {ROWS:,} rows of {len(_HEADINGS)} columns", "rows/s")
        print(
            f"import memory: {ours:.0f} MB (limit 400), reader {reader:.0f} MB (limit 400), {made.storage}", flush=True
        )
        assert max(ours, reader) <= 400


async def _import(manager: Actor, made: Stage, content: bytes) -> ImportView:
    """The whole way; what people say in between takes no time here."""
    request = StartImport(file_name="台账.xlsx", sha256=await write_file(content), size=len(content))
    import_id = await begin_import(manager, request)
    await _stage("read", made)
    view = await import_view(manager, import_id)
    wanted = MapColumns(import_id=import_id, mapping=view.plan.mapping, default_place_id=made.place_id)
    await map_columns(manager, wanted)
    await _stage("check", made)
    await apply_import(manager, import_id)
    await _stage("write", made)
    return await import_view(manager, import_id)


async def _stage(name: str, made: Stage) -> None:
    began = time.perf_counter()
    while await work_on_imports():
        pass
    print(f"# {made.storage}: {name} {time.perf_counter() - began:.1f} s", flush=True)


def _ledger() -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"constant_memory": True})
    sheet = book.add_worksheet("台账")
    sheet.write_row(0, 0, _HEADINGS)
    for number in range(1, ROWS + 1):
        item, brand, model, specification, code, category = _ITEMS[number % len(_ITEMS)]
        value = 3_000 + number % 9_000
        cells = (number, f"330113-{number:08d}", item, brand, model, specification, code, category, value)
        sheet.write_row(number, 0, (*cells, "2024-03-12", "良好", "", "", f"{number % 30} 科", "年度清查"))
    book.close()
    return kept.getvalue()


async def _floor(runtime: Runtime) -> float:
    """Cards and their events as they were written, inserted again by the driver alone, in one transaction."""
    tables = {table: await _rows(runtime, table) for table in ("asset_card", "asset_event")}
    async with runtime.database.transaction() as transaction:
        for table in tables:
            await transaction.execute(f"DELETE FROM {table} WHERE 1 = 1")
        await transaction.commit()
    began = time.perf_counter()
    async with runtime.database.transaction() as transaction:
        for sql, rows in tables.values():
            for start in range(0, len(rows), _BATCH):
                await transaction.execute_many(sql, rows[start : start + _BATCH])
        await transaction.commit()
    return ROWS / (time.perf_counter() - began)


async def _rows(runtime: Runtime, table: str) -> tuple[str, Sequence[Sequence[Any]]]:
    async with runtime.database.reading() as reader:
        rows = await reader.fetch_all(f"SELECT * FROM {table} ORDER BY id")
    quote = "`" if runtime.database.dialect == "mariadb" else '"'
    columns = ", ".join(f"{quote}{column}{quote}" for column in rows[0])
    sql = f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(rows[0]))})"
    return sql, [tuple(row.values()) for row in rows]


def _megabytes(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024
