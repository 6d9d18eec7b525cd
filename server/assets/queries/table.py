"""The ledger as a list."""

from server.assets.access import readable_clause
from server.assets.indexing import SEARCH_KIND
from server.assets.states import CONDITION_NAMES, STATE_NAMES
from server.assets.types import CardFilter, CardRow
from server.identity.scope import Clause
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput
from server.kernel.paging import PAGE_LIMIT, PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Reader, Row
from server.search.queries import search
from server.search.types import Hit, Within
from server.search.words import words_of

_SELECT = (
    "SELECT c.id, c.code, c.name, c.category_code, c.value_fen, c.condition, c.state, c.holder_unit_id,"
    " h.name AS holder_unit_name, c.place_id, p.name AS place_name, k.name AS custodian_name, c.picture_id,"
    " c.frozen_reason FROM asset_card c LEFT JOIN unit h ON h.id = c.holder_unit_id"
    " LEFT JOIN place p ON p.id = c.place_id LEFT JOIN person k ON k.id = c.custodian_id"
)
_ALL = CardFilter()
# Above every score of a search.
_SURE = 10_000


async def list_cards(
    actor: Actor, wanted: CardFilter = _ALL, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[CardRow]:
    """The cards that the actor may see: newest first, or the best match where something is searched for.

    What is searched for ranks at most 1,000. Raises InvalidInput for an unknown state or a made-up cursor.
    """
    size = max(1, min(size, PAGE_LIMIT))
    conditions, values = card_conditions(actor, wanted)
    async with reading() as db:
        if wanted.text.strip():
            return await _best(db, wanted.text, Within("asset_card c", "c.id", conditions, values), cursor, size)
        if (position := decode_cursor(cursor, str)) is not None:
            conditions, values = f"{conditions} AND c.id < ?", (*values, *position)
        rows = await db.fetch_all(f"{_SELECT} WHERE {conditions} ORDER BY c.id DESC LIMIT ?", *values, size + 1)
    return page_of([_row(row) for row in rows], size, lambda card: encode_cursor(card.id))


async def _best(db: Reader, text: str, within: Within, cursor: str | None, size: int) -> Page[CardRow]:
    hits = await _found(db, text, within)
    if (after := decode_cursor(cursor, int, str)) is not None:
        hits = [hit for hit in hits if (hit.score, hit.id) < (after[0], after[1])]
    some = hits[:size]
    if not some:
        return Page([])
    marks = ", ".join("?" * len(some))
    rows = await db.fetch_all(f"{_SELECT} WHERE c.id IN ({marks})", *(hit.id for hit in some))
    by_id = {row["id"]: row for row in rows}
    cards = [_row(by_id[hit.id], words_of(hit)) for hit in some if hit.id in by_id]
    return Page(cards, encode_cursor(some[-1].score, some[-1].id) if len(hits) > size else None)


async def best_cards(db: Reader, actor: Actor, wanted: CardFilter) -> list[str]:
    """The ids of the cards that are found, the best match first."""
    within = Within("asset_card c", "c.id", *card_conditions(actor, wanted))
    return [hit.id for hit in await _found(db, wanted.text, within)]


async def _found(db: Reader, text: str, within: Within) -> list[Hit]:
    """What a search finds, before it the card whose finance number was typed: a number is no word, and in no index."""
    hits = (await search(db, SEARCH_KIND, text, within)).hits
    numbered = await db.fetch_all(
        f"SELECT c.id FROM {within.source} WHERE c.finance_card_no = ? AND {within.condition}",  # noqa: S608 - ours
        text.strip(),
        *within.values,
    )
    known = {hit.id for hit in hits}
    return [*(Hit(row["id"], _SURE, ()) for row in numbered if row["id"] not in known), *hits]


def card_conditions(actor: Actor, wanted: CardFilter) -> Clause:
    """What holds for the cards that the actor may see, narrowed. Raises InvalidInput for an unknown state."""
    if wanted.state is not None and wanted.state not in STATE_NAMES:
        raise InvalidInput(fields=[FieldError("state", "input.not_a_choice")])
    clauses = [readable_clause(actor)]
    if wanted.state is not None:
        clauses.append(("c.state = ?", (wanted.state,)))
    if wanted.holder_unit_id is not None:
        clauses.append(("c.holder_unit_id = ?", (wanted.holder_unit_id,)))
    if wanted.category_prefix:
        # Codes are ASCII: everything that begins with the prefix sorts before prefix + "~".
        clauses.append(
            ("c.category_code >= ? AND c.category_code < ?", (prefix := wanted.category_prefix, prefix + "~"))
        )
    if wanted.place_id is not None:
        below = "SELECT q.id FROM place t JOIN place q ON SUBSTR(q.path, 1, LENGTH(t.path)) = t.path WHERE t.id = ?"
        clauses.append((f"c.place_id IN ({below})", (wanted.place_id,)))
    return " AND ".join(sql for sql, _ in clauses), tuple(value for _, values in clauses for value in values)


def _row(row: Row, reasons: tuple[str, ...] = ()) -> CardRow:
    return CardRow(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        category_code=row["category_code"],
        value_fen=row["value_fen"],
        condition=row["condition"],
        condition_name=CONDITION_NAMES[row["condition"]],
        state=row["state"],
        state_name=STATE_NAMES[row["state"]],
        holder_unit_id=row["holder_unit_id"],
        holder_unit_name=row["holder_unit_name"] or "",
        place_id=row["place_id"],
        place_name=row["place_name"] or "",
        custodian_name=row["custodian_name"],
        picture_id=row["picture_id"],
        is_frozen=row["frozen_reason"] is not None,
        why=reasons,
    )
