"""Third stage: every chosen row becomes a card, every chosen difference a change, in one transaction: all or none.

Cards and their first events are written in slices of raw rows; their codes' numbers are reserved in one step for each
series. Nothing here decides anew what a row means: what no longer holds (a number taken, a place closed since the
rows were judged) sends the whole import back to be judged again, with nothing written.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from server.assets.importing.adopting import adopt_changes
from server.assets.importing.progress import end_stage, show_done
from server.assets.importing.staging import StagedRow, needed, slices
from server.assets.importing.types import ImportState, Verdict
from server.assets.models import LedgerImport
from server.classification.naming import asset_code, asset_series
from server.classification.queries import goods_leaves
from server.identity.ops import unit_facts
from server.identity.queries import people_of_unit
from server.identity.types import UnitFacts
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import DomainError, InvalidInput, NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.instants import to_day_number, to_microseconds
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import places_of_unit
from server.policies.queries import coding_policy, policy_for

WRITE_SECONDS = 600.0
WRITTEN = "ledger.written"
_LONGEST_CODE = 48
_CARD = (
    "INSERT INTO asset_card (id, code, name, item_name, brand, model, specification, category_code, value_fen,"
    " acquired_on, {condition}, state, owner_unit_id, holder_unit_id, holder_unit_path, custodian_id, lent_to_unit_id,"
    " place_id, finance_card_no, is_classified, is_storage_medium, cleared_at, frozen_reason, picture_id, version,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, NULL, NULL, NULL, 1, ?)"
)
_EVENT = (
    "INSERT INTO asset_event (id, asset_id, kind, at, actor_id, actor_name, unit_id, reason, document_no, {before},"
    " {after}) VALUES (?, ?, 'registered', ?, ?, ?, ?, ?, NULL, '{{}}', ?)"
)
_MADE = "INSERT INTO ledger_import_card (id, row_id, asset_id, code, version, {before}) VALUES (?, ?, ?, ?, 1, '')"
_encoder = msgspec.json.Encoder()


async def write_cards(actor: Actor, import_id: str) -> None:
    """Write an import, or send it back to be judged again where something no longer holds."""
    try:
        await _write(actor, import_id)
    except (StateConflict, InvalidInput, NotFound) as conflict:
        # Somebody else's try that ended first leaves another state; then there is nothing to send back.
        await _send_back(actor, import_id, conflict)


@command("ledger.write", seconds=WRITE_SECONDS)
async def _write(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    found = await uow.lock(LedgerImport, import_id)
    if found is None or found.state != ImportState.WRITING:
        raise StateConflict("import.wrong_state")
    changed = await adopt_changes(uow, actor, found)
    writer = await _Writer.of(uow, actor, found)
    async for rows in _chosen(uow, import_id):
        await writer.write(uow, rows)
    await end_stage(
        uow,
        import_id,
        ImportState.WRITING,
        ImportState.DONE,
        finished_at=await uow.now(),
        finished_by_name=actor.person_name,
        chosen=writer.made,
        changes=changed,
        refusal=None,
    )
    await uow.record("ledger.imported", "ledger_import", import_id, changed=changed, **writer.digest())
    if writer.made:
        await uow.emit(WRITTEN, {"import_id": import_id, "after": ""})


def _chosen(uow: UnitOfWork, import_id: str) -> Any:
    return slices(uow, import_id, "verdict = ? AND is_chosen = 1", Verdict.NEW.value)


class _Series:
    """The codes of one category's new cards: a range of one series."""

    def __init__(self, make: Any, first: int) -> None:
        self._make = make
        self._next = first

    def next(self) -> str:
        code: str = self._make(self._next)
        self._next += 1
        return code


class _Writer:
    """Makes cards of rows. `made`, `value_fen`: how many and worth how much so far."""

    def __init__(self, actor: Actor, found: LedgerImport, unit: UnitFacts, at: int, series: dict[str, _Series]) -> None:
        self.made = 0
        self.value_fen = 0
        self._actor = actor
        self._unit = unit
        self._import_id = found.id
        self._reason = f"台账导入：{found.file_name}"[:200]
        self._at = at
        self._series = series
        self._codes = hashlib.sha256()
        self._ends: list[str] = []

    @classmethod
    async def of(cls, uow: UnitOfWork, actor: Actor, found: LedgerImport) -> "_Writer":
        """A writer for an import, with the numbers of all its codes reserved."""
        wanted: Counter[str] = Counter()
        places: set[str] = set()
        people: set[str] = set()
        async for rows in needed(uow, found.id):
            for row in rows:
                wanted[row.card.category_code] += row.quantity
                places.add(row.card.place_id)
                if row.card.custodian_id:
                    people.add(row.card.custodian_id)
        if wanted:
            await _require_there(uow, found.unit_id, set(wanted), places, people)
        at = to_microseconds(await uow.now())
        unit = await unit_facts(uow, found.unit_id)
        return cls(actor, found, unit, at, await _reserve(uow, unit, wanted))

    async def write(self, uow: UnitOfWork, rows: list[StagedRow]) -> None:
        """Write one slice of rows: cards, their first events, and which row made which card."""
        cards, events, made = [], [], []
        for row in rows:
            for card in self._cards(row):
                cards.append(self._card_row(card))
                events.append(self._event_row(card))
                made.append((f"{self._import_id}:{card['id']}", row.id, card["id"], card["code"]))
        quote = "`{}`" if uow.transaction.dialect == "mariadb" else '"{}"'
        names = {name: quote.format(name) for name in ("condition", "before", "after")}
        try:
            await uow.execute_many(_CARD.format(**names), cards)
        except IntegrityError as error:
            if is_duplicate(error):
                raise StateConflict("import.overtaken") from error
            raise
        await uow.execute_many(_EVENT.format(**names), events)
        await uow.execute_many(_MADE.format(**names), made)
        self.made += len(cards)
        await show_done(self._import_id, self.made)

    def digest(self) -> dict[str, Any]:
        """What the audit keeps of the whole: how many, worth how much, and a hash over every code in order."""
        return {
            "made": self.made,
            "value_fen": self.value_fen,
            "codes": self._ends,
            "codes_sha256": self._codes.hexdigest(),
        }

    def _cards(self, row: StagedRow) -> Iterator[dict[str, Any]]:
        """The cards of one row, their fields as they are told in their first event; the id beside them."""
        given, quantity = row.outcome.card, row.outcome.quantity
        each, rest = divmod(given["value_fen"], quantity)
        for place in range(quantity):
            code = self._series[given["category_code"]].next()
            # What does not divide evenly is on the first ones, fen by fen: nothing is lost.
            value_fen = each + (1 if place < rest else 0)
            self.value_fen += value_fen
            self._codes.update(f"{code}\n".encode())
            self._ends = [*self._ends[:1], code]
            yield {**given, "id": new_id(), "code": code, "value_fen": value_fen}

    def _card_row(self, card: dict[str, Any]) -> tuple[Any, ...]:
        unit = self._unit
        return (
            card["id"],
            card["code"],
            card["name"],
            card["item_name"],
            card["brand"],
            card["model"],
            card["specification"],
            card["category_code"],
            card["value_fen"],
            to_day_number(date.fromisoformat(card["acquired_on"])),
            card["condition"],
            card["state"],
            unit.id,
            unit.id,
            unit.path,
            card.get("custodian_id"),
            card["place_id"],
            card["finance_card_no"],
            int(card.get("is_classified", False)),
            int(card.get("is_storage_medium", False)),
            self._at,
        )

    def _event_row(self, card: dict[str, Any]) -> tuple[Any, ...]:
        actor = self._actor
        unit = self._unit
        whose = {"owner_unit_id": unit.id, "holder_unit_id": unit.id, "holder_unit_path": unit.path}
        told = {**_UNSAID, **card, **whose}
        del told["id"]
        after = _encoder.encode(told).decode()
        return (
            new_id(),
            card["id"],
            self._at,
            actor.person_id,
            actor.person_name,
            actor.unit_id,
            self._reason,
            after,
        )


# What the first event tells of a field that a ledger does not have.
_UNSAID: dict[str, Any] = {
    "custodian_id": None,
    "lent_to_unit_id": None,
    "is_classified": False,
    "is_storage_medium": False,
    "cleared_at": None,
    "frozen_reason": None,
    "picture_id": None,
}


async def _require_there(
    uow: UnitOfWork, unit_id: str, categories: set[str], places: set[str], people: set[str]
) -> None:
    """Raise StateConflict `import.overtaken` where a category, place or person is not to be had any more."""
    if not (
        categories <= {leaf.code for leaf in await goods_leaves(uow)}
        and places <= {place.id for place in await places_of_unit(uow, unit_id)}
        and people <= {person_id for person_id, _ in await people_of_unit(uow, unit_id)}
    ):
        raise StateConflict("import.overtaken")


async def _reserve(uow: UnitOfWork, unit: UnitFacts, wanted: Counter[str]) -> dict[str, _Series]:
    """The ranges of codes, one for each category; the counters are locked in one order, for no longer than need be."""
    policy = coding_policy(await policy_for(uow, "coding", unit.region_path, await uow.now()))
    unit_code, year = await _unit_code(uow, unit.id), (await today(uow)).year
    by_series: dict[str, list[str]] = {}
    for category_code in sorted(wanted):
        by_series.setdefault(asset_series(policy, category_code, unit_code, year), []).append(category_code)
    reserved: dict[str, _Series] = {}
    for series, codes in sorted(by_series.items()):
        first = await uow.next_numbers(series, sum(wanted[code] for code in codes))
        for category_code in codes:

            def make(serial: int, category_code: str = category_code) -> str:
                code = asset_code(policy, category_code, unit_code, year, serial).upper()
                if len(code) > _LONGEST_CODE:
                    raise StateConflict("asset.code_too_long")
                return code

            reserved[category_code] = _Series(make, first)
            first += wanted[category_code]
    return reserved


async def _unit_code(uow: UnitOfWork, unit_id: str) -> str:
    row = await uow.fetch_one("SELECT code FROM unit WHERE id = ?", unit_id)
    assert row is not None
    return str(row["code"])


@command("ledger.write_sent_back", is_audited=False)
async def _send_back(uow: UnitOfWork, actor: Actor, import_id: str, error: DomainError) -> None:
    found = await uow.lock(LedgerImport, import_id)
    if found is None or found.state != ImportState.WRITING:
        return
    refusal = {"code": error.code, "data": error.data}
    await end_stage(uow, import_id, ImportState.WRITING, ImportState.CHECKING, refusal=refusal, done_count=0)
