"""Run every test once for each storage, with real servers: `python -m scripts.test [pytest arguments]`.

Environment: STORAGES (default "sqlite mariadb"), WORKERS (default: the number of cores), SOAK=1 for full sizes,
CI=true to make anything left out a failure. The last line is `N passed, N failed` over all runs.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

from scripts import system
from server.settings import Settings
from tests.support.process import PID_FOLDER_VARIABLE, end_recorded
from tests.support.servers import MariaDB, Redis

ROOT = Path(__file__).resolve().parent.parent
STORAGES = ("sqlite", "mariadb")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has a random name and is ours alone
# A bound on one storage's run, above any honest one: a stuck run fails instead of waiting for ever.
LIMIT_SECONDS = 45 * 60
LIMIT_SECONDS_SOAK = 6 * 60 * 60
# How long fixtures may take to close after an interrupt.
GRACE_SECONDS = 30


@dataclass
class Run:
    """What one storage's run came to. `tests`: how often each test id was reported (its teardown may report again)."""

    storage: str
    exit_code: int
    tests: Counter[str] = field(default_factory=Counter)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)

    @property
    def passed(self) -> int:
        return len(self.tests) - len(self.failed) - len(self.skipped)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_by_signal)
    left_out = system.ensure()
    runs: list[Run] = []
    storages = wanted_storages(left_out)
    try:
        with ExitStack() as stack:
            environment = start_servers(stack, left_out)
            runs = [run_pytest(storage, sys.argv[1:], environment) for storage in storages]
    except KeyboardInterrupt:
        sys.exit("test: stopped by hand; the servers are ended and nothing is left behind")
    sys.exit(report(runs, left_out))


def end_by_signal(_number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not break into the ending of the servers.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def wanted_storages(left_out: list[str]) -> list[str]:
    wanted = os.environ.get("STORAGES", "").replace(",", " ").split() or list(STORAGES)
    unknown = sorted(set(wanted) - set(STORAGES))
    if unknown:
        sys.exit(f"test: no such storage: {', '.join(unknown)} (there are: {', '.join(STORAGES)})")
    return [storage for storage in wanted if storage not in left_out]


def start_servers(stack: ExitStack, left_out: list[str]) -> dict[str, str]:
    """Start the run's shared servers in a folder that goes away with the run. Returns the tests' environment."""
    folder = Path(tempfile.mkdtemp(prefix="gwc-test-", dir=quick_folder()))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    pids = folder / "pids"
    pids.mkdir()
    os.environ[PID_FOLDER_VARIABLE] = str(pids)
    # Every temporary file of the run, the servers' included, lies in this folder.
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    stack.callback(end_recorded, pids)
    environment = {**os.environ, "TEST_LEFT_OUT": " ".join(left_out)}
    if "mariadb" not in left_out:
        environment["TEST_MARIADB_URL"] = stack.enter_context(MariaDB()).url
    if "redis" not in left_out:
        environment["TEST_REDIS_URL"] = stack.enter_context(Redis()).url
    return environment


def quick_folder(shared_memory: Path = SHARED_MEMORY, least_bytes: int = 6 * 1024**3) -> Path | None:
    """Memory to keep the run's files in, where there is plenty; None: the ordinary temporary folder.

    Tests kill processes, never the machine: nothing they prove needs a disk, and each commit would wait for one.
    """
    if "TMPDIR" in os.environ or not os.access(shared_memory, os.W_OK):
        return None
    return shared_memory if shutil.disk_usage(shared_memory).free >= least_bytes else None


def run_pytest(storage: str, arguments: list[str], environment: dict[str, str]) -> Run:
    """One pytest run for one storage; its process group is ended with it, whatever happens."""
    print(f"\n=== tests on {storage} ===", flush=True)
    results = Path(environment["TMPDIR"]) / f"{storage}.xml"
    workers = os.environ.get("WORKERS") or str(os.cpu_count() or 1)
    line = [
        *(sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal"),
        *("-p", "no:cacheprovider", f"--basetemp={environment['TMPDIR']}/{storage}", f"--junitxml={results}"),
        *arguments,
    ]
    limit = LIMIT_SECONDS
    if environment.get("SOAK") == "1":
        limit = LIMIT_SECONDS_SOAK
        line += ["-o", "faulthandler_timeout=3600"]
    process = subprocess.Popen(line, cwd=ROOT, env=own_environment(environment, storage), start_new_session=True)
    try:
        exit_code = process.wait(limit)
    except subprocess.TimeoutExpired:
        print(f"test: the {storage} run was still going after {limit} s and is ended", file=sys.stderr, flush=True)
        exit_code = 124
    finally:
        end_group(process)
    return read_results(Run(storage, exit_code), results)


def own_environment(environment: dict[str, str], storage: str) -> dict[str, str]:
    """What pytest gets: nothing of the product's own, of which WORKERS is one too, or a test's product would work on
    the installation that the shell was set up for."""
    own = {each.name.upper() for each in fields(Settings)}
    return {name: value for name, value in environment.items() if name not in own} | {"STORAGE": storage}


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End pytest by its own process group: gently, so that fixtures may close; then whoever of the group is left."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_results(run: Run, results: Path) -> Run:
    """Fill a run from pytest's JUnit file; without one (pytest could not start) the run has no test."""
    if not results.exists():
        return run
    for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 -- pytest's own file, written just now
        name = f"{case.get('classname')}::{case.get('name')}"
        run.tests[name] += 1
        if case.find("failure") is not None or case.find("error") is not None:
            run.failed.add(name)
        elif case.find("skipped") is not None:
            run.skipped.add(name)
    return run


def report(runs: list[Run], left_out: list[str]) -> int:
    """Print the totals and everything that is wrong. Returns the exit code."""
    faults = [fault for run in runs for fault in faults_of(run)]
    faults += uneven(runs)
    faults += left_out_faults(left_out)
    print()
    for run in runs:
        print(f"{run.storage}: {len(run.tests)} tests, {run.passed} passed, {len(run.failed)} failed")
    if len(runs) < len(STORAGES):
        print(f"storages not run: {', '.join(sorted(set(STORAGES) - {run.storage for run in runs}))}")
    for fault in faults:
        print(f"test: {fault}", file=sys.stderr, flush=True)
    print(f"{sum(run.passed for run in runs)} passed, {sum(len(run.failed) for run in runs)} failed", flush=True)
    return 1 if faults else 0


def faults_of(run: Run) -> list[str]:
    faults = [f"{run.storage}: skipped, and nothing may be: {name}" for name in sorted(run.skipped)]
    if run.exit_code != 0:
        faults.append(f"{run.storage}: pytest ended with {run.exit_code}")
    if not run.tests:
        faults.append(f"{run.storage}: no test was run")
    return faults


def uneven(runs: list[Run]) -> list[str]:
    """Both storages must run the very same tests: one behaviour, one list."""
    if len(runs) < len(STORAGES):
        return []
    first, second = (set(run.tests) for run in runs)
    return [f"not run on both storages: {name}" for name in sorted(first ^ second)]


def left_out_faults(left_out: list[str]) -> list[str]:
    """What could not run is said aloud; in CI it is a failure."""
    for name in left_out:
        print(f"\n!!! LEFT OUT: {name} is not installed and could not be; its tests did not run !!!", file=sys.stderr)
    return [f"left out in CI: {name}" for name in left_out] if os.environ.get("CI") == "true" else []


if __name__ == "__main__":
    main()
