"""How a card stands to the allocation standard of its kind: dearer than its ceiling, or scrapped before its time.

Standards warn and never block (财资〔2016〕27号 leaves what was lawfully acquired in use until it is worn out).
"""

from datetime import date

import msgspec

from server.classification.standards.types import Standard


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`ceiling_fen`: the ceiling on the day it was acquired; None where there was none then, or none by the piece.

    `is_over_ceiling`: dearer than any grade allows. `is_for_higher_grade`: dearer than the lowest grade's ceiling.
    `serves_until`: the last day of its shortest service life; None where today's standard sets none.
    """

    name: str
    source: str
    region_name: str
    evidence_name: str
    ceiling_fen: int | None = None
    min_years: int | None = None
    serves_until: date | None = None
    is_over_ceiling: bool = False
    is_for_higher_grade: bool = False
    is_too_early_to_scrap: bool = False


def standing_of(
    bought: Standard | None, present: Standard | None, value_fen: int, acquired_on: date, day: date
) -> Standing | None:
    """The standing on `day`. `bought`: the standard on the day of acquisition, by which the price is judged;
    `present`: the one on `day`, by which the service life is. None where neither says anything."""
    told = present or bought
    if told is None:
        return None
    priced = bought if bought is not None and bought.is_priced_by_piece else None
    serves_until = None if present is None else years_after(acquired_on, present.min_years)
    return Standing(
        name=told.name,
        source=told.source,
        region_name=told.region_name,
        evidence_name=told.items[0].evidence_name,
        ceiling_fen=None if priced is None else priced.ceiling_fen,
        min_years=None if present is None else present.min_years,
        serves_until=serves_until,
        is_over_ceiling=priced is not None and value_fen > priced.ceiling_fen,
        is_for_higher_grade=priced is not None and priced.floor_fen < value_fen <= priced.ceiling_fen,
        is_too_early_to_scrap=serves_until is not None and day < serves_until,
    )


def years_after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the day before where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
