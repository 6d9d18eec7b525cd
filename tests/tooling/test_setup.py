"""A second set-up does nothing; a changed lock is noticed; strays are known by name."""

import subprocess
import sys
from pathlib import Path

from scripts.setup import canonical, fingerprint, is_fresh, locked_names
from tests.house.findings import ROOT


def test_nothing_is_said_when_everything_is_set_up() -> None:
    done = subprocess.run([sys.executable, "-m", "scripts.setup"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


def test_stamp_is_stale_when_a_lock_changes(tmp_path: Path) -> None:
    lock, stamp = tmp_path / "requirements.lock", tmp_path / "stamp"
    lock.write_text("sanic==25.12.1")
    stamp.write_text(fingerprint([lock], "3.11"))
    assert is_fresh(stamp, fingerprint([lock], "3.11"))
    assert not is_fresh(stamp, fingerprint([lock], "3.12"))
    lock.write_text("sanic==25.12.2")
    assert not is_fresh(stamp, fingerprint([lock], "3.11"))


def test_names_are_the_same_when_spelled_differently() -> None:
    assert canonical("Argon2_CFFI.bindings") == "argon2-cffi-bindings"
    assert {"sanic", "pytest", "typing-extensions"} <= locked_names()
