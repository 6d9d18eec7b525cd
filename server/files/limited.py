"""Programs that read hostile files, run to their end: each a fresh process that bounds itself, without our secrets."""

import asyncio
import os
import sys
from pathlib import Path
from typing import IO


class WorkerFault(Exception):
    """The worker died, was too slow or answered nonsense; the argument says which."""


async def run_worker(
    program: Path, argument: str, wall_seconds: float, *, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]
) -> int:
    """The exit status of `program`; beyond the wall time (WorkerFault), or with its caller cancelled, it is killed.

    Its stdin, stdout and stderr are files, not pipes: the kernel then bounds what it may say (RLIMIT_FSIZE), and no
    half-connected pipe can keep asyncio waiting for a process that is long dead, which is what Python 3.11 does when a
    caller is cancelled during the start.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(program),
        argument,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        # No secret of ours reaches the worker through its environment, and a Ctrl-C in our terminal is ours alone.
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        start_new_session=True,
        cwd="/",
    )
    try:
        async with asyncio.timeout(wall_seconds):
            return await process.wait()
    except TimeoutError:
        raise WorkerFault(f"no answer within {wall_seconds} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
