"""What the texts of a ledger's cells mean. Nothing is guessed silently: what had to be supposed is a remark."""

import functools
import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from server.kernel.errors import FieldError

UNSAID = {"", "无", "/", "\\", "-", "—", "--", "——", "空", "无数据", "null", "none", "n/a", "不详", "未知"}
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"}
_AMOUNT = re.compile(r"(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(\.\d+)?", re.ASCII)
_CURRENCY = re.compile(r"^(?:¥|￥|rmb|cny|人民币)|(?:元整|元|圆)$", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-/.年\s](\d{1,2})[-/.月\s](\d{1,2})[日号]?(?:[\sT].*)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年\s]?(\d{1,2})月?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
# A spreadsheet counts days from here; it takes 1900 for a leap year, so the first two months are off by one.
_SERIAL_ORIGIN = date(1899, 12, 30)
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CHINESE_DAY = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号]?)?"
)
_TEN_THOUSAND = 10_000
# Digits and letters of double width, and the blank of that width.
_NARROW = {
    code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_NARROW[0x3000] = " "
_FORMULA = tuple("=+-@＝＋－＠")
_CENT = Decimal("0.01")
_NOISE = Decimal("0.000001")


class CellFault(Exception):
    """A cell's text does not mean what its column needs; `code` and `data` as in FieldError."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data

    def on(self, field: str) -> FieldError:
        """The fault of one field."""
        return FieldError(field, self.code, **self.data)


class Day(NamedTuple):
    """A day; `supposed` where the ledger names only its month or year."""

    day: date
    supposed: bool = False


@functools.lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """A cell's text for people: full-width letters and digits made plain, blanks single; empty where nothing is said.

    Punctuation of Chinese text stays as it was typed. Kept: most cells of a ledger say what many others say.
    """
    folded = text.translate(_NARROW)
    if not folded.isprintable():
        folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    joined = " ".join(folded.split())
    # The mark with which a table that was taken out kept a text from being a formula.
    if joined[:1] == "'" and joined[1:2] in _FORMULA:
        joined = joined[1:]
    if joined.upper() in _ERRORS:
        raise CellFault("import.formula_error", shown=joined)
    return "" if joined.lower() in UNSAID else joined


def key_of(text: str) -> str:
    """A text as it is compared: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def code_text(text: str) -> str:
    """A number or code that names something: no blanks inside, plain letters. A long number whose end a spreadsheet
    has lost is refused."""
    folded = "".join(unicodedata.normalize("NFKC", plain(text)).split()).removeprefix("'")
    if folded.endswith("#") and folded[:-1].isdigit():
        raise CellFault("import.number_cut", shown=folded[:-1])
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", folded):
        raise CellFault("import.number_cut", shown=folded)
    return folded


class Amount(NamedTuple):
    """An amount. `is_ten_thousand`: it was meant in 万元; `says_so`: the cell itself says in which unit;
    `last_place_fen`: what the last of its typed digits is worth."""

    fen: int
    is_ten_thousand: bool
    says_so: bool
    last_place_fen: int


@functools.lru_cache(maxsize=16_384)
def amount_of(text: str, *, is_ten_thousand: bool = False) -> Amount:
    """An amount: `1,234.50`, `￥1234.5元`, `1.2万元`. `is_ten_thousand`: the ledger says 万元, and the cell nothing."""
    typed = "".join(unicodedata.normalize("NFKC", plain(text)).split()).replace("，", ",").replace("。", ".")
    says_so = typed.endswith(("元", "圆", "元整", "万"))
    typed = _CURRENCY.sub("", _CURRENCY.sub("", typed))
    if says_so:
        # The cell knows better than the heading.
        is_ten_thousand = typed.endswith("万")
        typed = typed.removesuffix("万")
    if typed.startswith("-") or (typed.startswith("(") and typed.endswith(")")):
        raise CellFault("import.amount_negative")
    if not _AMOUNT.fullmatch(typed):
        raise CellFault("import.amount_malformed")
    unit = _TEN_THOUSAND if is_ten_thousand else 1
    # What a formula leaves behind the sixth decimal is the spreadsheet's arithmetic, not somebody's money.
    yuan = (Decimal(typed.replace(",", "")) * unit).quantize(_NOISE)
    if yuan != yuan.quantize(_CENT):
        raise CellFault("import.amount_too_fine")
    decimals = len(typed.partition(".")[2])
    return Amount(int(yuan * 100), is_ten_thousand, says_so, 100 * unit // 10**decimals)


@functools.lru_cache(maxsize=4_096)
def day_of(text: str) -> Day:
    """The day that a text names, in the forms that ledgers use, or by a spreadsheet's number.

    Of a month or year alone the first day is supposed.
    """
    typed = unicodedata.normalize("NFKC", plain(text)).replace("。", ".").strip().rstrip(".")
    if found := _CHINESE_DAY.fullmatch(typed.replace(" ", "")):
        year, month = int(found[1].translate(_CHINESE_DIGITS)), _chinese_number(found[2])
        if found[3] is None:
            return Day(_date(year, month, 1), supposed=True)
        return Day(_date(year, month, _chinese_number(found[3])))
    typed = re.sub(r"\s*([-/.年月日号])\s*", r"\1", typed)
    if found := _DAY.fullmatch(typed) or _COMPACT.fullmatch(typed):
        return Day(_date(int(found[1]), int(found[2]), int(found[3])))
    if found := _SERIAL.fullmatch(typed):
        return Day(_SERIAL_ORIGIN + timedelta(days=int(found[1])))
    if re.fullmatch(r"\d{4}\.1", typed):
        # As a number, October of the year has lost its zero.
        raise CellFault("import.month_unclear", shown=typed, year=typed[:4])
    if found := _MONTH.fullmatch(typed):
        return Day(_date(int(found[1]), int(found[2]), 1), supposed=True)
    if found := _YEAR.fullmatch(typed):
        return Day(_date(int(found[1]), 1, 1), supposed=True)
    raise CellFault("import.day_malformed")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellFault("import.day_impossible") from None


def _chinese_number(text: str) -> int:
    """`二十三` → 23."""
    tens, ten, ones = text.rpartition("十")
    digit = {letter: number for number, letter in enumerate("零一二三四五六七八九")}
    if not ten:
        return digit.get(text, 0) if len(text) == 1 else 0
    return (digit.get(tens, 0) if tens else 1) * 10 + (digit.get(ones, 0) if ones else 0)


_YES = {"是", "有", "√", "v", "y", "yes", "true", "1", "涉密"}
_NO = {"", "否", "无", "×", "x", "n", "no", "false", "0", "非涉密", "不涉密", "不是"}


def flag_of(text: str) -> bool:
    """是 or 否, in the ways people mark it."""
    mark = key_of(plain(text))
    if mark in _YES:
        return True
    if mark in _NO:
        return False
    raise CellFault("import.flag_unknown")


_CONDITIONS = {
    "new": ("全新", "新", "崭新", "十成新", "未使用", "100%"),
    "good": ("良好", "好", "完好", "较好", "优", "九成新", "八成新", "正常", "在用", "使用中", "良", "完好在用"),
    "usable": ("可用", "一般", "中", "尚可", "七成新", "六成新", "五成新", "旧", "较旧", "闲置", "能用", "基本完好"),
    "damaged": ("有损坏", "损坏", "坏", "故障", "待修", "差", "残", "待报废", "不可用", "毁损"),
}
_CONDITION_OF = {key_of(word): condition for condition, words in _CONDITIONS.items() for word in words}


@functools.lru_cache(maxsize=256)
def condition_of(text: str) -> str:
    """One of the four conditions."""
    condition = _CONDITION_OF.get(key_of(plain(text)))
    if condition is None:
        raise CellFault("import.condition_unknown")
    return condition


def quantity_of(text: str) -> int:
    """How many equal things a row stands for: `20`, `20张`."""
    found = re.fullmatch(r"(\d{1,6})(?:\.0+)?\s*[^\d.,\s]{0,2}", unicodedata.normalize("NFKC", plain(text)), re.ASCII)
    if found is None or int(found[1]) < 1:
        raise CellFault("import.quantity_malformed")
    return int(found[1])
