"""Where the table of a sheet is: the row or the two rows of its headings, and what is said above them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from server.assets.importing.columns import LONGEST_HEADING, known_fields

# A heading this far down is no heading any more: above it stand titles, units and dates of the list.
HEADING_WITHIN = 30
_AMOUNTS = re.compile(r"单位[:：]?(人民币)?[(（]?万元")
_NUMBER = re.compile(r"[\d.,/-]+")
Line = tuple[int, list[str]]


class SheetPlan(msgspec.Struct, frozen=True):
    """How one sheet is read: `heading_row` (None: no table was found; 0: it goes on with the table of the sheet
    before), the heading of each column, and whether it says above them that its amounts are in 万元."""

    index: int
    name: str
    heading_row: int | None
    headings: list[str]
    is_in_ten_thousand: bool = False


def plan_sheet(index: int, name: str, rows: Sequence[Line], before: SheetPlan | None = None) -> SheetPlan:
    """Find the table in a sheet's first rows: the heading with the most known fields, of one row or of two.

    Where none is known, a sheet whose first row is already a thing goes on with the table of the sheet `before` it; of
    another the first row of at least three cells is taken for the heading, for people to correct.
    """
    head = rows[:HEADING_WITHIN]
    score, number, cells = max(_headings(head), key=lambda found: found[0], default=(0, 0, []))
    if score < 2:
        first = next((line for line in head if sum(map(bool, line[1])) >= 3), None)
        if first is None:
            return SheetPlan(index, name, None, [])
        if before is not None and before.heading_row is not None and _goes_on(first[1], before):
            return SheetPlan(index, name, 0, before.headings, before.is_in_ten_thousand)
        number, cells = first
    said_above = [cell for row, line in head if row < number for cell in line]
    is_in_ten_thousand = any(_AMOUNTS.search("".join(cell.split())) for cell in said_above)
    return SheetPlan(index, name, number, unique_headings(cells), is_in_ten_thousand)


def _headings(rows: Sequence[Line]) -> Iterator[tuple[int, int, list[str]]]:
    """What could be the heading: (known fields, its last row, cells), each row first and then each two together."""
    scores = [len(known_fields(cells)) for _, cells in rows]
    yield from ((score, number, cells) for score, (number, cells) in zip(scores, rows, strict=True))
    for place in range(len(rows) - 1):
        (above, upper), (below, lower) = rows[place : place + 2]
        both = _together(upper, lower)
        score = len(known_fields(both))
        # Two rows are one heading where together they name more than either: 价值 over 单价 and 金额.
        if below == above + 1 and score > max(scores[place : place + 2]):
            yield score, below, both


def _together(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    above, below = [*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))]
    return [under or over for over, under in zip(above, below, strict=True)]


def _goes_on(cells: Sequence[str], before: SheetPlan) -> bool:
    """Whether a row is a thing of the table before: as wide, and with numbers, which no heading has."""
    has_number = any(_NUMBER.fullmatch(cell) for cell in cells if cell)
    return has_number and abs(len(cells) - len(before.headings)) <= 1 and len(known_fields(before.headings)) >= 2


def unique_headings(cells: Sequence[str]) -> list[str]:
    """Headings that can be told apart: a second 备注 is 备注（2）; a column without one stays nameless."""
    seen: Counter[str] = Counter()
    headings = []
    for cell in cells:
        text = cell[:LONGEST_HEADING]
        seen[text] += bool(text)
        headings.append(text if seen[text] <= 1 else f"{text}（{seen[text]}）")
    return headings


def says_yuan(heading: str) -> bool:
    """Whether a heading says that its amounts are in 元, whatever stands above the table."""
    folded = unicodedata.normalize("NFKC", heading)
    return "元" in folded.replace("万元", "")
