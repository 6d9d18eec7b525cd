"""Password hashes: Argon2id with the parameters of RFC 9106, computed in threads, never inside a unit of work.

One hash takes tens of milliseconds and 64 MiB; inside a transaction it would hold the one SQLite writer.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.identity.checks import FieldChecks

T = TypeVar("T")
# Two at a time: a flood of logins waits in line instead of taking 64 MiB each.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class _Hashing:
    """The parameters in force, and a hash of nobody's password for names that nobody has."""

    def __init__(self, parameters: Parameters) -> None:
        self.hasher = PasswordHasher.from_parameters(parameters)
        self.nobody = self.hasher.hash(secrets.token_hex(16))


_current: list[_Hashing] = []


def use_parameters(parameters: Parameters) -> None:
    """Hash with other parameters from now on; older hashes are renewed at their next login."""
    _current[:] = [_Hashing(parameters)]


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await _in_thread(lambda: _hashing().hasher.hash(password))


async def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the stored one. Without a stored hash the same work is done, and the answer is no."""
    return await _in_thread(lambda: _verify(stored, password))


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those in force."""
    return _hashing().hasher.check_needs_rehash(stored)


def check_password(checks: FieldChecks, field: str, password: str, least: int) -> None:
    """Length before everything (NIST SP 800-63B 3.1.1): at least `least`, at most 128 characters."""
    checks.text(field, password, 128, least=least)


def make_temporary_password() -> str:
    """A password to be told over the phone: 12 characters that are not mistaken for each other (59 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def _hashing() -> _Hashing:
    if not _current:
        use_parameters(RFC_9106_LOW_MEMORY)
    return _current[0]


def _verify(stored: str | None, password: str) -> bool:
    hashing = _hashing()
    try:
        hashing.hasher.verify(stored or hashing.nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
