"""A pytest plugin: one storage's lane. Collects once; then, in a fork for each, tries the tests without each guard.

Environment: GUARDS_PLAN (JSON of a Plan), GUARDS_ANSWERS (a file that gets one JSON Answer a line).
A fork costs milliseconds where a new pytest would import for seconds; nothing of a try is left in the next one.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from scripts.guards import switch
from tests.support.process import PID_FOLDER_VARIABLE, end_recorded

# A test that takes longer than this is too slow to be run once for each guard.
SLOWEST_TEST = 20.0
TRY_SECONDS = 60.0
HANG_SECONDS = 120.0
RECORD_SECONDS = 45 * 60.0
_POLL = 0.02
_PR_SET_PDEATHSIG = 1
_BY_BROWSER = {"browser", "browser_server"}
# Tests in which several come at once: without a lock, only these can fail.
AT_ONCE = re.compile(
    r"race|at_once|at_the_same|meanwhile|_while_|_being_|twice|forty|when_two|when_ten|many_|guards", re.IGNORECASE
)
_EVERYWHERE = "tests/races/"
_ACCESS = "tests/access/"
# How likely a test is to notice, before anything is known of it; then by where it stands and what it is for.
_RATE, _NEAR, _FOR_GUARDS, _FOR_ACCESS = 0.02, 3.0, 10.0, 60.0
# What the access matrix asks about; elsewhere the domain's own tests are quicker.
_DOORS = {"admin", "storefront", "miniapp_api"}
_OF_ACCESS = {"check", "permission", "sight", "scope"}
# The schema is made before the tests, and the storage keeps its statements: each test may notice.
_BY_ALL = ("schema:", "server/kernel/storage/")


class Try(msgspec.Struct, frozen=True):
    """One thing to try. `name`: what the report calls it; `off`: the guards taken out; `is_racy`: see AT_ONCE;
    `witness`: the one test to ask, where it is remembered."""

    name: str
    off: list[str]
    is_racy: bool
    domain: str
    witness: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What came of it. `outcome`: killed, survived or unreached; `tests`: how many ran; `by`: the test that failed."""

    name: str
    outcome: str
    tests: int
    of: int
    seconds: float
    by: str = ""


class Lane:
    """All tries of one storage."""

    def __init__(self, session: pytest.Session, plan: list[Try]) -> None:
        self.session = session
        usable = {item.nodeid: item for item in session.items if not _BY_BROWSER & set(_fixtures(item))}
        self.items = {test: item for test, item in usable.items() if _may_be_asked(test, plan)}
        self.folder = Path(tempfile.mkdtemp(prefix="guards-lane-"))
        self.passed: dict[str, float] = {}
        self.reached: dict[str, set[str]] = {}
        # For each sort of guard and test: how often the test was asked, and how often it noticed.
        self.asked: Counter[tuple[str, str]] = Counter()
        self.noticed: Counter[tuple[str, str]] = Counter()

    def record(self) -> None:
        """Run everything once with every guard in its place; note who passes by where."""
        reached, passed = self.folder / "reached", self.folder / "passed"
        reached.touch()
        passed.touch()

        def run() -> None:
            switch.note_into(str(reached))
            with passed.open("a", encoding="utf-8") as lines:
                for nodeid, seconds, is_good in self._run(list(self.items)):
                    if is_good:
                        lines.write(json.dumps([nodeid, seconds]) + "\n")
                        lines.flush()

        self._in_fork(run, RECORD_SECONDS)
        self.passed = dict(json.loads(line) for line in passed.read_text(encoding="utf-8").splitlines())
        for line in reached.read_text(encoding="utf-8").splitlines():
            guard, _, test = line.partition("\t")
            self.reached.setdefault(guard, set()).add(test)

    def answer(self, wanted: Try) -> Answer:
        """Take the guards out and run the tests that come by, until one fails."""
        started = time.monotonic()
        tests = self._tests(wanted)
        if not tests:
            return Answer(wanted.name, "unreached", 0, 0, 0.0)
        log = self.folder / "try"
        log.write_text("")

        def run() -> None:
            switch.take_out(wanted.off)
            with log.open("a", encoding="utf-8") as lines:
                for nodeid, _, is_good in self._run(tests):
                    lines.write(f"{'ok' if is_good else 'failed'}\t{nodeid}\n")
                    lines.flush()
                    if not is_good or time.monotonic() - started > TRY_SECONDS:
                        return

        is_over = self._in_fork(run, HANG_SECONDS)
        lines = log.read_text(encoding="utf-8").splitlines()
        failed = [line.partition("\t")[2] for line in lines if line.startswith("failed")]
        by = failed[0] if failed else "" if is_over else f"{tests[min(len(lines), len(tests) - 1)]} (hangs)"
        self.asked.update((_sort(wanted), line.partition("\t")[2]) for line in lines)
        self.noticed.update((_sort(wanted), test) for test in failed)
        seconds = round(time.monotonic() - started, 1)
        return Answer(wanted.name, "killed" if by else "survived", len(lines), len(tests), seconds, by)

    def _tests(self, wanted: Try) -> list[str]:
        """The tests to run: races last, the others by how soon they are likely to have noticed."""
        if wanted.witness:
            return [wanted.witness] if wanted.witness in self.passed else []
        if any(guard.startswith(_BY_ALL) for guard in wanted.off):
            by = set(self.passed)
        else:
            by = set[str]().union(*(self.reached.get(guard, set()) for guard in wanted.off))
        if wanted.is_racy:
            by = {test for test in by if AT_ONCE.search(test)}
            # These come by in processes that many tests share, so nobody noted who did.
            by |= {test for test in self.passed if test.startswith(_EVERYWHERE)}
        usable = [test for test in by if self.passed.get(test, SLOWEST_TEST) < SLOWEST_TEST]
        return sorted(
            usable,
            key=lambda test: (test.startswith(_EVERYWHERE), -self._rate(wanted, test) / (self.passed[test] + 0.05)),
        )

    def _rate(self, wanted: Try, test: str) -> float:
        """How likely a test is to notice, by what it noticed of such guards so far."""
        rate = _RATE
        if test.startswith(f"tests/{wanted.domain}/"):
            rate *= _NEAR
        if "guards" in test:
            rate *= _FOR_GUARDS
        if test.startswith(_ACCESS) and wanted.domain in _DOORS and _sort(wanted).rpartition(":")[2] in _OF_ACCESS:
            rate *= _FOR_ACCESS
        of = (_sort(wanted), test)
        return (self.noticed[of] + min(rate, 1.0)) / (self.asked[of] + 1)

    def _run(self, tests: list[str]) -> Iterator[tuple[str, float, bool]]:
        """Run tests one by one: (id, seconds, whether it passed). Fixtures that outlive a test end with the last."""
        items = [self.items[test] for test in tests]
        try:
            for item, following in zip(items, [*items[1:], None], strict=True):
                before, started = self.session.testsfailed, time.monotonic()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                yield item.nodeid, round(time.monotonic() - started, 3), self.session.testsfailed == before
        finally:
            self.session._setupstate.teardown_exact(None)  # noqa: SLF001 -- pytest's own loop does just this

    def _in_fork(self, run: Callable[[], None], limit: float) -> bool:
        """Do it in a process of its own; False where it was not done in time. Its servers end with it."""
        pids = Path(tempfile.mkdtemp(dir=self.folder))
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            _in_child(run, pids)
        deadline = time.monotonic() + limit
        is_over = False
        while time.monotonic() < deadline and not is_over:
            is_over = os.waitpid(child, os.WNOHANG)[0] == child
            if not is_over:
                time.sleep(_POLL)
        if not is_over:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        end_recorded(pids)
        shutil.rmtree(pids, ignore_errors=True)
        return is_over


def _in_child(run: Callable[[], None], pids: Path) -> None:
    os.setpgid(0, 0)
    # A lane that is ended takes its try along.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.environ[PID_FOLDER_VARIABLE] = str(pids)
    if not os.environ.get("GUARDS_LOUD"):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
    try:
        run()
    finally:
        # Nothing of pytest's own ending: the parent does that once.
        os._exit(0)


def _may_be_asked(test: str, plan: list[Try]) -> bool:
    """Whether some try of the plan could need the test: only then is it worth recording."""
    if all(wanted.witness for wanted in plan):
        return any(wanted.witness == test for wanted in plan)
    return bool(AT_ONCE.search(test)) or test.startswith(_EVERYWHERE) or not all(wanted.is_racy for wanted in plan)


def _sort(wanted: Try) -> str:
    """The package and the kind of what is tried: what one of a sort is noticed by, the next one likely is."""
    path, _, rest = wanted.name.partition(":")
    return f"{path.rpartition('/')[0]}:{rest.partition(':')[2].partition(':')[0]}"


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of running the tests once: record, then every try."""
    plan = msgspec.json.decode(Path(os.environ["GUARDS_PLAN"]).read_bytes(), type=list[Try])
    answers = Path(os.environ["GUARDS_ANSWERS"])
    storage = os.environ["STORAGE"]
    lane = Lane(session, plan)
    started = time.monotonic()
    lane.record()
    left = len(lane.items) - len(lane.passed)
    print(f"{storage}: {len(lane.passed)} tests pass by the guards in {time.monotonic() - started:.0f} s", flush=True)
    if left:
        names = " ".join(sorted(set(lane.items) - set(lane.passed))[:5])
        print(f"{storage}: {left} do not pass with every guard in place, and prove nothing: {names}", flush=True)
    with answers.open("ab") as lines:
        for number, wanted in enumerate(plan, start=1):
            answer = lane.answer(wanted)
            lines.write(msgspec.json.encode(answer) + b"\n")
            lines.flush()
            word = answer.outcome if answer.outcome == "killed" else answer.outcome.upper()
            print(f"{storage} {number}/{len(plan)} {word} {answer.seconds} s {answer.name}", flush=True)
    shutil.rmtree(lane.folder, ignore_errors=True)
    return True
