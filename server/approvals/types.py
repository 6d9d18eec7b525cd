"""What approvals takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from server.identity.types import UnitFacts

SHORTEST_REASON = 2
LONGEST_OPINION = 500


class State(StrEnum):
    """Of a chain and of a task alike."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    # Sent back with what to correct: of a chain until it is sent again, of the task for good.
    RETURNED = "returned"


STATE_NAMES: dict[str, str] = {
    State.PENDING: "待审批",
    State.APPROVED: "已同意",
    State.REJECTED: "不同意",
    State.CANCELLED: "已撤回",
    State.RETURNED: "退回修改",
}
# A step that the chain has not reached.
WAITING = "waiting"
WAITING_NAME = "未到"
# What is not decided for good: it waits for an approver, or for its applicant.
OPEN_STATES = (State.PENDING.value, State.RETURNED.value)
# A task's step counts on from here with every round, so that a chain never has two tasks of one number.
ROUND_STRIDE = 100


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One planned step: who (`role`) in which unit. `unit_path` ends with a slash. `why`: what made it necessary, for
    people; empty on what was planned before it was kept."""

    name: str
    role: str
    unit_id: str
    unit_path: str
    unit_name: str = ""
    why: str = ""


class OpenChain(msgspec.Struct, frozen=True, kw_only=True):
    """An application that needs approvals. `policy_version_id`: the version from which `steps` were planned."""

    subject_kind: str
    subject_id: str
    title: str
    applicant_id: str
    applicant_unit: UnitFacts
    policy_version_id: str
    steps: list[Step]
    applicant_name: str = ""


class Decide(msgspec.Struct, frozen=True):
    """Approve or reject one step. A rejection says why in `opinion` (2 characters or more)."""

    task_id: str
    is_approved: bool
    opinion: Annotated[str, msgspec.Meta(max_length=LONGEST_OPINION)] = ""
    # The subject's version that the approver saw; None where nothing is compared.
    version: int | None = None


class ReturnTask(msgspec.Struct, frozen=True):
    """Send an application back to be corrected. `opinion` says what to correct (2 characters or more)."""

    task_id: str
    opinion: Annotated[str, msgspec.Meta(max_length=LONGEST_OPINION)]
    version: int | None = None


Choice = Literal["approve", "reject", "return"]
MOST_AT_ONCE = 20


class ChosenDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One of several decisions. `version`: the subject's as the approver saw it; since changed, it is not decided."""

    task_id: str
    choice: Choice
    version: int
    opinion: Annotated[str, msgspec.Meta(max_length=LONGEST_OPINION)] = ""


class DecisionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of several decisions. `task`: as decided; `code` and `sentence`: why it was not."""

    task_id: str
    is_done: bool
    task: "TaskView | None" = None
    code: str = ""
    sentence: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an applicant corrected: the field's Chinese name, and what it said before and after, for people."""

    name: str
    before: str
    after: str


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """A returned application that is sent again: its plan and title as they are now, and what was changed."""

    title: str
    steps: list[Step]
    changes: list[Change]


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """One step as its approver sees it. `can_decide`: it waits, and for the reader; `can_return`: it may also be
    sent back. `round`: 1, and one more each time
    the application was sent back and sent again."""

    id: str
    chain_id: str
    subject_kind: str
    subject_id: str
    title: str
    step_name: str
    step_number: int
    step_count: int
    role: str
    role_name: str
    unit_id: str
    unit_name: str
    applicant_name: str
    applicant_unit_name: str
    state: str
    state_name: str
    opinion: str | None
    decided_by_name: str | None
    on_behalf_of_name: str | None
    created_at: datetime
    decided_at: datetime | None
    can_decide: bool
    can_return: bool = False
    round: int = 1
    why: str = ""


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the line that people read. `state`: pending, approved, rejected, cancelled, returned, or waiting (not
    reached). `task_id`: None while it is not reached. `why`: what made it necessary, for people."""

    name: str
    role: str
    role_name: str
    unit_id: str
    unit_name: str
    state: str
    state_name: str
    task_id: str | None
    decided_by_name: str | None
    on_behalf_of_name: str | None
    decided_at: datetime | None
    opinion: str | None
    why: str = ""


class RoundView(msgspec.Struct, frozen=True, kw_only=True):
    """A way through the approvals that ended by being sent back, and what the applicant then changed."""

    number: int
    steps: list[StepView]
    corrected_by_name: str
    corrected_at: datetime
    changes: list[Change]


class ChainView(msgspec.Struct, frozen=True, kw_only=True):
    """An application's way through its approvals. `rounds`: the earlier ones, each of which was sent back; `steps` are
    those of the present one, `round`."""

    id: str
    state: str
    state_name: str
    policy_version_id: str
    created_at: datetime
    decided_at: datetime | None
    steps: list[StepView]
    applicant_id: str = ""
    round: int = 1
    rounds: list[RoundView] = []
