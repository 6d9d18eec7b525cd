"""Identifiers: 16 characters of Crockford base 32, ordered by time, made by us and not by the database.

48 bits of milliseconds and 32 bits that start at random each millisecond and count up within it, so one process
never makes the same id twice and two processes hardly ever do (the primary key would refuse it).
"""

import secrets
import threading
import time
from datetime import datetime

ID_LENGTH = 16
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TAIL_BITS = 32


class _Sequence:
    """The numbers of this process, each greater than the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._tail = 0

    def next(self) -> int:
        with self._lock:
            millisecond = max(time.time_ns() // 1_000_000, self._millisecond)
            if millisecond == self._millisecond:
                self._tail += 1
            else:
                # Half the range stays free, so that counting up within one millisecond cannot overflow.
                self._tail = secrets.randbits(_TAIL_BITS - 1)
            self._millisecond = millisecond
            return millisecond << _TAIL_BITS | self._tail


_sequence = _Sequence()


def new_id() -> str:
    """A new identifier; later ones from one process sort after earlier ones."""
    return _encode(_sequence.next())


def first_id_of(instant: datetime) -> str:
    """The least identifier that could have been made at `instant`: ids are ordered by time, so a day is a range."""
    return _encode(max(int(instant.timestamp() * 1000), 0) << _TAIL_BITS)


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an identifier (not whether such a thing exists)."""
    return len(text) == ID_LENGTH and all(letter in _ALPHABET for letter in text)


def _encode(number: int) -> str:
    letters = []
    for _ in range(ID_LENGTH):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(letters))
