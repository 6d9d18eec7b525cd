"""Keeps the web processes of `serve` alive: one listening socket, N child processes, a new one for each that dies.

Sanic does not restart a worker that was killed; compose or systemd restart only the whole. This does the part between.
A child that will not end after SIGTERM is waited for: compose and systemd kill the whole group when their time is up.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NamedTuple

from server.listening import listen

_log = logging.getLogger("server.supervisor")
_QUICK_DEATH_SECONDS = 2.0
_LEAST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
_LOOK_SECONDS = 0.05
SERVE_ONE = (sys.executable, "-m", "server", "serve-one")


class _Child(NamedTuple):
    process: subprocess.Popen[bytes]
    started: float


class Supervisor:
    """Runs `command` (it gets the number of the listening socket as its last word) `workers` times over one socket.

    The socket listens on `host`:`port` from the start, so that a client waits while a child is replaced.
    """

    def __init__(self, host: str, port: int, workers: int, command: Sequence[str] = SERVE_ONE) -> None:
        self._socket = listen(host, port)
        self._socket.set_inheritable(True)
        self._workers = workers
        self._command = command
        self._children: dict[int, _Child] = {}
        self._is_ending = False
        self._pause = _LEAST_PAUSE_SECONDS

    def run(self) -> int:
        """Until SIGTERM or SIGINT; then every child is asked to end and waited for."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._end)
        for _ in range(self._workers):
            self._start_child()
        while self._children:
            pid = _wait_for_a_dead_child()
            # Forgotten before it is reaped: `_end` may run between any two lines, and once reaped the pid is free for
            # a stranger, who must not get our SIGTERM.
            child = self._children.pop(pid, None)
            _, status = os.waitpid(pid, 0)
            if child is None:
                continue  # as a container's first process we are handed the orphans of others
            # Waited for here and not by Popen, which must know, or it would wait for a stranger with the same pid.
            child.process.returncode = os.waitstatus_to_exitcode(status)
            if not self._is_ending:
                _log.warning("web process %d ended with %d", pid, child.process.returncode)
                self._restart(child.started)
        return 0

    def _restart(self, started: float) -> None:
        # A child that dies at once would be started in a circle without end: the pause grows until one lives.
        is_quick = time.monotonic() - started < _QUICK_DEATH_SECONDS
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS) if is_quick else _LEAST_PAUSE_SECONDS
        until = time.monotonic() + self._pause
        # In small steps: Python takes up a sleep again after a signal, and an end must not wait for it.
        while not self._is_ending and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        if not self._is_ending:
            self._start_child()

    def _start_child(self) -> None:
        handle = self._socket.fileno()
        process = subprocess.Popen([*self._command, str(handle)], pass_fds=(handle,))  # noqa: S603 - our own module
        self._children[process.pid] = _Child(process, time.monotonic())
        if self._is_ending:
            # The signal came while the child was being started, before `_end` could know of it.
            os.kill(process.pid, signal.SIGTERM)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._is_ending = True
        for pid in self._children:
            # Not Popen's send_signal: it reaps a child that has just died, and `run` would wait for it in vain.
            os.kill(pid, signal.SIGTERM)


def _wait_for_a_dead_child() -> int:
    """Wait until a child has died, and leave it to be reaped; its pid."""
    found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    assert found is not None  # None only with WNOHANG
    return found.si_pid
