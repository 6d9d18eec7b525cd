"""`python -m bench <name>`: run one benchmark; without a name, list them.

Environment: STORAGES (default "sqlite mariadb"), SIZES (cards on the board, default "10000 1000000"), SECONDS (of each
load, default 3).
"""

import sys

from bench import board, borrow, importing, search
from tests.support.environment import forget_installation

BENCHES = {
    "list": (board.run_list, "sharing-board list over HTTP, warm and cold, and how it grows with the board"),
    "detail": (board.run_detail, "one listing's detail over HTTP"),
    "search": (
        search.run,
        "labelled Chinese queries: NDCG@10 and recall@20 beside LIKE, and p95 by class (SIZES, 20000)",
    ),
    "import": (
        importing.run,
        "a ledger of 100,000 rows, from the file to the cards, against the same rows by the bare driver",
    ),
    "borrow": (borrow.run, "the borrow command against the same SQL sent by hand"),
}


def main() -> int:
    forget_installation()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in BENCHES:
        for known, (_, about) in BENCHES.items():
            print(f"{known:<8} {about}")
        return 0 if not name else 2
    BENCHES[name][0]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
