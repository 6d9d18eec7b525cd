"""Whether the container's web process can work: exit code 0 when `/readyz` says so. Standard library only."""

import os
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen

SECONDS = 4


def is_ready(port: str, host: str) -> bool:
    """Ask this container's own port. `host`: a name that the product accepts; it refuses foreign ones."""
    request = Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": host} if host else {})
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return False


if __name__ == "__main__":
    first = os.environ.get("TRUSTED_HOSTS", "").partition(",")[0].strip()
    raise SystemExit(0 if is_ready(os.environ.get("PORT", "8000"), first) else 1)
