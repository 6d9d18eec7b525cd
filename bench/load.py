"""Servers to measure and the load on them. Floor and product are loaded in turn, so that both meet the same machine."""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.stage import SECONDS
from tests.support.servers import free_port

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")
ROUNDS = 3
_ROOT = Path(__file__).parent.parent


@contextmanager
def serving(arguments: Sequence[str], environment: dict[str, str], ready: str) -> Iterator[str]:
    """A server in a process of its own, answering at `ready`; gives its address."""
    port = free_port()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=_ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdout=words,
            stderr=words,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until(f"{address}{ready}", process)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_until(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server for {url} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own http address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")


def rate(address: str, paths: Sequence[str], token: str = "") -> float:
    """Requests a second over `paths` in turn, 16 connections; raises where an answer was not good."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"local paths = {_lua(paths)}\nlocal turn = 0\n")
        if token:
            script.write(f'wrk.headers["Authorization"] = "Bearer {token}"\n')
        script.write("request = function() turn = turn % #paths + 1; return wrk.format('GET', paths[turn]) end\n")
        script.flush()
        line = ["wrk", "-t1", "-c16", f"-d{SECONDS:g}s", "-s", script.name, address]
        words = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    if bad := _BAD.search(words):
        raise RuntimeError(f"{address}{paths[0]}: {bad[0]}")
    found = _RATE.search(words)
    assert found is not None
    return float(found[1])


def _lua(paths: Sequence[str]) -> str:
    return "{" + ",".join(json.dumps(path) for path in paths) + "}"


def in_turn(*loads: tuple[str, Sequence[str], str]) -> list[float]:
    """The median rate of each load, all of them taken in turn several times."""
    for load in loads:
        rate(load[0], load[1][:50], load[2])
    taken = [[rate(*load) for load in loads] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def say(name: str, ours: float, floor: float, words: str, unit: str = "/s") -> None:
    """One figure a line."""
    print(f"{name} ratio: {ours / floor:.2f} ({words}; floor {floor:,.0f}{unit}, ours {ours:,.0f}{unit})", flush=True)
