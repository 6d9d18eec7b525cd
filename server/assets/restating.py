# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Many cards changed at once because a unit was: set by set instead of card by card, with the same history."""

from collections.abc import Sequence
from typing import Any

import msgspec

from server.identity.ops import Reorganisation
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.instants import to_microseconds
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork

AT_ONCE = 200
# Cards whose unit is called otherwise now: they are found by its name.
INDEX_AGAIN = "asset.index_again"


def marks(ids: Sequence[str]) -> str:
    """A placeholder for each."""
    return ", ".join("?" * len(ids))


async def relend(uow: UnitOfWork, asset_ids: Sequence[str], change: Reorganisation) -> None:
    """The things that are out with the old unit are out with the new one from now on."""
    for start in range(0, len(asset_ids), AT_ONCE):
        some = asset_ids[start : start + AT_ONCE]
        cards = await uow.fetch_all(
            f"SELECT id, lent_to_unit_id FROM asset_card WHERE lent_to_unit_id = ? AND id IN ({marks(some)})"
            f" ORDER BY id{'' if uow.transaction.dialect == 'sqlite' else ' FOR UPDATE'}",
            change.before.id,
            *some,
        )
        await restate(uow, change, cards, [{"lent_to_unit_id": change.after.id} for _ in cards])


async def restate(
    uow: UnitOfWork, change: Reorganisation, cards: Sequence[Row], changes: Sequence[dict[str, Any]]
) -> None:
    """Write what differs to cards that the caller holds (id and the columns of `changes`), and one event a card.

    Raises StateConflict `record.changed` where a card is gone.
    """
    for start in range(0, len(cards), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        await _write(uow, cards[part], changes[part])
        await _add_events(uow, change, cards[part], changes[part])


async def _write(uow: UnitOfWork, cards: Sequence[Row], changes: Sequence[dict[str, Any]]) -> None:
    # One statement for each set of cards that change alike: a merger is a few, however many cards there are.
    alike: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for card, after in zip(cards, changes, strict=True):
        alike.setdefault(tuple(sorted(after.items())), []).append(card["id"])
    for pairs, ids in alike.items():
        settings = ", ".join(f"{column} = ?" for column, _ in pairs)
        written = await uow.execute(
            f"UPDATE asset_card SET {settings}, version = version + 1 WHERE id IN ({marks(ids)})",
            *(value for _, value in pairs),
            *ids,
        )
        if written != len(ids):
            raise StateConflict("record.changed")


async def _add_events(
    uow: UnitOfWork, change: Reorganisation, cards: Sequence[Row], changes: Sequence[dict[str, Any]]
) -> None:
    actor, instant = uow.actor, to_microseconds(await uow.now())
    values: list[Any] = []
    for card, after in zip(cards, changes, strict=True):
        before = {column: card[column] for column in after}
        values += (new_id(), card["id"], "unit_changed", instant, actor.person_id, actor.person_name, actor.unit_id)
        values += (
            change.reason,
            change.document_no,
            msgspec.json.encode(before).decode(),
            msgspec.json.encode(after).decode(),
        )
    columns = "id, asset_id, kind, at, actor_id, actor_name, unit_id, reason, document_no"
    quote = '"' if uow.transaction.dialect == "sqlite" else "`"
    await uow.execute(
        f"INSERT INTO asset_event ({columns}, {quote}before{quote}, {quote}after{quote})"
        f" VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'] * len(cards))}",
        *values,
    )
