"""What is asked of circulation. Days are Asia/Shanghai calendar days, both ends included."""

from datetime import date, datetime
from typing import Literal

import msgspec

Reach = Literal["city", "district"]
Inspection = Literal["intact", "worn", "damaged"]


class OpeningHours(msgspec.Struct, frozen=True):
    """When a thing is lent by the hour: slots of so many minutes, from `opens` until `closes`, minutes of the day."""

    slot_minutes: int
    opens: int
    closes: int


class OpenListing(msgspec.Struct, frozen=True):
    """Offer a card on the board. `reach`: the people of the whole city, or of the holder's district only. `hours`: it
    is lent by the hour too."""

    asset_id: str
    terms: str
    longest_days: int
    reach: Reach = "city"
    hours: OpeningHours | None = None


class Collection(msgspec.Struct, frozen=True):
    """How the borrower's side wants to get the things: fetched or brought, on which day and half-day.

    `address`: where to bring them, for a delivery.
    """

    way: Literal["pickup", "delivery"]
    day: date
    half: Literal["morning", "afternoon"]
    address: str = ""


class ChooseCollection(msgspec.Struct, frozen=True):
    """Say, or say anew, how what is applied for or approved should be collected."""

    borrowing_id: str
    collection: Collection


class SignHandover(msgspec.Struct, frozen=True):
    """Both sides sign for everything that was issued, or taken back, since the last time.

    Each by its full name (`keeper_name` is the keeper's own), and by a drawn signature where there is a screen for it:
    the ids of pictures that the keeper's unit has stored.
    """

    borrowing_id: str
    kind: Literal["issue", "return"]
    other_name: str
    keeper_name: str
    other_signature_id: str | None = None
    keeper_signature_id: str | None = None


class SubmitBorrowing(msgspec.Struct, frozen=True):
    """Apply to borrow one card from `from_day` to `to_day`, both included. `phone`: for the keeper, kept sealed.

    `quantity`: None for this very card; a number for as many cards equal to it, whichever are free. `occasion_id`: the
    event or temporary body that it is for, led by the actor's unit.
    """

    asset_id: str
    from_day: date
    to_day: date
    purpose: str
    phone: str | None = None
    quantity: int | None = None
    collection: Collection | None = None
    occasion_id: str | None = None


class SubmitHours(msgspec.Struct, frozen=True):
    """Apply to borrow one card from `starts_at` until `ends_at`, two instants of one day. `phone`: as for days."""

    asset_id: str
    starts_at: datetime
    ends_at: datetime
    purpose: str
    phone: str | None = None


class WantedLine(msgspec.Struct, frozen=True):
    """One thing of a basket. `quantity`: None for this very card; a number for as many cards equal to it."""

    asset_id: str
    quantity: int | None = None


class SubmitBasket(msgspec.Struct, frozen=True):
    """Apply for several things for the same days; whatever has another holder becomes a borrowing of its own.

    `occasion_id`: the event or temporary body that they are for, led by the actor's unit.
    """

    lines: list[WantedLine]
    from_day: date
    to_day: date
    purpose: str
    phone: str | None = None
    occasion_id: str | None = None


class KeptLine(msgspec.Struct, frozen=True):
    """How many cards of a line of the application stay on it; none takes the line off."""

    item: int
    quantity: int


class CorrectBorrowing(msgspec.Struct, frozen=True):
    """What was sent back, as it should be now. `kept`: the lines of which fewer are wanted; the others stay as they
    are. `note`: what the applicant has to say to the approvers."""

    borrowing_id: str
    from_day: date
    to_day: date
    purpose: str
    phone: str | None = None
    kept: tuple[KeptLine, ...] = ()
    note: str = ""


class CorrectRenewal(msgspec.Struct, frozen=True):
    """The renewal that was sent back, as it should be now."""

    borrowing_id: str
    to_day: date
    reason: str
    note: str = ""


class WithdrawBorrowing(msgspec.Struct, frozen=True):
    """Take an application back before the thing is issued."""

    borrowing_id: str
    reason: str


class RenewBorrowing(msgspec.Struct, frozen=True):
    """Ask to keep what is out, and what of it is still to be collected, until `to_day`, included."""

    borrowing_id: str
    to_day: date
    reason: str


class WithdrawRenewal(msgspec.Struct, frozen=True):
    """Take a renewal back before it is decided."""

    borrowing_id: str
    reason: str


class IssueByCode(msgspec.Struct, frozen=True):
    """Hand out the thing whose code or label was scanned or typed. `borrowing_id`: the one the keeper has open.

    `accessories`: of each part that belongs to it how many go along, by name; None where nobody went through the list.
    """

    borrowing_id: str | None
    code: str
    received_by: str
    accessories: dict[str, int] | None = None


class ReturnByCode(msgspec.Struct, frozen=True):
    """Take back the thing whose code or label was scanned or typed.

    `accessories`: of each part that went out with it how many are back, by name; None where nobody went through the
    list: it is gone through at the inspection.
    """

    code: str
    accessories: dict[str, int] | None = None


class InspectReturn(msgspec.Struct, frozen=True):
    """What was found when the thing came back. `picture_id` and `note` are required for damage.

    `accessories`: as of `ReturnByCode`, where they were not gone through before.
    """

    borrowing_id: str
    asset_id: str
    result: Inspection
    note: str = ""
    picture_id: str | None = None
    accessories: dict[str, int] | None = None


class ResolveDamage(msgspec.Struct, frozen=True):
    """What was decided about damage (`decision`), why (`note`), and where the thing goes.

    `asset_id`: which thing, where several of a borrowing are damaged. `compensation_fen`: what the borrower's unit
    pays.
    """

    borrowing_id: str
    decision: str
    to: Literal["back_to_use", "repair"]
    note: str = ""
    asset_id: str | None = None
    compensation_fen: int = 0
