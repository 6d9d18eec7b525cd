"""First stage: the file's rows are staged, its tables found, its columns proposed."""

import itertools
from collections.abc import Iterator

from server.assets.importing import memory
from server.assets.importing.columns import IGNORED, NEEDED, suggest
from server.assets.importing.layout import HEADING_WITHIN, SheetPlan, plan_sheet
from server.assets.importing.progress import end_stage, hold
from server.assets.importing.staging import SLICE, add_rows, clear_rows
from server.assets.importing.types import ImportState, Plan
from server.assets.models import LedgerImport
from server.files.sheets import Sheets, read_sheets
from server.files.store import file_path
from server.files.types import SheetRow
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import DomainError, InvalidInput, LimitReached
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork

_EXAMPLES = 3
_LONGEST_EXAMPLE = 40


async def read_file(actor: Actor, import_id: str) -> None:
    """Read the file of an import, or refuse it in a sentence."""
    async with reading() as db:
        row = await db.fetch_one("SELECT sha256 FROM ledger_import WHERE id = ?", import_id)
    assert row is not None
    try:
        async with read_sheets(file_path(row["sha256"])) as sheets:
            await _keep(actor, import_id, sheets)
    except (InvalidInput, LimitReached) as error:
        await _refuse(actor, import_id, error)


async def _keep(actor: Actor, import_id: str, sheets: Sheets) -> None:
    await _begin(actor, import_id, sheets.row_count)
    first = 1
    for rows in _batches(sheets.rows()):
        await _stage(actor, import_id, first, rows)
        first += len(rows)
    plans, examples = plan_sheets(sheets)
    if all(sheet.heading_row is None for sheet in plans):
        raise InvalidInput("import.no_table")
    await _finish(actor, import_id, Plan(sheets=plans, hidden=sheets.hidden(), examples=examples))


def plan_sheets(sheets: Sheets) -> tuple[list[SheetPlan], dict[str, list[str]]]:
    """Where the table of each sheet is, and what stands below each heading."""
    plans: list[SheetPlan] = []
    examples: dict[str, list[str]] = {}
    for (index, name), rows in itertools.groupby(sheets.rows(), key=lambda row: (row.sheet_index, row.sheet)):
        head = [(row.number, row.cells) for row in itertools.islice(rows, HEADING_WITHIN + _EXAMPLES)]
        plan = plan_sheet(index, name, head, plans[-1] if plans else None)
        plans.append(plan)
        for number, cells in head:
            if plan.heading_row is not None and number > plan.heading_row:
                _note_examples(examples, plan, cells)
    return plans, examples


def _note_examples(examples: dict[str, list[str]], plan: SheetPlan, cells: list[str]) -> None:
    for heading, cell in zip(plan.headings, cells, strict=False):
        known = examples.setdefault(heading, [])
        if cell and len(known) < _EXAMPLES and (shown := cell[:_LONGEST_EXAMPLE]) not in known:
            known.append(shown)


def _batches(rows: Iterator[SheetRow]) -> Iterator[list[SheetRow]]:
    while batch := list(itertools.islice(rows, SLICE)):
        yield batch


@command("ledger.read_begun", is_audited=False)
async def _begin(uow: UnitOfWork, actor: Actor, import_id: str, row_count: int) -> None:
    # What a killed process had staged already.
    await clear_rows(uow, import_id)
    await hold(uow, import_id, ImportState.READING, row_count=row_count, done_count=0)


@command("ledger.read_slice", is_audited=False)
async def _stage(uow: UnitOfWork, actor: Actor, import_id: str, first: int, rows: list[SheetRow]) -> None:
    await add_rows(uow, import_id, first, rows)
    await hold(uow, import_id, ImportState.READING, done_count=first + len(rows) - 1)


@command("ledger.read_done", is_audited=False)
async def _finish(uow: UnitOfWork, actor: Actor, import_id: str, plan: Plan) -> None:
    """Propose the columns; a ledger whose every heading the unit has explained before is judged at once."""
    found = await uow.find(LedgerImport, id=import_id)
    assert found is not None
    known = await memory.remembered(uow, found.unit_id)
    headings = list(dict.fromkeys(heading for sheet in plan.sheets for heading in sheet.headings if heading))
    mapping: dict[str, str] = {}
    ours = await _columns_of_codes(uow, plan, found.unit_id)
    for sheet in plan.sheets:
        mapping |= {
            text: target
            for text, target in suggest(sheet.headings, known[memory.HEADING], plan.examples, ours).items()
            if text not in mapping or mapping[text] == IGNORED
        }
    defaults = known[memory.DEFAULT]
    plan = Plan(
        sheets=plan.sheets,
        hidden=plan.hidden,
        examples=plan.examples,
        mapping=mapping,
        default_place_id=defaults.get("place") or None,
        default_condition=defaults.get("condition") or None,
    )
    is_known = all(heading in known[memory.HEADING] for heading in headings) and set(NEEDED) <= set(mapping.values())
    to = ImportState.CHECKING if is_known else ImportState.MAPPING
    await end_stage(uow, import_id, ImportState.READING, to, plan=plan, done_count=0)


async def _columns_of_codes(rows: RowSource, plan: Plan, unit_id: str) -> set[str]:
    """The headings below which the codes of the unit's own cards stand: a ledger that it has taken out of here."""
    values = sorted({value for examples in plan.examples.values() for value in examples})
    if not values:
        return set()
    found = await rows.fetch_all(
        f"SELECT code FROM asset_card WHERE holder_unit_id = ? AND code IN ({', '.join('?' * len(values))})",  # noqa: S608
        unit_id,
        *values,
    )
    codes = {row["code"] for row in found}
    return {
        heading for heading, examples in plan.examples.items() if heading and examples and codes.issuperset(examples)
    }


@command("ledger.read_refused", is_audited=False)
async def _refuse(uow: UnitOfWork, actor: Actor, import_id: str, error: DomainError) -> None:
    await clear_rows(uow, import_id)
    refusal = {"code": error.code, "data": error.data}
    await end_stage(uow, import_id, ImportState.READING, ImportState.REFUSED, refusal=refusal, row_count=0)
