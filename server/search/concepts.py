"""From what was typed to terms: every word is read as a part of terms, a synonym, a sound, or a slip of the finger."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from server.identity.types import RowSource
from server.kernel.errors import FieldError, InvalidInput
from server.kernel.storage.database import Dialect
from server.search import fitting
from server.search.fields import WEIGHTS, Role
from server.search.grams import (
    LONGEST_QUERY,
    initials_tokens,
    is_han,
    normalized,
    pair_tokens,
    part_tokens,
    parts_of,
    runs_of,
    syllable_token,
)
from server.search.pinyin import blurred, cut_letters, heard_in, syllables_of
from server.search.port import Expression, found_term, index_for
from server.search.segments import cut, is_idle
from server.search.thesaurus import Thesaurus
from server.search.types import How, Match

_MOST_TERMS = 400
_MOST_NEAR = 3000
_LONGEST_SLIP = 12
_LETTERS = re.compile(r"[a-z]+")
# What people look for by its sound; a specification's or a code's letters only get in the way.
_SOUNDED = frozenset({Role.NAME, Role.CATEGORY, Role.BRAND, Role.UNIT, Role.PLACE, Role.BRANCH})
# Where one character more or less is likely a slip; in a place or a specification it is another one: 办公楼, 办公桌.
_SPELT = frozenset({Role.NAME, Role.CATEGORY, Role.MODEL, Role.BRAND, Role.UNIT, Role.BRANCH})
_SYNONYM, _SPOKEN = 0.92, 0.8


class Word(NamedTuple):
    """A word between blanks. `whole`: normalised; `parts`: between its punctuation marks."""

    whole: str
    parts: tuple[str, ...]


class Concept(NamedTuple):
    """One thing that a document must have: the word, and the terms (by id) that answer it."""

    word: str
    terms: dict[int, Match]


class Library(NamedTuple):
    """Where words are looked up: the terms of one kind of document, and the thesaurus in force."""

    rows: RowSource
    dialect: Dialect
    kind: str
    thesaurus: Thesaurus

    async def find(
        self, expression: Expression, limit: int = _MOST_TERMS
    ) -> list[tuple[int, int, str, tuple[str, ...]]]:
        """Terms (id, role, text, syllables) with all tokens of some alternative."""
        if not expression:
            return []
        sql, values = index_for(self.dialect).finding(self.kind, expression, limit)
        return [found_term(row) for row in await self.rows.fetch_all(sql, *values)]


def words_of(text: str) -> list[Word]:
    """The words of a query. Raises InvalidInput (`text`: `input.too_long`) beyond 64 characters: no name is that
    long."""
    if len(text) > LONGEST_QUERY:
        raise InvalidInput(fields=[FieldError("text", "input.too_long", limit=LONGEST_QUERY)])
    # Full-width blanks part words too; a word of punctuation alone says nothing.
    words = (Word(normalized(word), tuple(parts_of(word))) for word in text.split())
    return list(dict.fromkeys(word for word in words if word.whole))


async def read_words(library: Library, words: list[Word]) -> list[Concept] | None:
    """What the words ask for, taken as they are typed; None where one of them says nothing to us."""
    concepts: list[Concept] = []
    for word in words:
        read = await _read_word(library, word)
        if read is None:
            return None
        concepts += read
    return concepts or None


async def read_slips(library: Library, words: list[Word]) -> list[Concept] | None:
    """What the words probably meant, with typing errors allowed; None where one of them says nothing to us."""
    concepts: list[Concept] = []
    for word in words:
        read = await _slip(library, word.whole)
        found = [read] if read is not None else await _read_word(library, word, is_slip_allowed=True)
        if found is None:
            return None
        concepts += found
    return concepts or None


async def read_known(library: Library, words: list[Word]) -> list[Concept]:
    """What is known of the words, without the pieces that nothing here answers: of 高清投影仪 it is 投影仪."""
    concepts = list[Concept]()
    for piece in [piece for word in words for piece in await _pieces(library, word)]:
        if is_idle(piece):
            continue
        found = await _whole(library, piece) or await _slip(library, piece)
        if found is not None:
            concepts.append(found)
    return concepts


async def _pieces(library: Library, word: Word) -> list[str]:
    """A word cut into what can be looked up by itself."""
    pieces = list[str]()
    for part in word.parts if len(word.parts) > 1 else (word.whole,):
        for run in runs_of(part):
            if not is_han(run) or await _whole(library, run) is not None:
                pieces.append(run)
                continue
            near = await library.find([[token] for token in pair_tokens(library.kind, run)], _MOST_NEAR)
            pieces += cut(run, {text for _, _, text, _ in near}, library.thesaurus)
    return pieces


async def _read_word(library: Library, word: Word, *, is_slip_allowed: bool = False) -> list[Concept] | None:
    if (whole := await _whole(library, word.whole)) is not None:
        return [whole]
    pieces = word.parts if len(word.parts) > 1 else runs_of(word.whole)
    if len(pieces) > 1:
        return await _all(library, pieces, is_slip_allowed=is_slip_allowed)
    if is_han(word.whole):
        return await _read_run(library, word.whole, is_slip_allowed=is_slip_allowed)
    slip = await _slip(library, word.whole) if is_slip_allowed else None
    return None if slip is None else [slip]


async def _all(library: Library, pieces: Iterable[str], *, is_slip_allowed: bool) -> list[Concept] | None:
    concepts: list[Concept] = []
    for piece in pieces:
        if is_idle(piece):
            continue
        read = await _read_word(library, Word(piece, (piece,)), is_slip_allowed=is_slip_allowed)
        if read is None:
            return None
        concepts += read
    return concepts


async def _read_run(library: Library, run: str, *, is_slip_allowed: bool) -> list[Concept] | None:
    """A run of Chinese that no term holds as it is: words written together."""
    near = await library.find([[token] for token in pair_tokens(library.kind, run)], _MOST_NEAR)
    pieces = cut(run, {text for _, _, text, _ in near}, library.thesaurus)
    concepts: list[Concept] = []
    for number, piece in enumerate(pieces):
        if is_idle(piece):
            continue
        found = await _whole(library, piece) if piece != run else None
        if found is None and is_slip_allowed:
            found = await _slip_nearby(library, pieces, number)
        if found is None:
            return None
        concepts.append(found)
    return concepts


async def _slip_nearby(library: Library, pieces: list[str], number: int) -> Concept | None:
    """A piece that nothing holds is what is left of a word with a slip in it: it is read with its neighbours."""
    before = pieces[number - 1] if number else ""
    after = pieces[number + 1] if number + 1 < len(pieces) else ""
    for tried in (pieces[number], before + pieces[number], pieces[number] + after):
        if len(tried) > 1 and (found := await _slip(library, tried)) is not None:
            return found
    return None


async def _whole(library: Library, part: str) -> Concept | None:
    """The terms that hold `part` or a synonym of it, or sound like it."""
    is_sound = _LETTERS.fullmatch(part) is not None
    meanings: dict[str, tuple[float, How]] = dict.fromkeys(library.thesaurus.meaning(part), (_SYNONYM, "synonym"))
    if is_sound and len(part) > 1:
        meanings |= _meanings_by_sound(library.thesaurus, part)
    expression = [part_tokens(library.kind, each) for each in (part, *meanings)]
    found = await library.find([*expression, *(_sounding(library.kind, part) if is_sound else [])])

    def fits(text: str, syllables: tuple[str, ...], role: Role) -> Iterable[tuple[float, How]]:
        yield fitting.fit_of_part(part, text), "same"
        for meaning, (weight, how) in meanings.items():
            yield weight * fitting.fit_of_part(meaning, text), how
        if is_sound and role in _SOUNDED:
            yield fitting.fit_of_pinyin(part, syllables), "pinyin"
            yield fitting.fit_of_initials(part, syllables) if len(part) > 1 else 0.0, "initials"

    return _concept(part, found, fits)


def _meanings_by_sound(thesaurus: Thesaurus, letters: str) -> dict[str, tuple[float, How]]:
    """Words of the thesaurus that sound as typed, and what they mean: `bjb` is 笔记本, which a ledger may call
    便携式计算机."""
    spoken = thesaurus.sounding(letters)
    heard: How = "pinyin" if cut_letters(letters) else "initials"
    meant = [each for word in spoken for each in thesaurus.meaning(word)]
    return {each: (_SPOKEN, heard if each in spoken else "synonym") for each in (*meant, *spoken)}


def _sounding(kind: str, letters: str) -> list[list[str]]:
    ways = [list(dict.fromkeys(syllable_token(kind, sound) for sound in way)) for way in fitting.readings_of(letters)]
    return [*ways, initials_tokens(kind, letters)] if len(letters) > 1 else ways


async def _slip(library: Library, part: str) -> Concept | None:
    """The terms that are `part` but for a typing error."""
    if not 2 <= len(part) <= (_LONGEST_SLIP if is_han(part) else 2 * _LONGEST_SLIP) or part in library.thesaurus:
        return None
    sounds = syllables_of(part) if is_han(part) else ()
    found = await library.find(_near(library.kind, part, sounds), _MOST_NEAR)
    meant = [
        meaning
        for word in library.thesaurus.words
        if abs(len(word) - len(part)) <= 1 and is_han(word) == is_han(part)
        if fitting.fit_of_slip(part, sounds, word, syllables_of(word) if sounds else ()) >= 0.5
        for meaning in (word, *library.thesaurus.meaning(word))
    ]
    if meant:
        found = [*found, *await library.find([part_tokens(library.kind, each) for each in dict.fromkeys(meant)])]
    is_sound = _LETTERS.fullmatch(part) is not None

    def fits(text: str, syllables: tuple[str, ...], role: Role) -> Iterable[tuple[float, How]]:
        yield fitting.fit_of_slip(part, sounds, text, syllables) if role in _SPELT else 0.0, "spelling"
        for meaning in meant:
            yield 0.6 * fitting.fit_of_part(meaning, text), "spelling"
        if is_sound and role in _SOUNDED:
            yield fitting.fit_of_sound_slip(part, syllables), "spelling"

    return _concept(part, found, fits)


def _near(kind: str, part: str, sounds: tuple[str, ...]) -> list[list[str]]:
    """What a term within one slip must still have: all sounds but one; of letters, one half as it is."""
    if sounds:
        return _all_but_one([syllable_token(kind, blurred(sound)) for sound in sounds])
    half = len(part) // 2
    halves = [part[: half + 1], part[half:], part[half // 2 : half // 2 + half + 1]] if len(part) > 3 else [part[:2]]
    near = [pair_tokens(kind, each) for each in halves if len(each) > 1]
    heard = [syllable_token(kind, blurred(sound)) for sound in heard_in(part)] if _LETTERS.fullmatch(part) else []
    return [*near, *(_all_but_one(heard) if len(heard) > 1 else [])]


def _all_but_one(tokens: list[str]) -> list[list[str]]:
    if len(tokens) < 3:
        return [list(dict.fromkeys(tokens))]
    return [list(dict.fromkeys(tokens[:out] + tokens[out + 1 :])) for out in range(len(tokens))]


def _concept(
    word: str,
    found: Iterable[tuple[int, int, str, tuple[str, ...]]],
    fits: Callable[[str, tuple[str, ...], Role], Iterable[tuple[float, How]]],
) -> Concept | None:
    terms = {}
    for key, number, text, syllables in found:
        role = Role(number)
        score, how = max(fits(text, syllables, role))
        if score > 0:
            terms[key] = Match(score * WEIGHTS[role], how, role, text)
    return Concept(word, terms) if terms else None
