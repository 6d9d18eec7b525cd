"""The cases of lost and damaged things of one loan, for its own page."""

from server.circulation.losses.money import left_fen
from server.circulation.losses.states import KIND_NAMES, LOSS_STATE_NAMES
from server.circulation.types import LossRef
from server.identity.types import RowSource


async def losses_of(rows: RowSource, borrowing_id: str) -> list[LossRef]:
    """All cases of a borrowing, the oldest first, for a caller that has checked who may see it."""
    found = await rows.fetch_all("SELECT * FROM loss_case WHERE borrowing_id = ? ORDER BY id", borrowing_id)
    return [
        LossRef(
            id=row["id"],
            number=row["number"],
            asset_id=row["asset_id"],
            asset_name=row["asset_name"],
            kind_name=KIND_NAMES[row["kind"]],
            state=row["state"],
            state_name=LOSS_STATE_NAMES[row["state"]],
            amount_fen=None if row["decided_at"] is None else row["amount_fen"],
            left_fen=left_fen(row),
        )
        for row in found
    ]
