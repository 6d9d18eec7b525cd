"""What classification takes and gives."""

from typing import Annotated

import msgspec

KIND_NAMES = {"goods": "货物", "engineering": "工程", "service": "服务"}


class CategoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a catalogue file as it was read, before any check. `row`: its line in the file, the heading is 1."""

    row: int
    code: str
    name: str
    level: str
    parent_code: str
    kind: str


class ImportCategories(msgspec.Struct, frozen=True, kw_only=True):
    """A catalogue, whole or in part: rows may name parents that are there already."""

    source: Annotated[str, msgspec.Meta(min_length=2, max_length=64)]
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    rows: tuple[CategoryRow, ...]


class CategoriesImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, in rows. `digest`: SHA-256 of the rows, as it stands in the audit."""

    added: int
    changed: int
    unchanged: int
    digest: str


class CategoryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One category. `path`: codes from the top down, each followed by a slash; `is_leaf`: nothing stands below it."""

    code: str
    name: str
    level: int
    parent_code: str | None
    kind: str
    path: str
    source: str
    version: str
    is_leaf: bool
