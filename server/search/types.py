"""What searching gives: what was found, why, and how the words were read."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from server.search.fields import Role

How = Literal["same", "synonym", "pinyin", "initials", "spelling"]
# What is ranked at most; the pages say so.
MOST_RANKED = 1000


class Match(NamedTuple):
    """How a term fits a word. `score`: up to 1, its role's weight included; `text`: the term."""

    score: float
    how: How
    role: Role
    text: str


class Reason(msgspec.Struct, frozen=True):
    """Why something was found: the typed word, how it fits, in which role, and what it was found as."""

    word: str
    how: How
    role: str
    found: str


class Hit(NamedTuple):
    """One document that fits, with its score (thousandths; a higher one fits better) and its best match by word."""

    id: str
    score: int
    matches: tuple[tuple[str, Match], ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it was found, word by word."""
        return tuple(Reason(word, match.how, Role(match.role).name.lower(), match.text) for word, match in self.matches)


class Ranking(NamedTuple):
    """What fits, best first. `is_capped`: there may be more than the MOST_RANKED that were ranked. `reads_as`: words
    that were found only by what was probably meant (typed, meant)."""

    hits: list[Hit]
    is_capped: bool = False
    reads_as: tuple[tuple[str, str], ...] = ()


class Within(NamedTuple):
    """Where to search: a table with its alias, its id column, and what must hold of its rows (scope, filters)."""

    source: str
    key: str
    condition: str
    values: tuple[Any, ...]


class ChangeSynonyms(msgspec.Struct, frozen=True):
    """Another list of synonyms: one group a line, words parted by `=`. `based_on`: the version it was made from."""

    words: str
    reason: str
    based_on: int


class SynonymsView(msgspec.Struct, frozen=True):
    """A version of the list of synonyms; version 0 is what the product comes with."""

    version: int
    words: str
    reason: str
    created_at: datetime | None
    created_by_name: str


class SynonymsRow(msgspec.Struct, frozen=True):
    """One version in the history."""

    version: int
    reason: str
    created_at: datetime
    created_by_name: str
