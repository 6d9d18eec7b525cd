"""The product as it is deployed: in processes of its own, spoken to over real sockets."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.process import HOST, Server, forget_pid, free_port, record_pid
from tests.support.servers import exchange

ROOT = Path(__file__).resolve().parents[2]
MORTAL = "tests.support.mortal"


class Program(Server):
    """One command of the product's command line, with `environment` on top of this process's own.

    `module`: what `python -m` runs; MORTAL dies where a test tells it to.
    """

    name = "product"
    stop_seconds = 15.0

    def __init__(self, environment: Mapping[str, str], *arguments: str, module: str = "server") -> None:
        super().__init__()
        self.environment = {**environment, "PYTHONPATH": str(ROOT), "POINT_FILE": str(self.folder / "point")}
        self._line = [sys.executable, "-m", module, *arguments]

    def command(self) -> Sequence[str]:
        # `env` becomes the program itself, so the process id is the program's.
        return ["env", *(f"{name}={value}" for name, value in self.environment.items()), *self._line]

    def answers(self) -> bool:
        return True

    def children(self) -> list[int]:
        """The process ids of the web processes that it supervises; its own where it serves by itself."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sorted(int(pid) for pid in listed) or [self.pid]

    def kill9(self) -> None:
        """End the whole group: the supervisor's children too."""
        if self._process is not None:
            pid = self._process.pid
            _kill_group(pid)
            super().kill9()

    def stop(self) -> None:
        """End it in good order, and whoever of its group is left."""
        pid = None if self._process is None else self._process.pid
        super().stop()
        if pid is not None:
            _kill_group(pid)

    def die_at(self, point: str) -> None:
        """Let the first process that comes to `point` die there (see `tests.support.mortal`)."""
        (self.folder / "point").write_text(point)

    def has_died(self) -> bool:
        """Whether the point was come to."""
        return not (self.folder / "point").exists()


class Product(Program):
    """`serve`: two web processes over MariaDB, one over SQLite. `base_url` is where it answers."""

    start_seconds = 60.0

    def __init__(self, environment: Mapping[str, str], *, module: str = "server") -> None:
        port = free_port()
        workers = "2" if "DATABASE_URL" in environment else "1"
        mine = {"PORT": str(port), "WORKERS": workers, "REQUESTS_PER_MINUTE": "1000000"}
        super().__init__({**mine, **environment}, "serve", module=module)
        self.port = port

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def answers(self) -> bool:
        return b" 200 " in exchange(self.port, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")


class Worker(Program):
    """`worker`: the background loops of a product over MariaDB."""

    name = "worker"

    def __init__(self, environment: Mapping[str, str], *, module: str = "server") -> None:
        super().__init__(environment, "worker", module=module)


@contextmanager
def running(environment: Mapping[str, str], *, module: str = "server") -> Iterator[Product]:
    """The whole product as it is deployed: over MariaDB the jobs have a process of their own."""
    if "DATABASE_URL" not in environment:
        with Product(environment, module=module) as product, _telling(product):
            yield product
        return
    with Worker(environment), Product({**environment, "HAS_JOBS": "0"}, module=module) as product, _telling(product):
        yield product


@contextmanager
def _telling(product: Product) -> Iterator[None]:
    """Show what the product logged of errors where a test fails: its folder goes with it."""
    try:
        yield
    except BaseException:
        lines = product.log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(line for line in lines if '"level":"error"' in line)[-20_000:])
        raise


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Keep processes still: nothing that arrives meanwhile is theirs to take."""
    for pid in pids:
        record_pid(pid)
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
            forget_pid(pid)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
