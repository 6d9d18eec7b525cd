# ruff: noqa: S608 - names of tables and columns come from the schema itself
"""MariaDB: every table as one snapshot saw it, through our own connection: no outside program, no lock.

A table is a gzip of JSON lines: the names of its columns, then its rows. The tables' own statements go along, so that
a backup of an earlier release comes back as it was and is brought up to date by `migrate`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from server.backup.manifest import BackupError, Part, Progress, part_of
from server.kernel.storage.database import Transaction
from server.kernel.storage.mysql_engine import MariaDatabase, MariaReader
from server.migrations.runner import RESTORING

SCHEMA = "schema.json"
TABLES = "tables"
# Nobody's session comes back, and nobody's lease.
_LEFT_EMPTY = frozenset({"session", "schema_lock"})
_VERSIONS = "schema_version"
_BATCH = 1000
_decoder = msgspec.json.Decoder()


async def copy_tables(snapshot: MariaReader, folder: Path, progress: Progress) -> list[Part]:
    """Write every table that the snapshot sees into `folder`."""
    (folder / TABLES).mkdir()
    names = await _tables(snapshot)
    schema = {name: (await snapshot.fetch_all(f"SHOW CREATE TABLE `{name}`"))[0]["Create Table"] for name in names}
    (folder / SCHEMA).write_bytes(msgspec.json.format(msgspec.json.encode(schema), indent=1))
    parts = [part_of(folder, folder / SCHEMA)]
    total, done = await _size(snapshot), 0
    for name in names:
        path = folder / TABLES / f"{name}.jsonl.gz"
        rows = -1  # the first line is the columns' names
        with gzip.open(path, "wb", compresslevel=1) as file:
            async for batch in snapshot.stream(f"SELECT * FROM `{name}`{_none_of(name)}", _BATCH):
                file.write(b"".join(msgspec.json.encode(row) + b"\n" for row in batch))
                rows += len(batch)
                done += len(batch)
                progress("数据库", min(done, total), total)
        parts.append(part_of(folder, path, rows=rows))
    progress("数据库", total, total)
    return parts


async def is_occupied(database: MariaDatabase) -> bool:
    """Whether anything was done in this database: every command leaves an audit row. An unfinished restore is none."""
    async with database.reading() as reader:
        names = await _tables(reader)
        if await _is_unfinished(reader, names):
            return False
        return "audit_event" in names and await reader.fetch_one("SELECT id FROM audit_event LIMIT 1") is not None


async def load_tables(database: MariaDatabase, folder: Path, parts: list[Part], progress: Progress) -> None:
    """Make the backup's tables in an unoccupied database and fill them, marked so that no process starts on them."""
    schema: dict[str, str] = msgspec.json.decode((folder / SCHEMA).read_bytes(), type=dict[str, str])
    async with database.reading() as reader:
        there = await _tables(reader)
    await database.run_script([f"DROP TABLE `{name}`" for name in there])
    await database.run_script([schema[_VERSIONS]])
    async with database.transaction() as transaction:
        await transaction.execute(f"INSERT INTO {_VERSIONS} (version, name, checksum) VALUES (?, '', '')", RESTORING)
        await transaction.commit()
    await database.run_script([statement for name, statement in schema.items() if name != _VERSIONS])
    counts = {Path(part.path).name.partition(".")[0]: part.rows for part in parts if part.path.startswith(TABLES)}
    total, done = sum(counts.values()), 0
    for name in sorted(counts, key=lambda name: name == _VERSIONS):
        for batch in _batches(folder / TABLES / f"{name}.jsonl.gz"):
            done += await _fill(database, name, batch)
            progress("装入数据库", done, total)
    await _check_counts(database, counts)


async def _fill(database: MariaDatabase, name: str, batch: tuple[list[str], list[list[Any]]]) -> int:
    columns, rows = batch
    async with database.transaction() as transaction:
        await _insert(transaction, name, columns, rows)
        await transaction.commit()
    return len(rows)


async def _insert(transaction: Transaction, name: str, columns: list[str], rows: list[list[Any]]) -> None:
    names = ", ".join(f"`{column}`" for column in columns)
    marks = ", ".join("?" * len(columns))
    await transaction.execute_many(f"INSERT INTO `{name}` ({names}) VALUES ({marks})", rows)


async def _check_counts(database: MariaDatabase, counts: dict[str, int]) -> None:
    async with database.reading() as reader:
        for name, wanted in counts.items():
            row = await reader.fetch_one(f"SELECT COUNT(*) AS number FROM `{name}`")
            number = row["number"] - (name == _VERSIONS) if row else 0
            if number != wanted:
                raise BackupError(f"表 {name} 只装入了 {number:,} 行，应为 {wanted:,} 行：请查看数据库日志后重新恢复")


def _batches(path: Path) -> Iterator[tuple[list[str], list[list[Any]]]]:
    with gzip.open(path, "rb") as file:
        columns = _decoder.decode(next(file))
        rows: list[list[Any]] = []
        for line in file:
            rows.append(_decoder.decode(line))
            if len(rows) == _BATCH:
                yield columns, rows
                rows = []
        if rows:
            yield columns, rows


def _none_of(name: str) -> str:
    return " WHERE FALSE" if name in _LEFT_EMPTY else ""


async def _tables(reader: MariaReader) -> list[str]:
    rows = await reader.fetch_all(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
    )
    return [row["name"] for row in rows]


async def _size(reader: MariaReader) -> int:
    """About how many rows there are: the engine's own estimate, good enough for a progress line."""
    row = await reader.fetch_one(
        "SELECT CAST(COALESCE(SUM(table_rows), 0) AS UNSIGNED) AS number FROM information_schema.tables"
        " WHERE table_schema = DATABASE()"
    )
    return max(int(row["number"]) if row else 0, 1)


async def _is_unfinished(reader: MariaReader, names: list[str]) -> bool:
    if _VERSIONS not in names:
        return False
    return await reader.fetch_one(f"SELECT version FROM {_VERSIONS} WHERE version = ?", RESTORING) is not None
