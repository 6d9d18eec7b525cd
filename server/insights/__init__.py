"""Figures over what the other domains keep: read, never written."""

from server.insights.messages import MESSAGES
from server.kernel.messages import register_messages

register_messages(MESSAGES)
