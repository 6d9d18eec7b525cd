# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Importing the catalogue."""

import hashlib
from collections.abc import Sequence

import msgspec

from server.classification.catalogue import MOST_ROWS, find_faults, path_of
from server.classification.types import KIND_NAMES, CategoriesImported, CategoryRow, ImportCategories
from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.dictionaries import Change, note_changes
from server.kernel.errors import Forbidden, InvalidInput
from server.kernel.unit_of_work import UnitOfWork

_BATCH = 500
_COLUMNS = "code, name, level, parent_code, kind, path, source, version"
# What stands in one row of the table, in the order of _COLUMNS.
Stored = tuple[str, str, int, str | None, str, str, str, str]


@command("classification.import_categories")
async def import_categories(uow: UnitOfWork, actor: Actor, request: ImportCategories) -> CategoriesImported:
    """Add and change categories; the same file again changes nothing, and nothing is ever removed, because cards
    name their category. One malformed row refuses the whole file, with every faulty row named by its line.

    Raises InvalidInput `category.malformed` (`fields`, `total`), `category.no_rows`, `category.too_many_rows`;
    Forbidden `role.required` unless operations over their subtree, or the product itself.
    """
    _require_importer(actor)
    _check_size(request)
    known = await _stored(uow)
    parents = {code: row[3] for code, row in known.items()}
    if faults := find_faults(request.rows, parents):
        raise InvalidInput("category.malformed", fields=faults, total=len(faults))
    parents |= {row.code: row.parent_code or None for row in request.rows}
    wanted = {row.code: _to_store(request, row, parents) for row in request.rows}
    added = [row for code, row in wanted.items() if code not in known]
    changed = [row for code, row in wanted.items() if code in known and known[code] != row]
    # A branch that got another parent takes along what stands below it and is not in the file.
    moved = [
        (*row[:5], path_of(code, parents), *row[6:])
        for code, row in known.items()
        if code not in wanted and path_of(code, parents) != row[5]
    ]
    await _write(uow, [*added, *changed, *moved])
    if known:  # the first catalogue changes nothing that anybody knew
        became = [(known.get(row[0]), row) for row in (*added, *changed, *moved)]
        told = [Change(after[0], _in_words(before), _in_words(after)) for before, after in became]
        paper = f"{request.source} {request.version}"
        await note_changes(uow, "category", paper, (each for each in told if each.before != each.after))
    imported = CategoriesImported(
        added=len(added),
        changed=len(changed) + len(moved),
        unchanged=len(wanted) - len(added) - len(changed),
        digest=_digest(request.rows),
    )
    await uow.record(
        "category.imported",
        "category",
        request.version,
        source=request.source,
        rows=len(request.rows),
        added=imported.added,
        changed=imported.changed,
        digest=imported.digest,
    )
    return imported


def _require_importer(actor: Actor) -> None:
    is_operations = any(grant.role == Role.OPERATIONS and grant.is_subtree for grant in actor.grants)
    if actor.kind is not ActorKind.SYSTEM and not is_operations:
        raise Forbidden("role.required")


def _check_size(request: ImportCategories) -> None:
    checks = Checks()
    checks.text("source", request.source, longest=64, shortest=2)
    checks.text("version", request.version, longest=16)
    checks.finish()
    if not request.rows:
        raise InvalidInput("category.no_rows")
    if len(request.rows) > MOST_ROWS:
        raise InvalidInput("category.too_many_rows", limit=MOST_ROWS)


async def _stored(uow: UnitOfWork) -> dict[str, Stored]:
    rows = await uow.fetch_all(f"SELECT {_COLUMNS} FROM category")
    names = _COLUMNS.split(", ")
    return {row["code"]: tuple(row[name] for name in names) for row in rows}


def _to_store(request: ImportCategories, row: CategoryRow, parents: dict[str, str | None]) -> Stored:
    path = path_of(row.code, parents)
    parent = row.parent_code or None
    return (row.code, row.name, int(row.level), parent, row.kind, path, request.source, request.version)


def _in_words(row: Stored | None) -> str | None:
    """`投影仪（上级 A02020000，货物）`: what people would notice of a category."""
    if row is None:
        return None
    return f"{row[1]}（{f'上级 {row[3]}，' if row[3] else ''}{KIND_NAMES.get(row[4], row[4])}）"


async def _write(uow: UnitOfWork, rows: Sequence[tuple[object, ...]]) -> None:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(batch))
        # REPLACE is the one statement for "insert or change" that both storages know; no key refers to this table.
        await uow.execute(
            f"REPLACE INTO category ({_COLUMNS}) VALUES {places}",
            *[value for row in batch for value in row],
        )


def _digest(rows: Sequence[CategoryRow]) -> str:
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(msgspec.json.encode([row.code, row.name, row.level, row.parent_code, row.kind]) + b"\n")
    return hashed.hexdigest()
