"""Ledgers on their way to an office's cards, as things of the matrix."""

import itertools

from server.assets.importing.commands import begin_import
from tests.access.world import Facts, Maker, Office, World
from tests.factories.ledgers import checked, imported, kept_ledger, rows_of, text_table

_numbers = itertools.count(1)


def _ledger(number: int, odd: str) -> bytes:
    """Two things that nobody has yet, of which one has a name that nobody has matched with a category."""
    return text_table(
        (
            ("资产名称", "原值", "取得日期", "分类代码"),
            ("投影仪", str(4599 + number), "2024-03-18", "A02020200"),
            (odd, "100", "2024-03-18", ""),
        )
    )


async def an_import(world: World, office: Office, until: str) -> Facts:
    number = next(_numbers)
    odd = f"奇怪的东西{number}"
    content = _ledger(number, odd)
    if until == "reading":
        import_id = await begin_import(office.manager, await kept_ledger(content))
        return {"import_id": import_id, "odd": odd, "default_place_id": office.warehouse.id}
    view = await (imported if until == "done" else checked)(office.manager, content, office.warehouse.id)
    rows = await rows_of(office.manager, view, "new")
    # The place is sent on with the columns: what was chosen for one ledger is the unit's default for the next.
    return {"import_id": view.id, "row_id": rows[0].id, "odd": odd, "default_place_id": office.warehouse.id}


def ledger_import(until: str) -> Maker:
    """An import that has come as far as `reading`, `ready` or `done`."""

    async def make(world: World, office: Office) -> Facts:
        return await an_import(world, office, until)

    return make
