"""What was found, counted by what one can narrow it to."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from server.assets.states import CONDITION_NAMES
from server.circulation.finding_types import Tallies, Tally
from server.kernel.instants import to_day_number
from server.kernel.storage.database import Row

# Fen, from the first and below the next: under 1,000 yuan, to 5,000, to 20,000, to 100,000, and above.
VALUE_BANDS: tuple[tuple[int, int | None, str], ...] = (
    (0, 100_000, "1 千元以下"),
    (100_000, 500_000, "1 千至 5 千元"),
    (500_000, 2_000_000, "5 千至 2 万元"),
    (2_000_000, 10_000_000, "2 万至 10 万元"),
    (10_000_000, None, "10 万元以上"),
)
FREE_WITHIN: tuple[tuple[int, str], ...] = ((0, "今天可借"), (7, "7 天内可借"), (30, "30 天内可借"))


def tallies_of(rows: list[Row], today: date) -> Tallies:
    """The counts over `rows`, largest first; values and days in their own order. Days and bands with none are left
    out; a later day counts what an earlier one does."""
    return Tallies(
        categories=_tallies((row["category_code"], "") for row in rows),
        regions=_tallies((row["region_code"], row["region_name"]) for row in rows),
        units=_tallies((row["holder_unit_id"], row["holder_unit_name"]) for row in rows),
        places=_tallies((row["place_id"], row["place_name"]) for row in rows),
        conditions=_tallies((row["is_like"], CONDITION_NAMES[row["is_like"]]) for row in rows),
        free=_free(rows, today),
        values=_values(rows),
    )


def _tallies(pairs: Iterable[tuple[str, str]]) -> tuple[Tally, ...]:
    labels, counts = dict[str, str](), Counter[str]()
    for value, label in pairs:
        labels.setdefault(value, label)
        counts[value] += 1
    return tuple(Tally(value, count, labels[value]) for value, count in sorted(counts.items(), key=_largest_first))


def _largest_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _free(rows: list[Row], today: date) -> tuple[Tally, ...]:
    counted = []
    for days, label in FREE_WITHIN:
        last = to_day_number(today + timedelta(days=days))
        counted.append(Tally(str(days), sum(row["free_from"] <= last for row in rows), label))
    return tuple(tally for tally in counted if tally.count)


def _values(rows: list[Row]) -> tuple[Tally, ...]:
    counted = []
    for first, below, label in VALUE_BANDS:
        count = sum(first <= row["value_fen"] and (below is None or row["value_fen"] < below) for row in rows)
        counted.append(Tally(str(first), count, label))
    return tuple(tally for tally in counted if tally.count)
