"""Idle listings, and borrowing: apply, approve, issue, return, inspect."""

from server.circulation.messages import MESSAGES
from server.kernel.messages import register_messages

register_messages(MESSAGES)
