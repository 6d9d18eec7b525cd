"""What is asked of events and temporary bodies, and what they show. Days are Asia/Shanghai calendar days."""

from datetime import date, datetime
from typing import Literal

import msgspec

OccasionKind = Literal["event", "body"]
OccasionState = Literal["open", "closed"]
KIND_NAMES: dict[str, str] = {"event": "活动", "body": "临时机构"}
STATE_NAMES: dict[str, str] = {"open": "进行中", "closed": "已办结"}
STEP_NAMES: dict[str, str] = {"created": "登记", "prolonged": "延期", "closed": "办结", "handed_over": "转交负责人"}


class CreateOccasion(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the actor's unit leads. `responsible_id`: a colleague who answers for it."""

    name: str
    starts_on: date
    ends_on: date
    responsible_id: str


class ProlongOccasion(msgspec.Struct, frozen=True, kw_only=True):
    """A later last day, and why."""

    occasion_id: str
    ends_on: date
    reason: str


class CloseOccasion(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an event for which nothing is out any more. `note`: how it ended, for the record."""

    occasion_id: str
    note: str


class OccasionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a loan needs to know of the event or body that it is for."""

    id: str
    kind: OccasionKind
    name: str
    ends_on: date


class OccasionChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One that an application can name."""

    id: str
    kind: OccasionKind
    kind_name: str
    name: str
    ends_on: date


class OccasionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One in a list. `starts_on`: None for a body. `unresolved_count`: what is on its recall list and not resolved."""

    id: str
    kind: OccasionKind
    kind_name: str
    name: str
    lead_unit_name: str
    responsible_name: str
    starts_on: date | None
    ends_on: date
    state: OccasionState
    state_name: str
    unresolved_count: int


class RecallItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the recall list (收回清单): a loan's, or a card that the body itself holds.

    `borrowing_id`, `number`: of the loan, else empty. `with_name`: who has it; `place_name`: where it belongs, and so
    goes back to. `way`: what resolves it, or how it was resolved.
    """

    asset_id: str
    asset_code: str
    asset_name: str
    value_fen: int
    borrowing_id: str
    number: str
    holder_unit_name: str
    with_name: str
    place_name: str
    state_name: str
    way: str
    is_resolved: bool


class OccasionStepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an event's history."""

    kind: str
    name: str
    at: datetime
    actor_name: str
    note: str


class OccasionView(msgspec.Struct, frozen=True, kw_only=True):
    """One event or body with its recall list: what is unresolved first. `can_prolong`, `can_close`: by the actor, now;
    of a body neither: it is a unit, which the system administrator prolongs and closes by document."""

    id: str
    kind: OccasionKind
    kind_name: str
    name: str
    lead_unit_id: str
    lead_unit_name: str
    responsible_name: str
    starts_on: date | None
    ends_on: date
    state: OccasionState
    state_name: str
    items: list[RecallItem]
    unresolved_count: int
    steps: list[OccasionStepView]
    can_prolong: bool
    can_close: bool
