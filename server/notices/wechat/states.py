"""How far a message to somebody's WeChat has come."""

from enum import StrEnum


class MessageState(StrEnum):
    """Stored words; everything but the first two is final."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    """WeChat says that the person does not want it, or is nobody."""
    UNKNOWN = "unknown"
    """It went out and nobody heard what came of it. It is not sent again: the inbox has it in any case."""
    FAILED = "failed"
    """WeChat did not take it, however often it was tried, or does not like its text."""
    DROPPED = "dropped"
    """Nothing was sent: no consent was left, nobody is bound, or it came too late to be of use."""
