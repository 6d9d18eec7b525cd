"""The system programs that tests drive for real: find them, or install them with apt.

Standard library only. `python -m scripts.system [name …]` prints what is missing and exits 1 if anything is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Debian keeps servers in sbin, which an ordinary user's PATH leaves out.
EXTRA_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/bin", "/sbin")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True)
class Program:
    """Something of the system: every entry of `commands` (any of its spellings) and `font` must be there."""

    name: str
    packages: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...] = ()
    font: str = ""

    def is_present(self) -> bool:
        has_commands = all(any(find_command(spelling) for spelling in spellings) for spellings in self.commands)
        return has_commands and (not self.font or has_font(self.font))


PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "mariadb",
            ("mariadb-server-core", "mariadb-client-core"),
            commands=(("mariadbd", "mysqld"), ("mariadb-install-db", "mysql_install_db")),
        ),
        Program("redis", ("redis-server",), commands=(("redis-server",),)),
        Program("chromium", ("chromium",), commands=(("chromium", "chromium-browser", "google-chrome"),)),
        Program("fonts", ("fonts-wqy-microhei",), font="wqy-microhei"),
        Program("wrk", ("wrk",), commands=(("wrk",),)),
    )
}
# The load generator is for `make bench` alone; no test needs it.
TESTED = ("mariadb", "redis", "chromium", "fonts")


def find_command(name: str) -> str | None:
    """The full path of a command, searched in PATH and in the folders where servers live."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *EXTRA_FOLDERS]))


def command(*spellings: str) -> str:
    """The full path of the first spelling that is there. Raises FileNotFoundError."""
    for spelling in spellings:
        if path := find_command(spelling):
            return path
    raise FileNotFoundError(f"none of {', '.join(spellings)} is installed")


def has_font(stem: str) -> bool:
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return any(path.suffix in {".ttc", ".ttf", ".otf"} for folder in folders for path in folder.rglob(f"{stem}*"))


def missing(names: Iterable[str]) -> list[str]:
    return [name for name in names if not PROGRAMS[name].is_present()]


def ensure(names: Sequence[str] = TESTED) -> list[str]:
    """Find or install the named programs. Returns the names that could be neither found nor installed."""
    absent = missing(names)
    if absent and not install([package for name in absent for package in PROGRAMS[name].packages]):
        for name in absent:  # together they failed: one bad package must not keep the others out
            install(PROGRAMS[name].packages, update=False)
    return missing(absent)


def install(packages: Sequence[str], *, update: bool = True) -> bool:
    """Install Debian packages, with sudo where we are not root. Returns whether apt succeeded."""
    prefix = privileged()
    if prefix is None:
        return False
    print(f"system: installing {' '.join(packages)} …", file=sys.stderr, flush=True)
    if update:
        apt(prefix, ["update"])
    return apt(prefix, ["install", "--yes", "--no-install-recommends", *packages])


def privileged() -> list[str] | None:
    """The words before apt-get that give it the right to install; None where there is no way."""
    if find_command("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["env"]
    if find_command("sudo") is None:
        return None
    # Without a terminal a password prompt would wait for ever.
    return ["sudo", "env"] if sys.stdin is not None and sys.stdin.isatty() else ["sudo", "-n", "env"]


def apt(prefix: Sequence[str], words: Sequence[str]) -> bool:
    """Run apt-get quietly; its output is shown only when it fails."""
    line = [*prefix, "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *words]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(f"system: {' '.join(line)} failed:\n{done.stdout}", file=sys.stderr, flush=True)
    return done.returncode == 0


def main() -> None:
    left_out = ensure(sys.argv[1:] or TESTED)
    if left_out:
        sys.exit(f"system: neither found nor installable: {', '.join(left_out)}")


if __name__ == "__main__":
    main()
