"""A server process that a test owns: started, stopped, killed, frozen and thawed by its own process id."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
POLL_SECONDS = 0.02
# Where the test run keeps one file for each server alive, so that a crashed worker's servers are ended too.
PID_FOLDER_VARIABLE = "TEST_PID_FOLDER"


class ServerFailed(RuntimeError):
    """The server ended or did not answer in time; the message ends with the tail of its log."""


class Server:
    """A program on 127.0.0.1 with a folder of its own. Subclasses say how to start it and when it is ready.

    The port stays the same through `restart` and `kill9` + `start`, as a client would find it after a crash.
    """

    name = "server"
    start_seconds = 60.0
    stop_seconds = 30.0

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"gwc-{self.name}-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        """The program and its arguments."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether a client would be served now."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Fill the folder before the first start; called before every start, so it looks first."""

    @property
    def pid(self) -> int:
        """The process id. Raises ServerFailed when the server is not running."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> Self:
        """Start and wait until it answers. Raises ServerFailed."""
        if self._process is not None:
            raise ServerFailed(f"{self.name} is running already")
        self.prepare()
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C at the terminal reaches the runner, which ends the servers in order.
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        record_pid(self._process.pid)
        try:
            self._await_answer()
        except BaseException:
            self.kill9()
            raise
        return self

    def _await_answer(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while not self.answers():
            if self._process is None or self._process.poll() is not None:
                raise ServerFailed(f"{self.name} ended while starting\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} did not answer in {self.start_seconds} s\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End it in good order; kill it when it does not end in time. Nothing happens when it is not running."""
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill9()
        self._forget()

    def end(self) -> int:
        """Ask it to end and return its exit code. Raises ServerFailed, and kills it, when it does not end in time."""
        process = self._process
        if process is None:
            raise ServerFailed(f"{self.name} is not running")
        self._signal(signal.SIGTERM)
        try:
            code = process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired as error:
            self.kill9()
            raise ServerFailed(f"{self.name} did not end within {self.stop_seconds} s") from error
        self._forget()
        return code

    def kill9(self) -> None:
        """End it as a power cut would: no flush, no farewell. The folder stays for `start`."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._forget()

    def restart(self) -> None:
        """Stop and start on the same folder and port."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log_tail(self, size: int = 4000) -> str:
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _forget(self) -> None:
        if self._process is not None:
            forget_pid(self._process.pid)
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        remove_tree(self.folder)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def remove_tree(folder: Path) -> None:
    """Remove a folder with all it holds; what has gone already is no error."""
    shutil.rmtree(folder, ignore_errors=True)


def record_pid(pid: int) -> None:
    if folder := os.environ.get(PID_FOLDER_VARIABLE):
        (Path(folder) / str(pid)).write_text(started_at(pid))


def forget_pid(pid: int) -> None:
    if folder := os.environ.get(PID_FOLDER_VARIABLE):
        (Path(folder) / str(pid)).unlink(missing_ok=True)


def started_at(pid: int) -> str:
    """The kernel's start time of a process: with the pid it names one process for ever. Empty when it has ended."""
    try:
        # Field 22, counted after the command's name, which may hold spaces and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def end_recorded(folder: Path) -> list[int]:
    """Kill every recorded server that is still alive (its worker crashed). Returns their process ids."""
    ended = []
    for record in folder.iterdir():
        pid, began = int(record.name), record.read_text()
        if began and started_at(pid) == began:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
            # Whom it started goes with it: a server leads a group of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        record.unlink(missing_ok=True)
    return ended
