"""Which columns hold personal fields at rest, and bringing them all under the key that writes now."""

from typing import NamedTuple

import msgspec

from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.crypto import FieldCipher, UnreadableField
from server.kernel.idempotency import ANSWER_FIELD
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader
from server.kernel.unit_of_work import UnitOfWork

_AT_ONCE = 500
_LOOKED_AT = 20


class SealedColumn(NamedTuple):
    """A column of sealed values. `field`: what the cipher authenticates with each of them."""

    table: str
    column: str
    field: str


class Batch(msgspec.Struct, frozen=True):
    """Some rows of one column: those after `after`, by id."""

    table: str
    column: str
    field: str
    after: str = ""


class Resealed(msgspec.Struct, frozen=True):
    """What one batch did. `last`: where the next one begins; empty at the end. `unreadable`: ids that no key opens."""

    last: str
    changed: int
    unreadable: list[str]


_columns: list[SealedColumn] = [SealedColumn("idempotency_key", "answer", ANSWER_FIELD)]


def seal_column(table: str, column: str, field: str) -> None:
    """Say that a column holds sealed values of `field`. A test holds the schema against these."""
    named = SealedColumn(table, column, field)
    if named not in _columns:
        _columns.append(named)


def sealed_columns() -> tuple[SealedColumn, ...]:
    """Every column said to be sealed."""
    return tuple(_columns)


@command("field.reencrypt")
async def reencrypt_batch(uow: UnitOfWork, actor: Actor, batch: Batch) -> Resealed:
    """Seal some rows' values with the key that writes now. What somebody writes meanwhile is under that key already, so
    a value that is not as read is left alone. What no key opens is named, and stays."""
    cipher = current_runtime().cipher
    rows = await uow.fetch_all(
        f"SELECT id, {batch.column} AS sealed FROM {batch.table} WHERE id > ? AND {batch.column} IS NOT NULL"
        f" AND SUBSTR({batch.column}, 1, ?) <> ? ORDER BY id LIMIT ?",
        batch.after,
        len(cipher.writing_prefix),
        cipher.writing_prefix,
        _AT_ONCE,
    )
    changed, unreadable = 0, []
    for row in rows:
        try:
            fresh = cipher.encrypt(batch.field, cipher.decrypt(batch.field, row["sealed"]))
        except UnreadableField:
            unreadable.append(row["id"])
            continue
        changed += await uow.execute(
            f"UPDATE {batch.table} SET {batch.column} = ? WHERE id = ? AND {batch.column} = ?",
            fresh,
            row["id"],
            row["sealed"],
        )
    await uow.record("field.reencrypted", "field", batch.field, rows=changed, failures=len(unreadable))
    return Resealed(rows[-1]["id"] if len(rows) == _AT_ONCE else "", changed, unreadable)


async def opens_fields(reader: Reader, cipher: FieldCipher) -> bool:
    """Whether any of the newest sealed values opens: one that was damaged does not make the keys wrong ones."""
    # Not the answers kept for repeated keys: those of earlier releases lie open.
    columns = [column for column in sealed_columns() if column.field != ANSWER_FIELD]
    opened = [_opens(cipher, column, value) for column in columns for value in await _newest(reader, column)]
    return not opened or any(opened)


async def _newest(reader: Reader, column: SealedColumn) -> list[str]:
    rows = await reader.fetch_all(
        f"SELECT {column.column} AS sealed FROM {column.table} WHERE {column.column} IS NOT NULL"
        f" ORDER BY id DESC LIMIT {_LOOKED_AT}"
    )
    return [row["sealed"] for row in rows]


def _opens(cipher: FieldCipher, column: SealedColumn, value: str) -> bool:
    try:
        cipher.decrypt(column.field, value)
    except UnreadableField:
        return False
    return True


async def left_under(column: SealedColumn) -> dict[str, int]:
    """How many values of a column stand under each key, by key id."""
    async with reading() as rows:
        found = await rows.fetch_all(
            f"SELECT SUBSTR({column.column}, 1, INSTR({column.column}, ':') - 1) AS key_id, COUNT(*) AS number"
            f" FROM {column.table} WHERE {column.column} IS NOT NULL GROUP BY key_id ORDER BY key_id"
        )
    return {row["key_id"]: row["number"] for row in found}
