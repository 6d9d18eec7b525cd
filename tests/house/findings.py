"""What a lint says, and which files it looks at."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("miniapp_api", "storefront", "admin")
PRODUCT = ("server", *DOORS)


@dataclass(frozen=True)
class Finding:
    """One break of one rule. Printed as `path:line: rule: what`."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


@dataclass(frozen=True)
class Source:
    """A Python file: `path` from the project's root with forward slashes, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Source":
        return cls(path, text, ast.parse(text, path))

    @property
    def package(self) -> str:
        """The top folder: `server`, `admin`, `tests`, …"""
        return self.path.split("/")[0]

    @property
    def domain(self) -> str:
        """The part of the core this file belongs to (`assets`, `kernel`, `app`), or nothing outside of it."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[1] if parts[0] == "server" and len(parts) > 1 else ""

    @property
    def is_product(self) -> bool:
        return self.package in PRODUCT

    @property
    def is_test(self) -> bool:
        return self.package == "tests"

    def comment_on(self, line: int) -> str:
        """The comment at the end of a line (counted from 1) or on the lines right above it, or nothing."""
        lines = self.text.splitlines()
        own = lines[line - 1].partition("#")[2].strip()
        if own.startswith("noqa"):  # a linter's mark is no reason, unless one follows it
            own = own.partition("--")[2].strip()
        above = lines[line - 2].strip() if line >= 2 else ""
        return own or (above.lstrip("# ") if above.startswith("#") else "")


def project_files() -> Iterator[Path]:
    """Every file that is, or could be, committed: what git tracks and what it does not ignore."""
    line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(line, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = ROOT / name
        if path.is_file():  # a tracked file may be deleted in the working tree
            yield path


def imported_modules(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported dotted name with its line: `from server.assets import models` gives `server.assets.models`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def called_name(node: ast.Call) -> str:
    """The dotted name that is called: `datetime.now`, `asyncio.sleep`, `float`; empty for what has no name."""
    return dotted(node.func)


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return ""
