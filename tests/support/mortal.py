"""The product with a mortal wound: `python -m tests.support.mortal serve` dies by its own hand where a test says.

The file named by POINT_FILE holds one point of a person's unit of work: `step N` before its Nth write, `commit` before
the commit, `committed` after it and before anything was answered or told to others; or `<name> N` after the Nth commit
of a scheduled job, or of the outbox `relay`. The file goes as the process does, so that one process dies once. Nothing
of this is in the product.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from server.cli import main
from server.kernel.actor import ActorKind
from server.kernel.unit_of_work import UnitOfWork
from server.settings import Settings
from server.supervisor import Supervisor

_POINT = Path(os.environ["POINT_FILE"])
_steps: dict[int, int] = {}
_commits: Counter[str] = Counter()


def _come_to(uow: UnitOfWork, point: str) -> None:
    if uow.actor.kind is ActorKind.PERSON:
        _die_at(point)
    elif point == "committed":
        name = "relay" if uow.actor.person_name.startswith("outbox.") else uow.actor.person_name
        _commits[name] += 1
        _die_at(f"{name} {_commits[name]}")


def _die_at(point: str) -> None:
    try:
        if _POINT.read_text() != point:
            return
        _POINT.unlink()  # of two that come at once, one finds it
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _counted(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def counted(uow: UnitOfWork, *args: Any, **values: Any) -> Any:
        # A command's writes are told apart by its unit of work, which lives until its commit.
        step = _steps[id(uow)] = _steps.get(id(uow), 0) + 1
        _come_to(uow, f"step {step}")
        return await write(uow, *args, **values)

    return counted


def _wound() -> None:
    for name in ("add", "change", "execute"):
        setattr(UnitOfWork, name, _counted(getattr(UnitOfWork, name)))
    begin = UnitOfWork.__init__

    def begin_anew(uow: UnitOfWork, runtime: Any, transaction: Any, actor: Any) -> None:
        begin(uow, runtime, transaction, actor)
        _steps.pop(id(uow), None)
        whole = transaction.commit

        async def commit_and_die() -> None:
            _come_to(uow, "commit")
            await whole()
            _come_to(uow, "committed")

        transaction.commit = commit_and_die

    UnitOfWork.__init__ = begin_anew  # type: ignore[assignment,method-assign]


def _serve() -> int:
    settings = Settings.from_environment()
    if settings.workers == 1:
        return main(["serve"])
    me = (sys.executable, "-m", "tests.support.mortal", "serve-one")
    return Supervisor(settings.host, settings.port, settings.workers, me).run()


if __name__ == "__main__":
    _wound()
    sys.exit(_serve() if sys.argv[1] == "serve" else main(sys.argv[1:]))
