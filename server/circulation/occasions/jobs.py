"""What events and temporary bodies do by the clock: they remind of their end."""

import logging
from datetime import timedelta

from server.circulation.occasions.commands import follow_up_occasion
from server.kernel.actor import system_actor
from server.kernel.errors import DomainError, Unavailable
from server.kernel.instants import to_day_number
from server.kernel.reading import present_day, reading
from server.kernel.schedule import every

_log = logging.getLogger("server.circulation")
# Policies may ask for reminders up to 60 days ahead and after (policies.types.BorrowingPolicy).
_FURTHEST = timedelta(days=60)


@every(timedelta(minutes=10), "circulation.follow_up_occasions")
async def follow_up_occasions() -> None:
    """Send the reminders that are due of what ends soon or has just ended."""
    today = present_day()
    days = (to_day_number(today - _FURTHEST), to_day_number(today + _FURTHEST))
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id FROM occasion WHERE state = 'open' AND ends_on BETWEEN ? AND ? UNION"
            " SELECT id FROM unit WHERE kind = 'temporary_body' AND is_active = 1 AND ends_on BETWEEN ? AND ?"
            " AND lead_unit_id IS NOT NULL ORDER BY id",
            *days,
            *days,
        )
    for row in rows:
        try:
            await follow_up_occasion(system_actor("circulation"), row["id"])
        except Unavailable:
            raise
        except DomainError as error:
            _log.warning("follow_up_occasion of %s refused: %s", row["id"], error.code)
