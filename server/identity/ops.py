"""What upper domains need of identity inside their own unit of work."""

from collections.abc import Mapping

from server.identity.data_desk import PersonalRecord, counted, register_personal_data
from server.identity.following import (
    ChangeKind,
    Reorganisation,
    UnitColumns,
    UnitSide,
    follow,
    keep,
    on_unit_changed,
    own_clause,
    register_obstacles,
    use_places,
)
from server.identity.handover import register_handover, register_holding, register_shared_lock
from server.identity.queries.units import read_unit_facts
from server.identity.types import HeldItem, RowSource, UnitFacts
from server.identity.wechat import current_gateway, openid_of
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

__all__ = [
    "ChangeKind",
    "HeldItem",
    "PersonalRecord",
    "Reorganisation",
    "UnitColumns",
    "UnitSide",
    "counted",
    "current_gateway",
    "follow",
    "hold_units",
    "keep",
    "on_unit_changed",
    "openid_of",
    "own_clause",
    "register_handover",
    "register_holding",
    "register_obstacles",
    "register_personal_data",
    "register_shared_lock",
    "unit_facts",
    "use_places",
]


async def unit_facts(rows: RowSource, unit_id: str) -> UnitFacts:
    """The facts of a unit, whoever asks. Raises NotFound `record.not_found`."""
    facts = await read_unit_facts(rows, unit_id)
    if facts is None:
        raise NotFound("record.not_found")
    return facts


async def hold_units(uow: UnitOfWork, paths: Mapping[str, str]) -> None:
    """Let no unit of these (id → path as the caller read it) be merged, moved or closed before this unit of work has
    ended; others may hold them too.

    A shared lock, so it stands outside the lock order: only a reorganisation waits for it, and where the two wait for
    each other the storage ends one, which runs again. Raises StateConflict `unit.changed` where one is not as read.
    """
    lock = "" if uow.transaction.dialect == "sqlite" else " LOCK IN SHARE MODE"
    rows = await uow.fetch_all(
        f"SELECT id, path FROM unit WHERE is_active = 1 AND id IN ({', '.join('?' * len(paths))}) ORDER BY id{lock}",  # noqa: S608 - placeholders
        *sorted(paths),
    )
    if {row["id"]: row["path"] for row in rows} != dict(paths):
        raise StateConflict("unit.changed")
