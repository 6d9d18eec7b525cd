"""The working-day calendar: weekends, official holidays, a region's own days."""

from collections.abc import Awaitable
from datetime import date

import pytest

from server.identity.roles import Role
from server.kernel.errors import DomainError, InvalidInput, Unauthenticated
from server.kernel.reading import reading
from server.policies.calendar_commands import load_calendar
from server.policies.calendar_queries import list_calendar
from server.policies.queries import add_working_days, is_working_day, working_days_between
from server.policies.types import CalendarEntry, LoadCalendar
from tests.factories.identity import SYSTEM, make_actor, make_city
from tests.factories.policies import make_calendar
from tests.support.meanwhile import while_finishing

CITY = "330000/330100/"
LINPING = "330000/330100/330113/"


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 6, 19), False),
        # The year whose arrangement is not loaded: what its weekday says.
        (date(2027, 10, 1), True),
    ],
)
async def test_a_day_is_what_the_calendar_says_else_its_weekday(runtime, day, is_working):
    await make_calendar()
    async with reading() as db:
        assert await is_working_day(db, CITY, day) is is_working


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 3, date(2026, 11, 25)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 1, 4), 247, date(2026, 12, 31)),
    ],
)
async def test_working_days_are_added_over_weekends_and_holidays(runtime, start, number, end):
    await make_calendar()
    async with reading() as db:
        assert await add_working_days(db, CITY, start, number) == end
        assert await working_days_between(db, CITY, start, end) == number


async def test_working_days_are_refused_past_the_limit(runtime):
    async with reading() as db:
        for number in (-1, 401):
            with pytest.raises(InvalidInput) as refused:
                await add_working_days(db, CITY, date(2026, 11, 20), number)
            assert refused.value.code == "calendar.too_far"


async def test_a_regions_own_day_goes_before_the_national_one(runtime):
    await make_calendar()
    city = await make_city()
    actor = await make_actor("严正", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    flood = (CalendarEntry(day=date(2026, 10, 8), is_working=False, name="防汛停工"),)
    request = LoadCalendar(region_code="330113", source="临平区防指 2026-12 号", days=flood)
    first = await load_calendar(actor, request)
    second = await load_calendar(actor, request)
    assert (first.added, second.added, second.unchanged) == (1, 0, 1)
    async with reading() as db:
        assert not await is_working_day(db, LINPING, date(2026, 10, 8))
        assert await is_working_day(db, CITY, date(2026, 10, 8))


async def test_a_day_is_one_row_when_two_load_it_at_once(runtime, settings):
    city = await make_city()
    actor = await make_actor("严正", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)

    def load(name: str) -> Awaitable[object]:
        entry = CalendarEntry(day=date(2026, 10, 8), is_working=False, name=name)
        return load_calendar(actor, LoadCalendar(region_code="330113", source="区防指通知", days=(entry,)))

    answers = await while_finishing(settings, lambda: load("防汛停工"), lambda: load("停电停工"))
    # Where there is one writer, the second replaces what the first has loaded.
    assert answers in {("done", "record.changed"), ("done", "done")}
    async with reading() as db:
        assert len(await db.fetch_all("SELECT id FROM calendar_day WHERE region_code = '330113'")) == 1


async def test_people_see_every_day_of_a_month_as_it_is_in_their_region(runtime):
    await make_calendar()
    city = await make_city()
    actor = await make_actor("王芳", city.health, Role.BORROWER)
    days = await list_calendar(actor, date(2026, 10, 1), date(2026, 10, 31))
    assert len(days) == 31 and sum(day.is_working for day in days) == 18
    assert (days[0].name, days[9].name, days[9].is_working) == ("国庆节", "国庆节调休上班", True)
    assert "国务院办公厅" in days[0].source and days[11].source == ""
    with pytest.raises(Unauthenticated):
        await list_calendar(SYSTEM, date(2026, 10, 1), date(2026, 10, 31))


async def test_a_calendar_is_refused_when_it_is_wrong_or_not_theirs(runtime):
    city = await make_city()
    actor = await make_actor("严正", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    entry = CalendarEntry(day=date(2026, 10, 8), is_working=False, name="停工")
    for region, days, code in [
        ("330113", (), "calendar.no_days"),
        ("330113", (entry, entry), "input.invalid"),
        ("330106", (entry,), "region.not_found"),
        ("", (entry,), "policy.default_not_changeable"),
    ]:
        with pytest.raises(DomainError) as refused:
            await load_calendar(actor, LoadCalendar(region_code=region, source="区防指通知", days=days))
        assert refused.value.code == code
