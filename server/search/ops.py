"""Keeping the index in step: documents are written in the unit of work that writes the thing itself."""

# ruff: noqa: S608 - placeholders only; what comes from outside is bound

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from server.kernel.storage.database import Transaction
from server.kernel.unit_of_work import UnitOfWork
from server.search.fields import Document, Field, Term, terms_of
from server.search.grams import term_tokens
from server.search.pinyin import blurred, initials_of, syllables_of
from server.search.port import StoredTerm, index_for

_AT_ONCE = 500


async def index_document(uow: UnitOfWork, kind: str, document_id: str, *fields: Field) -> None:
    """Keep or replace what a thing is found by. `kind`: lower-case letters, at most 12. The caller holds the thing."""
    await write_documents(uow.transaction, kind, [Document(document_id, fields)])


async def index_documents(uow: UnitOfWork, kind: str, documents: Sequence[Document]) -> None:
    """The same for many at once, as an import writes them."""
    await write_documents(uow.transaction, kind, documents)


async def remove_document(uow: UnitOfWork, kind: str, document_id: str) -> None:
    """Forget a thing that nobody shall find any more."""
    await write_documents(uow.transaction, kind, [Document(document_id, ())])


async def write_documents(transaction: Transaction, kind: str, documents: Sequence[Document]) -> None:
    """Keep or replace documents inside an open transaction; one without texts is forgotten."""
    for some in _batches(documents, _AT_ONCE):
        wanted = {document.id: terms_of(kind, document) for document in some}
        kept = await _kept(transaction, kind, list(wanted))
        await _add_terms(transaction, kind, {key: term for terms in wanted.values() for key, term in terms.items()})
        gone = [(key, term) for key in wanted for term in sorted(kept[key] - wanted[key].keys())]
        new = [(term, key) for key in wanted for term in sorted(wanted[key].keys() - kept[key])]
        if gone:
            await transaction.execute_many("DELETE FROM search_posting WHERE document = ? AND term = ?", gone)
        if new:
            await transaction.execute_many("INSERT INTO search_posting (term, document) VALUES (?, ?)", new)


async def _kept(transaction: Transaction, kind: str, ids: list[str]) -> dict[str, set[int]]:
    rows = await transaction.fetch_all(
        "SELECT p.document, p.term FROM search_posting p JOIN search_term t ON t.id = p.term"
        f" WHERE p.document IN ({', '.join('?' * len(ids))}) AND t.kind = ?",
        *ids,
        kind,
    )
    kept = defaultdict[str, set[int]](set)
    for row in rows:
        kept[row["document"]].add(row["term"])
    return kept


async def _add_terms(transaction: Transaction, kind: str, terms: dict[int, Term]) -> None:
    missing = set(terms)
    for some in _batches(sorted(terms), _AT_ONCE):
        rows = await transaction.fetch_all(
            f"SELECT id FROM search_term WHERE id IN ({', '.join('?' * len(some))})", *some
        )
        missing -= {row["id"] for row in rows}
    if missing:
        # By id: two who add the same terms at once wait for each other instead of for ever.
        await index_for(transaction.dialect).add(transaction, [_to_store(kind, terms[key]) for key in sorted(missing)])


def _to_store(kind: str, term: Term) -> StoredTerm:
    syllables = syllables_of(term.text)
    tokens = term_tokens(kind, term.text, tuple(map(blurred, syllables)), initials_of(syllables))
    return StoredTerm(term.id, kind, term.role, term.text, " ".join(syllables), tokens)


def _batches(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
