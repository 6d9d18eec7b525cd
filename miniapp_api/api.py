"""The door itself: every subject's module hangs its routes here."""

from server.web.api import Api

PREFIX = "/mini/v1"
api = Api("mini", PREFIX)
