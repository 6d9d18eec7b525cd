"""Reading and checking a table of standards: every malformed cell is named by its line, nothing is guessed.

Rows without a category get the one whose name is the item's, word for word; whoever imports can name another.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO

import msgspec

from server.classification.standards.types import EVIDENCE_NAMES, FAMILY_NAMES, StandardRow
from server.kernel.checks import is_refused_character
from server.kernel.errors import FieldError, InvalidInput
from server.kernel.money import parse_yuan

MOST_ROWS = 2_000
# The heads of the columns, as programs and as people write them.
_HEADS: dict[str, tuple[str, ...]] = {
    "family": ("group", "类别", "大类"),
    "item": ("item", "资产项目", "资产名称", "项目", "品目名称"),
    "category_code": ("category_code", "品目编码", "分类编码"),
    "price_ceiling_yuan": ("price_ceiling_yuan", "价格上限", "价格上限（元）", "单价上限（元）"),
    "unit": ("unit", "计价单位", "单位"),
    "min_years": ("min_years", "最低使用年限", "最低使用年限（年）", "使用年限"),
    "quantity_rule": ("quantity_rule", "数量标准", "数量上限", "配置数量"),
    "evidence": ("evidence", "核对情况", "依据程度"),
}
_OPTIONAL = {"category_code", "quantity_rule", "evidence"}
_FAMILY_OF = {name: code for code, name in FAMILY_NAMES.items()}
_EVIDENCE_OF = {name: code for code, name in EVIDENCE_NAMES.items()}
_CODE = re.compile(r"[ABC]([0-9]{8})?")
_YEARS = re.compile(r"[0-9]{1,2}")
_GRADE = re.compile(r"[（(].*[）)]$")


class CheckedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row in its own types."""

    family: str
    item: str
    category_code: str | None
    price_ceiling_fen: int
    measure: str
    min_years: int
    quantity_rule: str
    evidence: str


def read_standard(text: str) -> tuple[StandardRow, ...]:
    """The rows of a CSV text with a line of heads; empty lines are left out. InvalidInput `standard.columns` naming
    what is missing; what stands in the cells is checked by the import."""
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InvalidInput("standard.not_csv") from error
    filled = [(number, cells) for number, cells in lines if any(cells)]
    places = _places(filled[0][1] if filled else [])
    return tuple(
        StandardRow(row=number, **{name: _cell(cells, place) for name, place in places.items()})
        for number, cells in filled[1:]
    )


def _places(heads: list[str]) -> dict[str, int | None]:
    places = {
        name: next((at for at, head in enumerate(heads) if head in known), None) for name, known in _HEADS.items()
    }
    missing = [_HEADS[name][1] for name, place in places.items() if place is None and name not in _OPTIONAL]
    if missing:
        raise InvalidInput("standard.columns", missing="、".join(missing))
    return places


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def checked_rows(
    rows: Iterable[StandardRow], category_names: Mapping[str, str]
) -> tuple[list[CheckedRow], list[FieldError]]:
    """The rows in their types, and everything that is wrong with them. `category_names`: code → name of every one."""
    codes = _codes_by_name(category_names)
    faults: list[FieldError] = []
    checked = []
    for row in rows:
        before = len(faults)
        made = _checked(row, category_names, codes, faults)
        if len(faults) == before:
            checked.append(made)
    return checked, faults


def _codes_by_name(category_names: Mapping[str, str]) -> dict[str, str | None]:
    """Name → code; a name that several categories have stands for none of them."""
    codes: dict[str, str | None] = {}
    for code, name in category_names.items():
        codes[name] = None if name in codes else code
    return codes


def _checked(
    row: StandardRow, names: Mapping[str, str], codes: Mapping[str, str | None], faults: list[FieldError]
) -> CheckedRow:
    family = _FAMILY_OF.get(row.family, row.family)
    evidence = _EVIDENCE_OF.get(row.evidence, row.evidence or "unverified")
    fen = parse_yuan(row.price_ceiling_yuan)
    wrong = {
        "family": "standard.family_malformed" if family not in FAMILY_NAMES else "",
        "item": "" if _is_line(row.item, 1, 64) else "standard.item_malformed",
        "category_code": _code_fault(row.category_code, names),
        "price_ceiling_yuan": "" if fen else "standard.price_malformed",
        "unit": "" if _is_line(row.unit, 1, 16) else "standard.unit_malformed",
        "min_years": "" if _YEARS.fullmatch(row.min_years) and row.min_years != "0" else "standard.years_malformed",
        "quantity_rule": "" if _is_line(row.quantity_rule, 0, 255) else "standard.rule_malformed",
        "evidence": "standard.evidence_malformed" if evidence not in EVIDENCE_NAMES else "",
    }
    faults += [
        FieldError(f"rows.{row.row}.{name}", code, row=row.row, value=row.category_code[:32])
        for name, code in wrong.items()
        if code
    ]
    return CheckedRow(
        family=family,
        item=row.item,
        category_code=row.category_code or codes.get(_GRADE.sub("", row.item)),
        price_ceiling_fen=fen or 0,
        measure=row.unit.removeprefix("元/"),
        min_years=int(row.min_years) if _YEARS.fullmatch(row.min_years) else 0,
        quantity_rule=row.quantity_rule,
        evidence=evidence,
    )


def _is_line(text: str, shortest: int, longest: int) -> bool:
    is_clean = not any(is_refused_character(letter) for letter in text) and "\n" not in text
    return shortest <= len(text) <= longest and is_clean


def _code_fault(code: str, names: Mapping[str, str]) -> str:
    if not code:
        return ""
    if not _CODE.fullmatch(code):
        return "standard.code_malformed"
    return "" if code in names else "standard.code_unknown"
