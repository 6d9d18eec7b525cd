"""What a storage error means: try the whole command again, a taken key, or the storage being away."""

import sqlite3
from typing import Any

from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

# MariaDB: deadlock, lock wait timeout, record changed since read (snapshot isolation).
_TRY_AGAIN = {1213, 1205, 1020}
# Server gone away, lost connection, cannot connect, shutdown in progress, too many connections, no room on its disk.
_AWAY = {2006, 2013, 2003, 2002, 1053, 1040, 1927, 4031, 1021, 1114}
_NO_DISK = ("disk I/O error", "database or disk is full")
# Access denied (to the database, to the user), unknown database.
_REFUSED = {1044, 1045, 1049, 1698}
_DUPLICATE = 1062


def driver_code(error: BaseException) -> int | None:
    """The MariaDB error number inside an ORM or driver error; None where there is none."""
    inner: Any = error.args[0] if error.args else None
    if isinstance(inner, BaseException):
        inner = inner.args[0] if inner.args else None
    return inner if isinstance(inner, int) else None


def is_try_again(error: BaseException) -> bool:
    """Whether the same command may simply be run again from its start (it was rolled back)."""
    if not isinstance(error, OperationalError):
        return False
    return driver_code(error) in _TRY_AGAIN or "database is locked" in str(error)


def is_away(error: BaseException) -> bool:
    """Whether the storage itself does not answer."""
    if isinstance(error, DBConnectionError | ConnectionError | TimeoutError | EOFError):
        return True
    if isinstance(error, OperationalError) and driver_code(error) in _AWAY:
        return True
    # The driver reports a connection that broke between two packets as an interface error without a number; our own
    # translation puts it inside the ORM's error.
    inner = error.args[0] if error.args else None
    if "InterfaceError" in {type(error).__name__, type(inner).__name__}:
        return True
    return any(words in str(error) for words in _NO_DISK)


def is_refused(error: BaseException) -> bool:
    """Whether the storage answers but lets this user or database name not in."""
    return isinstance(error, OperationalError) and driver_code(error) in _REFUSED


def is_no_database(error: BaseException) -> bool:
    """Whether the embedded storage's file is not a database, or a broken one."""
    return isinstance(error, sqlite3.DatabaseError | OperationalError) and any(
        words in str(error) for words in ("file is not a database", "database disk image is malformed")
    )


def is_duplicate(error: BaseException) -> bool:
    """Whether a primary or unique key was taken already."""
    if not isinstance(error, IntegrityError):
        return False
    inner = error.args[0] if error.args else None
    if isinstance(inner, sqlite3.IntegrityError):
        return "UNIQUE constraint failed" in str(inner)
    return driver_code(error) == _DUPLICATE
