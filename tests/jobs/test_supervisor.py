"""The supervisor of `serve`: a killed process is replaced, an end ends all, a broken start is not hammered."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.process import HOST, free_port
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import sys
from server.supervisor import Supervisor
port, workers, *command = sys.argv[1:]
raise SystemExit(Supervisor("127.0.0.1", int(port), int(workers), command).run())
"""
# The same, asked to end in the very moment after a dead child was reaped, whichever call reaps it.
ASKED_AS_IT_REAPS = """
import os, signal

def asked_behind(reap):
    def then_ask(*words):
        found = reap(*words)
        signal.raise_signal(signal.SIGTERM)
        return found
    return then_ask

os.wait, os.waitpid = asked_behind(os.wait), asked_behind(os.waitpid)
"""
# Stands in for a web process: leaves a file named by its pid and start time, then answers with its pid.
CHILD = """
import os, pathlib, socket, sys, time
folder, wish, handle = sys.argv[1:]
listening = socket.socket(fileno=int(handle))
(pathlib.Path(folder) / f"{time.monotonic_ns()}-{os.getpid()}").touch()
while wish == "serve":
    connection, _ = listening.accept()
    with connection:
        connection.sendall(str(os.getpid()).encode())
raise SystemExit(3)
"""


class Supervised:
    """A supervisor in a process of its own, over stand-ins that note their births in a folder."""

    def __init__(self, folder: Path, workers: int, wish: str, port: int = 0, script: str = SUPERVISOR) -> None:
        self.folder = folder
        self.port = port or free_port()
        folder.mkdir()
        child = [sys.executable, "-c", CHILD, str(folder), wish]
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(self.port), str(workers), *child], cwd=ROOT, start_new_session=True
        )

    def births(self) -> list[tuple[float, int]]:
        """When (monotonic seconds) and with which pid each child began, oldest first."""
        pairs = sorted(path.name.split("-") for path in self.folder.iterdir())
        return [(int(nanoseconds) / 1e9, int(pid)) for nanoseconds, pid in pairs]

    def pids(self) -> list[int]:
        return [pid for _, pid in self.births()]

    def ask(self) -> int:
        """The pid of the child that answers a new connection."""
        with socket.create_connection((HOST, self.port), timeout=10) as connection:
            return int(connection.recv(64))


@contextmanager
def supervised(folder: Path, workers: int = 2, wish: str = "serve", script: str = SUPERVISOR) -> Iterator[Supervised]:
    running = Supervised(folder, workers, wish, script=script)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()


def is_alive(pid: int) -> bool:
    """Whether it still runs; one that has ended and was not waited for (Z) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def kill(pid: int) -> None:
    """Kill, and wait until it can take no connection any more."""
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: not is_alive(pid))


async def test_new_process_answers_when_one_is_killed(tmp_path):
    with supervised(tmp_path / "births") as running:
        first = await eventually(lambda: running.pids() if len(running.births()) == 2 else None)
        await kill(first[0])
        pids = await eventually(lambda: running.pids() if len(running.births()) == 3 else None)
        assert pids[:2] == first
        await kill(first[1])
        # Whoever asks now is answered by one of the new ones, without being refused in between.
        assert running.ask() not in first
        assert running.process.poll() is None


async def test_client_waits_and_is_answered_when_the_only_process_is_killed(tmp_path):
    with supervised(tmp_path / "births", workers=1) as running:
        await eventually(lambda: len(running.births()) == 1)
        first = running.ask()
        await kill(first)
        assert running.ask() == running.pids()[1] != first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_every_process_ends_when_the_supervisor_is_asked_to(tmp_path, number):
    with supervised(tmp_path / "births", workers=3) as running:
        pids = await eventually(lambda: running.pids() if len(running.births()) == 3 else None)
        running.process.send_signal(number)
        assert running.process.wait(10) == 0
        assert not any(is_alive(pid) for pid in pids)
        assert len(running.births()) == 3
        with pytest.raises(ConnectionRefusedError):
            running.ask()


async def test_supervisor_ends_well_when_children_died_at_the_same_moment(tmp_path):
    with supervised(tmp_path / "births") as running:
        pids = await eventually(lambda: running.pids() if len(running.births()) == 2 else None)
        os.kill(running.process.pid, signal.SIGSTOP)
        for pid in pids:
            await kill(pid)
        running.process.send_signal(signal.SIGTERM)
        os.kill(running.process.pid, signal.SIGCONT)
        assert running.process.wait(10) == 0


async def test_supervisor_ends_well_when_asked_in_the_moment_a_dead_child_is_reaped(tmp_path):
    with supervised(tmp_path / "births", script=ASKED_AS_IT_REAPS + SUPERVISOR) as running:
        pids = await eventually(lambda: running.pids() if len(running.births()) == 2 else None)
        await kill(pids[0])
        assert running.process.wait(10) == 0
        assert not is_alive(pids[1])


async def test_pause_grows_when_children_die_at_once(tmp_path):
    with supervised(tmp_path / "births", workers=1, wish="die") as running:
        births = await eventually(lambda: running.births() if len(running.births()) == 4 else None)
        pauses = [later - earlier for (earlier, _), (later, _) in pairwise(births)]
        assert [pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.8), strict=True)] == [True] * 3
        # The next pause is 1.6 s; an end does not wait for it.
        await eventually(lambda: not is_alive(births[3][1]))
        asked = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
        assert time.monotonic() - asked < 1.2
        assert len(running.births()) == 4


async def test_start_is_refused_when_the_port_is_taken(tmp_path):
    with supervised(tmp_path / "births") as running:
        await eventually(lambda: len(running.births()) == 2)
        second = Supervised(tmp_path / "others", 1, "serve", running.port)
        assert second.process.wait(20) == 1
        assert second.births() == []
