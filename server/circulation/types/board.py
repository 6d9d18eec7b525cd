"""What the sharing board shows. Days are Asia/Shanghai calendar days, money is integer fen."""

from datetime import date, datetime
from typing import Literal

import msgspec

from server.circulation.types.requests import Reach

Sort = Literal["match", "newest", "value", "free"]


class ListingFilter(msgspec.Struct, frozen=True):
    """What the board is narrowed to. `free_from` and `free_to` come together: free on every day between.

    `free_by`: free from some day up to this one on. Values are fen, `value_from` included and `value_to` not.
    `sort`: without one, the best match where something is searched for, else the newest. `is_loose`: where nothing has
    every word, what has some of them is found.
    """

    text: str = ""
    category_prefix: str = ""
    region_code: str = ""
    condition: str = ""
    free_from: date | None = None
    free_to: date | None = None
    sort: Sort | None = None
    holder_unit_id: str = ""
    place_id: str = ""
    value_from: int | None = None
    value_to: int | None = None
    free_by: date | None = None
    is_loose: bool = False


class ListingRow(msgspec.Struct, frozen=True):
    """One card on the board. `free_from`: the first day from today on which nobody was promised it. `why`: how it
    fits what was searched for, in words."""

    id: str
    asset_id: str
    name: str
    condition: str
    condition_name: str
    holder_unit_name: str
    region_name: str
    place_name: str
    picture_id: str | None
    category_code: str
    value_fen: int
    free_from: date
    why: tuple[str, ...] = ()


class ListingOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of several cards. `listing`: as it was offered; `code` and `sentence`: why it was not."""

    asset_id: str
    listing: "ListingView | None" = None
    code: str = ""
    sentence: str = ""


class ListingView(msgspec.Struct, frozen=True):
    """A listing as its holder sees it after opening or closing it."""

    id: str
    asset_id: str
    name: str
    is_open: bool
    terms: str
    longest_days: int
    reach: Reach
    listed_at: datetime
    closed_at: datetime | None = None
    close_reason: str | None = None


class ListingDetail(msgspec.Struct, frozen=True):
    """All that a possible borrower sees of a listing. `can_borrow`: this person could apply for this unit.

    `alike_count`: equal things on the board, this one among them, any number of which can be asked for.
    `slot_minutes`, `opens_minute`, `closes_minute`: where it is lent by the hour too; minutes of the day.
    """

    id: str
    asset_id: str
    code: str
    name: str
    brand: str
    model: str
    specification: str
    category_code: str
    category_name: str
    condition: str
    condition_name: str
    value_fen: int
    holder_unit_id: str
    holder_unit_name: str
    region_name: str
    place_name: str
    picture_id: str | None
    terms: str
    longest_days: int
    listed_at: datetime
    free_from: date
    can_borrow: bool
    can_close: bool
    alike_count: int = 1
    slot_minutes: int | None = None
    opens_minute: int | None = None
    closes_minute: int | None = None


class IdleHit(msgspec.Struct, frozen=True, kw_only=True):
    """A thing on the board as it was on one day: what a proof keeps of it. `free_from`: as in ListingRow."""

    listing_id: str
    asset_id: str
    code: str
    name: str
    brand: str
    model: str
    specification: str
    category_code: str
    category_name: str
    condition: str
    condition_name: str
    value_fen: int
    holder_unit_name: str
    region_name: str
    place_name: str
    terms: str
    longest_days: int
    free_from: date


class IdleFound(msgspec.Struct, frozen=True):
    """What an idle search found. `board_count`: all that was on the boards; `is_cut`: there was more than `hits`."""

    hits: list[IdleHit]
    board_count: int
    is_cut: bool


class DayView(msgspec.Struct, frozen=True):
    """One day of the availability calendar. `beyond`: further ahead than the policy lets anyone book."""

    day: date
    state: Literal["free", "held", "past", "beyond"]


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """One slot of a day. `past`: it has begun."""

    starts_at: datetime
    ends_at: datetime
    state: Literal["free", "held", "past"]


class HoursView(msgspec.Struct, frozen=True, kw_only=True):
    """A day by the hour. `is_lent_by_day`: somebody has it for the whole day."""

    day: date
    slot_minutes: int
    is_lent_by_day: bool
    slots: list[SlotView]
