"""The product's command line, run to its end: in a thread of this process, or in a process of its own."""

import asyncio
import io
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from server.cli import main

ROOT = Path(__file__).resolve().parents[2]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


async def run(environment: Mapping[str, str], *arguments: str) -> Ended:
    """Run one command to its end, in a thread of this process: starting Python takes longer than most commands."""
    out, err, root = io.StringIO(), io.StringIO(), logging.getLogger()
    kept, level = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            code = await asyncio.to_thread(_main, arguments)
        finally:
            root.handlers[:] = kept
            root.setLevel(level)
    return Ended(code, out.getvalue(), err.getvalue())


def _main(arguments: Sequence[str]) -> int:
    try:
        return main(list(arguments))
    except SystemExit as ended:  # as the parser of arguments ends
        return int(str(ended.code))


async def run_apart(environment: Mapping[str, str], *arguments: str, module: str = "server") -> Ended:
    """The same in a process of its own: beside another one, or on another storage than this run's."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def require_sentence(ended: Ended, *words: str) -> None:
    """It ended with 2 and one readable sentence that has these words in it."""
    assert ended.code == 2, ended
    assert "Traceback" not in ended.err
    assert re.search("[\u4e00-\u9fff]", ended.err)
    assert all(word in ended.err for word in words), ended.err
