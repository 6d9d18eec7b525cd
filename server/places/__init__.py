"""Warehouses, zones, bins, sites and rooms: where things are."""

from server.kernel.messages import register_messages
from server.places.messages import MESSAGES

register_messages(MESSAGES)
