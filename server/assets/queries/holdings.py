"""What a unit holds beside what the allocation standards say it may (单位配置情况), and the cards behind each line."""

from datetime import date

import msgspec

from server.assets.access import OVERSEERS
from server.assets.standing import Standing, standing_of
from server.assets.states import AssetState
from server.assets.types import AssetView
from server.classification.standards.queries import StandardBook, standard_book
from server.classification.standards.types import Standard
from server.identity.ops import unit_facts
from server.identity.queries import headcount_of
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope
from server.identity.types import Headcount, RowSource, UnitFacts
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound
from server.kernel.instants import from_day_number
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row
from server.places.types import WAREHOUSE_KINDS

# What is on its way out or gone is held no more; what lies in a warehouse is stock for all, not the keeper's furniture.
_GONE = (AssetState.DISPOSAL, AssetState.DISPOSED, AssetState.LOST)
_FROM = (
    "FROM asset_card c JOIN category g ON g.code = c.category_code JOIN place p ON p.id = c.place_id"
    f" WHERE c.holder_unit_id = ? AND c.state NOT IN ({', '.join('?' * len(_GONE))})"
    f" AND p.kind NOT IN ({', '.join('?' * len(WAREHOUSE_KINDS))})"
)
_BOUND = (*_GONE, *WAREHOUSE_KINDS)


class HoldingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the standards: how many are held, how many the headcount allows (None: not said in numbers), how many
    are over it, dearer than the ceiling of their day, and past their shortest service life."""

    category_code: str
    name: str
    measure: str
    held: int
    allowed: int | None
    over: int
    over_ceiling: int
    past_service: int
    ceiling_fen: int
    floor_fen: int
    min_years: int
    quantity_rule: str
    evidence_name: str


class HoldingsView(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's holdings on the present day. `others`: pieces for which no standard is set."""

    unit_id: str
    unit_name: str
    headcount: Headcount | None
    lines: list[HoldingLine]
    others: int


class Allowance(msgspec.Struct, frozen=True):
    """How many things of one standard a unit holds, and how many its headcount allows (None: not said in numbers)."""

    held: int
    allowed: int | None


class HeldCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card behind a line."""

    id: str
    code: str
    name: str
    value_fen: int
    acquired_on: date
    standing: Standing | None


def can_see_holdings(actor: Actor) -> bool:
    """Whether the actor's roles let it look at some unit's holdings."""
    return actor.unit_id is not None and actor.has_role(*OVERSEERS, Role.UNIT_ACCOUNTANT)


async def unit_holdings(actor: Actor, unit_id: str) -> HoldingsView:
    """What a unit holds beside its standards: every item that is held, in the order of the categories.

    For the unit's managers and accountant and whoever reviews it. Forbidden `role.required`; NotFound
    `record.not_found`.
    """
    day = present_day()
    async with reading() as db:
        unit = await overseen_unit(db, actor, unit_id)
        book = await standard_book(db, unit.region_path)
        headcount = await headcount_of(db, unit.id, day)
        rows = await db.fetch_all(
            "SELECT c.category_code, g.path, c.value_fen, c.acquired_on, COUNT(*) AS pieces"
            f" {_FROM} GROUP BY c.category_code, g.path, c.value_fen, c.acquired_on",
            unit.id,
            *_BOUND,
        )
    lines: dict[str, list[tuple[Row, Standing | None]]] = {}
    others = 0
    for row in rows:
        standard = book.of(row["path"], day)
        if standard is None:
            others += row["pieces"]
        else:
            lines.setdefault(standard.category_code, []).append((row, _standing(book, row, day)))
    applying = book.on(day)
    return HoldingsView(
        unit_id=unit.id,
        unit_name=unit.name,
        headcount=headcount,
        lines=[_line(applying[code], lines[code], headcount) for code in sorted(lines)],
        others=others,
    )


async def allowance_of(rows: RowSource, unit: UnitFacts, standard: Standard, day: date) -> Allowance:
    """A unit's holdings of one standard, whoever asks: for what other domains warn of."""
    book = await standard_book(rows, unit.region_path)
    held = await rows.fetch_all(f"SELECT g.path, COUNT(*) AS pieces {_FROM} GROUP BY g.path", unit.id, *_BOUND)
    pieces = sum(
        row["pieces"]
        for row in held
        if (found := book.of(row["path"], day)) is not None and found.category_code == standard.category_code
    )
    return Allowance(pieces, _allowed(standard, await headcount_of(rows, unit.id, day)))


async def list_held_cards(
    actor: Actor, unit_id: str, category_code: str, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[HeldCard]:
    """The cards behind one line, the longest held first. Raises as `unit_holdings`, NotFound `standard.not_found` for a
    category that no standard names, InvalidInput for a made-up cursor."""
    day, position = present_day(), decode_cursor(cursor, int, str)
    async with reading() as db:
        unit = await overseen_unit(db, actor, unit_id)
        book = await standard_book(db, unit.region_path)
        clause, values = await _of_line(db, book, unit.id, category_code, day)
        if position is not None:
            clause += " AND (c.acquired_on > ? OR (c.acquired_on = ? AND c.id > ?))"
            values += (position[0], position[0], position[1])
        rows = await db.fetch_all(
            "SELECT c.id, c.code, c.name, c.value_fen, c.acquired_on, g.path"
            f" {_FROM} AND {clause} ORDER BY c.acquired_on, c.id LIMIT ?",
            unit.id,
            *_BOUND,
            *values,
            size + 1,
        )
    page = page_of(rows, size, lambda row: encode_cursor(row["acquired_on"], row["id"]))
    return Page([_held_card(book, row, day) for row in page.items], page.next_cursor)


def _held_card(book: StandardBook, row: Row, day: date) -> HeldCard:
    return HeldCard(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        value_fen=row["value_fen"],
        acquired_on=from_day_number(row["acquired_on"]),
        standing=_standing(book, row, day),
    )


async def overseen_unit(rows: RowSource, actor: Actor, unit_id: str) -> UnitFacts:
    """A unit whose figures the actor may look at: as its manager or reviewer, or as its own accountant.

    Raises Forbidden `role.required`; NotFound `record.not_found`.
    """
    if not can_see_holdings(actor):
        raise Forbidden("role.required")
    unit = await unit_facts(rows, unit_id)
    is_accountant = unit.id == actor.unit_id and actor.has_role(Role.UNIT_ACCOUNTANT)
    if not is_accountant and not is_in_scope(actor, unit.path, *OVERSEERS):
        raise NotFound("record.not_found")
    return unit


async def _of_line(rows: RowSource, book: StandardBook, unit_id: str, category_code: str, day: date) -> Clause:
    """The condition on cards for those that a line counts: of categories to which its standard is the nearest."""
    if category_code not in book.on(day):
        raise NotFound("standard.not_found")
    held = await rows.fetch_all(f"SELECT DISTINCT g.code, g.path {_FROM}", unit_id, *_BOUND)
    codes = [
        row["code"]
        for row in held
        if (standard := book.of(row["path"], day)) is not None and standard.category_code == category_code
    ]
    if not codes:
        return "1 = 0", ()
    return f"c.category_code IN ({', '.join('?' * len(codes))})", tuple(codes)


def _standing(book: StandardBook, row: Row, day: date) -> Standing | None:
    acquired_on = from_day_number(row["acquired_on"])
    return standing_of(book.of(row["path"], acquired_on), book.of(row["path"], day), row["value_fen"], acquired_on, day)


def _line(standard: Standard, held: list[tuple[Row, Standing | None]], headcount: Headcount | None) -> HoldingLine:
    pieces = sum(row["pieces"] for row, _ in held)
    allowed = _allowed(standard, headcount)
    return HoldingLine(
        category_code=standard.category_code,
        name=standard.name,
        measure=standard.items[0].measure,
        held=pieces,
        allowed=allowed,
        over=0 if allowed is None else max(pieces - allowed, 0),
        over_ceiling=sum(row["pieces"] for row, each in held if each is not None and each.is_over_ceiling),
        past_service=sum(row["pieces"] for row, each in held if each is not None and not each.is_too_early_to_scrap),
        ceiling_fen=standard.ceiling_fen,
        floor_fen=standard.floor_fen,
        min_years=standard.min_years,
        quantity_rule="；".join(dict.fromkeys(item.quantity_rule for item in standard.items if item.quantity_rule)),
        evidence_name=standard.items[0].evidence_name,
    )


def _allowed(standard: Standard, headcount: Headcount | None) -> int | None:
    rule = standard.quantity
    if rule is None or headcount is None:
        return None
    return rule.allowed(headcount.staffed, is_confidential=headcount.is_confidential)


async def card_standing(card: AssetView) -> Standing | None:
    """How a card that the caller has read stands to the standard of the place where its holder is; None where nothing
    is set for its kind."""
    day = present_day()
    async with reading() as db:
        unit = await unit_facts(db, card.holder_unit_id)
        kind = await db.fetch_one("SELECT path FROM category WHERE code = ?", card.category_code)
        book = await standard_book(db, unit.region_path)
    if kind is None:
        return None
    bought, present = book.of(kind["path"], card.acquired_on), book.of(kind["path"], day)
    return standing_of(bought, present, card.value_fen, card.acquired_on, day)
