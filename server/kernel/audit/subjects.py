"""What the things are called that the audit speaks of, and what belongs to them.

The audit names a thing by kind and id. Each domain tells here, by being imported, how its things are found by what an
auditor types, how they are called, and which other things belong to one (a borrowing to the card it is of).
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

import msgspec

from server.kernel.ids import is_id
from server.kernel.storage.database import Reader

MOST_FOUND = 20
# A thing's whole life is read at once; longer lives are cut at the newest, and no real one is that long.
MOST_RELATED = 2000


class Subject(msgspec.Struct, frozen=True):
    """One thing of the audit. `label`: its code and name, as people say it."""

    kind: str
    id: str
    label: str


class Find(Protocol):
    """Things that `text` means: by code, number or name, exactly."""

    def __call__(self, rows: Reader, text: str) -> Awaitable[list[Subject]]: ...


Name = Callable[[Reader, list[str]], Awaitable[dict[str, str]]]
Related = Callable[[Reader, str], Awaitable[list[tuple[str, str]]]]
_finders: dict[str, Find] = {}
_namers: dict[str, Name] = {}
_relations: dict[str, list[Related]] = {}


def register_subject(kind: str, *, find: Find, name: Name) -> None:
    """A domain tells how things of `kind` are found and called. Registering again changes nothing."""
    _finders[kind] = find
    _namers[kind] = name


def register_related(kind: str, related: Related) -> None:
    """A domain tells which of its things belong to one of `kind`: pairs of kind and id."""
    known = _relations.setdefault(kind, [])
    if related not in known:
        known.append(related)


async def find_subjects(rows: Reader, text: str) -> list[Subject]:
    """Everything that the text could mean, whatever kind."""
    found = [subject for find in _finders.values() for subject in await find(rows, text)]
    return found[:MOST_FOUND]


async def related_subjects(rows: Reader, kind: str, subject_id: str) -> list[tuple[str, str]]:
    """The thing itself and what belongs to it."""
    found = [(kind, subject_id)]
    for related in _relations.get(kind, []):
        found += await related(rows, subject_id)
    return found[:MOST_RELATED]


async def labels_of(rows: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The labels of those ids that name a thing some domain knows, of whatever kind."""
    left = sorted({each for each in ids if is_id(each)})
    labels: dict[str, str] = {}
    for name in _namers.values():
        labels |= await name(rows, left) if left else {}
        left = [each for each in left if each not in labels]
    return labels
