"""The lines of a borrowing: where each card is, and what state the whole is in because of it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from server.circulation.states import BorrowingState


class LineState(StrEnum):
    """Where one card of a borrowing is. Never stored: it follows from what happened to the card."""

    WAITING = "waiting"
    OUT = "out"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    LOST_DECIDED = "lost_decided"
    DONE = "done"
    RELEASED = "released"


LINE_STATE_NAMES: dict[str, str] = {
    LineState.WAITING: "待领取",
    LineState.OUT: "借用中",
    LineState.RETURNED: "已归还待验收",
    LineState.DAMAGED: "有损坏待处理",
    LineState.LOST: "遗失待认定",
    LineState.LOST_DECIDED: "遗失已认定",
    LineState.DONE: "已收回",
    LineState.RELEASED: "未领取",
}


def line_state(line: Any) -> LineState:
    """Where the card of a stored line is: a row or a record of `borrowing_line`."""
    get = line.get if isinstance(line, dict) else lambda name: getattr(line, name)
    if get("released_at") is not None:
        return LineState.RELEASED
    if get("issued_at") is None:
        return LineState.WAITING
    if get("lost_at") is not None:
        return _lost_state(get)
    return LineState.OUT if get("returned_at") is None else _returned_state(get)


def _returned_state(get: Any) -> LineState:
    if get("inspected_at") is None:
        return LineState.RETURNED
    is_undecided = get("inspection_result") == "damaged" and get("damage_decided_at") is None
    return LineState.DAMAGED if is_undecided else LineState.DONE


def _lost_state(get: Any) -> LineState:
    if get("found_at") is not None:
        return LineState.DONE
    return LineState.LOST if get("loss_decided_at") is None else LineState.LOST_DECIDED


def state_of_issued(lines: Iterable[LineState]) -> BorrowingState:
    """The state of a borrowing of which something was issued: as far as its last card has come."""
    states = set(lines)
    if states & {LineState.WAITING, LineState.OUT}:
        return BorrowingState.ISSUED
    if LineState.RETURNED in states:
        return BorrowingState.RETURNED
    is_undecided = states & {LineState.DAMAGED, LineState.LOST}
    return BorrowingState.INSPECTED if is_undecided else BorrowingState.CLOSED


def progress_of(pieces: int, waiting: int, out: int, released: int, lost: int) -> str:
    """How far several things have come, where they are not all at one point: 待领 8 件，在借 7 件，已还 5 件."""
    back = pieces - waiting - out - released - lost
    counts = (("待领", waiting), ("在借", out), ("已还", back), ("未领", released), ("遗失", lost))
    words = [f"{word} {count} 件" for word, count in counts if count]
    return "，".join(words) if len(words) > 1 else ""


def title_of(names: Sequence[str]) -> str:
    """What is borrowed in a few words, by the names of its cards: 会议椅 20 件、投影仪."""
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    text = "、".join(name if count == 1 else f"{name} {count} 件" for name, count in counts.items())
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 8]}…共 {len(names)} 件"


_LONGEST_TITLE = 190
