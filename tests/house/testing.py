"""Rules on tests: no sleeping, no skipping, an assertion that can fail."""

import ast
from collections.abc import Iterator

from tests.house.findings import Finding, Source, called_name, dotted

SLEEPS = {"asyncio.sleep", "time.sleep", "anyio.sleep"}
SKIPS = {"skip", "skipif", "xfail", "importorskip"}
EXPECTATIONS = ("raises", "warns", "assert_", "expect_", "require_")


def sleep_in_test(source: Source) -> Iterator[Finding]:
    """A test waits for a condition, which tests/support does; a sleep is too short or too long."""
    if not source.is_test or source.path.startswith("tests/support/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) in SLEEPS and not is_zero(node):
            yield Finding(
                source.path, node.lineno, "test-sleep", "await a condition (tests.support.waiting), not a time"
            )


def is_zero(node: ast.Call) -> bool:
    """`asyncio.sleep(0)` only lets others run."""
    return len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0


def skipped_test(source: Source) -> Iterator[Finding]:
    if not source.is_test:
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute):
            continue
        parts = dotted(node).split(".")
        if parts[0] in {"pytest", "unittest"} and parts[-1] in SKIPS:
            yield Finding(
                source.path, node.lineno, "test-skip", f"{'.'.join(parts)}: every test runs, or is not written"
            )


def assertionless_test(source: Source) -> Iterator[Finding]:
    """A test without an assertion passes whatever the code does."""
    if not source.is_test or not source.path.rsplit("/", 1)[-1].startswith("test_"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not node.name.startswith("test_"):
            continue
        if not any(asserts(part) for part in ast.walk(node)):
            yield Finding(source.path, node.lineno, "test-asserts", f"{node.name} has no assertion that can fail")


def asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    return isinstance(node, ast.Call) and called_name(node).rsplit(".", 1)[-1].startswith(EXPECTATIONS)


LINTS = (sleep_in_test, skipped_test, assertionless_test)
