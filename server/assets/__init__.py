"""Asset cards: ownership, custody, place, labels and an unbroken history."""

from server.assets.importing.messages import MESSAGES as IMPORTING_MESSAGES
from server.assets.messages import MESSAGES
from server.kernel.messages import register_messages

register_messages(MESSAGES)
register_messages(IMPORTING_MESSAGES)
