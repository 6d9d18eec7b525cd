"""What people do about lost and damaged things."""

from server.circulation.losses.compensation import decide_loss, record_payment, waive_loss
from server.circulation.losses.refunding import refund_loss
from server.circulation.losses.reporting import report_found, report_loss
from server.circulation.losses.writing_off import ask_write_off

__all__ = [
    "ask_write_off",
    "decide_loss",
    "record_payment",
    "refund_loss",
    "report_found",
    "report_loss",
    "waive_loss",
]
