"""From what was asked for to the very cards: a card by itself, or so many equal ones that are free all those days.

Every card that may be chosen is locked first, in the order of the ids; so what is counted as free stays free, and of
forty who want the last chairs each gets all or none. Where too few are free, promises of others that any equal piece
would keep make room (circulation.moving).
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec

from server.assets.ops import lock_asset, lock_assets
from server.assets.types import AssetFacts
from server.circulation.alike import root_of
from server.circulation.moving import Promise, Room, carry_out, lock_loans, room_on
from server.circulation.pieces import Kind, best_first, free_of, is_lendable, kind_of, pieces_of
from server.circulation.queries.board_sql import region_prefixes
from server.circulation.types import WantedLine
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.errors import NotFound, StateConflict
from server.kernel.instants import days_between, from_day_number, to_day_number
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

MOST_LINES = 50
MOST_PIECES = 500
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
    uow: UnitOfWork,
    actor: Actor,
    lines: Sequence[WantedLine],
    looked: Sequence[Row],
    first: date,
    last: date,
    *,
    may_move: bool,
) -> list[Chosen]:
    """The cards for all lines, locked; none is chosen twice, and a card that was asked for goes to who named it.

    `looked`: what `looked_at` gave. `may_move`: whether promises of others may make room; not for a caller who holds a
    loan, because theirs are locked here, in the order of the ids. Raises NotFound `listing.not_found`; StateConflict
    `listing.closed`, `borrowing.asset_not_lendable`, `asset.not_available` (with `wanted`, `free` and `free_by_day`)
    where too few equal ones are free.
    """
    named = {line.asset_id: number for number, line in enumerate(lines, start=1) if line.quantity is None}
    pools = {
        number: await _pool(uow, actor, offer, line.quantity, first, last)
        for number, (line, offer) in enumerate(zip(lines, looked, strict=True), start=1)
        if line.quantity is not None
    }
    room = await _room(uow, list(pools.values()), named, first, last) if may_move else Room()
    await lock_loans(uow, room.loans)
    free_now = {asset_id for pool in pools.values() for asset_id in pool.asset_ids}
    cards = {card.id: card for card in await lock_assets(uow, {*named, *free_now, *room.asset_ids})}
    offers = await _offers(uow, actor, list(cards))
    chosen = {asset_id: _named(number, cards.get(asset_id), offers.get(asset_id)) for asset_id, number in named.items()}
    able = {each: cards[each] for each in offers if is_lendable(cards[each])}
    for number, pool in pools.items():
        free = set(await free_of(uow, pool.kind, first, last)) - chosen.keys()
        fitting = await best_first(uow, [able[each] for each in free & able.keys()], first, last, await today(uow))
        if len(fitting) < pool.quantity:
            rest = {each: card for each, card in able.items() if each not in {*chosen, *fitting}}
            made = await _make_room(uow, pool, pool.quantity - len(fitting), room.loans, rest, first, last)
            if len(fitting) + len(made) < pool.quantity:
                raise await _too_few(uow, pool, len(fitting), first, last)
            fitting += made
        chosen |= {each: Chosen(number, cards[each], offers[each], is_any=True) for each in fitting[: pool.quantity]}
    return sorted(chosen.values(), key=lambda each: (each.item, each.card.id))


async def _room(uow: UnitOfWork, pools: Sequence["_Pool"], named: Collection[str], first: date, last: date) -> Room:
    """What may have to move for the pools of which too few are free: a look ahead, to know what to lock."""
    standing: dict[str, list[Promise]] = {}
    spare: dict[str, list[str]] = {}
    for pool in pools:
        free = set(pool.asset_ids)
        # Several lines may want equal ones, and some of these may be named.
        wanted = sum(each.quantity for each in pools if each.kind == pool.kind) + len(free & set(named))
        short = wanted - len(free)
        if short <= 0:
            continue
        room = await room_on(uow, set(await pieces_of(uow, pool.kind)) - free, first, last)
        if len(room.plan(short, free)) == short:
            standing |= room.standing
            spare |= room.spare
    return Room(standing, spare)


async def _make_room(
    uow: UnitOfWork,
    pool: "_Pool",
    short: int,
    loans: Collection[str],
    cards: Mapping[str, AssetFacts],
    first: date,
    last: date,
) -> list[str]:
    """So many more pieces of the pool, free now because others' promises went to equal ones; none where they do not
    suffice. `cards`: those that are locked and not taken by this application."""
    if not loans:
        return []
    taken = [each for each in await pieces_of(uow, pool.kind) if each in cards]
    moves = (await room_on(uow, taken, first, last, locked=(loans, cards))).plan(short)
    if len(moves) < short:
        return []
    await carry_out(uow, moves, cards)
    return list(moves)


def _named(item: int, card: AssetFacts | None, offer: Row | None) -> Chosen:
    if card is None or offer is None:
        raise NotFound("listing.not_found")
    if not offer["is_open"]:
        raise StateConflict("listing.closed")
    if not is_lendable(card):
        raise StateConflict("borrowing.asset_not_lendable")
    return Chosen(item, card, offer, is_any=False)


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
    """The equal cards among which a line is chosen. `asset_ids`: those that are free now."""

    name: str
    quantity: int
    kind: Kind
    asset_ids: list[str]


async def _pool(uow: UnitOfWork, actor: Actor, offer: Row, quantity: int, first: date, last: date) -> _Pool:
    """The cards equal to the one looked at that are free now. Whoever locks one before us leaves us fewer."""
    # What is lent for shorter than the one that was looked at does not stand in for it.
    kind = kind_of(offer["alike_key"], min(offer["longest_days"], (last - first).days + 1), actor.region_path)
    return _Pool(offer["name"], quantity, kind, await free_of(uow, kind, first, last))


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
    clause, values = pool.kind.clause, pool.kind.values
    total = await rows.fetch_one(f"SELECT COUNT(*) AS pieces FROM asset_listing l WHERE {clause}", *values)
    held = await rows.fetch_all(
        "SELECT d.day, COUNT(*) AS pieces FROM asset_listing l JOIN asset_day d ON d.asset_id = l.asset_id"
        f" WHERE {clause} AND d.day BETWEEN ? AND ? GROUP BY d.day",
        *values,
        to_day_number(first),
        to_day_number(last),
    )
    assert total is not None
    taken = {from_day_number(row["day"]): row["pieces"] for row in held}
    return {day.isoformat(): total["pieces"] - taken.get(day, 0) for day in days_between(first, last)}
