"""The lock files hold exact versions with hashes, name no address, and every dependency has its reason."""

import json
import re

import pytest

from scripts.setup import canonical
from tests.house.findings import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


def direct(name: str) -> set[str]:
    """The packages that an .in file asks for by name."""
    lines = (ROOT / name).read_text().splitlines()
    return {canonical(re.split(r"[\[=]", line)[0]) for line in lines if re.match(r"[A-Za-z]", line)}


@pytest.mark.parametrize("name", LOCKS)
def test_requirement_has_a_hash_when_locked(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(requirements) > 10
    assert [
        line for line in requirements if not re.fullmatch(r"\S+==\S+(\s+--hash=sha256:[0-9a-f]{64})+\s*", line)
    ] == []


def test_runtime_lock_holds_no_test_tool_when_the_image_installs_it() -> None:
    assert not {"pytest", "playwright", "mypy"} & direct("requirements.in")
    assert "\npytest==" not in (ROOT / "requirements.lock").read_text()


def test_shared_packages_agree_when_in_both_locks() -> None:
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / name).read_text(), flags=re.MULTILINE):
            versions.setdefault(canonical(package), set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_front_end_lock_holds_hashes_only_when_written() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


def test_dependency_has_a_reason_when_asked_for_by_name() -> None:
    front_end = json.loads((ROOT / "package.json").read_text())
    asked = direct("requirements.in") | direct("requirements-dev.in")
    asked |= set(front_end["dependencies"]) | set(front_end["devDependencies"])
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    assert sorted(name for name in asked if f"`{name}`" not in reasons) == []
