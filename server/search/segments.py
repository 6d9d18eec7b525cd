"""Cutting a run of Chinese into words that are known here: 联想笔记本 is 联想 and 笔记本."""

import re
from collections.abc import Collection
from pathlib import Path

from server.search.thesaurus import Thesaurus

_LONGEST_WORD = 16
# What people add without asking for anything: counters, wishes, fillers.
_IDLE = frozenset(Path(__file__).with_name("idle_words.txt").read_text(encoding="utf-8").split())


# How many is wanted says nothing of what is wanted: 两台, 二十张, 10个.
_COUNTED = re.compile(r"[一二两三四五六七八九十几百\d]+[台张把个套部辆只件支块本副组]")


def is_idle(piece: str) -> bool:
    """Whether a piece asks for nothing."""
    return piece in _IDLE or _COUNTED.fullmatch(piece) is not None


def cut(run: str, texts: Collection[str], thesaurus: Thesaurus) -> list[str]:
    """The pieces of a run, known ones as long as can be; what stays between them is a piece too. `texts`: the terms
    that have a pair of neighbours in common with the run."""
    shelf = "|".join(texts)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        tried = (
            (best[start][0] + _value(run[start:end], shelf, texts, thesaurus), start)
            for start in range(max(0, end - _LONGEST_WORD), end)
        )
        best.append(max(tried))
    return _joined(run, best, shelf, texts, thesaurus)


def _value(piece: str, shelf: str, texts: Collection[str], thesaurus: Thesaurus) -> float:
    length = len(piece)
    if is_idle(piece):
        return 0.4 * length
    if length > 1 and (piece in texts or piece in thesaurus):
        return 1.4 * float(length**1.5)
    if length > 1 and piece in shelf:
        return float(length**1.5)
    return -0.5 if length == 1 else -100.0


def _joined(
    run: str, best: list[tuple[float, int]], shelf: str, texts: Collection[str], thesaurus: Thesaurus
) -> list[str]:
    """The cut read back, neighbouring left-overs joined."""
    pieces, end = list[str](), len(run)
    while end:
        start = best[end][1]
        pieces.append(run[start:end])
        end = start
    joined = list[str]()
    for piece in reversed(pieces):
        is_left_over = len(piece) == 1 and not is_idle(piece)
        if is_left_over and joined and not is_idle(joined[-1]) and not _is_known(joined[-1], shelf, texts, thesaurus):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _is_known(piece: str, shelf: str, texts: Collection[str], thesaurus: Thesaurus) -> bool:
    return len(piece) > 1 and (piece in texts or piece in thesaurus or piece in shelf)
