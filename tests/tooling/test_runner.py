"""The runner counts honestly: unequal storages, skips, and what was left out are faults."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts.system import TESTED, Program, command, find_command
from scripts.test import Run, faults_of, left_out_faults, own_environment, quick_folder, read_results, uneven
from tests.house.findings import ROOT


def run_of(storage: str, *tests: str, exit_code: int = 0) -> Run:
    return Run(storage, exit_code, Counter(tests))


def test_fault_is_reported_when_storages_ran_different_tests() -> None:
    faults = uneven([run_of("sqlite", "a", "b"), run_of("mariadb", "a", "c")])
    assert faults == ["not run on both storages: b", "not run on both storages: c"]


def test_no_fault_is_reported_when_storages_ran_the_same() -> None:
    assert uneven([run_of("sqlite", "a", "b"), run_of("mariadb", "b", "a")]) == []


def test_fault_is_reported_when_no_test_ran() -> None:
    assert faults_of(run_of("sqlite", exit_code=5)) == ["sqlite: pytest ended with 5", "sqlite: no test was run"]


def test_results_are_read_when_pytest_wrote_them(tmp_path: Path) -> None:
    results = tmp_path / "sqlite.xml"
    results.write_text(
        '<testsuites><testsuite><testcase classname="k" name="a"/>'
        '<testcase classname="k" name="b"><failure/></testcase>'
        '<testcase classname="k" name="b"><error/></testcase><testcase classname="k" name="c"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    run = read_results(run_of("sqlite"), results)
    assert (run.passed, run.failed, run.skipped) == (1, {"k::b"}, {"k::c"})
    assert faults_of(run) == ["sqlite: skipped, and nothing may be: k::c"]


@pytest.mark.parametrize(("ci", "faults"), [("true", ["left out in CI: redis"]), ("", [])])
def test_left_out_is_a_failure_when_in_ci(monkeypatch: pytest.MonkeyPatch, ci: str, faults: list[str]) -> None:
    monkeypatch.setenv("CI", ci)
    assert left_out_faults(["redis"]) == faults


def test_products_keep_their_own_number_of_processes_when_the_run_has_one() -> None:
    assert own_environment({"WORKERS": "1", "PATH": "/bin"}, "mariadb") == {"PATH": "/bin", "STORAGE": "mariadb"}


def test_files_are_kept_in_memory_only_where_there_is_plenty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    assert quick_folder(tmp_path, 1) == tmp_path
    assert quick_folder(tmp_path, 10**18) is None
    assert quick_folder(tmp_path / "nowhere", 1) is None
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert quick_folder(tmp_path, 1) is None


def test_program_is_missing_when_one_of_its_commands_is() -> None:
    assert Program("shell", (), commands=(("no-such-shell", "sh"),)).is_present()
    assert not Program("pair", (), commands=(("sh",), ("no-such-command",))).is_present()
    assert not Program("font", (), font="no-such-font").is_present()
    assert find_command("no-such-command") is None
    assert set(TESTED) == {"mariadb", "redis", "chromium", "fonts"}


def test_error_names_the_spellings_when_a_command_is_missing() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-a, no-such-b"):
        command("no-such-a", "no-such-b")


def test_tests_are_deselected_when_their_program_is_left_out() -> None:
    environment = {**os.environ, "TEST_LEFT_OUT": "mariadb redis"}
    line = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/tooling/test_servers.py",
    ]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    counts = re.search(r"(?:(\d+)/(\d+)|no) tests collected \((\d+) deselected\)", done.stdout)
    assert counts is not None, done.stdout
    assert counts.group(3) == "8"
