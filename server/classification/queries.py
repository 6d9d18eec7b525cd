# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Finding categories."""

# ruff: noqa: S608 - placeholders only; what comes from outside is bound

from collections.abc import Iterable

from server.classification.types import CategoryFacts
from server.identity.types import RowSource
from server.kernel.errors import NotFound
from server.kernel.reading import reading
from server.kernel.storage.database import Row

_SELECT = (
    "SELECT c.code, c.name, c.level, c.parent_code, c.kind, c.path, c.source, c.version,"
    " EXISTS (SELECT 1 FROM category d WHERE d.parent_code = c.code) AS has_children FROM category c"
)
_MOST_WORDS = 6


async def category(reader: RowSource, code: str) -> CategoryFacts:
    """One category. NotFound `category.not_found`."""
    row = await reader.fetch_one(f"{_SELECT} WHERE c.code = ?", code)
    if row is None:
        raise NotFound("category.not_found")
    return _facts(row)


async def list_children(code: str | None = None) -> list[CategoryFacts]:
    """What stands right below a category; without one, the three tops (goods, engineering, service)."""
    async with reading() as db:
        if code is None:
            rows = await db.fetch_all(f"{_SELECT} WHERE c.parent_code IS NULL ORDER BY c.code")
        else:
            rows = await db.fetch_all(f"{_SELECT} WHERE c.parent_code = ? ORDER BY c.code", code)
    return [_facts(row) for row in rows]


async def list_ancestors(code: str) -> list[CategoryFacts]:
    """From the top down to the category itself. NotFound `category.not_found`."""
    async with reading() as db:
        found = await category(db, code)
        codes = found.path.strip("/").split("/")
        rows = await db.fetch_all(f"{_SELECT} WHERE c.code IN ({_marks(codes)}) ORDER BY c.path", *codes)
    return [_facts(row) for row in rows]


async def branches_of(reader: RowSource, codes: Iterable[str]) -> dict[str, list[str]]:
    """The names of the categories above each of `codes`, from the top down, the letter left out."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    rows = await reader.fetch_all(f"SELECT code, path FROM category WHERE code IN ({_marks(wanted)})", *wanted)
    above = {row["code"]: row["path"].strip("/").split("/")[1:-1] for row in rows}
    all_above = sorted({code for codes in above.values() for code in codes})
    if not all_above:
        return {}
    rows = await reader.fetch_all(f"SELECT code, name FROM category WHERE code IN ({_marks(all_above)})", *all_above)
    names = {row["code"]: row["name"] for row in rows}
    return {code: [names[each] for each in codes if each in names] for code, codes in above.items()}


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


async def search_categories(text: str, *, kind: str | None = None, limit: int = 20) -> list[CategoryFacts]:
    """Categories whose code begins with a word of `text`, or whose name holds it, for every word (parted by blanks).

    The name that is the text comes first, then names that begin with it, then by code; at most `limit`. An
    empty text finds nothing.
    """
    words = text.split()[:_MOST_WORDS]
    if not words:
        return []
    clauses, values = [], list[object]()
    for word in words:
        # No LIKE: it folds case on one storage only, and % would be a wildcard.
        clauses.append("(INSTR(LOWER(c.name), ?) > 0 OR INSTR(c.code, ?) = 1)")
        values += [_lower(word), word.upper()]
    if kind is not None:
        clauses.append("c.kind = ?")
        values.append(kind)
    async with reading() as db:
        rows = await db.fetch_all(
            f"{_SELECT} WHERE {' AND '.join(clauses)}"
            " ORDER BY CASE WHEN c.name = ? THEN 0 WHEN INSTR(c.name, ?) = 1 THEN 1 ELSE 2 END, c.code LIMIT ?",
            *values,
            words[0],
            words[0],
            limit,
        )
    return [_facts(row) for row in rows]


async def goods_leaves(reader: RowSource) -> list[CategoryFacts]:
    """Every category that a thing may be of, by code: goods that have nothing below them."""
    rows = await reader.fetch_all(
        f"{_SELECT} WHERE c.kind = 'goods' AND NOT EXISTS (SELECT 1 FROM category d WHERE d.parent_code = c.code)"
        " ORDER BY c.code"
    )
    return [_facts(row) for row in rows]


def _lower(word: str) -> str:
    """ASCII letters only, as both storages' LOWER agree on them."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _facts(row: Row) -> CategoryFacts:
    return CategoryFacts(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        parent_code=row["parent_code"],
        kind=row["kind"],
        path=row["path"],
        source=row["source"],
        version=row["version"],
        is_leaf=not row["has_children"],
    )
