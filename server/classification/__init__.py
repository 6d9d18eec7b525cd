"""The category tree and the rule by which asset codes and names are made."""

from server.classification.messages import MESSAGES
from server.kernel.messages import register_messages

register_messages(MESSAGES)
