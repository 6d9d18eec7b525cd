"""No test, bench or guard works on the installation of whoever runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.test import own_environment
from tests.support.environment import forget_installation

ROOT = Path(__file__).resolve().parents[2]


def test_products_of_tests_know_nothing_of_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://gwc:secret@db.example.gov.cn/gwc")
    monkeypatch.setenv("AUDIT_KEY", "ab" * 32)
    monkeypatch.setenv("PATH_OF_NOBODY", "stays")
    forget_installation()
    assert "DATABASE_URL" not in os.environ and "AUDIT_KEY" not in os.environ
    assert os.environ["PATH_OF_NOBODY"] == "stays"


def test_runner_gives_pytest_nothing_of_an_installation() -> None:
    given = own_environment({"DATABASE_URL": "mysql://x/y", "WORKERS": "4", "TMPDIR": "/t"}, "sqlite")
    assert given == {"TMPDIR": "/t", "STORAGE": "sqlite"}


def test_pytest_by_itself_forgets_an_installation_before_any_test() -> None:
    line = [sys.executable, "-c", "import tests.conftest, os; print(os.environ.get('DATABASE_URL'))"]
    done = subprocess.run(
        line, cwd=ROOT, env={**os.environ, "DATABASE_URL": "mysql://x/y"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "None"
