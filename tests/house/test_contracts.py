"""The import contracts refuse what the house forbids: tried on a small tree with the project's own contracts."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.findings import ROOT

PACKAGES = ("server.kernel", "server.identity", "server.assets", "server.circulation", "server.web")
DOORS = ("miniapp_api", "storefront", "admin")


def lint_imports(folder: Path, importer: str, imported: str, *extra: str) -> subprocess.CompletedProcess[str]:
    """Build packages in which the module `importer` imports `imported`, and run the contracts over them."""
    for package in ("server", *PACKAGES, *DOORS, *extra):
        path = folder / package.replace(".", "/")
        path.mkdir(parents=True, exist_ok=True)
        (path / "__init__.py").touch()
    if importer:
        (folder / f"{importer.replace('.', '/')}.py").write_text(f"import {imported}\n")
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    tool = Path(sys.executable).with_name("lint-imports")
    line = [str(tool), "--no-cache", "--no-logo"]
    return subprocess.run(
        line, cwd=folder, env={"PYTHONPATH": str(folder)}, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("importer", "imported", "broken"),
    [
        ("server.assets.queries", "server.circulation", "stands below it BROKEN"),
        ("server.kernel.clock", "server.identity", "stands below it BROKEN"),
        ("server.identity.queries", "server.web", "identity and kernel"),
        ("server.kernel.clock", "admin", "imports no door"),
        ("storefront.cards", "admin", "Doors never import each other BROKEN"),
    ],
)
def test_contract_is_broken_when_an_arrow_runs_the_wrong_way(
    tmp_path: Path, importer: str, imported: str, broken: str
) -> None:
    done = lint_imports(tmp_path, importer, imported)
    assert done.returncode == 1, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if broken in line)
    assert line.endswith("BROKEN")


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("server.circulation.ops", "server.assets"),
        ("server.app", "admin"),
        ("admin.cards", "server.circulation"),
        ("", ""),
    ],
)
def test_contracts_are_kept_when_arrows_run_down(tmp_path: Path, importer: str, imported: str) -> None:
    done = lint_imports(tmp_path, importer, imported)
    assert done.returncode == 0, done.stdout + done.stderr


def test_contract_is_broken_when_a_package_has_no_layer(tmp_path: Path) -> None:
    done = lint_imports(tmp_path, "", "", "server.gossip")
    assert done.returncode == 1
    assert "gossip" in done.stdout + done.stderr


def test_every_package_has_its_layer_when_it_is_there() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (arrows,) = (contract for contract in contracts if contract["id"] == "arrows")
    words = " ".join([*arrows["layers"], *arrows["exhaustive_ignores"]]).replace("(", " ").replace(")", " ").split()
    there = {
        path.stem for path in (ROOT / "server").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} <= set(words)
