"""What the models say of the schema: prints it, or begins the next migration with the tables that no migration makes.

Usage: python scripts/freeze_schema.py --print sqlite|mariadb   (the CREATE statements of every model)
       python scripts/freeze_schema.py NAME                     (writes server/migrations/NNNN_NAME.*.sql)

A column or an index that is added to a table is written by hand (docs/decisions/0006); the tests of migrations hold the
migrated schema against the models.
"""

import asyncio
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tortoise import Tortoise
from tortoise.utils import get_schema_sql

from server.kernel.model_modules import model_modules
from server.kernel.storage.database import Dialect
from server.kernel.storage.orm import bind_models

FOLDER = Path(__file__).parent.parent / "server" / "migrations"
DIALECTS: tuple[Dialect, ...] = ("sqlite", "mariadb")
_TABLE = re.compile(r"(?:CREATE TABLE IF NOT EXISTS|ON) [\"`]?(\w+)")


async def schema_of(dialect: Dialect) -> str:
    """The models' CREATE statements in one storage's dialect, one per line group."""
    await bind_models(dialect, model_modules())
    client = Tortoise.get_connection("default")
    if dialect == "mariadb":
        # The connection that would set it is never opened here.
        vars(client)["charset"] = "utf8mb4"
    sql = get_schema_sql(client, safe=True)
    await Tortoise.close_connections()
    if dialect == "mariadb":
        # Binary collation without padding: equality and order as SQLite has them.
        sql = sql.replace("CHARACTER SET utf8mb4", "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
    # The models' docstrings come along as comments; they would change the file with every word.
    sql = re.sub(r" /\*.*?\*/;", ";", sql, flags=re.DOTALL)
    sql = re.sub(r" COMMENT='(?:[^'\\]|\\.)*';", ";", sql, flags=re.DOTALL)
    return sql.rstrip() + "\n"


def statements_of(sql: str) -> list[str]:
    """The statements of a schema, each with its semicolon."""
    return [part + ";" for part in re.split(r";\n", sql.rstrip().removesuffix(";")) if part.strip()]


def table_of(statement: str) -> str:
    """The table that a CREATE statement is about."""
    found = _TABLE.search(statement)
    assert found is not None, statement
    return found[1]


def missing_from_migrations(dialect: Dialect) -> list[str]:
    """The statements of the tables that no migration makes yet."""
    made = {
        name
        for path in FOLDER.glob(f"*.{dialect}.sql")
        for name in re.findall(r"CREATE TABLE IF NOT EXISTS [\"`]?(\w+)", path.read_text())
    }
    return [each for each in statements_of(asyncio.run(schema_of(dialect))) if table_of(each) not in made]


def begin_migration(name: str) -> list[Path]:
    """Write the next version's files for both storages; none where nothing is missing."""
    number = max(int(path.name[:4]) for path in FOLDER.glob("*.sql")) + 1
    new = {FOLDER / f"{number:04d}_{name}.{dialect}.sql": missing_from_migrations(dialect) for dialect in DIALECTS}
    written = {path: statements for path, statements in new.items() if statements}
    for path, statements in written.items():
        path.write_text("\n".join(statements) + "\n")
    return list(written)


def main() -> int:
    match sys.argv[1:]:
        case ["--print", ("sqlite" | "mariadb") as dialect]:
            print(asyncio.run(schema_of(dialect)), end="")
        case [name] if re.fullmatch(r"[a-z_]+", name):
            print("\n".join(str(path.relative_to(FOLDER.parent.parent)) for path in begin_migration(name)))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
