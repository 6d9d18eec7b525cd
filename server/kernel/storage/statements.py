"""The statements that every write needs, made once for each model; the ORM's own way costs more than they do."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from tortoise.models import Model

from server.kernel.storage.database import Dialect, Row

M = TypeVar("M", bound=Model)
_QUOTE: dict[Dialect, str] = {"sqlite": '"', "mariadb": "`"}


@functools.cache
def locking_select(model: type[Model], dialect: Dialect) -> str:
    """One row by its key, held until the end. On SQLite the whole database is held by the transaction already."""
    quote = _QUOTE[dialect]
    columns = ", ".join(f"{quote}{column}{quote}" for column in model._meta.fields_db_projection.values())
    lock = "" if dialect == "sqlite" else " FOR UPDATE"
    return f"SELECT {columns} FROM {model._meta.db_table} WHERE {quote}{model._meta.db_pk_column}{quote} = ?{lock}"


def record_of(model: type[M], row: Row) -> M:
    """The record that a row of `locking_select` is."""
    return model._init_from_db(**row)


@functools.cache
def _insert(model: type[Model], dialect: Dialect) -> str:
    quote = _QUOTE[dialect]
    columns = [f"{quote}{column}{quote}" for column in model._meta.fields_db_projection.values()]
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def insertion(record: Model, dialect: Dialect) -> tuple[str, list[Any]]:
    """The statement that inserts `record`, and its values, each checked by its field (length, null)."""
    model = type(record)
    values = [convert(getattr(record, name), record) for name, convert in _converters(model)]
    record._saved_in_db = True
    return _insert(model, dialect), values


@functools.cache
def _converters(model: type[Model]) -> tuple[tuple[str, Callable[[Any, Model], Any]], ...]:
    fields = model._meta.fields_map
    return tuple((name, fields[name].to_db_value) for name in model._meta.fields_db_projection)


_FIRST_OR_NEXT: dict[Dialect, str] = {
    "sqlite": "ON CONFLICT (series) DO UPDATE SET value = value + ?",
    "mariadb": "ON DUPLICATE KEY UPDATE value = value + ?",
}


def first_or_next(dialect: Dialect) -> str:
    """Begin a series with its first numbers, or count on where somebody began it meanwhile: series, count, count."""
    return f"INSERT INTO counter (series, value) VALUES (?, ?) {_FIRST_OR_NEXT[dialect]}"
