"""The world of the access matrix: every address with somebody who may use it."""

from tests.access.conftest import trial

__all__ = ["trial"]
