"""How many people a unit may have, and has."""

from datetime import date, timedelta

import pytest

from server.identity.commands import RecordHeadcount, record_headcount
from server.identity.queries import headcount_history, headcount_of
from server.identity.roles import Role
from server.kernel.reading import present_day, reading
from tests.factories.identity import City, make_actor
from tests.identity.asking import refusal_code

SINCE = date(2026, 1, 1)


def wanted(unit_id: str, **changes: object) -> RecordHeadcount:
    values: dict[str, object] = {"authorised": 40, "staffed": 38, "as_of": SINCE, "basis": "编办〔2026〕3号"}
    return RecordHeadcount(unit_id=unit_id, **{**values, **changes})  # type: ignore[arg-type]


async def test_number_of_a_day_is_the_one_recorded_for_it_when_there_are_several(city: City) -> None:
    manager = await make_actor("王秀英", city.health, Role.ASSET_MANAGER)
    await record_headcount(manager, wanted(city.health.id))
    await record_headcount(manager, wanted(city.health.id, as_of=date(2026, 7, 1), staffed=35))
    # Entered again for the same day: a correction.
    await record_headcount(manager, wanted(city.health.id, as_of=date(2026, 7, 1), staffed=36))
    async with reading() as rows:
        told = [await headcount_of(rows, city.health.id, day) for day in (date(2025, 12, 31), date(2026, 6, 30))]
        latest = await headcount_of(rows, city.health.id, present_day())
        elsewhere = await headcount_of(rows, city.culture.id, present_day())
    assert told[0] is None and elsewhere is None
    assert told[1] is not None and told[1].staffed == 38
    assert latest is not None and (latest.staffed, latest.recorded_by_name) == (36, "王秀英")
    assert [each.staffed for each in await headcount_history(manager, city.health.id)] == [36, 35, 38]


async def test_headcount_is_said_by_the_units_manager_and_the_system_administrator_alone(city: City) -> None:
    system = await make_actor("孙系统", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    assert (await record_headcount(system, wanted(city.health.id))).authorised == 40
    other = await make_actor("赵国强", city.culture, Role.ASSET_MANAGER)
    assert await refusal_code(record_headcount(other, wanted(city.health.id))) == "record.not_found"
    for role in (Role.BORROWER, Role.UNIT_ACCOUNTANT, Role.WAREHOUSE_KEEPER, Role.SECURITY_ADMIN):
        actor = await make_actor("某人", city.district_operator, role)
        assert await refusal_code(record_headcount(actor, wanted(city.district_operator.id))) == "role.required"
    assert await refusal_code(headcount_history(other, city.health.id)) == "record.not_found"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authorised": -1}, "input.too_small"),
        ({"staffed": 100_001, "authorised": 100_000}, "input.too_large"),
        ({"staffed": 41}, "unit.more_staffed_than_authorised"),
        ({"as_of": date(2999, 1, 1)}, "unit.headcount_in_future"),
        ({"basis": " "}, "input.required"),
        ({"basis": "长" * 129}, "input.too_long"),
    ],
)
async def test_field_is_named_when_a_headcount_is_wrong(city: City, changes: dict[str, object], code: str) -> None:
    manager = await make_actor("王秀英", city.health, Role.ASSET_MANAGER)
    assert await refusal_code(record_headcount(manager, wanted(city.health.id, **changes))) == code
    assert await headcount_history(manager, city.health.id) == []


async def test_today_counts_and_tomorrow_does_not_when_recorded(city: City) -> None:
    manager = await make_actor("王秀英", city.health, Role.ASSET_MANAGER)
    assert (await record_headcount(manager, wanted(city.health.id, as_of=present_day()))).as_of == present_day()
    tomorrow = wanted(city.health.id, as_of=present_day() + timedelta(days=1))
    assert await refusal_code(record_headcount(manager, tomorrow)) == "unit.headcount_in_future"
