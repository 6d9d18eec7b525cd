"""Divisions and the tree of units."""

from datetime import date

from server.identity.commands import CreateUnit, ImportRegions, RegionRow, create_unit, import_regions
from server.identity.ops import unit_facts
from server.identity.queries import (
    UnitFilter,
    finance_authority_of,
    list_regions,
    list_units,
    operator_of,
    region_name,
    region_path,
    unit_by_id,
)
from server.identity.roles import Role
from server.kernel.reading import reading
from tests.factories.identity import REGIONS, SYSTEM, City, make_actor, make_regions, make_unit
from tests.identity.asking import outcomes, refusal_code


def new_unit(city: City, code: str = "LP-INFO", **changes: object) -> CreateUnit:
    values = {
        "code": code,
        "name": "杭州市临平区数据资源管理局",
        "short_name": "区数据局",
        "kind": "organ",
        "region_code": "330113",
        "parent_id": city.linping.id,
    }
    return CreateUnit(**(values | changes))  # type: ignore[arg-type]


async def test_path_runs_from_the_root_down_when_a_unit_is_created(city: City) -> None:
    actor = await make_actor("孙系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    unit = await create_unit(actor, new_unit(city))
    assert unit.path == f"{city.city.id}/{city.linping.id}/{unit.id}/" and unit.region_name == "临平区"
    async with reading() as rows:
        facts = await unit_facts(rows, unit.id)
    assert facts.region_path == "330000/330100/330113/" and facts.parent_id == city.linping.id


async def test_unit_is_refused_when_the_actor_may_not_build_there(city: City) -> None:
    district = await make_actor("钱系统", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    assert await refusal_code(create_unit(district, new_unit(city, parent_id=city.xihu.id))) == "record.not_found"
    assert await refusal_code(create_unit(district, new_unit(city, parent_id=None))) == "role.required"
    manager = await make_actor("吴芳", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    assert await refusal_code(create_unit(manager, new_unit(city))) == "role.required"
    assert await refusal_code(create_unit(manager, new_unit(city, parent_id="0000000000000000"))) == "role.required"


async def test_every_field_is_named_when_a_unit_is_wrong(city: City) -> None:
    for changes, code in (
        ({"name": " "}, "input.required"),
        ({"name": "长" * 129}, "input.too_long"),
        ({"short_name": "坏\x07字"}, "input.control_character"),
        ({"kind": "company"}, "input.not_a_choice"),
        ({"region_code": "999999"}, "input.not_a_choice"),
        ({"kind": "temporary_body"}, "input.required"),
        ({"ends_on": date(2027, 1, 1)}, "unit.only_temporary"),
    ):
        assert await refusal_code(create_unit(SYSTEM, new_unit(city, **changes))) == code


async def test_temporary_body_names_its_lead_unit_when_created(city: City) -> None:
    request = new_unit(
        city, kind="temporary_body", lead_unit_id=city.culture.id, ends_on=date(2027, 1, 31), name="艺术节组委会"
    )
    unit = await create_unit(SYSTEM, request)
    async with reading() as rows:
        facts = await unit_facts(rows, unit.id)
    assert facts.lead_unit_id == city.culture.id and facts.ends_on == date(2027, 1, 31)


async def test_one_unit_is_made_when_two_take_a_code_at_once(city: City) -> None:
    counted = await outcomes(create_unit(SYSTEM, new_unit(city)) for _ in range(4))
    assert counted == {"done": 1, "unit.code_taken": 3}


async def test_same_answer_comes_back_when_a_key_is_used_again(city: City) -> None:
    actor = SYSTEM.with_key("create-unit-1")
    first, again = await create_unit(actor, new_unit(city)), await create_unit(actor, new_unit(city))
    assert first == again


async def test_units_are_listed_within_sight_only_when_a_district_asks(city: City) -> None:
    overseer = await make_actor("钱系统", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    names = {unit.name for unit in (await list_units(overseer, size=50)).items}
    assert city.hospital.name in names and not names & {city.city.name, city.xihu_education.name}
    borrower = await make_actor("王建国", city.health, Role.BORROWER)
    assert [unit.id for unit in (await list_units(borrower)).items] == [city.health.id]
    assert await refusal_code(unit_by_id(overseer, city.xihu.id)) == "record.not_found"
    assert (await unit_by_id(overseer, city.hospital.id)).short_name == "区一医院"


async def test_pages_follow_each_other_when_there_are_more_units(city: City) -> None:
    seen, cursor = [], None
    while True:
        page = await list_units(SYSTEM, cursor=cursor, size=4)
        seen += [unit.id for unit in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 14
    assert await refusal_code(list_units(SYSTEM, cursor="nonsense")) == "input.bad_cursor"


async def test_units_are_found_when_searched_by_part_of_a_name(city: City) -> None:
    found = await list_units(SYSTEM, UnitFilter(text="财政"))
    assert {unit.id for unit in found.items} == {city.finance.id, city.district_finance.id, city.xihu_finance.id}
    below = await list_units(SYSTEM, UnitFilter(parent_id=city.health.id))
    assert [unit.id for unit in below.items] == [city.hospital.id]
    assert (await list_units(SYSTEM, UnitFilter(text="' OR 1=1 --"))).items == []


async def test_nearest_authority_answers_when_a_region_has_none_of_its_own(city: City) -> None:
    async with reading() as rows:
        for path, unit in (
            ("330000/330100/330113/", city.district_finance),
            ("330000/330100/330106/", city.xihu_finance),
            ("330000/330100/", city.finance),
            ("330000/330100/330102/", city.finance),
        ):
            found = await finance_authority_of(rows, path)
            assert found is not None and found.id == unit.id
        operator = await operator_of(rows, "330000/330100/330106/")
        assert operator is not None and operator.id == city.operator.id
        assert await finance_authority_of(rows, "110000/") is None


async def test_regions_are_renamed_and_kept_in_place_when_imported_again(city: City) -> None:
    await import_regions(SYSTEM, ImportRegions([RegionRow("330113", "临平新区", "330100", "district")]))
    assert await region_name("330113") == "临平新区" and await region_path("330113") == "330000/330100/330113/"
    assert len(await list_regions()) == len(REGIONS)
    assert [region.code for region in await list_regions("330100")] == ["330100", "330106", "330113"]
    orphan = ImportRegions([RegionRow("440103", "荔湾区", "440100", "district")])
    assert await refusal_code(import_regions(SYSTEM, orphan)) == "region.parent_unknown"
    assert await refusal_code(region_path("440103")) == "region.not_found"


async def test_regions_stay_when_a_clerk_imports(city: City) -> None:
    clerk = await make_actor("王建国", city.health, Role.BORROWER)
    assert await refusal_code(import_regions(clerk, ImportRegions(REGIONS))) == "role.required"


async def test_root_exists_without_a_parent_when_the_product_makes_it(runtime: object) -> None:
    await make_regions()
    root = await make_unit("杭州市人民政府", "市政府")
    assert root.path == f"{root.id}/" and root.parent_id is None
