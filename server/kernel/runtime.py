"""What one process has opened: its storage, clock and ports. Installed once at start by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from server.kernel.clock import Clock
from server.kernel.crypto import FieldCipher
from server.kernel.ports.cache import Cache
from server.kernel.ports.pubsub import PubSub
from server.kernel.ports.rate_limit import RateLimiter
from server.kernel.storage.database import Database


@dataclass(slots=True)
class Runtime:
    """The opened resources that commands and queries use."""

    database: Database
    clock: Clock
    cache: Cache
    pubsub: PubSub
    rate_limiter: RateLimiter
    cipher: FieldCipher
    # Where the audit's anchors are written: a place that whoever can write the database cannot.
    anchor_file: Path
    public_url: str = ""
    command_seconds: float = 10.0
    read_seconds: float = 5.0
    # Called after a commit that left outbox rows, so that the relay need not wait for its next look.
    wake_relay: list[Callable[[], None]] = field(default_factory=list)


_installed: list[Runtime] = []


def install_runtime(runtime: Runtime) -> None:
    """Make `runtime` the one that this process uses (one storage per process)."""
    _installed[:] = [runtime]


def remove_runtime() -> None:
    """Forget the runtime, at the end of the process or of a test."""
    _installed.clear()


def current_runtime() -> Runtime:
    """The installed runtime; using the core before it was opened is a programming error."""
    if not _installed:
        raise RuntimeError("no runtime is installed")
    return _installed[0]
