"""Every sealed column is known to the command that brings fields under a new key."""

from server import wiring
from server.kernel.sealed import sealed_columns
from server.settings import Settings
from tests.house.test_unit_columns import columns_of, schema


def test_every_sealed_column_is_resealed_with_a_new_key() -> None:
    wiring.wire(Settings.from_environment({}))
    there = {
        (table, column)
        for table, columns in columns_of(schema()).items()
        for column in columns
        if column.endswith("_sealed")
    }
    assert ("person", "phone_sealed") in there
    # An answer is sealed as a whole; its column is named for what it is.
    assert {(each.table, each.column) for each in sealed_columns()} == there | {("idempotency_key", "answer")}
