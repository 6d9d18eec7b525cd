"""Words that mean the same thing, by the list that is in force."""

import functools
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from server.search.grams import is_han, normalized
from server.search.pinyin import initials_of, syllables_of

# The list that the product comes with; an administrator's version replaces it as a whole.
SHIPPED = Path(__file__).with_name("synonyms.txt")
SEPARATOR = "="


class Thesaurus:
    """Groups of words that mean the same."""

    def __init__(self, groups: Iterable[tuple[str, ...]]) -> None:
        self._groups = [tuple(dict.fromkeys(filter(None, map(normalized, group)))) for group in groups]
        self._of = defaultdict[str, list[int]](list)
        for number, group in enumerate(self._groups):
            for word in group:
                self._of[word].append(number)

    def __contains__(self, word: str) -> bool:
        return word in self._of

    def sounding(self, letters: str) -> list[str]:
        """The words that sound as typed, in full or by their initials."""
        return self._by_sound.get(letters, [])

    @functools.cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        sounds = defaultdict[str, list[str]](list)
        for word in filter(is_han, self._of):
            syllables = syllables_of(word)
            for sound in ("".join(syllables), initials_of(syllables)):
                sounds[sound].append(word)
        return dict(sounds)

    @property
    def words(self) -> Iterable[str]:
        """Every word of every group."""
        return self._of.keys()

    def meaning(self, word: str) -> list[str]:
        """The other words of the groups that `word` stands in."""
        found = (each for number in self._of.get(word, ()) for each in self._groups[number])
        return [each for each in dict.fromkeys(found) if each != word]


def read_groups(text: str) -> list[tuple[str, ...]]:
    """Groups as a person writes them: one a line, words parted by `=`; `#` begins a remark."""
    return [group for group in map(read_line, text.splitlines()) if group]


def read_line(line: str) -> tuple[str, ...]:
    """The words of one line; none where it is empty or a remark."""
    said = line.split("#", maxsplit=1)[0].strip()
    return tuple(word.strip() for word in said.split(SEPARATOR)) if said else ()


@functools.lru_cache(maxsize=4)
def thesaurus_of(text: str) -> Thesaurus:
    """The groups of a list, read once."""
    return Thesaurus(read_groups(text))


@functools.cache
def shipped_text() -> str:
    """The list that the product comes with."""
    return SHIPPED.read_text(encoding="utf-8")
