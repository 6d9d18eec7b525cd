"""What a borrowing and all that belongs to it shows. Days are Asia/Shanghai calendar days, money is integer fen."""

from datetime import date, datetime
from typing import Literal

import msgspec

from server.approvals.types import ChainView
from server.circulation.occasions.types import OccasionFacts
from server.circulation.types.requests import Collection

RoleView = Literal["mine", "unit", "holder", "desk"]
DeskStep = Literal["issue", "return", "inspect", "resolve"]


class LineAccessoryView(msgspec.Struct, frozen=True):
    """A part that went out with a card: how many belong to it, went out, and came back (None until then)."""

    name: str
    pieces: int
    issued: int
    returned: int | None


class LineView(msgspec.Struct, frozen=True):
    """One card of a borrowing. `item`: which line of the application it is for. `is_any`: an equal card may be issued
    in its stead. `instead_of_code`: the card that was promised where that was done. `missing`: in words, what went out
    with it and did not come back."""

    id: str
    item: int
    asset_id: str
    asset_code: str
    asset_name: str
    value_fen: int
    state: str
    state_name: str
    is_any: bool = False
    instead_of_code: str | None = None
    issued_at: datetime | None = None
    issued_to: str | None = None
    returned_at: datetime | None = None
    inspection_result: str | None = None
    inspection_result_name: str | None = None
    inspection_note: str | None = None
    inspection_picture_id: str | None = None
    damage_decision: str | None = None
    accessories: list[LineAccessoryView] = []
    missing: str = ""
    is_issue_signed: bool = False
    is_return_signed: bool = False


class RenewalView(msgspec.Struct, frozen=True):
    """One renewal: from the loan's last day as it was (`from_day`) to the one asked for, and who must agree."""

    id: str
    borrowing_id: str
    ordinal: int
    from_day: date
    to_day: date
    reason: str
    state: str
    state_name: str
    applicant_name: str
    submitted_at: datetime
    decided_at: datetime | None
    chain: ChainView | None
    correct_by: date | None = None


class HandoverView(msgspec.Struct, frozen=True):
    """What was handed out or taken back at one time: by which keeper, to or from whom, how many, and the pictures of
    their signatures."""

    id: str
    kind: str
    kind_name: str
    at: datetime
    pieces: int
    keeper_name: str
    keeper_signature_id: str | None
    other_name: str
    other_signature_id: str | None


class LossRef(msgspec.Struct, frozen=True):
    """A case of something lost or damaged of a loan. `amount_fen`: None until it is decided; `left_fen`: of it not paid
    and not waived."""

    id: str
    number: str
    asset_id: str
    asset_name: str
    kind_name: str
    state: str
    state_name: str
    amount_fen: int | None
    left_fen: int


class BorrowingEventView(msgspec.Struct, frozen=True):
    """One step on the line of steps: what, when, by whom."""

    kind: str
    name: str
    at: datetime
    actor_name: str
    note: str


class BorrowingRow(msgspec.Struct, frozen=True):
    """One borrowing in a list. `thing`: what is borrowed in a few words; `asset_id`: its first card.

    `piece_count`: all its cards; `waiting_count`: those to be collected; `out_count`: those that are out; `progress`:
    the same in words, where its cards are not all at one point.
    """

    id: str
    number: str
    state: str
    state_name: str
    is_overdue: bool
    asset_id: str
    asset_code: str
    thing: str
    applicant_name: str
    borrower_unit_name: str
    holder_unit_name: str
    place_name: str
    from_day: date
    to_day: date
    collect_by: date | None
    submitted_at: datetime
    piece_count: int = 1
    waiting_count: int = 0
    out_count: int = 0
    progress: str = ""


class BorrowingView(msgspec.Struct, frozen=True):
    """A borrowing with its approvals, lines and steps, and what the viewer may do with it now.

    `title`: what is borrowed in a few words. `waiting_count`: cards still to be collected, also while others are out;
    `out_count`: cards that are out; `progress`: the same in words. `can_withdraw`: take it back, or what of it was not
    collected. `renewals`: oldest first; `can_renew`: the last day has not passed, and the policy allows one more.
    `occasion`: the event or temporary body that it is for.
    `starts_at`, `ends_at`: by the hour, of the one day `from_day`.
    `correct_by`: it was sent back, and the applicant may correct it (`can_correct`) until that day, included.
    `version`: what a decision on what was shown names. `applicant_phone` is in clear for the applicant and the holder's
    desk, who must reach each other; else None.
    """

    id: str
    number: str
    title: str
    state: str
    state_name: str
    is_overdue: bool
    applicant_id: str
    applicant_name: str
    applicant_phone: str | None
    borrower_unit_id: str
    borrower_unit_name: str
    holder_unit_id: str
    holder_unit_name: str
    place_name: str
    purpose: str
    from_day: date
    to_day: date
    day_count: int
    collect_by: date | None
    submitted_at: datetime
    end_reason: str | None
    lines: list[LineView]
    chain: ChainView
    events: list[BorrowingEventView]
    version: int = 1
    correct_by: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    piece_count: int = 1
    waiting_count: int = 0
    out_count: int = 0
    progress: str = ""
    collection: Collection | None = None
    occasion: OccasionFacts | None = None
    handovers: list[HandoverView] = []
    can_sign_issue: bool = False
    can_sign_return: bool = False
    can_choose_collection: bool = False
    renewals: list[RenewalView] = []
    can_renew: bool = False
    can_withdraw_renewal: bool = False
    can_withdraw: bool = False
    can_correct: bool = False
    can_correct_renewal: bool = False
    can_mark_ready: bool = False
    can_issue: bool = False
    can_return: bool = False
    can_report_loss: bool = False
    losses: list[LossRef] = []
    can_inspect: bool = False
    can_resolve: bool = False


class BasketItemView(msgspec.Struct, frozen=True):
    """One thing in somebody's basket. `listing_id`: None where it is no longer on the board for the person's unit.

    `alike_count`: how many equal ones are on the board; `party`: the same for things that become one borrowing.
    """

    asset_id: str
    quantity: int | None
    listing_id: str | None
    name: str
    holder_unit_name: str
    place_name: str
    picture_id: str | None
    category_code: str
    longest_days: int
    alike_count: int
    party: str


class BasketView(msgspec.Struct, frozen=True):
    """What a basket became: one borrowing for each holder and warehouse or site."""

    borrowings: list[BorrowingView]


class NextAtDesk(msgspec.Struct, frozen=True):
    """What a desk does next with one card, and for which borrowing."""

    kind: DeskStep
    borrowing_id: str
