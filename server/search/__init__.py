"""One index behind one interface: finds things by any part of their words, Chinese included, on both storages."""

from server.kernel.messages import register_messages
from server.search.messages import MESSAGES

register_messages(MESSAGES)
