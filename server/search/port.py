"""The search index's port: where terms are kept and found by their tokens. What differs between storages is here."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from server.kernel.storage.database import Dialect, Row, Transaction

# Alternatives, each a list of tokens that a term must have all of.
Expression = Sequence[Sequence[str]]
_COLUMNS = "t.id, t.role, t.text, t.syllables"


class StoredTerm(NamedTuple):
    """A term as it is kept. `syllables`: its sounds, parted by blanks; empty where nothing is Chinese."""

    id: int
    kind: str
    role: int
    text: str
    syllables: str
    tokens: list[str]


class TermIndex(Protocol):
    """Terms by kind (lower-case letters, at most 12), and the one way to join that keeps the order of tables."""

    joiner: str

    async def add(self, transaction: Transaction, terms: Sequence[StoredTerm]) -> None:
        """Keep terms that are not there; one that another process has just added is left as it is."""
        ...

    def finding(self, kind: str, expression: Expression, limit: int) -> tuple[str, tuple[Any, ...]]:
        """A query for the terms that have all tokens of some alternative: weightiest role first, then the shortest."""
        ...


def index_for(dialect: Dialect) -> TermIndex:
    """The adapter of a storage."""
    return _ADAPTERS[dialect]


class SqliteIndex:
    """FTS5 beside the terms' table, joined by row number."""

    joiner = "CROSS JOIN"

    async def add(self, transaction: Transaction, terms: Sequence[StoredTerm]) -> None:
        # There is one writer at a time, so a term that was missing is still missing.
        await transaction.execute_many(
            "INSERT INTO search_term (id, kind, role, length, text, syllables) VALUES (?, ?, ?, ?, ?, ?)",
            [_stored(term) for term in terms],
        )
        await transaction.execute_many(
            "INSERT INTO search_term_token (rowid, tokens) VALUES (?, ?)",
            [(term.id, " ".join(term.tokens)) for term in terms],
        )

    def finding(self, kind: str, expression: Expression, limit: int) -> tuple[str, tuple[Any, ...]]:
        sql = (
            f"SELECT {_COLUMNS} FROM search_term_token CROSS JOIN search_term t ON t.id = search_term_token.rowid"
            " WHERE search_term_token MATCH ? AND t.kind = ? ORDER BY t.role, t.length, t.id LIMIT ?"
        )
        return sql, (" OR ".join(f"({' AND '.join(tokens)})" for tokens in expression), kind, limit)


class MariaIndex:
    """A FULLTEXT index on the terms' table. It sees committed terms only."""

    joiner = "STRAIGHT_JOIN"

    async def add(self, transaction: Transaction, terms: Sequence[StoredTerm]) -> None:
        await transaction.execute_many(
            "INSERT INTO search_term (id, kind, role, length, text, syllables, tokens) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON DUPLICATE KEY UPDATE role = role",
            [(*_stored(term), " ".join(term.tokens)) for term in terms],
        )

    def finding(self, kind: str, expression: Expression, limit: int) -> tuple[str, tuple[Any, ...]]:
        sql = (
            f"SELECT {_COLUMNS} FROM search_term t WHERE MATCH(t.tokens) AGAINST (? IN BOOLEAN MODE)"
            " AND t.kind = ? ORDER BY t.role, t.length, t.id LIMIT ?"
        )
        return sql, (" ".join(f"({' '.join('+' + token for token in tokens)})" for tokens in expression), kind, limit)


def _stored(term: StoredTerm) -> tuple[Any, ...]:
    return (term.id, term.kind, term.role, len(term.text), term.text, term.syllables)


def found_term(row: Row) -> tuple[int, int, str, tuple[str, ...]]:
    """A found row: id, role, text, syllables."""
    return row["id"], row["role"], row["text"], tuple(row["syllables"].split())


_ADAPTERS: dict[Dialect, TermIndex] = {"sqlite": SqliteIndex(), "mariadb": MariaIndex()}
