"""What finding on the board gives: pages with counts, saved searches, and where things are."""

from datetime import datetime

import msgspec

from server.circulation.types import ListingFilter, ListingRow, Sort


class Tally(msgspec.Struct, frozen=True):
    """How many of what was found have this value. `value`: as the filter takes it; `label`: in words, where the
    board knows them."""

    value: str
    count: int
    label: str = ""


class Tallies(msgspec.Struct, frozen=True):
    """What was found, counted: by category code, region, holding unit, place, condition, first free day and value."""

    categories: tuple[Tally, ...]
    regions: tuple[Tally, ...]
    units: tuple[Tally, ...]
    places: tuple[Tally, ...]
    conditions: tuple[Tally, ...]
    free: tuple[Tally, ...]
    values: tuple[Tally, ...]


class ReadAs(msgspec.Struct, frozen=True):
    """A word that nothing has, and what it was taken for."""

    typed: str
    meant: str


class Finds(msgspec.Struct, frozen=True):
    """One page of what the board has, with counts over all that was ranked. `is_capped`: only the best (or newest)
    1,000 were ranked and counted."""

    items: list[ListingRow]
    next_cursor: str | None
    total: int
    is_capped: bool
    sort: Sort
    tallies: Tallies
    reads_as: list[ReadAs]


class SaveSearch(msgspec.Struct, frozen=True):
    """Keep a search of the board under a name. `wants_notice`: tell when something new fits."""

    name: str
    wanted: ListingFilter
    wants_notice: bool = True


class SavedSearchView(msgspec.Struct, frozen=True):
    """A saved search as its owner sees it. Days and order are no part of it."""

    id: str
    name: str
    wanted: ListingFilter
    wants_notice: bool
    created_at: datetime


class Spot(msgspec.Struct, frozen=True):
    """One region, unit or place with how many of the board's things are there."""

    id: str
    name: str
    count: int


class Whereabouts(msgspec.Struct, frozen=True):
    """What lies one level below, and the names of the region and the unit that were asked for."""

    spots: list[Spot]
    region_name: str
    unit_name: str
