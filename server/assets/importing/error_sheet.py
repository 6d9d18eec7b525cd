"""The rows that were not taken, as a workbook: as they were, with what is wrong beside them, to be put right there."""

from collections.abc import Sequence

from server.assets.importing.columns import TARGETS
from server.assets.importing.queries import faulty_rows, import_view
from server.assets.importing.types import RowView
from server.files.tables import Heading, Rows, xlsx_file
from server.kernel.actor import Actor
from server.kernel.errors import FieldError
from server.kernel.messages import sentence_for

_REASONS = "错误原因"


async def error_sheet(actor: Actor, import_id: str) -> bytes:
    """The faulty rows of an import, the reasons in the first column. Corrected and uploaded, it is a ledger again.

    Raises Forbidden `role.required`; NotFound `import.not_found`.
    """
    view = await import_view(actor, import_id)
    names = list(dict.fromkeys(name for sheet in view.plan.sheets for name in sheet.headings if name))
    headings = [
        Heading(_REASONS, width=48),
        Heading("工作表", width=12),
        Heading("行", "number", width=6),
        *(Heading(name) for name in names),
    ]
    async with xlsx_file("未导入的行", headings, _rows(actor, import_id, names)) as kept:
        return kept.read()


async def _rows(actor: Actor, import_id: str, names: Sequence[str]) -> Rows:
    async for row in faulty_rows(actor, import_id):
        cells = dict(zip(row.headings, row.cells, strict=False))
        yield [reasons(row), row.sheet, row.number, *(cells.get(name, "") for name in names)]


def reasons(row: RowView) -> str:
    """Everything that is wrong with a row, each with the name of its field."""
    return "；".join(
        f"{field_name(remark.field)}：{sentence_for(FieldError(remark.field, remark.code, **remark.data))}"
        for remark in row.outcome.remarks
        if remark.is_fault
    )


def field_name(field: str) -> str:
    """What a card's field is called where ledgers are read."""
    told = {"place_id": "place", "custodian_id": "custodian"}
    target = TARGETS.get(told.get(field, field))
    return target.name if target else field
