"""Rewrite the lock files: exact versions with the hashes of every platform, and no address of any index."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [
    sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe",
    "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
    "--no-emit-options", "--resolver=backtracking",
]  # fmt: skip


def main() -> None:
    # A machine's own pip settings may add local folders, whose files have other hashes than the registry's.
    environment = os.environ | {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    for name in ("requirements", "requirements-dev"):  # the second is held to the first
        line = [*COMPILE, "--output-file", f"{name}.lock", f"{name}.in"]
        subprocess.run(line, cwd=ROOT, check=True, env=environment)
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    subprocess.run(npm, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
