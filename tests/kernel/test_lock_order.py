"""The lock order: steps forward are taken, a step back is refused at once, whatever the load."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise import Tortoise

from server.kernel.lock_order import LOCK_ORDER, LockLedger, LockOrderError
from server.kernel.runtime import Runtime

STEPS = st.tuples(st.sampled_from(LOCK_ORDER), st.text("abc", min_size=1, max_size=2))


def in_order(step: tuple[str, str]) -> tuple[int, str]:
    return LOCK_ORDER.index(step[0]), step[1]


@given(st.lists(STEPS))
def test_locks_are_taken_when_they_are_in_order(steps: list[tuple[str, str]]):
    ledger = LockLedger()
    for step in sorted(steps, key=in_order):
        ledger.take(*step)
    for step in random.Random(1).sample(steps, len(steps)):
        ledger.take(*step)  # what is held may be asked for again
    assert len(ledger._held) == len(set(steps))


@given(STEPS, STEPS)
def test_one_of_two_orders_is_refused_when_two_rows_are_locked(one: tuple[str, str], other: tuple[str, str]):
    ledger = LockLedger()
    ledger.take(*max(one, other, key=in_order))
    if one == other:
        ledger.take(*one)
        return
    with pytest.raises(LockOrderError, match="locked after"):
        ledger.take(*min(one, other, key=in_order))


def test_lock_is_refused_when_its_table_has_no_place():
    with pytest.raises(LockOrderError, match="no place"):
        LockLedger().take("counter", "a")


def test_lock_is_refused_when_a_counter_is_held():
    ledger = LockLedger()
    ledger.take("asset_card", "a")
    ledger.take_counter()
    ledger.take_counter()
    ledger.take("asset_card", "a")
    with pytest.raises(LockOrderError, match="last"):
        ledger.take("asset_label", "a")


async def test_every_name_is_a_table_when_it_is_in_the_order(runtime: Runtime):
    assert Tortoise.apps is not None
    tables = {model._meta.db_table for model in Tortoise.apps["models"].values()}
    assert set(LOCK_ORDER) <= tables
    assert len(set(LOCK_ORDER)) == len(LOCK_ORDER)
