"""Throws away sessions, invitations and counted failures that nobody needs any more, and lets latecomers follow units
that were changed while they were being written."""

from datetime import timedelta
from typing import Any

from server.identity.following import ChangeKind, follow_change, follow_late
from server.identity.models import Unit, UnitChange
from server.identity.reorganisation import LATE, reorganisation_again
from server.kernel.actor import Actor, system_actor
from server.kernel.command import command
from server.kernel.instants import to_microseconds
from server.kernel.outbox import on_event
from server.kernel.schedule import every
from server.kernel.unit_of_work import UnitOfWork

_NAME = "identity.purge"
# The audit keeps who logged in when; these rows only help with questions of the last weeks.
_KEPT = timedelta(days=30)
# The longest delay is far shorter; a day without failures makes a new start.
_FAILURES_KEPT = timedelta(days=1)


@every(timedelta(hours=1), _NAME)
async def purge() -> None:
    """Run the purge."""
    await purge_old_rows(system_actor(_NAME))


@command(_NAME, is_audited=False)
async def purge_old_rows(uow: UnitOfWork, actor: Actor) -> int:
    """Delete what ended or expired more than 30 days ago; the number of rows."""
    now = await uow.now()
    before = to_microseconds(now - _KEPT)
    gone = await uow.execute("DELETE FROM session WHERE expires_at < ? OR ended_at < ?", before, before)
    gone += await uow.execute("DELETE FROM invitation WHERE expires_at < ? OR used_at < ?", before, before)
    gone += await uow.execute("DELETE FROM login_failure WHERE failed_at < ?", to_microseconds(now - _FAILURES_KEPT))
    return gone


@on_event(LATE, "identity.follow_late")
async def follow_again(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Whatever was written for a unit by a command that began before the change and ended after it follows too.

    Only while the units are as the change left them: what was changed again since follows that change.
    """
    row = await uow.find(UnitChange, id=payload["change_id"], state="done")
    if row is None:
        return
    units = {unit.id: unit for unit in await uow.lock_all(Unit, [row.from_unit_id, row.to_unit_id])}
    change = reorganisation_again(row, units[row.from_unit_id], units[row.to_unit_id])
    if change is None:
        return
    follow = follow_late if change.kind is ChangeKind.RENAME else follow_change
    if late := await follow(uow, change):
        await uow.record("unit_change.followed", "unit", row.from_unit_id, change_id=row.id, rows=late)
