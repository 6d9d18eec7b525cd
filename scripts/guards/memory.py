"""Which test noticed a guard's absence the last time: it is asked first, and most often noticed again.

An aid to speed, never a proof: a try counts as killed only by a test that fails in the run itself. What is remembered
of a guard or test that is gone is not asked.
"""

from pathlib import Path

import msgspec

from scripts.guards.lane import Answer, Try
from scripts.test import ROOT

REMEMBERED = Path(__file__).with_name("witnesses.txt")
_HEAD = "# What is tried, and the test that noticed it last; written by `make guards ARGS=--learn`.\n"


def witnesses() -> dict[str, str]:
    """The test by what is tried; only tests whose file is there."""
    lines = REMEMBERED.read_text(encoding="utf-8").splitlines() if REMEMBERED.exists() else []
    found = dict(line.split("\t") for line in lines if line and not line.startswith("#"))
    return {name: test for name, test in found.items() if (ROOT / test.partition("::")[0]).exists()}


def with_witnesses(plans: dict[str, list[Try]], known: dict[str, str]) -> dict[str, list[Try]]:
    """Of each plan what somebody is remembered for, to be asked of nobody else."""
    return {
        storage: [
            msgspec.structs.replace(wanted, witness=known[wanted.name]) for wanted in plan if wanted.name in known
        ]
        for storage, plan in plans.items()
    }


def learn(answers: dict[str, list[Answer]], possible: set[str]) -> None:
    """Remember who noticed in this run; forget what can no longer be tried. A test that hung is no quick witness."""
    known = {name: test for name, test in witnesses().items() if name in possible}
    for name, mine in answers.items():
        by = [answer.by for answer in mine if answer.by and not answer.by.endswith("(hangs)")]
        if by and name in possible:
            known[name] = by[-1]
    lines = [f"{name}\t{test}\n" for name, test in sorted(known.items())]
    REMEMBERED.write_text(_HEAD + "".join(lines), encoding="utf-8")
