"""Which of the loans that are out need something today: the job looks at thousands and works on a few."""

from datetime import timedelta

from server.circulation.reminders import due_reminder
from server.identity.types import RowSource
from server.kernel.instants import from_day_number, from_microseconds, shanghai_day, to_day_number, to_microseconds
from server.kernel.reading import present, present_day, reading
from server.kernel.storage.database import Row
from server.policies.queries import borrowing_policy, policy_by_id

# Policies may ask for reminders up to 60 days ahead (policies.types.BorrowingPolicy).
_EARLIEST_REMINDER = timedelta(days=60)


async def loans_to_follow_up() -> list[str]:
    """Ids of the loans that are late, or whose next reminder is due, the longest due first."""
    today, now = present_day(), to_microseconds(present())
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id, to_day, ends_at, is_overdue, issued_at, reminded, policy_version_id FROM borrowing"
            " WHERE state = 'issued' AND to_day <= ? ORDER BY to_day, id",
            to_day_number(today + _EARLIEST_REMINDER),
        )
        steps = await _steps(db, rows)
    due = []
    for row in rows:
        to_day, issued_on = from_day_number(row["to_day"]), shanghai_day(from_microseconds(row["issued_at"]))
        reminder = due_reminder(steps[row["policy_version_id"]], to_day, issued_on, row["reminded"], today)
        is_past_its_hour = row["ends_at"] is not None and row["ends_at"] <= now and not row["is_overdue"]
        if to_day < today or is_past_its_hour or reminder is not None:
            due.append(row["id"])
    return due


async def _steps(rows: RowSource, loans: list[Row]) -> dict[str, tuple[int, ...]]:
    versions = sorted({loan["policy_version_id"] for loan in loans})
    return {each: borrowing_policy(await policy_by_id(rows, each)).reminder_days for each in versions}
