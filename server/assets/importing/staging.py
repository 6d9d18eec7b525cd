"""An import's rows as they are stored: written and read in slices, so that no size of file is ever held whole."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec

from server.assets.importing.types import Outcome, Verdict
from server.files.types import SheetRow
from server.identity.types import RowSource
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

SLICE = 1_000
_COLUMNS = "id, import_id, sheet, number, cells, carried, verdict, outcome, asset_id, is_chosen, fields"
_PUT = f"REPLACE INTO ledger_import_row ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - ours
_EMPTY = msgspec.json.encode(Outcome(verdict=Verdict.SKIPPED)).decode()
_outcome = msgspec.json.Decoder(Outcome)
_cells = msgspec.json.Decoder(list[str])
_text = msgspec.json.Encoder()


class StagedRow(msgspec.Struct, kw_only=True):
    """One row of an import."""

    id: str
    sheet: int
    number: int
    cells: list[str]
    carried: list[int]
    outcome: Outcome
    is_chosen: bool
    fields: list[str]
    # Nobody has judged it before.
    is_fresh: bool = False


def row_id(import_id: str, number: int) -> str:
    """The id of the `number`th row of an import."""
    return f"{import_id}:{number:06d}"


def range_of(import_id: str) -> tuple[str, str]:
    """Every id of an import's rows (and of its cards) is at least the first and below the second."""
    return f"{import_id}:", f"{import_id};"


async def clear_rows(uow: UnitOfWork, import_id: str) -> None:
    """Take away every row of an import."""
    await uow.execute("DELETE FROM ledger_import_row WHERE id >= ? AND id < ?", *range_of(import_id))


async def add_rows(uow: UnitOfWork, import_id: str, first: int, rows: Sequence[SheetRow]) -> None:
    """Keep rows that nobody has judged yet, counted on from `first`."""
    await uow.execute_many(
        _PUT,
        [
            (
                row_id(import_id, first + place),
                import_id,
                row.sheet_index,
                row.number,
                _json(row.cells),
                _listed(row.carried),
                "",
                _EMPTY,
                None,
                1,
                "",
            )
            for place, row in enumerate(rows)
        ],
    )


async def put_rows(uow: UnitOfWork, import_id: str, rows: Iterable[StagedRow]) -> None:
    """Keep rows with what became of them."""
    await uow.execute_many(
        _PUT,
        [
            (
                row.id,
                import_id,
                row.sheet,
                row.number,
                _json(row.cells),
                _listed(row.carried),
                row.outcome.verdict.value,
                _json(row.outcome),
                row.outcome.asset_id,
                int(row.is_chosen),
                ",".join(row.fields),
            )
            for row in rows
        ],
    )


async def slices(
    rows: RowSource, import_id: str, condition: str = "1 = 1", *values: Any, size: int = SLICE
) -> AsyncIterator[list[StagedRow]]:
    """An import's rows in their order, `size` at a time; `condition` narrows them."""
    last, end = range_of(import_id)
    while True:
        found = await rows.fetch_all(
            f"SELECT {_COLUMNS} FROM ledger_import_row WHERE id > ? AND id < ? AND {condition} ORDER BY id LIMIT ?",  # noqa: S608 - condition is ours
            last,
            end,
            *values,
            size,
        )
        if found:
            yield [staged(row) for row in found]
            last = found[-1]["id"]
        if len(found) < size:
            return


class _NeededCard(msgspec.Struct):
    category_code: str
    place_id: str
    custodian_id: str | None = None


class Needed(msgspec.Struct):
    """What a new row's card needs to be there still: its category (for each of `quantity` codes), place and person."""

    card: _NeededCard
    quantity: int = 1


_needed = msgspec.json.Decoder(Needed)


async def needed(rows: RowSource, import_id: str) -> AsyncIterator[list[Needed]]:
    """What the chosen new rows of an import need, a slice at a time."""
    last, end = range_of(import_id)
    while True:
        found = await rows.fetch_all(
            "SELECT id, outcome FROM ledger_import_row"
            " WHERE id > ? AND id < ? AND verdict = ? AND is_chosen = 1 ORDER BY id LIMIT ?",
            last,
            end,
            Verdict.NEW.value,
            SLICE,
        )
        yield [_needed.decode(row["outcome"]) for row in found]
        if len(found) < SLICE:
            return
        last = found[-1]["id"]


def staged(row: Row) -> StagedRow:
    """The row as it is stored."""
    return StagedRow(
        id=row["id"],
        sheet=row["sheet"],
        number=row["number"],
        cells=_cells.decode(row["cells"]),
        carried=[int(column) for column in row["carried"].split(",")] if row["carried"] else [],
        outcome=_outcome.decode(row["outcome"]),
        is_chosen=bool(row["is_chosen"]),
        fields=row["fields"].split(",") if row["fields"] else [],
        is_fresh=not row["verdict"],
    )


def _listed(columns: Sequence[int]) -> str:
    return ",".join(map(str, columns))


def _json(value: Any) -> str:
    return _text.encode(value).decode()
