"""Reusable approval chains: steps, tasks, one decide."""

from server.approvals.messages import MESSAGES
from server.kernel.messages import register_messages

register_messages(MESSAGES)
