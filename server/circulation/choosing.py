"""From what was asked for to the very cards: a card by itself, or so many equal ones that are free all those days.

Every card that may be chosen is locked first, in the order of the ids; so what is counted as free stays free, and of
forty who want the last chairs each gets all or none.
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from server.assets.ops import lock_asset, lock_assets
from server.assets.states import AssetState
from server.assets.types import AssetFacts
from server.circulation.alike import root_of
from server.circulation.queries.board_sql import region_prefixes
from server.circulation.types import WantedLine
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.errors import NotFound, StateConflict
from server.kernel.instants import days_between, from_day_number, to_day_number
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

MOST_LINES = 50
MOST_PIECES = 500
# On its way out or gone: no day of it can be promised any more. Lent or in repair it comes back.
_GONE = frozenset({AssetState.SCRAP_PROPOSED, AssetState.DISPOSAL, AssetState.DISPOSED, AssetState.LOST})
_OFFER = (
    "asset_id, is_open, longest_days, name, holder_unit_id, place_id, place_path, place_name, alike_key,"
    " slot_minutes, opens_minute, closes_minute"
)


class Chosen(msgspec.Struct, frozen=True):
    """One card for one line of the application. `item`: which line, 1 first; `is_any`: an equal one would do too."""

    item: int
    card: AssetFacts
    offer: Row
    is_any: bool

    @property
    def party(self) -> tuple[str, str]:
        """Who lends it, and at which warehouse or site: what makes one borrowing."""
        return self.card.holder_unit_id, root_of(self.offer["place_path"])


def check_lines(lines: Sequence[WantedLine]) -> None:
    """Raise InvalidInput naming the line that cannot be."""
    checks = Checks()
    if not lines:
        checks.fault("lines", "borrowing.no_lines")
    if len(lines) > MOST_LINES:
        checks.fault("lines", "borrowing.too_many_lines", limit=MOST_LINES)
    if sum(max(line.quantity or 1, 1) for line in lines) > MOST_PIECES:
        checks.fault("quantity" if len(lines) == 1 else "lines", "borrowing.too_many_pieces", limit=MOST_PIECES)
    for number, line in enumerate(lines):
        if line.quantity is not None and line.quantity < 1:
            checks.fault("quantity" if len(lines) == 1 else f"lines.{number}.quantity", "input.too_small", limit=1)
    if len({line.asset_id for line in lines}) < len(lines):
        checks.fault("lines", "borrowing.line_twice")
    checks.finish()


async def the_card(uow: UnitOfWork, actor: Actor, asset_id: str) -> Chosen:
    """One card by itself, locked. Raises NotFound `listing.not_found`; StateConflict `listing.closed`,
    `borrowing.asset_not_lendable`."""
    try:
        card = await lock_asset(uow, asset_id)
    except NotFound as error:
        # A card that does not exist and one that is not offered to this unit are never told apart.
        raise NotFound("listing.not_found") from error
    # Read under the card's lock, so that the listing cannot close meanwhile.
    return _named(1, card, (await _offers(uow, actor, [asset_id])).get(asset_id))


async def looked_at(uow: UnitOfWork, actor: Actor, lines: Sequence[WantedLine]) -> list[Row]:
    """The listing that each line points at, as the actor's unit sees it; nothing is locked yet.

    Raises NotFound `listing.not_found`; StateConflict `listing.closed`.
    """
    offers = await _offers(uow, actor, [line.asset_id for line in lines])
    if any(line.asset_id not in offers for line in lines):
        raise NotFound("listing.not_found")
    if not all(offer["is_open"] for offer in offers.values()):
        raise StateConflict("listing.closed")
    return [offers[line.asset_id] for line in lines]


async def choose(
    uow: UnitOfWork, actor: Actor, lines: Sequence[WantedLine], looked: Sequence[Row], first: date, last: date
) -> list[Chosen]:
    """The cards for all lines, locked; none is chosen twice, and a card that was asked for goes to who named it.

    `looked`: what `looked_at` gave. Raises NotFound `listing.not_found`; StateConflict `listing.closed`,
    `borrowing.asset_not_lendable`, `asset.not_available` (with `wanted`, `free` and `free_by_day`) where too few equal
    ones are free.
    """
    named = {line.asset_id: number for number, line in enumerate(lines, start=1) if line.quantity is None}
    pools = {
        number: await _pool(uow, actor, offer, line.quantity, first, last)
        for number, (line, offer) in enumerate(zip(lines, looked, strict=True), start=1)
        if line.quantity is not None
    }
    free_now = {asset_id for pool in pools.values() for asset_id in pool.asset_ids}
    cards = {card.id: card for card in await lock_assets(uow, {*named, *free_now})}
    offers = await _offers(uow, actor, list(cards))
    chosen = {asset_id: _named(number, cards.get(asset_id), offers.get(asset_id)) for asset_id, number in named.items()}
    for number, pool in pools.items():
        free = set(await _still_free(uow, pool, first, last)) - chosen.keys()
        fitting = [each for each in sorted(free & offers.keys()) if is_lendable(cards[each])]
        if len(fitting) < pool.quantity:
            raise await _too_few(uow, pool, len(fitting), first, last)
        chosen |= {each: Chosen(number, cards[each], offers[each], is_any=True) for each in fitting[: pool.quantity]}
    return sorted(chosen.values(), key=lambda each: (each.item, each.card.id))


def _named(item: int, card: AssetFacts | None, offer: Row | None) -> Chosen:
    if card is None or offer is None:
        raise NotFound("listing.not_found")
    if not offer["is_open"]:
        raise StateConflict("listing.closed")
    if not is_lendable(card):
        raise StateConflict("borrowing.asset_not_lendable")
    return Chosen(item, card, offer, is_any=False)


def is_lendable(card: AssetFacts) -> bool:
    """Whether a card may be promised at all."""
    return not card.is_classified and card.frozen_reason is None and card.state not in _GONE


async def _offers(uow: UnitOfWork, actor: Actor, asset_ids: Sequence[str]) -> dict[str, Row]:
    """The cards' listings as the actor's unit sees them, the open one of each before a closed one."""
    prefixes = region_prefixes(actor.region_path)
    if not asset_ids or not prefixes:
        return {}
    rows = await uow.fetch_all(
        f"SELECT {_OFFER} FROM asset_listing WHERE asset_id IN ({', '.join('?' * len(asset_ids))})"
        f" AND reach_path IN ({', '.join('?' * len(prefixes))}) ORDER BY is_open, id",
        *asset_ids,
        *prefixes,
    )
    return {row["asset_id"]: row for row in rows}


class _Pool(msgspec.Struct, frozen=True):
    """The equal cards among which a line is chosen. `clause`: the condition on their listings `l`."""

    name: str
    quantity: int
    clause: str
    values: tuple[Any, ...]
    asset_ids: list[str] = []


async def _pool(uow: UnitOfWork, actor: Actor, offer: Row, quantity: int, first: date, last: date) -> _Pool:
    """The cards equal to the one looked at that are free now. Whoever locks one before us leaves us fewer."""
    prefixes = region_prefixes(actor.region_path)
    clause = (
        "l.alike_key = ? AND l.is_open = 1 AND l.longest_days >= ?"
        f" AND l.reach_path IN ({', '.join('?' * len(prefixes))})"
    )
    # What is lent for shorter than the one that was looked at does not stand in for it.
    shortest = min(offer["longest_days"], (last - first).days + 1)
    pool = _Pool(offer["name"], quantity, clause, (offer["alike_key"], shortest, *prefixes))
    return msgspec.structs.replace(pool, asset_ids=await _still_free(uow, pool, first, last))


async def _still_free(rows: RowSource, pool: _Pool, first: date, last: date) -> list[str]:
    # LIMIT keeps MariaDB from turning the look-up of a few rows into a join with the whole table.
    found = await rows.fetch_all(
        f"SELECT l.asset_id FROM asset_listing l WHERE {pool.clause} AND (SELECT d.day FROM asset_day d"
        " WHERE d.asset_id = l.asset_id AND d.day >= ? AND d.day <= ? LIMIT 1) IS NULL ORDER BY l.asset_id",
        *pool.values,
        to_day_number(first),
        to_day_number(last),
    )
    return [row["asset_id"] for row in found]


async def _too_few(uow: UnitOfWork, pool: _Pool, free: int, first: date, last: date) -> StateConflict:
    """The refusal that says how many are free on which day, so that fewer or another day can be asked for."""
    by_day = await _free_by_day(uow, pool, first, last)
    short = {day: count for day, count in by_day.items() if count < pool.quantity}
    tightest = min(by_day, key=lambda day: (by_day[day], day))
    if by_day[tightest] > free:
        reason = f"“{pool.name}”要 {pool.quantity} 件，每天都借得到的只有 {free} 件"
    else:
        reason = f"“{pool.name}”要 {pool.quantity} 件，{tightest} 只剩 {free} 件可借"
    return StateConflict(
        "asset.not_available",
        reason=reason,
        first_taken=next(iter(short), tightest),
        wanted=pool.quantity,
        free=free,
        free_by_day=short,
    )


async def _free_by_day(rows: RowSource, pool: _Pool, first: date, last: date) -> dict[str, int]:
    """How many of the pool's cards are promised to nobody, by ISO day."""
    total = await rows.fetch_one(f"SELECT COUNT(*) AS pieces FROM asset_listing l WHERE {pool.clause}", *pool.values)
    held = await rows.fetch_all(
        "SELECT d.day, COUNT(*) AS pieces FROM asset_listing l JOIN asset_day d ON d.asset_id = l.asset_id"
        f" WHERE {pool.clause} AND d.day BETWEEN ? AND ? GROUP BY d.day",
        *pool.values,
        to_day_number(first),
        to_day_number(last),
    )
    assert total is not None
    taken = {from_day_number(row["day"]): row["pieces"] for row in held}
    return {day.isoformat(): total["pieces"] - taken.get(day, 0) for day in days_between(first, last)}
