"""No committed file names a package index, a download host or somebody's machine."""

import re
from collections.abc import Iterator

from tests.house.findings import Finding

# Written so that no pattern matches its own text.
INDEX = re.compile(
    r"pypi\.(?:org|python\.org)|pythonhosted\.org|registry\.npmjs\.|registry\.yarnpkg\.|npmmirror\.|/simple/?[\"'\s]"
    r"|(?:deb|security)\.debian\.org|mirrors?\.[a-z]+\.(?:com|edu|cn)|tuna\.tsinghua"
    r"|--(?:extra-)?index-url[= ]|--find-links[= ]"
    r"|\"resolved\": \"http",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|opt/(?:pypi|wheels)|tmp/kv|home/[a-z][a-z0-9_-]*|Users/[A-Za-z]+)/")
READ_AT_MOST = 2_000_000  # bytes; past that it is data, which no person typed an address into


def addresses(path: str, text: str) -> Iterator[Finding]:
    """Findings in any text file, code or not."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := INDEX.search(line):
            yield Finding(path, number, "index-address", f"names a package index or its option: {found.group()}")
        if found := MACHINE.search(line):
            yield Finding(path, number, "machine-path", f"names a path of one machine: {found.group()}")
