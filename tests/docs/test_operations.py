"""The operations manual keeps its word: what it tells people to run runs, and what it names exists."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import main
from server.identity.commands import LogIn, log_in
from server.kernel.actor import Actor, ActorKind
from server.opening import opened
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
NOBODY = Actor(kind=ActorKind.PERSON)
MANUAL = (ROOT / "docs" / "operations.md").read_text()


async def test_first_administrators_can_log_in_when_the_manual_was_followed(product_environment, settings):
    (written,) = [block for block in re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL) if "server install" in block]
    words = shlex.split(written.replace("\\\n", " "))[3:]
    words[words.index("regions.csv")] = str(ROOT / "server" / "demo" / "regions.csv")
    environment = {**os.environ, **product_environment, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "server", *words]
    done = subprocess.run(  # noqa: ASYNC221 - nothing else runs in this loop
        line, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    people = [printed.split() for printed in done.stdout.splitlines() if printed.startswith("  ")]
    assert [login_name for _, login_name, _ in people] == ["shen.jianguo", "lu.min", "fang.zhiyuan"]
    async with opened(settings):
        for _, login_name, password in people:
            grant = await log_in(NOBODY, LogIn(login_name, password))
            assert grant.must_change_password


def test_every_variable_is_a_setting_when_the_manual_names_it():
    settings = {each.upper() for each in Settings.__dataclass_fields__}
    ours = r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`"
    of_others = {"PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "ANCHOR_FOLDER", "CERTIFICATE_FOLDER"}
    named = set(re.findall(ours, MANUAL)) - of_others
    assert {"DATA_DIR", "FIELD_KEYS", "AUDIT_ANCHOR_FILE", "COMMAND_SECONDS"} <= named
    assert named - settings == set()


def test_every_command_exists_when_the_manual_runs_it():
    commands = {tuple(found.split()) for found in re.findall(r"python -m server ((?:[a-z]+ ?)+)", MANUAL)}
    assert {words[0] for words in commands} >= {"migrate", "serve", "verify"}
    for words in commands:
        with pytest.raises(SystemExit) as helped:
            main([*words, "--help"])
        assert helped.value.code == 0, words


def test_every_figure_is_given_out_when_the_manual_lists_it():
    named = set(re.findall(r"`(gwc_[a-z_]+)", MANUAL))
    code = "".join((ROOT / "server" / "web" / name).read_text() for name in ("health.py", "metrics.py"))
    assert named == set(re.findall(r"gwc_(?:requests_total|request_seconds|[a-z]+_[a-z]+ed|[a-z]+_waiting)\b", code))
    assert len(named) == 4
