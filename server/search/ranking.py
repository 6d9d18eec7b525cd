"""From terms to documents, best first. What narrows (scope, filters) is part of each statement."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from server.search.concepts import Concept, Library
from server.search.port import index_for
from server.search.types import MOST_RANKED, Hit, Within

# How far a concept's documents are counted to see which is the rarest.
_COUNTED = 5000
_HEADS = 40


async def rank(library: Library, concepts: Sequence[Concept], within: Within) -> tuple[list[Hit], bool]:
    """The documents that have every concept, best first, newest first among equals; and whether there may be more."""
    leading, others = await _by_rarity(library, concepts)
    ids = await _candidates(library, leading, others, within)
    terms = await _terms_of(library, ids, concepts)
    hits = [_hit(document, concepts, terms[document]) for document in ids]
    hits.sort(key=lambda hit: (hit.score, hit.id), reverse=True)
    return hits, len(ids) >= MOST_RANKED


async def _by_rarity(library: Library, concepts: Sequence[Concept]) -> tuple[Concept, list[Concept]]:
    """The concept that fewest documents have, which leads the search, and the others."""
    if len(concepts) == 1:
        return concepts[0], []
    counts = [await _count(library, concept) for concept in concepts]
    first = counts.index(min(counts))
    return concepts[first], [*concepts[:first], *concepts[first + 1 :]]


async def _count(library: Library, concept: Concept) -> int:
    sql = (
        f"SELECT COUNT(*) AS number FROM (SELECT 1 FROM search_posting WHERE term IN ({_marks(concept.terms)})"
        f" LIMIT {_COUNTED}) AS some"
    )
    row = await library.rows.fetch_one(sql, *concept.terms)
    assert row is not None
    return int(row["number"])


async def _candidates(library: Library, leading: Concept, others: list[Concept], within: Within) -> list[str]:
    """At most MOST_RANKED documents: those of the best terms first, of each the newest."""
    ids: dict[str, None] = {}
    ordered = sorted(leading.terms, key=lambda term: (-leading.terms[term].score, term))
    heads = len(ordered) if others else _HEADS
    for start in range(0, len(ordered), heads):
        some = ordered[start : start + heads]
        sql, values = (_joint if others else _heads)(library, some, others, within, MOST_RANKED - len(ids))
        ids.update((row["document"], None) for row in await library.rows.fetch_all(sql, *values))
        if len(ids) >= MOST_RANKED:
            break
    return list(ids)[:MOST_RANKED]


def _heads(
    library: Library, terms: list[int], others: list[Concept], within: Within, limit: int
) -> tuple[str, list[Any]]:
    """The newest documents of each term, read along the index: as quick for a million as for ten thousand."""
    joiner = index_for(library.dialect).joiner
    head = (
        f"SELECT * FROM (SELECT sp.document FROM search_posting sp {joiner} {within.source}"
        f" ON {within.key} = sp.document WHERE sp.term = ? AND {within.condition}"
        f" ORDER BY sp.document DESC LIMIT {limit})"
    )
    sql = " UNION ALL ".join(f"{head} AS head{number}" for number in range(len(terms)))
    return sql, [value for term in terms for value in (term, *within.values)]


def _joint(
    library: Library, terms: list[int], others: list[Concept], within: Within, limit: int
) -> tuple[str, list[Any]]:
    """Documents that have one of the terms, and one of each other concept."""
    # LIMIT in the look-up keeps MariaDB from turning it into a join with the whole table.
    other = (
        " AND (SELECT sq.term FROM search_posting sq WHERE sq.document = sp.document AND sq.term IN ({}) LIMIT 1)"
        " IS NOT NULL"
    )
    sql = (
        f"SELECT DISTINCT sp.document FROM search_posting sp {index_for(library.dialect).joiner} {within.source}"
        f" ON {within.key} = sp.document WHERE sp.term IN ({_marks(terms)})"
        f"{''.join(other.format(_marks(concept.terms)) for concept in others)} AND {within.condition} LIMIT {limit}"
    )
    return sql, [*terms, *(term for concept in others for term in concept.terms), *within.values]


async def _terms_of(library: Library, ids: list[str], concepts: Sequence[Concept]) -> dict[str, set[int]]:
    """The terms of each document that answer some concept."""
    found = defaultdict[str, set[int]](set)
    if not ids:
        return found
    wanted = {term for concept in concepts for term in concept.terms}
    rows = await library.rows.fetch_all(
        f"SELECT document, term FROM search_posting WHERE document IN ({_marks(ids)})", *ids
    )
    for row in rows:
        if row["term"] in wanted:
            found[row["document"]].add(row["term"])
    return found


def _hit(document: str, concepts: Sequence[Concept], terms: set[int]) -> Hit:
    score, weight, best = 0.0, 0.0, []
    for concept in concepts:
        matches = sorted((concept.terms[term] for term in terms & concept.terms.keys()), reverse=True)
        # A second role that says the same makes it a little surer.
        importance = len(concept.word) ** 0.5
        score += importance * (matches[0].score + 0.1 * (matches[1].score if matches[1:] else 0))
        weight += importance
        best.append((concept.word, matches[0]))
    return Hit(document, round(1000 * score / weight), tuple(best))


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))
