"""What people do with an import: begin, say what the columns and words mean, choose rows, write, undo, give up."""

import msgspec

from server.assets.access import require_colleague
from server.assets.importing import memory
from server.assets.importing.access import get_import_for, unit_for_import
from server.assets.importing.columns import IGNORED, NEEDED, TARGETS
from server.assets.importing.staging import clear_rows
from server.assets.importing.types import ImportState, MapColumns, Match, MatchTexts, Plan, StartImport
from server.assets.models import LedgerImport
from server.assets.states import CONDITION_NAMES
from server.classification.queries import category
from server.files.ops import keep_document
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import places_of_unit

_LONGEST_NAME = 128
# Workbook or text: which it is, the reader finds out; it is served back as bytes.
MEDIA_TYPE = "application/octet-stream"


@command("ledger.begin_import")
async def begin_import(uow: UnitOfWork, actor: Actor, request: StartImport) -> str:
    """Keep an uploaded ledger of the acting unit, or of one below it, and begin to read it; the import's id.

    Raises Forbidden `role.required`; InvalidInput naming `file_name` or `unit_id`.
    """
    unit = await unit_for_import(uow, actor, request.unit_id)
    checks = Checks()
    name = checks.text("file_name", request.file_name, longest=_LONGEST_NAME)
    checks.finish()
    file_id = await keep_document(
        uow, actor, kind="ledger", media_type=MEDIA_TYPE, name=name, sha256=request.sha256, size=request.size
    )
    begun = LedgerImport(
        unit_id=unit.id,
        file_id=file_id,
        sha256=request.sha256,
        file_name=name,
        state=ImportState.READING.value,
        created_at=await uow.now(),
        created_by=actor.person_id,
        created_by_name=actor.person_name,
        asked_by=_asking(actor),
        plan=Plan(),
        matches=[],
        counts={},
    )
    await uow.add(begun)
    await uow.record(
        "ledger.begin_import", "ledger_import", begun.id, sha256=request.sha256, size=request.size, unit_id=unit.id
    )
    return begun.id


@command("ledger.map_columns")
async def map_columns(uow: UnitOfWork, actor: Actor, request: MapColumns) -> None:
    """Say what the columns are, and what holds where the ledger says nothing; the rows are judged by it.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`; InvalidInput
    naming `mapping`, `default_place_id` or `default_condition`.
    """
    found = await get_import_for(uow, actor, request.import_id, ImportState.MAPPING, ImportState.READY)
    plan = plan_of(found)
    known = {heading for sheet in plan.sheets for heading in sheet.headings if heading}
    mapping = {heading: request.mapping.get(heading, IGNORED) for heading in sorted(known)}
    _check_mapping(request, mapping, plan)
    if request.default_place_id is not None:
        await _require_place(uow, found.unit_id, "default_place_id", request.default_place_id)
    await memory.remember(uow, found.unit_id, memory.HEADING, mapping)
    defaults = {"place": request.default_place_id, "condition": request.default_condition}
    await memory.remember(uow, found.unit_id, memory.DEFAULT, {name: value or "" for name, value in defaults.items()})
    changed = Plan(
        sheets=plan.sheets,
        hidden=plan.hidden,
        examples=plan.examples,
        mapping=mapping,
        default_place_id=request.default_place_id,
        default_condition=request.default_condition,
    )
    await go_on(uow, actor, found, ImportState.CHECKING, plan=changed, done_count=0)
    await uow.record("ledger.map_columns", "ledger_import", found.id, mapping=mapping, defaults=defaults)


def _check_mapping(request: MapColumns, mapping: dict[str, str], plan: Plan) -> None:
    checks = Checks()
    if any(target not in (*TARGETS, IGNORED) for target in mapping.values()):
        checks.fault("mapping", "input.not_a_choice")
    for sheet in plan.sheets:
        targets = [mapping[heading] for heading in sheet.headings if heading and mapping[heading]]
        if twice := next((target for target in targets if targets.count(target) > 1 and target in TARGETS), None):
            checks.fault("mapping", "import.mapped_twice", target=TARGETS[twice].name, sheet=sheet.name or "表")
            break
    said = set(mapping.values()) | ({"value_fen"} if "unit_price" in mapping.values() else set())
    if missing := [TARGETS[target].name for target in NEEDED if target not in said]:
        checks.fault("mapping", "import.not_mapped", targets="、".join(missing))
    if request.default_condition is not None and request.default_condition not in CONDITION_NAMES:
        checks.fault("default_condition", "input.not_a_choice")
    checks.finish()


@command("ledger.match_texts")
async def match_texts(uow: UnitOfWork, actor: Actor, request: MatchTexts) -> None:
    """Say what words of the ledger mean; the unit's next ledgers are read by it too, and the rows are judged anew.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`; InvalidInput
    naming each choice as `<kind>.<text>`, or `import.nothing_matched`.
    """
    found = await get_import_for(uow, actor, request.import_id, ImportState.READY)
    asked = {(match.kind, match.text) for match in msgspec.convert(found.matches, list[Match])}
    faults: list[FieldError] = []
    for kind, choices in request.choices.items():
        for text, value in choices.items():
            if (kind, text) not in asked:
                faults.append(FieldError(f"{kind}.{text}", "input.not_a_choice"))
            elif fault := await _wrong_choice(uow, found.unit_id, kind, value):
                faults.append(FieldError(f"{kind}.{text}", fault))
    if faults:
        raise InvalidInput(fields=faults)
    if not any(request.choices.values()):
        raise InvalidInput("import.nothing_matched")
    for kind, choices in request.choices.items():
        await memory.remember(uow, found.unit_id, kind, choices)
    await go_on(uow, actor, found, ImportState.CHECKING, done_count=0)
    await uow.record("ledger.match_texts", "ledger_import", found.id, choices=request.choices)


async def _wrong_choice(uow: UnitOfWork, unit_id: str, kind: str, value: str) -> str | None:
    """The code of what is wrong with one choice."""
    try:
        if kind == "category":
            facts = await category(uow, value)
            return None if facts.kind == "goods" and facts.is_leaf else "asset.category_too_broad"
        if kind == "place":
            await _require_place(uow, unit_id, "place", value)
        elif value:
            await require_colleague(uow, unit_id, value)
    except NotFound:
        return "asset.category_unknown"
    except InvalidInput as error:
        return error.fields[0].code
    return None


async def _require_place(uow: UnitOfWork, unit_id: str, field: str, place_id: str) -> None:
    """A ledger's things are put at open places of their own unit, and only of it."""
    if place_id not in {place.id for place in await places_of_unit(uow, unit_id)}:
        raise InvalidInput(fields=[FieldError(field, "asset.place_unknown")])


@command("ledger.import")
async def apply_import(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    """Let the chosen rows become cards and changes, all of them or none; the background does it.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`,
    `import.nothing_chosen`.
    """
    found = await get_import_for(uow, actor, import_id, ImportState.READY)
    if not found.chosen and not found.changes:
        raise InvalidInput("import.nothing_chosen")
    await go_on(uow, actor, found, ImportState.WRITING)
    await uow.record("ledger.import", "ledger_import", found.id, chosen=found.chosen, changes=found.changes)


@command("ledger.undo_import")
async def undo_import(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    """Take back a whole import whose cards nobody has touched; the background does it.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`.
    """
    found = await get_import_for(uow, actor, import_id, ImportState.DONE)
    await go_on(uow, actor, found, ImportState.UNDOING, refusal=None)
    await uow.record("ledger.undo_import", "ledger_import", found.id, made=found.chosen, changed=found.changes)


@command("ledger.discard_import")
async def discard_import(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    """Give up an import of which nothing was written. Its file stays with the record.

    Raises Forbidden `role.required`; NotFound `import.not_found`; StateConflict `import.wrong_state`.
    """
    states = (ImportState.REFUSED, ImportState.MAPPING, ImportState.READY)
    found = await get_import_for(uow, actor, import_id, *states)
    await clear_rows(uow, found.id)
    await go_on(uow, actor, found, ImportState.DISCARDED, matches=[], row_count=0)
    await uow.record("ledger.discard_import", "ledger_import", found.id)


def plan_of(found: LedgerImport) -> Plan:
    """How the import's file is read."""
    return msgspec.convert(found.plan, Plan)


async def go_on(uow: UnitOfWork, actor: Actor, found: LedgerImport, state: ImportState, **changes: object) -> None:
    """The import goes on to another state, by whoever asks for it now."""
    await uow.change_one(
        LedgerImport,
        {"id": found.id, "state": found.state},
        otherwise=StateConflict("record.changed"),
        state=state.value,
        asked_by=_asking(actor),
        worked_until=0,
        **changes,
    )


def _asking(actor: Actor) -> Actor:
    # Whoever asked does it, not the request: its key is spent and its session may end meanwhile.
    return msgspec.structs.replace(actor, idempotency_key=None, session_id=None)
