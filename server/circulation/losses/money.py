"""What is still owed for a case, and what of the money stayed with the holder: said here once for every page."""

from server.circulation.losses.states import LossState
from server.kernel.storage.database import Row


def left_fen(row: Row) -> int:
    """What is decided and neither paid nor waived. Once the thing is found nothing is owed any more."""
    if row["state"] == LossState.FOUND:
        return 0
    left: int = row["amount_fen"] - row["paid_fen"] - row["waived_fen"]
    return left


def lapsed_fen(row: Row) -> int:
    """What was still owed when the thing was found, and is not asked for any more."""
    if row["state"] != LossState.FOUND:
        return 0
    lapsed: int = row["amount_fen"] - row["paid_fen"] - row["waived_fen"]
    return lapsed


def kept_fen(row: Row) -> int:
    """What was paid and not paid back."""
    kept: int = row["paid_fen"] - row["refunded_fen"]
    return kept
