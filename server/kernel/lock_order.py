"""The one order in which rows are locked: table by table as listed, within a table by id.

A unit of work that asks for a row of an earlier table after one of a later table is refused at once, in every
environment, because the deadlock it could cause shows only under load.
"""

LOCK_ORDER: tuple[str, ...] = (
    "unit",
    "person",
    "post",
    "session",
    "delegation",
    "invitation",
    "policy_version",
    "place",
    "category",
    "ledger_import",
    "saved_search",
    "occasion",
    "approval_chain",
    "purchase_need",
    "wanted_post",
    "loss_case",
    "borrowing",
    "borrowing_line",
    "borrowing_renewal",
    "asset_listing",
    "asset_card",
    "asset_label",
    "notice",
)
_RANK = {table: rank for rank, table in enumerate(LOCK_ORDER)}


class LockOrderError(RuntimeError):
    """Code asked for locks in the wrong order: a programming error, never the user's."""


class LockLedger:
    """Remembers the locks of one transaction and refuses a step back; a row that is held may be asked for again."""

    def __init__(self) -> None:
        self._furthest: tuple[int, str] = (-1, "")
        self._held: set[tuple[int, str]] = set()
        self._is_counting = False

    def take(self, table: str, row_id: str) -> None:
        """Note a lock on one row; raises LockOrderError where the order is broken."""
        if table not in _RANK:
            raise LockOrderError(f"{table} has no place in LOCK_ORDER")
        step = (_RANK[table], row_id)
        if step in self._held:
            return
        if self._is_counting:
            raise LockOrderError(f"{table} locked after a counter; counters are locked last")
        if step < self._furthest:
            raise LockOrderError(f"{table} {row_id} locked after {LOCK_ORDER[self._furthest[0]]} {self._furthest[1]}")
        self._furthest = step
        self._held.add(step)

    def take_counter(self) -> None:
        """Note that a counter is locked: nothing may be locked after it."""
        self._is_counting = True
