# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Reading a unit's imports: the list, one import, its rows, its file."""

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import msgspec

from server.assets.importing.access import readable_imports
from server.assets.importing.progress import shown_done
from server.assets.importing.staging import StagedRow, slices, staged
from server.assets.importing.types import (
    STATE_NAMES,
    VERDICT_NAMES,
    ImportState,
    ImportView,
    Match,
    Plan,
    RowView,
    Verdict,
)
from server.classification.queries import goods_leaves
from server.files.store import file_path
from server.identity.queries import people_of_unit
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FieldError, InvalidInput, NotFound
from server.kernel.instants import from_microseconds
from server.kernel.messages import sentence_for
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.places.queries import places_of_unit

_LIST = (
    "i.id, i.unit_id, u.name AS unit_name, i.state, i.file_name, i.created_at, i.created_by_name, i.row_count,"
    " i.done_count, i.counts, i.chosen, i.changes, i.refusal, i.finished_at, i.finished_by_name"
)


async def list_imports(actor: Actor, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[ImportView]:
    """The imports of the units in the actor's reach, newest first. Raises Forbidden `role.required`; InvalidInput for a
    made-up cursor."""
    clause, values = readable_imports(actor)
    position = decode_cursor(cursor, str)
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT {_LIST}, '' AS plan, '' AS matches FROM ledger_import i JOIN unit u ON u.id = i.unit_id"
            f" WHERE {clause} AND i.id < ? ORDER BY i.id DESC LIMIT ?",
            *values,
            position[0] if position else "~",
            size + 1,
        )
    return page_of([await _view(row) for row in rows], size, lambda view: encode_cursor(view.id))


async def import_view(actor: Actor, import_id: str) -> ImportView:
    """One import of a unit in the actor's reach. Raises Forbidden `role.required`; NotFound `import.not_found`."""
    async with reading() as db:
        return await _view(await _row(db, actor, import_id, f"{_LIST}, i.plan, i.matches"))


async def list_rows(
    actor: Actor, import_id: str, verdict: str | None = None, cursor: str | None = None, size: int = 50
) -> Page[RowView]:
    """An import's rows in their order, of one verdict or all. Raises Forbidden `role.required`; NotFound
    `import.not_found`; InvalidInput for an unknown verdict or a made-up cursor."""
    if verdict is not None and verdict not in VERDICT_NAMES:
        raise InvalidInput(fields=[FieldError("verdict", "input.not_a_choice")])
    position = decode_cursor(cursor, str)
    async with reading() as db:
        plan = msgspec.json.decode((await _row(db, actor, import_id, "i.plan"))["plan"], type=Plan)
        clause, values = ("r.verdict = ?", [verdict]) if verdict else ("1 = 1", list[str]())
        rows = await db.fetch_all(
            "SELECT r.id, r.import_id, r.sheet, r.number, r.cells, r.verdict, r.outcome, r.asset_id, r.is_chosen,"
            " r.fields, r.carried, c.code FROM ledger_import_row r LEFT JOIN asset_card c ON c.id = r.asset_id"
            f" WHERE r.import_id = ? AND r.id > ? AND {clause} ORDER BY r.id LIMIT ?",
            import_id,
            position[0] if position else "",
            *values,
            size + 1,
        )
    return page_of([_row_view(plan, staged(row), row["code"]) for row in rows], size, lambda row: encode_cursor(row.id))


async def faulty_rows(actor: Actor, import_id: str) -> AsyncIterator[RowView]:
    """Every row that cannot be taken as it is, in the file's order, a slice at a time. Raises Forbidden
    `role.required`; NotFound `import.not_found`."""
    # Without the deadline of a page: a big ledger may have as many faults as rows.
    async with current_runtime().database.reading() as db:
        plan = msgspec.json.decode((await _row(db, actor, import_id, "i.plan"))["plan"], type=Plan)
        wanted = (Verdict.ERROR.value, Verdict.UNCONFIRMED.value)
        async for rows in slices(db, import_id, "verdict IN (?, ?)", *wanted):
            for row in rows:
                yield _row_view(plan, row, None)


async def import_file(actor: Actor, import_id: str) -> tuple[Path, str]:
    """Where the uploaded file is, and what it was called. Raises Forbidden `role.required`; NotFound
    `import.not_found`."""
    async with reading() as db:
        row = await _row(db, actor, import_id, "i.sha256, i.file_name")
    return file_path(row["sha256"]), row["file_name"]


async def _row(rows: RowSource, actor: Actor, import_id: str, columns: str) -> Row:
    clause, values = readable_imports(actor)
    row = await rows.fetch_one(
        f"SELECT {columns} FROM ledger_import i JOIN unit u ON u.id = i.unit_id WHERE i.id = ? AND {clause}",
        import_id,
        *values,
    )
    if row is None:
        raise NotFound("import.not_found")
    return row


async def _view(row: Row) -> ImportView:
    state, counts = row["state"], msgspec.json.decode(row["counts"])
    is_over = state in {ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE}
    done = row["done_count"]
    if state in {ImportState.WRITING, ImportState.UNDOING}:
        done = await shown_done(row["id"])
    return ImportView(
        id=row["id"],
        state=state,
        state_name=STATE_NAMES[state],
        unit_id=row["unit_id"],
        unit_name=row["unit_name"],
        file_name=row["file_name"],
        created_at=from_microseconds(row["created_at"]),
        created_by_name=row["created_by_name"],
        row_count=row["row_count"],
        done_count=done,
        counts=counts,
        chosen=row["chosen"],
        changes=row["changes"],
        refusal=_sentence(row["refusal"]),
        plan=msgspec.json.decode(row["plan"], type=Plan) if row["plan"] else Plan(),
        matches=msgspec.json.decode(row["matches"], type=list[Match]) if row["matches"] else [],
        finished_at=None if row["finished_at"] is None else from_microseconds(row["finished_at"]),
        finished_by_name=row["finished_by_name"] or "",
        made=row["chosen"] if is_over else 0,
        changed=row["changes"] if is_over else 0,
    )


def _sentence(refusal: str | None) -> str:
    told: dict[str, Any] | None = msgspec.json.decode(refusal) if refusal else None
    return sentence_for(DomainError(told["code"], **told["data"])) if told else ""


def _row_view(plan: Plan, row: StagedRow, asset_code: str | None) -> RowView:
    sheet = next((each for each in plan.sheets if each.index == row.sheet), None)
    return RowView(
        id=row.id,
        sheet=sheet.name if sheet else "",
        number=row.number,
        cells=row.cells,
        headings=sheet.headings if sheet else [],
        outcome=row.outcome,
        is_chosen=row.is_chosen,
        chosen_fields=row.fields,
        asset_code=asset_code,
    )


async def same_before(actor: Actor, import_id: str) -> ImportView | None:
    """The unit's last import of the very same file that made cards; None without one. Raises Forbidden
    `role.required`; NotFound `import.not_found`."""
    async with reading() as db:
        this = await _row(db, actor, import_id, "i.sha256, i.unit_id")
        row = await db.fetch_one(
            f"SELECT {_LIST}, '' AS plan, '' AS matches FROM ledger_import i JOIN unit u ON u.id = i.unit_id"
            " WHERE i.unit_id = ? AND i.sha256 = ? AND i.state = ? AND i.chosen > 0 AND i.id <> ?"
            " ORDER BY i.id DESC LIMIT 1",
            this["unit_id"],
            this["sha256"],
            ImportState.DONE.value,
            import_id,
        )
    return None if row is None else await _view(row)


async def match_names(actor: Actor, import_id: str, shown: Collection[str] = ()) -> dict[str, str]:
    """What the candidates of an import's words, the `shown` categories, and its unit's places and people, are called:
    id or code → name.

    Raises Forbidden `role.required`; NotFound `import.not_found`.
    """
    async with reading() as db:
        row = await _row(db, actor, import_id, "i.matches, i.unit_id")
        matches = msgspec.json.decode(row["matches"], type=list[Match])
        codes = {*shown, *(code for match in matches if match.kind == "category" for code in match.candidates)}
        names = {leaf.code: f"{leaf.name}（{leaf.code}）" for leaf in await goods_leaves(db) if leaf.code in codes}
        names |= {place.id: place.full_name for place in await places_of_unit(db, row["unit_id"])}
        return names | dict(await people_of_unit(db, row["unit_id"]))
