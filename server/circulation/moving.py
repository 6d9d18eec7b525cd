"""Making room: promises of others that any equal piece would keep go to another one, so that this one is free.

Only what asked for any such thing, by the day, moves, and only while its loan is submitted or approved: once it is
ready, or partly out, the very piece is set aside. So nothing that names the piece can be bound to it yet: accessories
are ticked off and both sides sign when it goes out, and a collection is chosen for the loan. Approvals were planned for
what it is worth, so that it never goes to a dearer piece. One level only: it goes to a piece that is free already.

The locks are taken in the house's order, at once for all that may be touched: the loans, then the cards.
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec

from server.assets.types import AssetFacts
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.days import give_back_days, take_days
from server.circulation.meeting_place import where_all_are
from server.circulation.models import Borrowing, BorrowingEvent, BorrowingLine
from server.circulation.pieces import best_first, free_of, is_lendable, kind_of
from server.circulation.progress import change
from server.identity.ops import unit_facts
from server.identity.types import RowSource
from server.kernel.clock import today
from server.kernel.errors import StateConflict
from server.kernel.instants import from_day_number, to_day_number
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

# Whose loan made room for whose is nobody's business: in the history of the one that moved it was the product.
_BY_ITSELF = "系统"


class Promise(msgspec.Struct, frozen=True):
    """One piece promised to one line of a loan, which an equal piece would keep as well."""

    line_id: str
    borrowing_id: str
    asset_id: str
    asset_code: str
    alike_key: str
    value_fen: int
    borrower_unit_id: str
    first: date
    last: date

    def overlaps(self, first: date, last: date) -> bool:
        """Whether it holds any of these days."""
        return self.first <= last and first <= self.last


Moves = dict[str, list[tuple[Promise, str]]]


class Room(msgspec.Struct, frozen=True):
    """What stands on the wanted pieces where all of it may move, by piece; and where each promise could go."""

    standing: dict[str, list[Promise]] = {}
    spare: dict[str, list[str]] = {}

    @property
    def loans(self) -> set[str]:
        """The loans whose promises may move."""
        return {promise.borrowing_id for promises in self.standing.values() for promise in promises}

    @property
    def asset_ids(self) -> set[str]:
        """The pieces from which, and to which, anything may move."""
        return {*self.standing, *(each for spare in self.spare.values() for each in spare)}

    def plan(self, most: int, kept: Collection[str] = ()) -> Moves:
        """What moves where, by the piece that it leaves free, up to `most` of these. Nothing goes to what is `kept`."""
        moves: Moves = {}
        given: dict[str, list[Promise]] = {}
        for asset_id, promises in sorted(self.standing.items()):
            if len(moves) == most:
                break
            if asset_id in given:
                continue
            barred = {*kept, *moves, asset_id}
            found = [(promise, self._place(promise, barred, given)) for promise in promises]
            # Promises of one piece share no day, so that one does not take another's place.
            if all(place for _, place in found):
                moves[asset_id] = [(promise, place) for promise, place in found if place]
                for promise, place in moves[asset_id]:
                    given.setdefault(place, []).append(promise)
        return moves

    def _place(self, promise: Promise, barred: Collection[str], given: Mapping[str, list[Promise]]) -> str:
        return next(
            (
                each
                for each in self.spare[promise.line_id]
                if each not in barred and not any(promise.overlaps(it.first, it.last) for it in given.get(each, ()))
            ),
            "",
        )


async def room_on(
    uow: UnitOfWork,
    asset_ids: Collection[str],
    first: date,
    last: date,
    *,
    locked: tuple[Collection[str], Mapping[str, AssetFacts]] | None = None,
) -> Room:
    """What could be moved so that the pieces are free from `first` to `last`. `locked`: the loans and the cards that
    are; without them it is a look ahead, to know what to lock."""
    found: dict[str, list[Promise]] = {}
    for promise in await _promises_on(uow, asset_ids, first, last):
        if locked is None or promise.borrowing_id in locked[0]:
            found.setdefault(promise.asset_id, []).append(promise)
    holders = await _holders(uow, list(found), first, last)
    standing = {
        asset_id: promises
        for asset_id, promises in found.items()
        if {promise.borrowing_id for promise in promises} == holders.get(asset_id)
    }
    moving = [promise for promises in standing.values() for promise in promises]
    return Room(standing, await _spare(uow, moving, None if locked is None else locked[1]))


async def lock_loans(uow: UnitOfWork, loans: Collection[str]) -> None:
    """Hold the loans that may move something, before the cards. Whoever changes a line holds its loan, so that the
    lines need no locks of their own."""
    if loans:
        await uow.lock_all(Borrowing, loans)


async def carry_out(uow: UnitOfWork, moves: Moves, cards: Mapping[str, AssetFacts]) -> None:
    """Move what was planned, under the locks of the loans and the cards. StateConflict
    `record.changed`."""
    steps = [step for each in moves.values() for step in each]
    for promise, place in steps:
        await _move(uow, promise, cards[place])
    for borrowing_id in sorted({promise.borrowing_id for promise, _ in steps}):
        await _tell(uow, borrowing_id, [step for step in steps if step[0].borrowing_id == borrowing_id], cards)


async def _move(uow: UnitOfWork, promise: Promise, card: AssetFacts) -> None:
    await give_back_days(uow, promise.borrowing_id, promise.asset_id, promise.first, promise.last)
    await take_days(uow, [card.id], promise.borrowing_id, promise.first, promise.last)
    await uow.change_one(
        BorrowingLine,
        {"id": promise.line_id, "asset_id": promise.asset_id, "issued_at": None, "released_at": None},
        otherwise=StateConflict("record.changed"),
        asset_id=card.id,
        asset_code=card.code,
        asset_name=card.name,
        value_fen=card.value_fen,
    )
    uow.publish_after_commit(BOARD_CHANNEL, promise.asset_id)
    uow.publish_after_commit(BOARD_CHANNEL, card.id)


async def _tell(
    uow: UnitOfWork, borrowing_id: str, steps: Sequence[tuple[Promise, str]], cards: Mapping[str, AssetFacts]
) -> None:
    """Write a loan's moves into its history and the audit; it is collected where its pieces stand now."""
    borrowing = await uow.find(Borrowing, id=borrowing_id)
    assert borrowing is not None
    await change(uow, borrowing, **(await where_all_are(uow, borrowing_id) or {}))
    for promise, place in steps:
        event = BorrowingEvent(
            borrowing_id=borrowing_id,
            kind="moved",
            at=await uow.now(),
            actor_name=_BY_ITSELF,
            note=f"{promise.asset_code} 改为同款 {cards[place].code}",
        )
        await uow.add(event)
    await uow.record(
        "borrowing.move_promise",
        "borrowing",
        borrowing_id,
        number=borrowing.number,
        before=[promise.asset_code for promise, _ in steps],
        after=[cards[place].code for _, place in steps],
    )


async def _promises_on(rows: RowSource, asset_ids: Collection[str], first: date, last: date) -> list[Promise]:
    """The promises on these pieces that hold any of the days and may move."""
    if not asset_ids:
        return []
    found = await rows.fetch_all(
        "SELECT l.id AS line_id, l.borrowing_id, l.asset_id, l.asset_code, l.alike_key, l.value_fen,"
        " b.borrower_unit_id, b.from_day, b.to_day FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        f" WHERE l.asset_id IN ({', '.join('?' * len(asset_ids))}) AND l.alike_key <> '' AND l.issued_at IS NULL"
        " AND l.released_at IS NULL AND b.state IN ('submitted', 'approved') AND b.ends_at IS NULL"
        " AND b.from_day <= ? AND b.to_day >= ? ORDER BY l.asset_id, b.from_day, l.id",
        *sorted(asset_ids),
        to_day_number(last),
        to_day_number(first),
    )
    return [
        Promise(**row, first=from_day_number(begin), last=from_day_number(end))
        for row, begin, end in ((row, row.pop("from_day"), row.pop("to_day")) for row in found)
    ]


async def _holders(rows: RowSource, asset_ids: Collection[str], first: date, last: date) -> dict[str, set[str]]:
    """Who holds any of the days, by piece; an empty name stands for whoever holds hours of them."""
    holders: dict[str, set[str]] = {}
    for row in await _held(rows, asset_ids, first, last):
        holders.setdefault(row["asset_id"], set()).add(row["borrowing_id"])
    return holders


async def first_held(rows: RowSource, asset_ids: Collection[str], first: date, last: date) -> dict[str, date]:
    """The first of the days that is promised, of each piece of which one is."""
    held: dict[str, int] = {}
    for row in await _held(rows, asset_ids, first, last):
        held[row["asset_id"]] = min(row["first_day"], held.get(row["asset_id"], row["first_day"]))
    return {asset_id: from_day_number(day) for asset_id, day in held.items()}


async def _held(rows: RowSource, asset_ids: Collection[str], first: date, last: date) -> list[Row]:
    if not asset_ids:
        return []
    return await rows.fetch_all(
        "SELECT asset_id, borrowing_id, MIN(day) AS first_day FROM asset_day"
        f" WHERE asset_id IN ({', '.join('?' * len(asset_ids))}) AND day BETWEEN ? AND ?"
        " GROUP BY asset_id, borrowing_id",
        *sorted(asset_ids),
        to_day_number(first),
        to_day_number(last),
    )


async def _spare(
    uow: UnitOfWork, promises: Sequence[Promise], cards: Mapping[str, AssetFacts] | None
) -> dict[str, list[str]]:
    """Where each promise could go: equal pieces on the board of its borrower's region, free on all its days."""
    spare: dict[str, list[str]] = {}
    of_loan: dict[tuple[str, str], list[str]] = {}
    for promise in promises:
        group = promise.borrowing_id, promise.alike_key
        if group not in of_loan:
            of_loan[group] = await _free_for(uow, promise, cards)
        spare[promise.line_id] = [
            each for each in of_loan[group] if cards is None or cards[each].value_fen <= promise.value_fen
        ]
    return spare


async def _free_for(uow: UnitOfWork, promise: Promise, cards: Mapping[str, AssetFacts] | None) -> list[str]:
    borrower = await unit_facts(uow, promise.borrower_unit_id)
    kind = kind_of(promise.alike_key, (promise.last - promise.first).days + 1, borrower.region_path)
    free = await free_of(uow, kind, promise.first, promise.last)
    if cards is None:
        return free
    able = [cards[each] for each in free if each in cards and is_lendable(cards[each])]
    return await best_first(uow, able, promise.first, promise.last, await today(uow))
