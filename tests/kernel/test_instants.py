"""Instants and days: whatever is stored comes back, in every zone, and a day begins at midnight in Shanghai."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.instants import (
    days_between,
    from_day_number,
    from_microseconds,
    shanghai_day,
    start_of_day,
    to_day_number,
    to_microseconds,
)

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds are naive
DAYS = st.dates(date(1950, 1, 1), date(2199, 12, 31))


@given(INSTANTS)
def test_instant_is_the_same_when_it_is_stored_and_read_again(instant: datetime):
    again = from_microseconds(to_microseconds(instant))
    assert again == instant
    assert again.tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_order_is_kept_when_instants_are_stored(one: datetime, other: datetime):
    assert (to_microseconds(one) < to_microseconds(other)) == (one < other)


@given(DAYS)
def test_day_is_the_same_when_it_is_stored_and_read_again(day: date):
    assert from_day_number(to_day_number(day)) == day


@given(DAYS, DAYS)
def test_order_is_kept_when_days_are_stored(one: date, other: date):
    assert (to_day_number(one) < to_day_number(other)) == (one < other)


@given(DAYS)
def test_day_begins_at_its_start_and_not_a_microsecond_before(day: date):
    start = start_of_day(day)
    assert start.tzinfo is UTC
    assert shanghai_day(start) == day
    assert shanghai_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_day_is_that_of_shanghai_when_utc_still_has_the_day_before():
    assert shanghai_day(datetime(2026, 3, 4, 16, 0, tzinfo=UTC)) == date(2026, 3, 5)
    assert shanghai_day(datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 4)


def test_naive_time_is_refused_when_it_is_to_be_stored():
    with pytest.raises(ValueError, match="time zone"):
        to_microseconds(datetime(2026, 3, 5))  # noqa: DTZ001 - the fault itself


def test_both_ends_are_in_it_when_days_are_listed():
    days = days_between(date(2026, 2, 27), date(2026, 3, 1))
    assert days == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert days_between(date(2026, 3, 1), date(2026, 2, 27)) == []
