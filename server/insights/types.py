"""A unit's year in figures (rules: Figures people ask for). Money in integer fen, days in calendar days of Shanghai."""

from datetime import date
from typing import Literal

import msgspec

LoanKind = Literal["lent", "borrowed", "late", "late_lent", "damaged"]
LossSide = Literal["losses", "caused"]


class LoanFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the loans first handed out in the year. `loans`: papers; `pieces`: things on them that were handed
    out; `days`: each thing's days out, the first and the last included (what is still out: until today).

    `late_loans`, `late_days`: those of which something came back after its last day, or should have by now, and by how
    many days the last of it was late. `damaged`, `damaged_fen`: things that were found damaged, and their book value.
    """

    loans: int
    pieces: int
    days: int
    value_fen: int
    late_loans: int
    late_days: int
    damaged: int
    damaged_fen: int


class LossFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the cases that were reported in the year. `lost`, `lost_fen`: things that were not found again, and
    their book value. `due_fen`: what was decided to be paid for lost and damaged things, without what was waived, and
    of things that were found again only what was paid and not paid back; `paid_fen`: what has been paid and not paid
    back by now. `written_off`, `written_off_fen`: those written off by now.
    """

    lost: int
    lost_fen: int
    due_fen: int
    paid_fen: int
    written_off: int
    written_off_fen: int


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """What need not be bought: each thing that a unit borrowed in the year counts once for that unit, at the price
    ceiling of the allocation standard of the day it was first borrowed (of several grades the lowest), or at its book
    value where no standard prices such a thing by the piece."""

    pieces: int
    fen: int
    by_standard: int
    by_standard_fen: int


class YearFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One year. `needs`: purchase needs that were met from what there is, with their pieces and budget.

    `decided`: those and the needs whose purchase was approved. `posts_met`: of the wanted board. `listed`: offered.
    `losses`: of the unit's own things while others had them; `caused`: of others' things while the unit had them.
    """

    year: int
    lent: LoanFigures
    borrowed: LoanFigures
    saving: Saving
    needs: int
    needs_pieces: int
    needs_fen: int
    decided: int
    posts_met: int
    listed: int
    listed_fen: int
    losses: LossFigures
    caused: LossFigures


class UnitYear(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's year beside the year before. `is_below`: its units below are counted too.

    Now: `late_now`, `late_lent_now` loans that are overdue, `listed_now` things that are offered.
    """

    unit_id: str
    unit_name: str
    is_below: bool
    can_see_below: bool
    figures: YearFigures
    before: YearFigures
    late_now: int
    late_lent_now: int
    listed_now: int


class YearLoan(msgspec.Struct, frozen=True, kw_only=True):
    """One loan behind a figure. `value_fen`, `days`: of its things together; `late_days`: 0 where nothing was late."""

    id: str
    number: str
    title: str
    borrower_unit_name: str
    holder_unit_name: str
    issued_on: date
    to_day: date
    pieces: int
    days: int
    value_fen: int
    late_days: int
    damaged: int
    damaged_fen: int


class SavedThing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a unit need not buy. `source`: where the price comes from."""

    asset_code: str
    asset_name: str
    unit_name: str
    number: str
    borrowing_id: str
    borrowed_on: date
    price_fen: int
    is_by_standard: bool
    source: str


class MetNeed(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase need that was met from what there is."""

    id: str
    number: str
    item: str
    unit_name: str
    quantity: int
    budget_fen: int
    met_on: date
    how: str


class OfferedThing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was offered in the year."""

    id: str
    asset_code: str
    name: str
    unit_name: str
    value_fen: int
    listed_on: date
    is_open: bool


class YearLoss(msgspec.Struct, frozen=True, kw_only=True):
    """One case behind a figure; see `LossFigures`. `refunded_fen`: what `paid_fen` does not hold any more."""

    id: str
    number: str
    kind_name: str
    asset_code: str
    asset_name: str
    borrower_unit_name: str
    holder_unit_name: str
    reported_on: date
    value_fen: int
    due_fen: int
    paid_fen: int
    refunded_fen: int
    state_name: str
