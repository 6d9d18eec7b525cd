"""How Chinese sounds: syllables without tones, their blurred form, initials, and cutting typed letters into syllables.

pypinyin takes most of a second and 50 MB to load, so it is loaded when the first term or query needs it.
"""

import functools
import re

# Beyond this a text is a description, which nobody types by its sound.
LONGEST_SOUNDED = 40
_MOST_CUTS = 8
_LETTERS = re.compile(r"[a-z]+")
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜêńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvennnm")


@functools.lru_cache(maxsize=4096)
def syllables_of(text: str) -> tuple[str, ...]:
    """The syllables of a normalised text, one for each Chinese character (`重` by the word it stands in); letters and
    digits beside them stay together as they are. Empty where nothing is Chinese."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - see above

    head = text[:LONGEST_SOUNDED]
    if not any(letter >= "\u3007" for letter in head):
        return ()
    return tuple(sound.replace("ü", "v") for sound in lazy_pinyin(head))


def initials_of(syllables: tuple[str, ...]) -> str:
    """`tou ying yi` gives `tyy`; letters and digits that stood beside Chinese stay whole."""
    known = all_syllables()
    return "".join(sound[0] if sound in known else sound for sound in syllables)


@functools.lru_cache(maxsize=1024)
def blurred(syllable: str) -> str:
    """The sound as southern ears keep it: zh z, ch c, sh s, ing in, eng en, ang an are one."""
    flat = syllable[0] + syllable[2:] if syllable[:2] in {"zh", "ch", "sh"} else syllable
    return flat[:-1] if flat.endswith("ng") else flat


@functools.cache
def all_syllables() -> frozenset[str]:
    """Every syllable of Mandarin, without its tone."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - see above

    sounds = {sound.translate(_TONES) for sounds in pinyin_dict.values() for sound in sounds.split(",")}
    return frozenset(sound for sound in sounds if _LETTERS.fullmatch(sound) and re.search("[aeiouv]", sound))


@functools.cache
def _beginnings() -> frozenset[str]:
    return frozenset(sound[:end] for sound in all_syllables() for end in range(1, len(sound) + 1))


def cut_letters(letters: str) -> list[tuple[tuple[str, ...], str]]:
    """The ways to read typed letters as syllables, the last one perhaps unfinished: (syllables, beginning of the
    last). Longest syllables first; empty where there is none."""
    found: list[tuple[tuple[str, ...], str]] = []
    _cut(letters, (), found)
    return found


def _cut(rest: str, before: tuple[str, ...], found: list[tuple[tuple[str, ...], str]]) -> None:
    if len(found) >= _MOST_CUTS:
        return
    if not rest:
        found.append((before, ""))
        return
    for length in range(min(6, len(rest)), 0, -1):
        if rest[:length] in all_syllables():
            _cut(rest[length:], (*before, rest[:length]), found)
    if before and rest in _beginnings() and rest not in all_syllables():
        found.append((before, rest))


def heard_in(letters: str) -> tuple[str, ...]:
    """The syllables that can be made out in letters that do not read as a whole, from the left."""
    sounds, rest = [], letters
    while rest:
        length = next((n for n in range(min(6, len(rest)), 1, -1) if rest[:n] in all_syllables()), 0)
        if length:
            sounds.append(rest[:length])
        rest = rest[length or 1 :]
    return tuple(sounds)
