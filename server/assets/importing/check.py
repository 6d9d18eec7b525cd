"""Second stage: every row is judged, slice by slice, against our categories, places, people and cards."""

import asyncio
from collections import Counter

import msgspec

from server.assets.access import MANAGERS
from server.assets.importing import memory
from server.assets.importing.judging import ALIKE, judge, number_of
from server.assets.importing.matching import Categories, People, Places
from server.assets.importing.progress import end_stage, hold
from server.assets.importing.row import World, alike_mark
from server.assets.importing.staging import SLICE, StagedRow, put_rows, slices
from server.assets.importing.types import ImportState, Match, Outcome, Plan, Verdict
from server.assets.models import LedgerImport
from server.classification.queries import goods_leaves
from server.identity.ops import unit_facts
from server.identity.queries import people_of_unit
from server.identity.scope import is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.reading import present_day, reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify
from server.places.queries import places_of_unit

# More different unclear words than this nobody explains one by one; what is beyond shows once the first are explained.
MOST_MATCHES = 500
_COMPARED_COLUMNS = (
    "id, code, finance_card_no, item_name, brand, model, specification, value_fen, acquired_on, c.condition,"
    " is_classified, is_storage_medium, place_id, custodian_id, holder_unit_path"
)
_words = tuple[str, str]


async def check_rows(actor: Actor, import_id: str) -> None:
    """Judge every row of an import."""
    world = await _world(actor, import_id)
    totals: Counter[str] = Counter()
    unclear: Counter[_words] = Counter()
    done = 0
    # Without the deadline of a page: a big ledger takes its time.
    async with current_runtime().database.reading() as db:
        world.alike = await _alike(db, world.unit_id)
        async for rows in slices(db, import_id):
            world.existing = await _existing(db, world, rows, "finance_card_no", "finance_card_no")
            world.coded = await _existing(db, world, rows, "asset_code", "code")
            judged, words = await asyncio.to_thread(_judged, world, rows)
            done += len(rows)
            await _keep(actor, import_id, judged, done)
            totals.update(_totals(judged))
            unclear.update(words)
    await _finish(actor, import_id, dict(totals), _matches(world, unclear))


async def _world(actor: Actor, import_id: str) -> World:
    async with reading() as db:
        row = await db.fetch_one("SELECT plan, unit_id FROM ledger_import WHERE id = ?", import_id)
        assert row is not None
        return World(
            today=present_day(),
            plan=msgspec.json.decode(row["plan"], type=Plan),
            categories=Categories(await goods_leaves(db)),
            places=Places(await places_of_unit(db, row["unit_id"])),
            people=People(await people_of_unit(db, row["unit_id"])),
            remembered=await memory.remembered(db, row["unit_id"]),
            is_ours=lambda card: is_in_scope(actor, card["holder_unit_path"], *MANAGERS),
            unit_id=row["unit_id"],
        )


async def _alike(rows: RowSource, unit_id: str) -> Counter[int]:
    """How many of each kind of thing a unit has, read a slice at a time: a district's unit has a hundred thousand."""
    counted, last = Counter[int](), ""
    path = (await unit_facts(rows, unit_id)).path
    while True:
        found = await rows.fetch_all(
            "SELECT id, item_name, brand, model, value_fen, acquired_on FROM asset_card"
            " WHERE holder_unit_path = ? AND id > ? ORDER BY id LIMIT ?",
            path,
            last,
            SLICE,
        )
        counted.update(
            alike_mark(row["item_name"], row["brand"], row["model"], row["value_fen"], row["acquired_on"])
            for row in found
        )
        if len(found) < SLICE:
            return counted
        last = found[-1]["id"]


async def _existing(rows: RowSource, world: World, staged: list[StagedRow], field: str, column: str) -> dict[str, Row]:
    """The cards that have a finance number or a code (`column`) which these rows name."""
    sheets = {sheet.index: sheet for sheet in world.plan.sheets}
    numbers = {
        number
        for row in staged
        if row.sheet in sheets and (number := number_of(field, world.plan, sheets[row.sheet], row.cells))
    }
    if not numbers:
        return {}
    found = await rows.fetch_all(
        f"SELECT {_COMPARED_COLUMNS} FROM asset_card c WHERE {column} IN ({', '.join('?' * len(numbers))})",  # noqa: S608
        *sorted(numbers),
    )
    return {row[column]: row for row in found}


def _judged(world: World, rows: list[StagedRow]) -> tuple[list[StagedRow], Counter[_words]]:
    sheets = {sheet.index: sheet for sheet in world.plan.sheets}
    unclear: Counter[_words] = Counter()
    for row in rows:
        if (sheet := sheets.get(row.sheet)) is None:
            row.outcome = Outcome(verdict=Verdict.SKIPPED)
            continue
        row.outcome, words = judge(world, sheet, row.number, row.cells, row.carried)
        if row.is_fresh and any(remark.code == ALIKE for remark in row.outcome.remarks):
            # What may be there already is taken only by somebody who says so.
            row.is_chosen = False
        differing = {difference.field for difference in row.outcome.differences}
        row.fields = [field for field in row.fields if field in differing]
        if row.outcome.verdict is Verdict.UNCONFIRMED:
            unclear.update(words)
    return rows, unclear


def _totals(rows: list[StagedRow]) -> Counter[str]:
    totals = Counter(row.outcome.verdict.value for row in rows)
    for row in rows:
        if row.outcome.verdict is Verdict.NEW and row.is_chosen:
            totals["chosen"] += row.outcome.quantity
        if row.fields:
            totals["changes"] += 1
    return totals


def _matches(world: World, unclear: Counter[_words]) -> list[Match]:
    near = {"category": world.categories.near, "place": world.places.near, "custodian": world.people.near}
    most = sorted(unclear.items(), key=lambda found: (found[0][0], -found[1], found[0][1]))[:MOST_MATCHES]
    return [Match(kind, text, count, near[kind](text)) for (kind, text), count in most]


@command("ledger.check_slice", is_audited=False)
async def _keep(uow: UnitOfWork, actor: Actor, import_id: str, rows: list[StagedRow], done: int) -> None:
    await put_rows(uow, import_id, rows)
    await hold(uow, import_id, ImportState.CHECKING, done_count=done)


@command("ledger.check_done", is_audited=False)
async def _finish(uow: UnitOfWork, actor: Actor, import_id: str, totals: dict[str, int], matches: list[Match]) -> None:
    found = await uow.find(LedgerImport, id=import_id)
    assert found is not None
    chosen, changes = totals.pop("chosen", 0), totals.pop("changes", 0)
    await end_stage(
        uow,
        import_id,
        ImportState.CHECKING,
        ImportState.READY,
        counts=totals,
        matches=matches,
        chosen=chosen,
        changes=changes,
    )
    if actor.person_id is not None:
        title = f"台账“{found.file_name}”已核对完"
        body = f"可以建卡 {totals.get(Verdict.NEW, 0)} 行，有错误 {totals.get(Verdict.ERROR, 0)} 行，请到“导入”里确认。"
        key = f"ledger-checked:{import_id}:{(await uow.now()).isoformat()}"
        await notify(uow, [actor.person_id], title, body, "ledger_import", import_id, key)
