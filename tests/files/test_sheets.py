"""Tables: what is too large is refused before it is read."""

from pathlib import Path

import pytest

from server.files.sheets import read_sheets
from server.files.types import SheetLimits
from server.kernel.errors import LimitReached


async def test_table_is_refused_when_it_has_too_many_bytes(tmp_path: Path) -> None:
    table = tmp_path / "台账.csv"
    table.write_text("资产名称,原值\n投影仪,4599\n", encoding="utf-8")
    async with read_sheets(table) as sheets:
        assert sheets.row_count == 2
    with pytest.raises(LimitReached) as refused:
        async with read_sheets(table, limits=SheetLimits(max_bytes=20)):
            pass
    assert refused.value.code == "file.too_large"
