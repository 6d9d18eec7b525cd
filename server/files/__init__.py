"""Pictures and documents: safe re-encoding of uploads, and the papers the product prints."""

from server.files.messages import MESSAGES

__all__ = ["MESSAGES"]
