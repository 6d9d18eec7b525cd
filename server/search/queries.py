"""Searching inside a domain's own table, so that scope and filters stay in the statement."""

from server.identity.types import RowSource
from server.kernel.instants import from_microseconds
from server.kernel.storage.database import Reader
from server.search.concepts import Concept, Library, Word, read_known, read_slips, read_words, words_of
from server.search.fields import Role
from server.search.grams import is_han
from server.search.ranking import rank
from server.search.thesaurus import shipped_text, thesaurus_of
from server.search.types import Hit, Ranking, SynonymsRow, SynonymsView, Within

# Fewer than this, and what was typed is read once more with typing errors allowed.
_THIN = 3
# Roles whose words say what a thing is.
_NAMING = frozenset({Role.NAME, Role.CATEGORY, Role.BRANCH, Role.MODEL})


async def search(db: Reader, kind: str, text: str, within: Within, *, is_loose: bool = False) -> Ranking:
    """The documents of a kind that have every word of `text`, best first; where none has, and `is_loose`, those that
    have what the words name.

    Words are parted by blanks, or written together; each may be any part of a document's texts, a synonym, the sound
    of a name in full or by initials, and, where hardly anything is found, misspelt a little. Case, width and
    punctuation do not count. Punctuation alone finds nothing. Raises InvalidInput beyond 64 characters.
    """
    words = words_of(text)
    if not words:
        return Ranking([])
    library = Library(db, db.dialect, kind, thesaurus_of((await current_synonyms(db)).words))
    concepts = await read_words(library, words)
    hits, is_capped = await rank(library, concepts, within) if concepts else ([], False)
    # A model or code that is there is meant as it is typed, however few there are.
    enough = _THIN if all(is_han(word.whole) for word in words) else 1
    if len(hits) >= enough:
        return Ranking(hits, is_capped)
    ranking = await _with_slips(library, words, within, hits)
    return ranking if ranking.hits or not is_loose else await _by_some_words(library, words, within, text)


def check_text(text: str) -> None:
    """Raise InvalidInput (`text`: `input.too_long`) for what no search would take."""
    words_of(text)


async def _with_slips(library: Library, words: list[Word], within: Within, hits: list[Hit]) -> Ranking:
    meant = await read_slips(library, words)
    if meant is None:
        return Ranking(hits)
    more, is_capped = await rank(library, meant, within)
    known = {hit.id for hit in hits}
    new = [hit for hit in more if hit.id not in known]
    return Ranking([*hits, *new], is_capped, _reads_as(meant) if new and not hits else ())


async def _by_some_words(library: Library, words: list[Word], within: Within, text: str) -> Ranking:
    """What has some of the words, and first of all those that name a thing: of 黑色笔记本电脑 every 笔记本电脑."""
    concepts = await read_known(library, words)
    named = [concept for concept in concepts if max(concept.terms.values()).role in _NAMING]
    for some in _fewer(named or concepts):
        hits, is_capped = await rank(library, some, within)
        if hits:
            return Ranking(hits, is_capped, ((text.strip(), "、".join(concept.word for concept in some)),))
    return Ranking([])


def _fewer(concepts: list[Concept]) -> list[list[Concept]]:
    """All of them, then each by itself, the longest word first."""
    alone = [[concept] for concept in sorted(concepts, key=lambda concept: -len(concept.word))]
    return [concepts, *alone] if len(concepts) > 1 else alone


def _reads_as(meant: list[Concept]) -> tuple[tuple[str, str], ...]:
    best = [(concept.word, max(concept.terms.values())) for concept in meant]
    return tuple((word, match.text) for word, match in best if match.how == "spelling")


async def current_synonyms(rows: RowSource) -> SynonymsView:
    """The list of synonyms in force."""
    row = await rows.fetch_one(
        "SELECT version, words, reason, created_at, created_by_name FROM search_synonyms ORDER BY version DESC LIMIT 1"
    )
    if row is None:
        return SynonymsView(0, shipped_text(), "随系统提供", None, "")
    return SynonymsView(
        row["version"], row["words"], row["reason"], from_microseconds(row["created_at"]), row["created_by_name"]
    )


async def list_synonym_versions(rows: RowSource) -> list[SynonymsRow]:
    """The latest versions that were made here, newest first."""
    found = await rows.fetch_all(
        "SELECT version, reason, created_at, created_by_name FROM search_synonyms ORDER BY version DESC LIMIT 50"
    )
    return [
        SynonymsRow(row["version"], row["reason"], from_microseconds(row["created_at"]), row["created_by_name"])
        for row in found
    ]
