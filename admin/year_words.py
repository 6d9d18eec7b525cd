"""The figures of a unit's year as tiles, and beside the year before."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from server.files.tables import Value
from server.insights.types import LossFigures, UnitYear, YearFigures
from server.kernel.money import format_yuan
from server.web.formats import yuan
from server.web.parts import Cell, Row, Stat


class Line(msgspec.Struct, frozen=True):
    """One figure: its name, its measure, and where it stands among a year's."""

    name: str
    measure: Literal["笔", "件", "件·天", "元", "天", "项", "条"]
    of: Callable[[YearFigures], int]


LINES = (
    Line("借出笔数", "笔", lambda it: it.lent.loans),
    Line("借出件数", "件", lambda it: it.lent.pieces),
    Line("借出件·天", "件·天", lambda it: it.lent.days),
    Line("借出资产原值", "元", lambda it: it.lent.value_fen),
    Line("借入笔数", "笔", lambda it: it.borrowed.loans),
    Line("借入件数", "件", lambda it: it.borrowed.pieces),
    Line("借入件·天", "件·天", lambda it: it.borrowed.days),
    Line("借入资产原值", "元", lambda it: it.borrowed.value_fen),
    Line("不买省下", "元", lambda it: it.saving.fen),
    Line("其中按配置标准价", "元", lambda it: it.saving.by_standard_fen),
    Line("不必购置件数", "件", lambda it: it.saving.pieces),
    Line("借入逾期", "笔", lambda it: it.borrowed.late_loans),
    Line("借入逾期天数", "天", lambda it: it.borrowed.late_days),
    Line("借出被逾期", "笔", lambda it: it.lent.late_loans),
    Line("借出被逾期天数", "天", lambda it: it.lent.late_days),
    Line("借入损坏件数", "件", lambda it: it.borrowed.damaged),
    Line("借入损坏件原值", "元", lambda it: it.borrowed.damaged_fen),
    Line("出借遗失件数", "件", lambda it: it.losses.lost),
    Line("出借遗失件原值", "元", lambda it: it.losses.lost_fen),
    Line("应收赔偿", "元", lambda it: it.losses.due_fen),
    Line("已收赔偿", "元", lambda it: it.losses.paid_fen),
    Line("遗失核销件数", "件", lambda it: it.losses.written_off),
    Line("遗失核销原值", "元", lambda it: it.losses.written_off_fen),
    Line("借用遗失件数", "件", lambda it: it.caused.lost),
    Line("借用遗失件原值", "元", lambda it: it.caused.lost_fen),
    Line("应付赔偿", "元", lambda it: it.caused.due_fen),
    Line("已付赔偿", "元", lambda it: it.caused.paid_fen),
    Line("调剂解决的购置需求", "项", lambda it: it.needs),
    Line("调剂解决的件数", "件", lambda it: it.needs_pieces),
    Line("调剂解决的预算", "元", lambda it: it.needs_fen),
    Line("有结果的购置需求", "项", lambda it: it.decided),
    Line("需求广场解决", "条", lambda it: it.posts_met),
    Line("上架共享件数", "件", lambda it: it.listed),
    Line("上架共享原值", "元", lambda it: it.listed_fen),
)


def stats_of(view: UnitYear, href: Callable[[str], str]) -> tuple[Stat, ...]:
    """The tiles, each leading to what it counts. `href`: the address of a list."""
    it = view.figures
    lent, borrowed, saving = it.lent, it.borrowed, it.saving
    return (
        Stat(
            "借出",
            f"{lent.pieces:,}",
            "件",
            f"{lent.loans:,} 笔，{lent.days:,} 件·天",
            "arrow-left-right",
            href("lent"),
        ),
        Stat(
            "借入",
            f"{borrowed.pieces:,}",
            "件",
            f"{borrowed.loans:,} 笔，{borrowed.days:,} 件·天",
            "package-check",
            href("borrowed"),
        ),
        Stat(
            "不买省下", format_yuan(saving.fen), "元", f"{saving.pieces:,} 件不必购置", "shopping-cart", href("saved")
        ),
        Stat("调剂解决需求", f"{it.needs:,}", "项", _share(it), "check", href("needs")),
        Stat(
            "借入逾期",
            f"{borrowed.late_loans:,}",
            "笔",
            f"共 {borrowed.late_days:,} 天；现有 {view.late_now:,} 笔逾期",
            "triangle-alert",
            href("late"),
        ),
        Stat(
            "借出被逾期",
            f"{lent.late_loans:,}",
            "笔",
            f"共 {lent.late_days:,} 天；现有 {view.late_lent_now:,} 笔未还",
            "calendar-clock",
            href("late-lent"),
        ),
        Stat(
            "借入损坏", f"{borrowed.damaged:,}", "件", f"原值 {yuan(borrowed.damaged_fen)}", "wrench", href("damaged")
        ),
        Stat("出借遗失", f"{it.losses.lost:,}", "件", _lost(it.losses, "收"), "package-x", href("losses")),
        Stat("借用遗失", f"{it.caused.lost:,}", "件", _lost(it.caused, "付"), "package-x", href("caused")),
        Stat("上架共享", f"{it.listed:,}", "件", f"现在在架 {view.listed_now:,} 件", "store", href("listed")),
    )


def _lost(it: LossFigures, verb: str) -> str:
    if not it.lost and not it.due_fen:
        return "没有要赔的"
    return f"原值 {yuan(it.lost_fen)}；赔偿应{verb} {yuan(it.due_fen)}，已{verb} {yuan(it.paid_fen)}"


def _share(it: YearFigures) -> str:
    if not it.decided:
        return "没有办结的购置需求"
    return f"占有结果的 {it.decided:,} 项的 {it.needs * 100 // it.decided}%"


def comparison(view: UnitYear) -> tuple[Row, ...]:
    """Every figure beside the year before's."""
    return tuple(_row(line, line.of(view.figures), line.of(view.before)) for line in LINES)


def summary_rows(view: UnitYear) -> Sequence[Sequence[Value]]:
    """The same for a table to take along; money in yuan."""
    return [
        (line.name, line.measure, _written(line, line.of(view.figures)), _written(line, line.of(view.before)))
        for line in LINES
    ]


def _row(line: Line, this: int, before: int) -> Row:
    name = line.name if line.measure == "元" else f"{line.name}（{line.measure}）"
    return Row((Cell(name), Cell(_shown(line, this)), Cell(_shown(line, before)), Cell(_change(line, this - before))))


def _shown(line: Line, figure: int) -> str:
    return yuan(figure) if line.measure == "元" else f"{figure:,}"


def _written(line: Line, figure: int) -> str:
    return f"{figure // 100}.{figure % 100:02d}" if line.measure == "元" else str(figure)


def _change(line: Line, difference: int) -> str:
    if not difference:
        return "持平"
    return ("多 " if difference > 0 else "少 ") + _shown(line, abs(difference))
