"""Messages to people: the inbox."""

from server.kernel.messages import register_messages
from server.notices.messages import MESSAGES

register_messages(MESSAGES)
