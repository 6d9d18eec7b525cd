"""The accessory checklist (配件清单) of a loan: what goes out with a thing is ticked off, and once more on return."""

from collections.abc import Mapping

from server.assets.ops import accessories_of
from server.circulation.checks import fault
from server.circulation.models import BorrowingLine, LineAccessory
from server.circulation.types import LineAccessoryView
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork


async def tick_out(uow: UnitOfWork, line: BorrowingLine, ticked: Mapping[str, int] | None) -> str:
    """Keep what goes out with a line's card; returns in words what of its list does not. `ticked` None: nothing is
    kept, for nobody looked.

    Raises InvalidInput (`accessories`: `borrowing.accessory_unknown`, `borrowing.accessory_count`).
    """
    if ticked is None:
        return ""
    parts = await accessories_of(uow, line.asset_id)
    _check(ticked, {part.name: part.pieces for part in parts})
    for position, part in enumerate(parts):
        kept = LineAccessory(
            borrowing_id=line.borrowing_id,
            line_id=line.id,
            position=position,
            name=part.name,
            pieces=part.pieces,
            issued=ticked.get(part.name, 0),
        )
        await uow.add(kept)
    return _words({part.name: part.pieces - ticked.get(part.name, 0) for part in parts})


async def tick_back(uow: UnitOfWork, line: BorrowingLine, ticked: Mapping[str, int] | None) -> str:
    """Keep what came back with a line's card, once; returns in words what did not, now or when it was ticked before.

    Raises as `tick_out`, and StateConflict `borrowing.accessories_ticked`.
    """
    parts = await uow.find_all(LineAccessory, line_id=line.id)
    if ticked is not None:
        _check(ticked, {part.name: part.issued for part in parts})
        for part in parts:
            await uow.change_one(
                LineAccessory,
                {"id": part.id, "returned": None},
                otherwise=StateConflict("borrowing.accessories_ticked"),
                returned=ticked.get(part.name, 0),
            )
            part.returned = ticked.get(part.name, 0)
    return _words({part.name: part.issued - part.returned for part in parts if part.returned is not None})


async def checklists_of(rows: RowSource, borrowing_id: str) -> dict[str, list[LineAccessoryView]]:
    """By line what went out with it and came back, for a caller that has checked who may see the borrowing."""
    found: dict[str, list[LineAccessoryView]] = {}
    for row in await rows.fetch_all(
        "SELECT * FROM line_accessory WHERE borrowing_id = ? ORDER BY line_id, position", borrowing_id
    ):
        found.setdefault(row["line_id"], []).append(_view(row))
    return found


def missing_of(parts: list[LineAccessoryView]) -> str:
    """What went out and did not come back, in words; empty where nothing is missing, or nobody has looked yet."""
    return _words({part.name: part.issued - part.returned for part in parts if part.returned is not None})


def _view(row: Row) -> LineAccessoryView:
    return LineAccessoryView(row["name"], row["pieces"], row["issued"], row["returned"])


def _check(ticked: Mapping[str, int], most: Mapping[str, int]) -> None:
    for name, pieces in ticked.items():
        if name not in most:
            raise fault("accessories", "borrowing.accessory_unknown", name=name[:40])
        if not 0 <= pieces <= most[name]:
            raise fault("accessories", "borrowing.accessory_count", name=name, limit=most[name])


def _words(lacking: Mapping[str, int]) -> str:
    return "、".join(f"{name} {pieces} 件" for name, pieces in lacking.items() if pieces)
