"""Columns that read the same on both storages.

Instants and days are stored as integers because the ORM converts neither zone nor precision the same way on both
(a filter by an aware time in another zone found nothing), and sums of decimals are wrong on SQLite.
"""

import functools
from datetime import date, datetime
from typing import Any

import msgspec
from tortoise import Model
from tortoise.fields import BigIntField, CharField, IntField, TextField

from server.kernel.ids import ID_LENGTH, new_id
from server.kernel.instants import from_day_number, from_microseconds, to_day_number, to_microseconds


class InstantField(BigIntField):
    """An aware instant, stored as UTC microseconds since 1970."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        return to_microseconds(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> Any:
        return from_microseconds(value) if isinstance(value, int) else value


class DayField(IntField[int]):
    """A calendar day in Asia/Shanghai, stored as 20261121."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        return to_day_number(value) if isinstance(value, date) else value

    def to_python_value(self, value: Any) -> Any:
        return from_day_number(value) if isinstance(value, int) else value


class FenField(BigIntField):
    """Money in integer fen."""


class JsonField(TextField):
    """A JSON document, kept as text so that raw reads see the same on both storages."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        return None if value is None else msgspec.json.encode(value).decode()

    def to_python_value(self, value: Any) -> Any:
        return msgspec.json.decode(value) if isinstance(value, str) else value


def id_field(**options: Any) -> CharField[str]:
    """A reference to another record by its identifier; no cascade, so nothing vanishes with its parent."""
    return CharField(max_length=ID_LENGTH, **options)


class Record(Model):
    """A row with an identifier of ours, and no relations: other rows are named by their ids.

    Made without the ORM's own constructor, whose search for relations and asynchronous defaults took a third of the
    time of a write.
    """

    id = CharField(max_length=ID_LENGTH, primary_key=True, default=new_id)

    class Meta:
        abstract = True

    def __init__(self, **values: Any) -> None:
        state = self.__dict__
        state.update(_partial=False, _saved_in_db=False, _custom_generated_pk=True, _await_when_save={})
        for name, default in _defaults(type(self)):
            if name in values:
                state[name] = values.pop(name)
            else:
                state[name] = default() if callable(default) else default
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")

    __setattr__ = object.__setattr__  # type: ignore[assignment] # the ORM's own looks for relations at each call


@functools.cache
def _defaults(model: type[Model]) -> tuple[tuple[str, Any], ...]:
    fields = model._meta.fields_map
    return tuple((name, fields[name].default) for name in model._meta.fields_db_projection)
