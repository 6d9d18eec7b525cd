"""Places: the tree, who manages what, keepers and their handover."""

import asyncio

import pytest

from server.identity.roles import Role
from server.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.places.commands import assign_keeper, close_place, correct_place, create_place, end_keeper
from server.places.handlers import kept_warehouses, move_warehouses
from server.places.queries import (
    is_keeper_of,
    keepers_of,
    kept_places,
    list_keepers,
    list_places,
    place_facts,
    place_view,
)
from server.places.registry import register_things
from server.places.types import AssignKeeper, CorrectPlace, CreatePlace, EndKeeper, PlaceFilter, PlaceKind
from tests.factories.identity import SYSTEM, City, actor_of, make_actor, make_city, make_person
from tests.factories.places import make_place, make_room, make_warehouse
from tests.support.meanwhile import while_finishing


@pytest.fixture
async def city(runtime) -> City:
    return await make_city()


def place(kind: PlaceKind, code: str, **values) -> CreatePlace:
    return CreatePlace(kind=kind, code=code, name=values.pop("name", "临平中心仓"), **values)


async def test_a_bin_stands_in_a_zone_of_a_warehouse_of_the_operators_unit(city):
    operations = await make_actor("金灿", city.operator, Role.OPERATIONS)
    warehouse = await create_place(operations, place(PlaceKind.WAREHOUSE, "HZ-W1", address="解放东路 18 号"))
    zone = await create_place(operations, place(PlaceKind.ZONE, "HZ-W1-A", name="A 区", parent_id=warehouse.id))
    shelf = await create_place(operations, place(PlaceKind.BIN, "HZ-W1-A-01", name="01 位", parent_id=zone.id))
    assert shelf.full_name == "临平中心仓 / A 区 / 01 位"
    assert shelf.path == f"{warehouse.id}/{zone.id}/{shelf.id}/"
    assert (shelf.unit_id, shelf.unit_path, shelf.region_code) == (city.operator.id, city.operator.path, "330100")
    assert shelf.is_warehouse


@pytest.mark.parametrize(
    ("kind", "above", "code"),
    [
        (PlaceKind.ZONE, None, "place.parent_needed"),
        (PlaceKind.ROOM, None, "place.parent_needed"),
        (PlaceKind.ROOM, PlaceKind.WAREHOUSE, "place.parent_kind"),
        (PlaceKind.BIN, PlaceKind.SITE, "place.parent_kind"),
        (PlaceKind.WAREHOUSE, PlaceKind.WAREHOUSE, "place.parent_kind"),
    ],
)
async def test_a_place_is_refused_when_it_stands_in_the_wrong_kind(city, kind, above, code):
    parent = None if above is None else await make_place(above, "上级", city.operator)
    with pytest.raises(InvalidInput) as refused:
        await create_place(SYSTEM, place(kind, "X-1", parent_id=parent and parent.id, unit_id=city.operator.id))
    assert [(fault.field, fault.code) for fault in refused.value.fields] == [("parent_id", code)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "仓一"}, "code"),
        ({"code": "w-1"}, "code"),
        ({"name": " "}, "name"),
        ({"address": "路" * 201}, "address"),
    ],
)
async def test_a_place_is_refused_by_field_when_its_text_is_wrong(city, values, field):
    request = CreatePlace(
        **({"kind": PlaceKind.SITE, "code": "S-1", "name": "办公楼", "unit_id": city.health.id} | values)
    )
    with pytest.raises(InvalidInput) as refused:
        await create_place(SYSTEM, request)
    assert [fault.field for fault in refused.value.fields] == [field]


async def test_a_code_is_used_once(city):
    answers = await asyncio.gather(
        *[create_place(SYSTEM, place(PlaceKind.SITE, "S-1", unit_id=city.health.id)) for _ in range(6)],
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert {error.code for error in refused} == {"place.code_taken"} and len(refused) == 5


async def test_who_may_make_which_place(city):
    manager = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    over_all = await make_actor("沈丽", city.health, Role.ASSET_MANAGER, is_subtree=True)
    borrower = await make_actor("王芳", city.health, Role.BORROWER)
    operations = await make_actor("金灿", city.operator, Role.OPERATIONS, is_subtree=True)
    foreign_site = await make_place(PlaceKind.SITE, "文广楼", city.culture)
    for actor, request, code in [
        (borrower, place(PlaceKind.SITE, "A-1"), "role.required"),
        (manager, place(PlaceKind.WAREHOUSE, "A-1"), "role.required"),
        (operations, place(PlaceKind.SITE, "A-1"), "role.required"),
        (manager, place(PlaceKind.SITE, "A-1", unit_id=city.culture.id), "record.not_found"),
        (manager, place(PlaceKind.SITE, "A-1", unit_id=city.hospital.id), "record.not_found"),
        (manager, place(PlaceKind.ROOM, "A-1", parent_id=foreign_site.id), "place.not_found"),
        (operations, place(PlaceKind.WAREHOUSE, "A-1", unit_id=city.health.id), "record.not_found"),
    ]:
        with pytest.raises(DomainError) as refused:
            await create_place(actor, request)
        assert refused.value.code == code
    own = await create_place(manager, place(PlaceKind.SITE, "A-1"))
    below = await create_place(over_all, place(PlaceKind.SITE, "A-2", unit_id=city.hospital.id))
    assert (own.unit_id, below.unit_id) == (city.health.id, city.hospital.id)


async def test_a_warehouse_is_refused_when_the_unit_runs_none(city):
    with pytest.raises(Forbidden) as refused:
        await create_place(SYSTEM, place(PlaceKind.WAREHOUSE, "W-1", unit_id=city.health.id))
    assert refused.value.code == "place.not_operator"


async def test_lists_and_views_hold_only_what_is_in_scope(city):
    room = await make_room(city.health)
    foreign = await make_room(city.culture)
    manager = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    above = await make_actor("程远", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    page = await list_places(manager)
    assert [view.name for view in page.items] == ["办公楼", "301 室"]
    assert page.items[1].full_name == "办公楼 / 301 室" and page.items[1].can_change
    assert (await place_view(manager, room.id)).unit_name == "杭州市临平区卫生健康局"
    with pytest.raises(NotFound):
        await place_view(manager, foreign.id)
    assert len((await list_places(above)).items) == 4
    rooms = await list_places(above, PlaceFilter(kind=PlaceKind.ROOM), size=1)
    rest = await list_places(above, PlaceFilter(kind=PlaceKind.ROOM), rooms.next_cursor, size=1)
    assert {view.id for view in rooms.items + rest.items} == {room.id, foreign.id} and rest.next_cursor is None
    assert (await list_places(above, PlaceFilter(text="%"))).items == []
    with pytest.raises(Forbidden):
        await list_places(await make_actor("王芳", city.health, Role.BORROWER))


async def test_only_who_manages_a_place_is_offered_to_change_it(city):
    warehouse = await make_warehouse(city.operator)
    for role, is_offered in ((Role.OPERATIONS, True), (Role.ASSET_MANAGER, False)):
        view = await place_view(await make_actor("金灿", city.operator, role), warehouse.id)
        assert (view.can_change, view.can_assign_keeper) == (is_offered, is_offered)


async def test_a_place_is_corrected_and_closed_only_when_empty(city):
    manager = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    stranger = await make_actor("何平", city.culture, Role.ASSET_MANAGER)
    room = await make_room(city.health)
    site_id = room.path.split("/")[0]
    with pytest.raises(NotFound):
        await correct_place(stranger, CorrectPlace(place_id=room.id, name="我的"))
    corrected = await correct_place(manager, CorrectPlace(place_id=room.id, name="302 室"))
    assert corrected.full_name == "办公楼 / 302 室"
    with pytest.raises(StateConflict) as not_empty:
        await close_place(manager, site_id)
    assert not_empty.value.code == "place.not_empty"
    assert not (await close_place(manager, room.id)).is_active
    with pytest.raises(StateConflict) as again:
        await close_place(manager, room.id)
    assert again.value.code == "place.closed"
    assert not (await close_place(manager, site_id)).is_active
    with pytest.raises(StateConflict, match=r"place\.closed"):
        await create_place(manager, place(PlaceKind.ROOM, "A-3", parent_id=site_id))
    assert (await list_places(manager)).items == []
    assert len((await list_places(manager, PlaceFilter(has_closed=True))).items) == 2


async def test_a_place_is_not_closed_while_things_are_there(city):
    full = await make_place(PlaceKind.SITE, "旧楼", city.health)

    async def count(uow, place_id) -> int:
        return 3 if place_id == full.id else 0

    register_things("test", count)
    with pytest.raises(StateConflict) as refused:
        await close_place(SYSTEM, full.id)
    assert (refused.value.code, refused.value.data["number"]) == ("place.in_use", 3)


async def test_a_keeper_keeps_the_warehouse_and_what_stands_in_it(city):
    keeper = await make_person("赵铁柱", city.operator, Role.WAREHOUSE_KEEPER)
    warehouse = await make_warehouse(city.operator, keeper)
    zone = await make_place(PlaceKind.ZONE, "A 区", parent=warehouse)
    other = await make_warehouse(city.operator, name="二号仓")
    async with reading() as db:
        assert await is_keeper_of(db, keeper.id, zone.path)
        assert not await is_keeper_of(db, keeper.id, other.path)
        assert not await is_keeper_of(db, keeper.id, "")
        assert await keepers_of(db, zone.path) == [keeper.id]
        assert await kept_places(db, keeper.id) == [warehouse.path]
    operations = await make_actor("金灿", city.operator, Role.OPERATIONS)
    assert [view.person_name for view in await list_keepers(operations, warehouse.id)] == ["赵铁柱"]
    await end_keeper(operations, EndKeeper(place_id=warehouse.id, person_id=keeper.id))
    async with reading() as db:
        assert not await is_keeper_of(db, keeper.id, zone.path)
    with pytest.raises(StateConflict):
        await end_keeper(operations, EndKeeper(place_id=warehouse.id, person_id=keeper.id))


async def test_an_assignment_is_refused_when_it_does_not_fit(city):
    keeper = await make_person("赵铁柱", city.operator, Role.WAREHOUSE_KEEPER)
    clerk = await make_person("王芳", city.operator, Role.BORROWER)
    warehouse = await make_warehouse(city.operator, keeper)
    zone = await make_place(PlaceKind.ZONE, "A 区", parent=warehouse)
    closed = await close_place(SYSTEM, (await make_warehouse(city.operator, name="旧仓")).id)
    district = await make_actor("何平", city.district_operator, Role.OPERATIONS)
    for actor, place_id, person_id, code in [
        (SYSTEM, warehouse.id, keeper.id, "place.keeper_already_assigned"),
        (SYSTEM, warehouse.id, clerk.id, "place.not_a_keeper"),
        (SYSTEM, zone.id, keeper.id, "place.not_a_warehouse"),
        (SYSTEM, closed.id, keeper.id, "place.closed"),
        (SYSTEM, "no-such-place", keeper.id, "place.not_found"),
        (district, warehouse.id, keeper.id, "place.not_found"),
    ]:
        with pytest.raises(DomainError) as refused:
            await assign_keeper(actor, AssignKeeper(place_id=place_id, person_id=person_id))
        assert refused.value.code == code


async def test_one_person_is_assigned_once_when_two_assign_them(city, settings):
    keeper = await make_person("赵铁柱", city.operator, Role.WAREHOUSE_KEEPER)
    warehouse = await make_warehouse(city.operator)
    request = AssignKeeper(place_id=warehouse.id, person_id=keeper.id)
    answers = await while_finishing(
        settings, lambda: assign_keeper(SYSTEM, request), lambda: assign_keeper(SYSTEM, request)
    )
    assert answers == ("done", "place.keeper_already_assigned")
    async with reading() as db:
        rows = await db.fetch_all("SELECT id FROM keeper_assignment WHERE ended_at IS NULL")
    assert len(rows) == 1


async def test_kept_warehouses_are_handed_over(city):
    leaving = await make_person("赵铁柱", city.operator, Role.WAREHOUSE_KEEPER)
    coming = await make_person("钱多多", city.operator, Role.WAREHOUSE_KEEPER)
    one = await make_warehouse(city.operator, leaving, coming)
    two = await make_warehouse(city.operator, leaving, name="二号仓")
    actor = await actor_of(coming, city.operator)
    async with unit_of_work(actor) as uow:
        items = await kept_warehouses(uow, leaving.id)
        assert [item.label for item in items] == ["仓管员：市级公物仓", "仓管员：二号仓"]
        await move_warehouses(uow, leaving.id, coming.id, items)
    async with reading() as db:
        assert await kept_places(db, leaving.id) == []
        assert await kept_places(db, coming.id) == sorted([one.path, two.path])
        assert (await place_facts(db, two.id)).name == "二号仓"
