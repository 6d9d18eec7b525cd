"""Run every house lint over the tree: prints one finding a line, exits 1 when there is any."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house import addresses, arrows, code, testing
from tests.house.findings import ROOT, Finding, Source, project_files

LINTS = (*arrows.LINTS, *code.LINTS, *testing.LINTS)
# The lints' own bad samples.
SAMPLES = "tests/house/test_"


def lint(source: Source) -> Iterator[Finding]:
    for each in LINTS:
        yield from each(source)


def lint_file(path: Path) -> Iterator[Finding]:
    name = path.relative_to(ROOT).as_posix()
    data = path.read_bytes()
    if b"\0" in data[:8000] or len(data) > addresses.READ_AT_MOST or name.startswith(SAMPLES):
        return
    text = data.decode("utf-8", errors="replace")
    yield from addresses.addresses(name, text)
    if path.suffix == ".py":
        yield from lint(Source.parse(name, text))


def main() -> None:
    findings = [finding for path in project_files() for finding in lint_file(path)]
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(f"house: {len(findings)} findings")


if __name__ == "__main__":
    main()
