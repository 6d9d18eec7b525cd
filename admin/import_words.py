"""An import in words: its state, its figures, its rows."""

from collections.abc import Mapping

from server.assets.importing.error_sheet import field_name
from server.assets.importing.layout import SheetPlan
from server.assets.importing.types import (
    AT_WORK,
    VERDICT_NAMES,
    Difference,
    ImportState,
    ImportView,
    Remark,
    RowView,
    Verdict,
)
from server.assets.states import CONDITION_NAMES
from server.kernel.errors import FieldError
from server.kernel.messages import sentence_for
from server.kernel.money import format_yuan
from server.web.parts import Badge, Link, Stat, Tone

STATE_TONES: dict[str, Tone] = {
    ImportState.REFUSED: "bad",
    ImportState.MAPPING: "warn",
    ImportState.READY: "accent",
    ImportState.DONE: "ok",
}
VERDICT_TONES: dict[str, Tone] = {
    Verdict.NEW: "ok",
    Verdict.ERROR: "bad",
    Verdict.UNCONFIRMED: "warn",
    Verdict.DIFFERENT: "accent",
}
# In the order in which they are dealt with.
VERDICTS = (
    Verdict.UNCONFIRMED,
    Verdict.ERROR,
    Verdict.NEW,
    Verdict.DIFFERENT,
    Verdict.SAME,
    Verdict.SKIPPED,
)
KIND_NAMES = {"category": "分类", "place": "存放地点", "custodian": "保管人"}


def state_badge(view: ImportView) -> Badge:
    """The state of an import."""
    tone: Tone = "info" if view.state in AT_WORK else STATE_TONES.get(view.state, "neutral")
    return Badge(view.state_name, tone)


def verdict_badge(verdict: str) -> Badge:
    """What becomes of a row."""
    return Badge(VERDICT_NAMES[verdict], VERDICT_TONES.get(verdict, "neutral"))


def verdict_stats(view: ImportView) -> tuple[Stat, ...]:
    """How many rows of each kind, each with the way to them."""
    icons = {Verdict.UNCONFIRMED: "circle-help", Verdict.ERROR: "circle-x", Verdict.NEW: "circle-check"}
    return tuple(
        Stat(
            VERDICT_NAMES[verdict],
            f"{view.counts[verdict]:,}",
            "行",
            icon=icons.get(verdict, ""),
            href=f"/admin/imports/{view.id}/rows?verdict={verdict}",
        )
        for verdict in VERDICTS
        if view.counts.get(verdict)
    )


def verdict_tabs(view: ImportView, current: str) -> tuple[Link, ...]:
    """The kinds of rows, to go from one to the other."""
    return tuple(
        Link(
            VERDICT_NAMES[verdict],
            f"/admin/imports/{view.id}/rows?verdict={verdict}",
            verdict == current,
            view.counts[verdict],
        )
        for verdict in VERDICTS
        if view.counts.get(verdict)
    )


def sheet_words(sheet: SheetPlan) -> str:
    """How a sheet is read."""
    unit = "，金额以万元计" if sheet.is_in_ten_thousand else ""
    if sheet.heading_row is None:
        return "没有找到表头，不读"
    return (f"表头在第 {sheet.heading_row} 行" if sheet.heading_row else "没有表头，接着前一张表") + unit


def written_words(row: RowView, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a new card will say where the ledger's own words do not show it: money, day, class, place, condition.
    `names`: of categories, places and people by code or id."""
    card = row.outcome.card
    if not card:
        return ()
    words = (
        (
            "原值",
            f"{format_yuan(card['value_fen'])} 元"
            + (f"，{row.outcome.quantity} 件共计" if row.outcome.quantity > 1 else ""),
        ),
        ("取得日期", card["acquired_on"]),
        ("分类", names.get(card["category_code"], card["category_code"])),
        ("地点", names.get(card["place_id"], "")),
        ("保管人", names.get(card.get("custodian_id") or "", "")),
        ("新旧程度", CONDITION_NAMES[card["condition"]]),
    )
    return tuple((name, word) for name, word in words if word)


def remark_text(remark: Remark) -> str:
    """One remark, with the name of its field."""
    return f"{field_name(remark.field)}：{sentence_for(FieldError(remark.field, remark.code, **remark.data))}"


def place_of_row(row: RowView) -> str:
    """Where in the file a row stands."""
    return f"{row.sheet} 第 {row.number} 行" if row.sheet else f"第 {row.number} 行"


def difference_text(difference: Difference, names: dict[str, str]) -> tuple[str, str, str]:
    """Field, what the card says, what the ledger says; `names`: of places and people by id."""
    sides = [_side(difference.field, value, names) for value in (difference.before, difference.after)]
    return field_name(difference.field), sides[0] or "未填写", sides[1] or "未填写"


def _side(field: str, value: object, names: dict[str, str]) -> str:
    if value is None or value == "":
        return ""
    if field == "value_fen" and isinstance(value, int):
        return f"{format_yuan(value)} 元"
    if field == "condition":
        return CONDITION_NAMES.get(str(value), str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return names.get(str(value), str(value))
