"""The renewals of a borrowing, and one by its id."""

from server.approvals.queries import chain_view
from server.circulation.access import require_visible
from server.circulation.renewals import SUBJECT, renewal_state_name
from server.circulation.types import RenewalView
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.reading import reading
from server.kernel.storage.database import Row


async def renewals_of(rows: RowSource, borrowing_id: str) -> list[RenewalView]:
    """All renewals of a borrowing, the oldest first, for a caller that has checked who may see it."""
    found = await rows.fetch_all("SELECT * FROM borrowing_renewal WHERE borrowing_id = ? ORDER BY id", borrowing_id)
    return [await _view(rows, row) for row in found]


async def renewal_view(actor: Actor, renewal_id: str) -> RenewalView:
    """A renewal of a borrowing within the actor's sight; raises NotFound `renewal.not_found` for any other."""
    async with reading() as db:
        row = await db.fetch_one("SELECT * FROM borrowing_renewal WHERE id = ?", renewal_id)
        try:
            await require_visible(db, actor, "" if row is None else row["borrowing_id"])
        except NotFound as error:
            raise NotFound("renewal.not_found") from error
        assert row is not None
        return await _view(db, row)


async def _view(rows: RowSource, row: Row) -> RenewalView:
    decided_at, correct_by = row["decided_at"], row["correct_by"]
    return RenewalView(
        id=row["id"],
        borrowing_id=row["borrowing_id"],
        ordinal=row["ordinal"],
        from_day=from_day_number(row["from_day"]),
        to_day=from_day_number(row["to_day"]),
        reason=row["reason"],
        state=row["state"],
        state_name=renewal_state_name(row["state"], row["correct_by"]),
        applicant_name=row["applicant_name"],
        submitted_at=from_microseconds(row["submitted_at"]),
        decided_at=None if decided_at is None else from_microseconds(decided_at),
        chain=await chain_view(rows, SUBJECT, row["id"]),
        correct_by=None if correct_by is None else from_day_number(correct_by),
    )
