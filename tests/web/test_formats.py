"""Money and moments as people read them."""

from datetime import UTC, date, datetime

import pytest

from server.web.formats import day, exact, weekday, when, yuan

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)  # 14:05 in Shanghai


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (123450, "1,234.50 元"),
        (0, "0.00 元"),
        (5, "0.05 元"),
        (-5, "-0.05 元"),
        (-123456, "-1,234.56 元"),
        (99_999_999_999, "999,999,999.99 元"),
    ],
)
def test_yuan_has_thousands_and_two_places_when_given_fen(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize("wrong", [12.5, "100", None, True])
def test_yuan_refuses_when_not_integer_fen(wrong: object) -> None:
    with pytest.raises(TypeError):
        yuan(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "今天 14:05"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "今天 00:00"),
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 11, 22, 1, 30, tzinfo=UTC), "明天 09:30"),
        (datetime(2026, 11, 3, 4, 0, tzinfo=UTC), "11月3日"),
        (datetime(2025, 11, 3, 4, 0, tzinfo=UTC), "2025年11月3日"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日"),
    ],
)
def test_when_is_short_and_on_shanghais_clock_when_near(moment: datetime, text: str) -> None:
    assert when(moment, NOW) == text


def test_when_refuses_when_the_zone_is_missing() -> None:
    with pytest.raises(ValueError, match="zone"):
        when(datetime(2026, 11, 21, 6, 5), NOW)  # noqa: DTZ001 - the fault under test


def test_days_are_written_out_when_asked() -> None:
    assert day(date(2026, 1, 9), date(2026, 11, 21)) == "1月9日"
    assert day(date(2027, 1, 9), date(2026, 11, 21)) == "2027年1月9日"
    assert weekday(date(2026, 11, 21)) == "周六"
    assert exact(NOW) == "2026年11月21日 14:05"
