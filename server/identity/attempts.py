"""Growing delays after failures: 1, 2, 4 … seconds up to the limit, per thing that is guessed at.

Kept by a keyed hash of that thing, whether or not it exists: an unknown name is delayed like a known one.
"""

from datetime import timedelta
from typing import NamedTuple

from tortoise.exceptions import IntegrityError

from server.identity.limits import SecurityLimits
from server.identity.models import LoginFailure
from server.identity.types import RowSource
from server.kernel.errors import LimitReached
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.reading import present
from server.kernel.runtime import current_runtime
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork


class Target(NamedTuple):
    """What is guessed at. `kind`: login, totp or invitation; `id`: its keyed hash."""

    kind: str
    id: str

    @classmethod
    def of(cls, kind: str, what: str) -> "Target":
        """The target of a login name, a person's second factor or an openid."""
        return cls(kind, current_runtime().cipher.blind_index(f"attempt.{kind}", what))


async def refuse_while_locked(rows: RowSource, target: Target) -> None:
    """Raise LimitReached `login.too_often` (retry_after: seconds) while the last failure's delay lasts."""
    row = await rows.fetch_one("SELECT locked_until FROM login_failure WHERE id = ?", target.id)
    instant = await rows.now() if isinstance(rows, UnitOfWork) else present()
    if row is not None and row["locked_until"] > to_microseconds(instant):
        wait = from_microseconds(row["locked_until"]) - instant
        raise LimitReached("login.too_often", retry_after=max(1, round(wait.total_seconds())))


async def hold(uow: UnitOfWork, target: Target) -> None:
    """Let attempts at one target through one by one, and raise `login.too_often` for those that come too early."""
    await _ensure_row(uow, target)
    await refuse_while_locked(uow, target)


async def note_failure(uow: UnitOfWork, target: Target, limits: SecurityLimits) -> int:
    """Count one failure and start its delay; the number of failures in a row. Leave by `uow.refuse`, or it is lost."""
    await _ensure_row(uow, target)
    row = await uow.fetch_one("SELECT failures FROM login_failure WHERE id = ?", target.id)
    assert row is not None
    failures = int(row["failures"]) + 1
    delay = min(2 ** min(failures - 1, 20), limits.longest_login_delay_seconds)
    now = await uow.now()
    until = now + timedelta(seconds=delay)
    await uow.change(LoginFailure, {"id": target.id}, failures=failures, locked_until=until, failed_at=now)
    return failures


async def forget_failures(uow: UnitOfWork, target: Target) -> int:
    """Start counting anew: after a success, or when unlocked by hand."""
    return await uow.execute("DELETE FROM login_failure WHERE id = ?", target.id)


async def _ensure_row(uow: UnitOfWork, target: Target) -> None:
    """Make sure that there is a row, and hold it: an update that changes nothing still takes the row's lock."""
    if await _touch(uow, target):
        return
    now = await uow.now()
    try:
        await uow.add(LoginFailure(id=target.id, failures=0, locked_until=now, failed_at=now))
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        # Somebody else's first failure came in between; we waited for it, and hold its row now.
        await _touch(uow, target)


async def _touch(uow: UnitOfWork, target: Target) -> int:
    return await uow.execute("UPDATE login_failure SET failures = failures WHERE id = ?", target.id)
