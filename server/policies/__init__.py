"""Versioned policy tables per jurisdiction, and the working-day calendar."""

from server.kernel.messages import register_messages
from server.policies.messages import MESSAGES

register_messages(MESSAGES)
