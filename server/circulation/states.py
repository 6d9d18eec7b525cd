"""The life of a borrowing as data (rules: Borrow, return, hand-in, transfer)."""

from enum import StrEnum


class BorrowingState(StrEnum):
    """Where a borrowing is. Being overdue is a fact beside the state."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    READY = "ready"
    ISSUED = "issued"
    RETURNED = "returned"
    INSPECTED = "inspected"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


STATE_NAMES: dict[str, str] = {
    BorrowingState.SUBMITTED: "审批中",
    BorrowingState.APPROVED: "已批准待备货",
    BorrowingState.READY: "待领取",
    BorrowingState.ISSUED: "借用中",
    BorrowingState.RETURNED: "已归还待验收",
    BorrowingState.INSPECTED: "待处理损坏或遗失",
    BorrowingState.CLOSED: "已办结",
    BorrowingState.REJECTED: "未通过",
    BorrowingState.WITHDRAWN: "已撤回",
    BorrowingState.EXPIRED: "逾期未领已失效",
}

# A fact beside the state, as being overdue is: it waits for its applicant, not for an approver.
SENT_BACK_NAME = "退回修改"


def state_name(state: str, correct_by: object) -> str:
    """What the state is called. `correct_by`: until when a borrowing that was sent back may be corrected, or None."""
    is_sent_back = state == BorrowingState.SUBMITTED and correct_by is not None
    return SENT_BACK_NAME if is_sent_back else STATE_NAMES[state]


TRANSITIONS: dict[BorrowingState, frozenset[BorrowingState]] = {
    BorrowingState.SUBMITTED: frozenset(
        {BorrowingState.APPROVED, BorrowingState.REJECTED, BorrowingState.WITHDRAWN, BorrowingState.EXPIRED}
    ),
    # Getting it ready is a courtesy of big warehouses; a keeper at a small one issues straight away.
    BorrowingState.APPROVED: frozenset(
        {BorrowingState.READY, BorrowingState.ISSUED, BorrowingState.WITHDRAWN, BorrowingState.EXPIRED}
    ),
    BorrowingState.READY: frozenset({BorrowingState.ISSUED, BorrowingState.WITHDRAWN, BorrowingState.EXPIRED}),
    # Of several things, the last to come back decides: it may be found intact after the others were inspected.
    BorrowingState.ISSUED: frozenset({BorrowingState.RETURNED, BorrowingState.INSPECTED, BorrowingState.CLOSED}),
    # Found intact, it is closed at once; found damaged or lost, it waits in INSPECTED for a recorded decision.
    BorrowingState.RETURNED: frozenset({BorrowingState.INSPECTED, BorrowingState.CLOSED}),
    BorrowingState.INSPECTED: frozenset({BorrowingState.CLOSED}),
    BorrowingState.CLOSED: frozenset(),
    BorrowingState.REJECTED: frozenset(),
    BorrowingState.WITHDRAWN: frozenset(),
    BorrowingState.EXPIRED: frozenset(),
}

# In these the days are promised to the borrowing.
HOLDING_STATES = frozenset(
    {BorrowingState.SUBMITTED, BorrowingState.APPROVED, BorrowingState.READY, BorrowingState.ISSUED}
)

INSPECTION_NAMES: dict[str, str] = {"intact": "完好", "worn": "正常磨损", "damaged": "有损坏"}
