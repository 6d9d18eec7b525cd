"""Which rows of an import are taken."""

from typing import Any

from server.assets.importing.access import get_import_for
from server.assets.importing.staging import SLICE, needed, put_rows, range_of, slices
from server.assets.importing.types import ChooseRows, ImportState, Verdict
from server.assets.models import LedgerImport
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput
from server.kernel.unit_of_work import UnitOfWork


@command("ledger.choose_rows")
async def choose_rows(uow: UnitOfWork, actor: Actor, request: ChooseRows) -> None:
    """Take or leave the rows of one shown page: new ones as a whole, different ones field by field.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`; InvalidInput
    (`shown`: `input.not_a_choice`) for a row or field that cannot be chosen.
    """
    found = await get_import_for(uow, actor, request.import_id, ImportState.READY)
    shown = [each for each in request.shown if each.startswith(f"{found.id}:")][:SLICE]
    marks = ", ".join("?" * len(shown)) or "NULL"
    rows = [row async for part in slices(uow, found.id, f"id IN ({marks})", *shown) for row in part]
    if {*request.chosen, *request.fields} - {row.id for row in rows} or len(shown) != len(request.shown):
        raise InvalidInput(fields=[FieldError("shown", "input.not_a_choice")])
    for row in rows:
        row.is_chosen = row.id in request.chosen if row.outcome.verdict is Verdict.NEW else row.is_chosen
        differing = [difference.field for difference in row.outcome.differences]
        row.fields = request.fields.get(row.id, [])
        if set(row.fields) - set(differing):
            raise InvalidInput(fields=[FieldError("shown", "input.not_a_choice")])
    await put_rows(uow, found.id, rows)
    await _count(uow, found)
    await uow.record(
        "ledger.choose_rows", "ledger_import", found.id, shown=len(rows), chosen=sum(row.is_chosen for row in rows)
    )


@command("ledger.choose_all")
async def choose_all(uow: UnitOfWork, actor: Actor, import_id: str, verdict: str, is_chosen: bool) -> None:
    """Take or leave every new row, or every difference, of an import.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`; InvalidInput
    (`verdict`: `input.not_a_choice`).
    """
    found = await get_import_for(uow, actor, import_id, ImportState.READY)
    if verdict == Verdict.NEW:
        await uow.execute(
            "UPDATE ledger_import_row SET is_chosen = ? WHERE import_id = ? AND verdict = ?",
            int(is_chosen),
            found.id,
            verdict,
        )
    elif verdict == Verdict.DIFFERENT:
        async for rows in slices(uow, found.id, "verdict = ?", verdict):
            for row in rows:
                row.fields = [difference.field for difference in row.outcome.differences] if is_chosen else []
            await put_rows(uow, found.id, rows)
    else:
        raise InvalidInput(fields=[FieldError("verdict", "input.not_a_choice")])
    await _count(uow, found)
    await uow.record("ledger.choose_all", "ledger_import", found.id, verdict=verdict, is_chosen=is_chosen)


async def _count(uow: UnitOfWork, found: LedgerImport) -> None:
    """Count what is chosen: cards to be made, cards to be changed."""
    chosen = sum([sum(row.quantity for row in rows) async for rows in needed(uow, found.id)])
    row: dict[str, Any] | None = await uow.fetch_one(
        "SELECT COUNT(*) AS number FROM ledger_import_row WHERE id >= ? AND id < ? AND verdict = ? AND fields <> ''",
        *range_of(found.id),
        Verdict.DIFFERENT.value,
    )
    assert row is not None
    await uow.change(LedgerImport, {"id": found.id}, chosen=chosen, changes=int(row["number"]))
