"""What a document is found by: texts with the part they play, kept once for all documents that share them.

A term is one text in one role of one kind of document (the name `投影仪`, the unit `临平区卫生健康局`). A million cards
share some ten thousand terms, so that the fuzzy work (parts, sounds, typing errors) is done on terms, and documents
are then one indexed list for each term, the same on both storages.
"""

import functools
import hashlib
from enum import IntEnum
from typing import NamedTuple

from server.search.grams import normalized, parts_of

LONGEST_TERM = 255


class Role(IntEnum):
    """The part that a text plays in a document, weightiest first."""

    NAME = 0
    CATEGORY = 1
    MODEL = 2
    BRAND = 3
    CODE = 4
    UNIT = 5
    SPECIFICATION = 6
    PLACE = 7
    # The categories above the document's own: 办公设备 for a projector.
    BRANCH = 8


WEIGHTS: dict[Role, float] = {
    Role.NAME: 1.0,
    Role.CATEGORY: 0.9,
    Role.MODEL: 0.85,
    Role.BRAND: 0.8,
    Role.CODE: 0.7,
    Role.UNIT: 0.55,
    Role.SPECIFICATION: 0.5,
    Role.PLACE: 0.45,
    Role.BRANCH: 0.4,
}


class Field(NamedTuple):
    """One text of a document."""

    role: Role
    text: str


class Document(NamedTuple):
    """A document and its texts. `id`: at most 16 characters."""

    id: str
    fields: tuple[Field, ...]


class Term(NamedTuple):
    """One normalised text in one role."""

    id: int
    role: Role
    text: str


def terms_of(kind: str, document: Document) -> dict[int, Term]:
    """The terms of a document by id; a text that stands in two roles counts in the weightier one."""
    found: dict[str, Role] = {}
    for field in sorted(document.fields):
        # A code is looked for by its parts, and documents share these: unit, year, serial.
        texts = parts_of(field.text) if field.role is Role.CODE else [normalized(field.text)]
        for text in texts:
            if text:
                found.setdefault(text[:LONGEST_TERM], field.role)
    terms = (Term(term_id(kind, role, text), role, text) for text, role in found.items())
    return {term.id: term for term in terms}


@functools.lru_cache(maxsize=8192)
def term_id(kind: str, role: Role, text: str) -> int:
    """63 bits of a hash: the same everywhere, so that nobody has to ask the storage for it."""
    digest = hashlib.blake2b(f"{kind}|{role.value}|{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
