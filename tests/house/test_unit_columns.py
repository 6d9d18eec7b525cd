"""Every column that names a unit follows it when it is renamed, moved, merged or split, or is said to be a paper."""

import re
import sqlite3
from pathlib import Path

from server import wiring
from server.identity.following import followed, kept
from server.settings import Settings

MIGRATIONS = Path(__file__).resolve().parents[2] / "server" / "migrations"
NAMES_A_UNIT = re.compile(r"(^|_)unit_(id|path|name)$")
# The unit itself says these of its place in the tree; `reorganisation` changes them with it.
HOW = "declare it in the domain's unit_columns.py: follow(UnitColumns(...)), or keep(table, column, why) for a paper"


def schema() -> sqlite3.Connection:
    """The tables of this release, empty."""
    connection = sqlite3.connect(":memory:")
    for path in sorted(MIGRATIONS.glob("*.sqlite.sql")):
        connection.executescript(path.read_text())
    return connection


def columns_of(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The names of the columns by table."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: {row[1] for row in connection.execute(f"PRAGMA table_info('{table}')")} for table in tables}


def named(columns: dict[str, set[str]]) -> set[tuple[str, str]]:
    """What names a unit."""
    return {(table, column) for table, held in columns.items() for column in held if NAMES_A_UNIT.search(column)}


def declared() -> set[tuple[str, str]]:
    """What is said to follow."""
    return {(each.table, column) for each in followed() for column in (each.unit_id, each.path, each.name) if column}


def test_every_column_that_names_a_unit_follows_it_or_is_a_paper() -> None:
    wiring.wire(Settings.from_environment({}))
    columns = columns_of(schema())
    wanted, said = named(columns), declared() | kept().keys()
    assert ("borrowing", "holder_unit_path") in wanted and ("asset_event", "unit_id") in wanted
    assert not (forgotten := sorted(wanted - said)), f"{forgotten}: {HOW}"
    # Nothing is declared that is not there, and nothing is both.
    assert not sorted((table, column) for table, column in said if column not in columns.get(table, set()))
    assert not declared() & kept().keys()
    assert all(len(why) > 4 for why in kept().values())


def test_every_condition_is_one_that_the_storage_understands() -> None:
    wiring.wire(Settings.from_environment({}))
    connection = schema()
    for each in followed():
        for condition in filter(None, (each.open, each.held)):
            found = connection.execute(f"SELECT COUNT(*) FROM {each.table} WHERE {condition}").fetchone()
            assert found == (0,)
        columns = columns_of(connection)[each.table]
        assert {*each.with_people, *filter(None, [each.with_place])} <= columns
        assert not each.has_version or "version" in columns


def test_column_is_found_when_a_new_table_forgets_it() -> None:
    connection = schema()
    connection.execute("CREATE TABLE water_meter (id TEXT, asking_unit_id TEXT, unit_named TEXT)")
    assert named(columns_of(connection)) - named(columns_of(schema())) == {("water_meter", "asking_unit_id")}
