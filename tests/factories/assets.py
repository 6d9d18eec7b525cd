"""A small ledger on top of `make_city`: a catalogue, places, policies, and cards that entered through commands."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.assets import ops
from server.assets.commands import register_asset
from server.assets.types import AssetView, RegisterAsset
from server.classification.commands import import_categories
from server.classification.types import CategoryRow, ImportCategories
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork
from server.places.commands import assign_keeper, create_place
from server.places.types import AssignKeeper, CreatePlace, PlaceFacts, PlaceKind
from server.policies.commands import seed_default_policies
from tests.factories.identity import SYSTEM, City, make_actor, make_city

PROJECTOR = "A02020200"
LAPTOP = "A02010105"
DESK = "A05010201"
_CATALOGUE = [
    ("A", "货物", "0", "", "goods"),
    ("A02000000", "设备", "1", "A", "goods"),
    ("A02010000", "信息化设备", "2", "A02000000", "goods"),
    ("A02010100", "计算机", "3", "A02010000", "goods"),
    (LAPTOP, "便携式计算机", "4", "A02010100", "goods"),
    ("A02020000", "办公设备", "2", "A02000000", "goods"),
    (PROJECTOR, "投影仪", "3", "A02020000", "goods"),
    ("A05000000", "家具和用具", "1", "A", "goods"),
    ("A05010000", "家具", "2", "A05000000", "goods"),
    ("A05010200", "台、桌类", "3", "A05010000", "goods"),
    (DESK, "办公桌", "4", "A05010200", "goods"),
    ("C", "服务", "0", "", "service"),
    ("C23000000", "商务服务", "1", "C", "service"),
]
_codes = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """`city`'s units with rooms, a warehouse (`store` > `shelf`), and the people who work with cards.

    `health_manager` 区卫健局 and `culture_manager` 区文广旅体局 manage their units' cards; `keeper` keeps `store` of
    `city.district_operator`, whose `operator` works over the whole district.
    """

    city: City
    health_room: PlaceFacts
    culture_room: PlaceFacts
    store: PlaceFacts
    shelf: PlaceFacts
    health_manager: Actor
    culture_manager: Actor
    keeper: Actor
    operator: Actor


async def make_catalogue() -> None:
    """A dozen rows of the procurement catalogue."""
    rows = tuple(
        CategoryRow(row=line, code=code, name=name, level=level, parent_code=parent, kind=kind)
        for line, (code, name, level, parent, kind) in enumerate(_CATALOGUE, start=2)
    )
    await import_categories(SYSTEM, ImportCategories(source="政府采购品目分类目录", version="2022", rows=rows))


async def make_place(
    unit: UnitView, name: str, kind: PlaceKind = PlaceKind.SITE, parent: PlaceFacts | None = None
) -> PlaceFacts:
    """A place of `unit`, or below `parent`."""
    request = CreatePlace(
        kind=kind,
        code=f"P{next(_codes):05d}",
        name=name,
        parent_id=parent.id if parent else None,
        address="杭州市临平区",
        unit_id=None if parent else unit.id,
    )
    return await create_place(SYSTEM, request)


async def make_ledger() -> Ledger:
    """Units, people, places, catalogue and the built-in policies; no card yet."""
    city = await make_city()
    await seed_default_policies(SYSTEM)
    await make_catalogue()
    store = await make_place(city.district_operator, "临平区公物仓主仓", PlaceKind.WAREHOUSE)
    keeper = await make_actor("仓管员老陈", city.district_operator, Role.WAREHOUSE_KEEPER)
    assert keeper.person_id is not None
    await assign_keeper(SYSTEM, AssignKeeper(place_id=store.id, person_id=keeper.person_id))
    return Ledger(
        city=city,
        health_room=await make_place(city.health, "区卫健局办公楼"),
        culture_room=await make_place(city.culture, "区文化馆"),
        store=store,
        shelf=await make_place(city.district_operator, "A 区", PlaceKind.ZONE, store),
        health_manager=await make_actor("王秀英", city.health, Role.ASSET_MANAGER),
        culture_manager=await make_actor("赵国强", city.culture, Role.ASSET_MANAGER),
        keeper=keeper,
        operator=await make_actor("孙丽华", city.district_operator, Role.OPERATIONS),
    )


def projector(place: PlaceFacts, **changes: object) -> RegisterAsset:
    """The request for an Epson projector at `place`; `changes` replaces fields."""
    fields: dict[str, object] = {
        "item_name": "投影仪",
        "brand": "爱普生",
        "model": "CB-X06",
        "specification": "3600 流明，含遥控器",
        "category_code": PROJECTOR,
        "value_fen": 459_900,
        "acquired_on": date(2024, 3, 18),
        "condition": "good",
        "place_id": place.id,
    }
    return RegisterAsset(**{**fields, **changes})  # type: ignore[arg-type]


async def make_card(actor: Actor, place: PlaceFacts, **changes: object) -> AssetView:
    """A projector of the actor's unit with its card."""
    return await register_asset(actor, projector(place, **changes))


# What circulation does to a card, each as a unit of work of its own.


@command("test.lend", is_audited=False)
async def lend_now(uow: UnitOfWork, actor: Actor, asset_id: str, to_unit_id: str) -> None:
    """The card goes on loan."""
    await ops.lend(uow, asset_id, document_no="借2026-0001", to_unit_id=to_unit_id, reason="会议使用")


@command("test.take_back", is_audited=False)
async def take_back_now(uow: UnitOfWork, actor: Actor, asset_id: str) -> None:
    """The card comes back."""
    await ops.take_back(uow, asset_id, document_no="还2026-0001", reason="按期归还")


@command("test.finish_inspection", is_audited=False)
async def finish_inspection_now(
    uow: UnitOfWork, actor: Actor, asset_id: str, to: Literal["home", "repair"] = "home", condition: str = "good"
) -> None:
    """The card is inspected."""
    await ops.finish_inspection(uow, asset_id, to=to, condition=condition, reason="外观完好")


@command("test.finish_repair", is_audited=False)
async def finish_repair_now(uow: UnitOfWork, actor: Actor, asset_id: str) -> None:
    """The card comes out of repair."""
    await ops.finish_repair(uow, asset_id, condition="usable", reason="更换灯泡")
