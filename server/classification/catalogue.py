"""Reading and checking a catalogue file: every malformed row is named by its line, and the tree must hold together."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from server.classification.types import CategoryRow
from server.kernel.checks import is_refused_character
from server.kernel.errors import FieldError, InvalidInput

# The hand-picked part of 政府采购品目分类目录 (2022) that a demonstration starts with.
DEMO_CATALOGUE = Path(__file__).with_name("demo_categories.csv")
CATALOGUE_SOURCE = "政府采购品目分类目录"
CATALOGUE_VERSION = "2022"
MOST_ROWS = 20_000
_COLUMNS = ("code", "name", "level", "parent_code", "kind")
_CODE = re.compile(r"[ABC](\d{8})?")
_KIND_OF_LETTER = {"A": "goods", "B": "engineering", "C": "service"}


def read_catalogue(text: str) -> tuple[CategoryRow, ...]:
    """The rows of a CSV file with the columns code, name, level, parent_code, kind. InvalidInput `category.columns`
    where a column is missing; what stands in the cells is checked by the import."""
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    if not set(_COLUMNS) <= set(reader.fieldnames or ()):
        raise InvalidInput("category.columns")
    return tuple(
        CategoryRow(row=reader.line_num, **{name: (cells[name] or "").strip() for name in _COLUMNS}) for cells in reader
    )


def find_faults(rows: Iterable[CategoryRow], known_parents: Mapping[str, str | None]) -> list[FieldError]:
    """Everything wrong with the rows. `known_parents`: code → parent of what is stored already."""
    faults: list[FieldError] = []
    first_seen: dict[str, int] = {}
    parents = dict(known_parents)
    for row in rows:
        faults += _faults_of(row)
        if row.code in first_seen:
            faults.append(_fault(row, "code", "category.code_twice", value=row.code, first=first_seen[row.code]))
        first_seen.setdefault(row.code, row.row)
        parents[row.code] = row.parent_code or None
    if not faults:
        faults = [fault for row in rows for fault in _faults_of_chain(row, parents)]
    return faults


def path_of(code: str, parents: Mapping[str, str | None]) -> str:
    """Codes from the top down, each followed by a slash; the chain of parents must be whole."""
    path, above = f"{code}/", parents[code]
    while above is not None:
        path, above = f"{above}/{path}", parents[above]
    return path


def _faults_of(row: CategoryRow) -> list[FieldError]:
    is_code = _CODE.fullmatch(row.code) is not None
    if not is_code:
        return [_fault(row, "code", "category.code_malformed", value=row.code[:32])]
    faults = []
    if not 1 <= len(row.name) <= 128 or any(is_refused_character(letter) for letter in row.name):
        faults.append(_fault(row, "name", "category.name_malformed"))
    if row.level not in ({"0"} if len(row.code) == 1 else {"1", "2", "3", "4"}):
        faults.append(_fault(row, "level", "category.level_malformed"))
    if row.kind != _KIND_OF_LETTER[row.code[0]]:
        faults.append(_fault(row, "kind", "category.kind_malformed"))
    # The three letters stand at the top; everything else stands somewhere below its letter.
    is_top = len(row.code) == 1
    is_foreign = row.parent_code[:1] not in {"", row.code[0]}
    if is_top != (not row.parent_code) or is_foreign or row.parent_code == row.code:
        faults.append(_fault(row, "parent_code", "category.parent_malformed"))
    return faults


def _faults_of_chain(row: CategoryRow, parents: Mapping[str, str | None]) -> list[FieldError]:
    passed, above = {row.code}, row.parent_code or None
    while above is not None:
        if above not in parents:
            is_own = above == row.parent_code
            return [_fault(row, "parent_code", "category.parent_missing", value=above)] if is_own else []
        if above in passed:
            return [_fault(row, "parent_code", "category.parent_circle")]
        passed.add(above)
        above = parents[above]
    return []


def _fault(row: CategoryRow, column: str, code: str, **data: object) -> FieldError:
    return FieldError(f"rows.{row.row}.{column}", code, row=row.row, **data)
