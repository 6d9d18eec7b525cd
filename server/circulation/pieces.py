"""Equal pieces: which of them are free on all days, which may be promised, and which of several is taken first."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from server.assets.states import AT_HOME, AssetState
from server.assets.types import AssetFacts
from server.circulation.queries.board_sql import region_prefixes
from server.identity.types import RowSource
from server.kernel.instants import from_day_number, to_day_number

# On its way out or gone: no day of it can be promised any more. Lent or in repair it comes back.
_GONE = frozenset({AssetState.SCRAP_PROPOSED, AssetState.DISPOSAL, AssetState.DISPOSED, AssetState.LOST})
# What a renewal usually asks for: a promise with fewer free days beside it is soon in somebody's way.
_ROOM = 7
# A gap that is longer than this is as good as open.
_FAR = 60


class Kind(msgspec.Struct, frozen=True):
    """The pieces that can stand in for each other. `clause`: the condition on their listings `l`."""

    clause: str
    values: tuple[Any, ...]


def is_lendable(card: AssetFacts) -> bool:
    """Whether a card may be promised at all."""
    return not card.is_classified and card.frozen_reason is None and card.state not in _GONE


def kind_of(alike_key: str, shortest: int, region_path: str) -> Kind:
    """What is on the board for a region, has this key, and is lent for at least `shortest` days."""
    prefixes = region_prefixes(region_path)
    clause = (
        "l.alike_key = ? AND l.is_open = 1 AND l.longest_days >= ?"
        f" AND l.reach_path IN ({', '.join('?' * len(prefixes))})"
    )
    return Kind(clause, (alike_key, shortest, *prefixes))


async def pieces_of(rows: RowSource, kind: Kind) -> list[str]:
    """All pieces of a kind, free or not, by id."""
    found = await rows.fetch_all(
        f"SELECT l.asset_id FROM asset_listing l WHERE {kind.clause} ORDER BY l.asset_id", *kind.values
    )
    return [row["asset_id"] for row in found]


async def free_of(rows: RowSource, kind: Kind, first: date, last: date) -> list[str]:
    """The pieces of a kind of which no day from `first` to `last` is promised, by id."""
    # LIMIT keeps MariaDB from turning the look-up of a few rows into a join with the whole table.
    found = await rows.fetch_all(
        f"SELECT l.asset_id FROM asset_listing l WHERE {kind.clause} AND (SELECT d.day FROM asset_day d"
        " WHERE d.asset_id = l.asset_id AND d.day >= ? AND d.day <= ? LIMIT 1) IS NULL ORDER BY l.asset_id",
        *kind.values,
        to_day_number(first),
        to_day_number(last),
    )
    return [row["asset_id"] for row in found]


async def best_first(
    rows: RowSource, cards: Collection[AssetFacts], first: date, last: date, present: date
) -> list[str]:
    """Free equal pieces in the order in which they are taken for the days from `first` to `last`.

    First what is at home and has a week or more to the promises before and after: nobody's renewal runs into it soon.
    Of these the one with the shortest gap, so that whole months stay whole. Then what is out, or stands close to
    another promise: the one with the most room. Equal ones by id, so that the same is always chosen.
    """
    gaps = await _gaps(rows, [card.id for card in cards], first, last, present)

    def rank(card: AssetFacts) -> tuple[bool, int, str]:
        before, after = gaps.get(card.id, (_FAR, _FAR))
        is_tight = card.state not in AT_HOME or min(before, after) < _ROOM
        return is_tight, -min(before, after) if is_tight else before + after, card.id

    return [card.id for card in sorted(cards, key=rank)]


async def _gaps(
    rows: RowSource, asset_ids: Sequence[str], first: date, last: date, present: date
) -> dict[str, tuple[int, int]]:
    """The free days before `first` and after `last`, by piece. Use that is over leaves no gap: nobody renews it."""
    if not asset_ids:
        return {}
    far = timedelta(days=_FAR)
    found = await rows.fetch_all(
        "SELECT asset_id, MAX(CASE WHEN day < ? THEN day END) AS left_day, MIN(CASE WHEN day > ? THEN day END)"
        f" AS right_day FROM asset_day WHERE asset_id IN ({', '.join('?' * len(asset_ids))})"
        " AND day BETWEEN ? AND ? GROUP BY asset_id",
        to_day_number(first),
        to_day_number(last),
        *asset_ids,
        to_day_number(max(present, first - far)),
        to_day_number(last + far),
    )
    return {
        row["asset_id"]: (
            _FAR if row["left_day"] is None else (first - from_day_number(row["left_day"])).days - 1,
            _FAR if row["right_day"] is None else (from_day_number(row["right_day"]) - last).days - 1,
        )
        for row in found
    }
