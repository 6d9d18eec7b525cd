"""Make `.venv` and `node_modules` from the lock files; silent and done at once when nothing has changed.

Runs on a bare Python 3.11: standard library only. `python3.11 -m scripts.setup`.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts import system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
NODE_FILES = (ROOT / "package.json", ROOT / "package-lock.json")
LEAST_NODE = 20


def main() -> None:
    """Bring both environments up to their lock files, one set-up at a time for this working tree."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        set_up_python()
        set_up_node()
    except subprocess.CalledProcessError as error:
        sys.exit(f"set-up: failed ({error.returncode}): {' '.join(map(str, error.cmd))}")
    finally:
        os.close(handle)


def set_up_python() -> None:
    """`.venv` with exactly what the locks name; hashes are checked, nothing else is resolved or built."""
    stamp = VENV / ".stamp"
    wanted = fingerprint(LOCKS, sys.version)
    if is_fresh(stamp, wanted) and PYTHON.exists():
        return
    say("set-up: Python packages …")
    stamp.unlink(missing_ok=True)
    pip = make_venv()
    requirements = [word for lock in LOCKS for word in ("-r", str(lock))]
    run([*pip, "install", "-qq", "--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps",
         "--only-binary", ":all:", *requirements])  # fmt: skip
    remove_strays(pip)
    stamp.write_text(wanted)


def make_venv() -> list[str]:
    """Create `.venv` unless one of this very Python is there. Returns the command that is its pip."""
    own_pip = [str(PYTHON), "-m", "pip"]
    if is_venv_of_this_python():
        has_pip = any(VENV.glob("lib/python3*/site-packages/pip/__main__.py"))
        return own_pip if has_pip else outside_pip()
    if importlib.util.find_spec("ensurepip") is None and importlib.util.find_spec("pip") is None:
        # Debian leaves ensurepip out of python3.11; its -venv package brings it.
        system.install(["python3-venv"])
        importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is not None:
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        return own_pip
    if importlib.util.find_spec("pip") is not None:
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
        return outside_pip()
    sys.exit("set-up: Python has neither ensurepip nor pip. Install the package python3-venv and try again.")


def outside_pip() -> list[str]:
    """The system's pip, told to work on our environment: it needs no root and no ensurepip."""
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def is_venv_of_this_python() -> bool:
    config = VENV / "pyvenv.cfg"
    return PYTHON.exists() and config.exists() and f"version = {sys.version.split()[0]}" in config.read_text()


def remove_strays(pip: Sequence[str]) -> None:
    """Take out what a former lock installed and this one no longer names."""
    listed = run([*pip, "list", "--format=freeze", "--disable-pip-version-check"], capture=True)
    installed = {canonical(line.split("==")[0]) for line in listed.splitlines() if "==" in line}
    strays = sorted(installed - locked_names() - {"pip", "setuptools", "wheel"})
    if strays:
        run([*pip, "uninstall", "--quiet", "--yes", *strays])


def locked_names() -> set[str]:
    text = "\n".join(lock.read_text() for lock in LOCKS)
    return {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)}


def canonical(name: str) -> str:
    """PEP 503: names that pip takes for the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def set_up_node() -> None:
    """`node_modules` with exactly what package-lock.json names; install scripts never run."""
    stamp = NODE_MODULES / ".stamp"
    wanted = fingerprint(NODE_FILES, "")
    if is_fresh(stamp, wanted):
        return
    require_node()
    say("set-up: front-end packages …")
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
    stamp.write_text(wanted)


def require_node() -> None:
    try:
        version = run(["node", "--version"], capture=True).strip()
    except FileNotFoundError:
        sys.exit(f"set-up: Node {LEAST_NODE} or newer with npm is needed and was not found.")
    if int(version.lstrip("v").split(".")[0]) < LEAST_NODE:
        sys.exit(f"set-up: Node {LEAST_NODE} or newer is needed; found {version}.")


def fingerprint(files: Sequence[Path], extra: str) -> str:
    """A hash of the files' bytes and `extra`; what a stamp holds when the environment matches them."""
    digest = hashlib.sha256(extra.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_fresh(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def run(command: Sequence[str], *, capture: bool = False) -> str:
    """Run in the project's folder; raises CalledProcessError. Returns what it printed when `capture`."""
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE if capture else None)
    return done.stdout if capture else ""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
