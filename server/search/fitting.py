"""How well a term fits what was typed: by its letters, its sound, its initials, or but for a slip of the finger.

Pure functions over short texts; every score is between 0 and 1, and 0 is no fit. Chinese names end in what the thing
is, so the end of a term counts more than its beginning: 激光投影仪 is a projector, 投影仪灯泡 is a lamp.
"""

from itertools import accumulate

from server.search.pinyin import blurred, cut_letters, initials_of

_PINYIN, _INITIALS, _SPELLING = 0.85, 0.8, 0.7
_HOMOPHONE, _NEARLY = 0.25, 0.4


def fit_of_part(part: str, text: str) -> float:
    """How a term holds `part`: it is the whole term, its end, its beginning, or stands inside."""
    if part == text:
        return 1.0
    if text.endswith(part):
        return 0.8 + 0.1 * len(part) / len(text)
    if text.startswith(part):
        return 0.64 + 0.1 * len(part) / len(text)
    return 0.56 + 0.1 * len(part) / len(text) if part in text else 0.0


def fit_of_pinyin(letters: str, syllables: tuple[str, ...]) -> float:
    """How typed letters read as the sound of a term, or of a part of it that begins where a syllable begins."""
    sound = "".join(syllables)
    if letters not in sound:
        return 0.0
    starts = list(accumulate((len(each) for each in syllables), initial=0))
    fits = [_fit_of_span(start, start + len(letters), starts) for start in starts if sound.startswith(letters, start)]
    return max(fits, default=0.0)


def _fit_of_span(start: int, end: int, starts: list[int]) -> float:
    if end not in starts:  # the last syllable is unfinished
        return _PINYIN * (0.7 if start == 0 else 0.5)
    is_end, covered = end == starts[-1], (end - start) / starts[-1]
    if covered == 1:
        return _PINYIN
    return _PINYIN * ((0.75 if is_end else 0.65 if start == 0 else 0.5) + 0.1 * covered)


def fit_of_initials(letters: str, syllables: tuple[str, ...]) -> float:
    """How typed letters read as the initials of a term."""
    return _INITIALS * _sharper(fit_of_part(letters, initials_of(syllables)))


def _sharper(fit: float) -> float:
    # Two or three initials say little: only the whole, or its end or beginning, is likely to be meant.
    return fit if fit == 1 else fit - 0.2 if fit > 0.64 else fit / 2


def fit_of_sound_slip(letters: str, syllables: tuple[str, ...]) -> float:
    """How typed letters read as the sound of a term with one letter wrong, missing, added or swapped."""
    sound = "".join(syllables)
    if abs(len(sound) - len(letters)) > 1 or len(letters) < 4:
        return 0.0
    return 0.6 if _distance(tuple(letters), tuple(sound)) <= 1 else 0.0


def fit_of_slip(part: str, part_sounds: tuple[str, ...], text: str, text_sounds: tuple[str, ...]) -> float:
    """How a term, or its end or beginning, is `part` but for typing errors: a homophone or two; or one character
    wrong, missing, added or swapped. Sounds come one for each character; without them only letters are compared."""
    length = len(part)
    best = 0.0
    for start, end in _windows(length, len(text)):
        window = text[start:end]
        sounds = text_sounds[start:end] if len(text_sounds) == len(text) else tuple(window)
        edits = _distance(tuple(part), tuple(window), part_sounds, sounds)
        is_whole = end - start == len(text)
        if edits > _allowed(length) or not _is_likely(part, window, edits, is_whole=is_whole):
            continue
        best = max(best, _SPELLING * (1 - edits / (length + 1)) * (1.0 if is_whole else 0.85 if start else 0.75))
    return best


def _is_likely(part: str, window: str, edits: float, *, is_whole: bool) -> bool:
    if len(window) < len(part):
        # What is typed too much stands inside: 电脑桌 is no 电脑, and no part of 笔记本电脑.
        return (part[0], part[-1]) == (window[0], window[-1]) and (is_whole or len(part) > 3)
    return len(part) > 2 or edits < 1 or (is_whole and len(window) == 3)


def _allowed(length: int) -> float:
    return 1.0 if length < 6 else 1.5


def _windows(length: int, total: int) -> set[tuple[int, int]]:
    sizes = {size for size in (length - 1, length, length + 1) if 0 < size <= total}
    return {(0, size) for size in sizes} | {(total - size, total) for size in sizes}


def _distance(
    left: tuple[str, ...],
    right: tuple[str, ...],
    left_sounds: tuple[str, ...] = (),
    right_sounds: tuple[str, ...] = (),
) -> float:
    """Edits between two texts, neighbours swapped counted once; a homophone counts a quarter."""
    has_sounds = len(left_sounds) == len(left) and len(right_sounds) == len(right)
    before, above = list[float](), [float(n) for n in range(len(right) + 1)]
    for i, letter in enumerate(left, 1):
        row = [float(i)]
        for j, other in enumerate(right, 1):
            change = 0.0 if letter == other else 1.0
            if change and has_sounds:
                change = _sound_edits(left_sounds[i - 1], right_sounds[j - 1])
            edits = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + change)
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                edits = min(edits, before[j - 2] + 0.8)
            row.append(edits)
        before, above = above, row
    return above[-1]


def _sound_edits(left: str, right: str) -> float:
    if left == right:
        return _HOMOPHONE
    return _NEARLY if blurred(left) == blurred(right) else 1.0


def readings_of(letters: str) -> list[tuple[str, ...]]:
    """The syllables, blurred, that a term sounding like these letters must hold: one list for each way to read."""
    ways = {tuple(map(blurred, whole)) for whole, _ in cut_letters(letters) if whole}
    return sorted(ways, key=lambda way: (len(way), way))
