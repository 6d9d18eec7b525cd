"""What is held about a person over all domains, and what of it goes when it may (个人信息保护法 44 to 47).

Identity knows no loans and no cards: each domain describes its own in its `personal_data.py`, says why it keeps it, and
erases what need not be kept.
"""

from collections.abc import Awaitable, Callable

import msgspec

from server.identity.types import RowSource
from server.kernel.unit_of_work import UnitOfWork


class PersonalRecord(msgspec.Struct, frozen=True):
    """One kind of information about a person. `content`: the value itself, or what the `number` records are.

    `basis`: the purpose, and the law by which it is kept. `is_kept`: it must be kept, so the person's name must too.
    """

    label: str
    content: str
    number: int
    basis: str
    is_kept: bool = False


# describer(rows, person_id): what the domain holds; kinds of which there is nothing are left out.
Describer = Callable[[RowSource, str], Awaitable[list[PersonalRecord]]]
# eraser(uow, person_id): erase what need not be kept; returns how many things went.
Eraser = Callable[[UnitOfWork, str], Awaitable[int]]
_describers: dict[str, Describer] = {}
_erasers: dict[str, Eraser] = {}


def register_personal_data(name: str, describer: Describer, eraser: Eraser | None = None) -> None:
    """Let a domain say what it holds about a person, and erase what it may."""
    _describers[name] = describer
    if eraser is not None:
        _erasers[name] = eraser


async def describe(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Everything that is held about a person, the account itself first."""
    names = sorted(_describers, key=lambda name: (name != "identity", name))
    return [record for name in names for record in await _describers[name](rows, person_id)]


async def erase(uow: UnitOfWork, person_id: str) -> int:
    """Let every domain erase what it may; the number of things that went."""
    return sum([await eraser(uow, person_id) for eraser in _erasers.values()])


async def counted(
    rows: RowSource, label: str, basis: str, sql: str, *values: object, content: str = "", is_kept: bool = False
) -> list[PersonalRecord]:
    """One record of so many rows as `sql` counts (AS number); none where there are none."""
    row = await rows.fetch_one(sql, *values)
    if row is None or not row["number"]:
        return []
    return [PersonalRecord(label, content or f"{row['number']} 条记录", row["number"], basis, is_kept)]
