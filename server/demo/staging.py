"""Sets the demo's stage: divisions, units, people, places, things. Everything goes through the product's commands."""

import csv
from datetime import date, timedelta
from pathlib import Path

import msgspec

from server.assets.commands import print_label, record_clearing, register_asset
from server.assets.types import AssetView, RecordClearing, RegisterAsset
from server.circulation.commands import open_listing
from server.circulation.types import OpeningHours, OpenListing
from server.classification.catalogue import CATALOGUE_SOURCE, CATALOGUE_VERSION, DEMO_CATALOGUE, read_catalogue
from server.classification.commands import import_categories
from server.classification.standards.commands import import_standard
from server.classification.standards.table import read_standard
from server.classification.standards.types import ImportStandard
from server.classification.types import ImportCategories
from server.demo.cast import PASSWORD, PEOPLE, UNITS, Cast, DemoPerson
from server.demo.things import HEADCOUNTS, KINDS, WAREHOUSES, Kind
from server.identity.commands import (
    CreatePerson,
    CreateUnit,
    GrantRole,
    ImportRegions,
    RecordHeadcount,
    RegionRow,
    create_person,
    create_unit,
    grant_role,
    import_regions,
    record_headcount,
)
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.types import PersonView
from server.kernel.actor import Actor, ActorKind, Grant, PartyKind, system_actor
from server.kernel.instants import start_of_day
from server.kernel.reading import present_day, reading
from server.places.commands import assign_keeper, create_place
from server.places.types import AssignKeeper, CreatePlace, PlaceFacts, PlaceKind
from server.policies.calendar import CALENDAR_2026, CALENDAR_2026_SOURCE, read_calendar
from server.policies.calendar_commands import load_calendar
from server.policies.commands import change_policy, seed_default_policies
from server.policies.types import BorrowingPolicy, ChangePolicy, LoadCalendar

_REGIONS = Path(__file__).with_name("regions.csv")
_STANDARDS = Path(__file__).with_name("allocation_standards.csv")
SYSTEM = system_actor("demo")
_TERMS = "自提自还，请保持清洁；归还时当面点清配件。"


async def set_rules() -> None:
    """Divisions, categories, policies and the calendar."""
    rows = [
        RegionRow(row["code"], row["name"], row["parent_code"] or None, row["level"])
        for row in csv.DictReader(_REGIONS.read_text(encoding="utf-8").splitlines())
    ]
    await import_regions(SYSTEM, ImportRegions(rows, "GB/T 2260 杭州市行政区划"))
    categories = read_catalogue(DEMO_CATALOGUE.read_text(encoding="utf-8"))
    await import_categories(
        SYSTEM, ImportCategories(source=CATALOGUE_SOURCE, version=CATALOGUE_VERSION, rows=categories)
    )
    await seed_default_policies(SYSTEM)
    days = read_calendar(CALENDAR_2026.read_text(encoding="utf-8"))
    await load_calendar(SYSTEM, LoadCalendar(region_code="", source=CALENDAR_2026_SOURCE, days=days))


async def announce_rules(cast: Cast) -> None:
    """A version of the city's rules that is published and not in effect yet."""
    wanted = ChangePolicy(
        region_code="330100",
        kind="borrowing",
        content=msgspec.to_builtins(BorrowingPolicy(longest_days=120, collect_working_days=5)),
        reason="加快周转：一次最长借用由 180 天缩短为 120 天，领取期限放宽到 5 个工作日",
        document_no="杭机管〔2026〕42号",
        effective_from=start_of_day(present_day() + timedelta(days=60)),
    )
    await change_policy(cast.actors["xitong"], wanted)


async def hire(cast: Cast) -> None:
    """Units and people."""
    for unit in UNITS:
        parent = cast.units[unit.parent].id if unit.parent else None
        request = CreateUnit(
            code=unit.code,
            name=unit.name,
            short_name=unit.short_name,
            kind=unit.kind,
            region_code=unit.region,
            parent_id=parent,
            is_finance_authority=unit.is_finance,
            is_operator=unit.is_operator,
        )
        cast.units[unit.code] = await create_unit(SYSTEM, request)
    for person in PEOPLE:
        cast.actors[person.login] = await _actor_of(cast, person, await _hired(cast, person))


async def _hired(cast: Cast, person: DemoPerson) -> PersonView:
    request = CreatePerson(
        name=person.name,
        login_name=person.login,
        phone=person.phone,
        unit_id=cast.units[person.unit].id,
        title=person.title,
        password=PASSWORD,
        must_change_password=False,
    )
    made = await create_person(SYSTEM, request)
    for role in person.roles:
        is_subtree = person.is_subtree and role is not Role.ASSET_MANAGER
        made = await grant_role(SYSTEM, GrantRole(made.posts[0].post_id, role, is_subtree))
    return made


async def _actor_of(cast: Cast, person: DemoPerson, made: PersonView) -> Actor:
    unit = cast.units[person.unit]
    async with reading() as rows:
        facts = await unit_facts(rows, unit.id)
    return Actor(
        kind=ActorKind.PERSON,
        person_id=made.id,
        person_name=made.name,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_path=unit.path,
        region_path=facts.region_path,
        party_id=facts.party_id,
        party_kind=PartyKind.GOVERNMENT_UNIT,
        grants=tuple(Grant(role.role, role.is_subtree) for role in made.posts[0].roles),
        has_second_factor=True,
        request_id="demo",
    )


async def furnish(cast: Cast) -> list[AssetView]:
    """Places and cards; what is idle goes on the board. Returns the listed cards."""
    places = {code: await _place_of(cast, code) for code in dict.fromkeys(kind.unit for kind in KINDS)}
    keeper = cast.actors["laochen"]
    assert keeper.person_id is not None
    await assign_keeper(SYSTEM, AssignKeeper(place_id=places["330113JS"].id, person_id=keeper.person_id))
    listed = []
    for kind in KINDS:
        manager = manager_of(cast, kind.unit)
        for number in range(kind.pieces):
            card = await register_asset(manager, _request(kind, places[kind.unit], number))
            await print_label(manager, card.id)
            if kind.is_listed:
                listed.append(await _offer(manager, kind, card))
    return listed


async def _offer(manager: Actor, kind: Kind, card: AssetView) -> AssetView:
    if kind.is_storage_medium:
        clearing = RecordClearing(
            asset_id=card.id, method="整盘覆写三遍", document_no=f"清除〔2026〕{card.code[-4:]}号"
        )
        await record_clearing(manager, clearing)
    hours = OpeningHours(slot_minutes=60, opens=8 * 60 + 30, closes=17 * 60 + 30) if kind.is_lent_by_hour else None
    await open_listing(manager, OpenListing(asset_id=card.id, terms=_TERMS, longest_days=60, hours=hours))
    return card


def manager_of(cast: Cast, unit_code: str) -> Actor:
    """Whoever manages a unit's assets; the unit above where it has nobody of its own."""
    unit_id = cast.units[unit_code].id
    for actor in cast.actors.values():
        if actor.unit_id == unit_id and actor.has_role(Role.ASSET_MANAGER):
            return actor
    raise LookupError(unit_code)


async def _place_of(cast: Cast, unit_code: str) -> PlaceFacts:
    unit = cast.units[unit_code]
    if unit_code not in WAREHOUSES:
        site = CreatePlace(
            kind=PlaceKind.SITE, code=f"{unit_code}-BG", name=f"{unit.short_name}办公楼", unit_id=unit.id
        )
        return await create_place(SYSTEM, site)
    code, name, address, zones = WAREHOUSES[unit_code]
    store = await create_place(
        SYSTEM, CreatePlace(kind=PlaceKind.WAREHOUSE, code=code, name=name, address=address, unit_id=unit.id)
    )
    for number, zone in enumerate(zones, start=1):
        await create_place(
            SYSTEM, CreatePlace(kind=PlaceKind.ZONE, code=f"{code}-{number}", name=zone, parent_id=store.id)
        )
    return store


async def set_standards(cast: Cast) -> None:
    """The city's allocation standards, and how many people some units have, as those who answer for them enter them."""
    wanted = ImportStandard(
        region_code="330100",
        effective_on=date(2016, 7, 1),
        source="财资〔2016〕27号 通用办公设备家具配置标准",
        reason="演示用的摘录，执行时以本地文件为准",
        rows=read_standard(_STANDARDS.read_text(encoding="utf-8")),
    )
    await import_standard(cast.actors["gaoyan"], wanted)
    for unit_code, (authorised, staffed) in HEADCOUNTS.items():
        manager, unit = manager_of(cast, unit_code), cast.units[unit_code]
        since = date(2026, 1, 1)
        await record_headcount(manager, RecordHeadcount(unit.id, authorised, staffed, since, "2026年1月编制实名制月报"))


def _request(kind: Kind, place: PlaceFacts, number: int) -> RegisterAsset:
    return RegisterAsset(
        item_name=kind.item,
        brand=kind.brand,
        model=kind.model,
        specification=kind.specification,
        category_code=kind.category,
        value_fen=kind.yuan * 100,
        acquired_on=date(kind.year, 3 + number % 9, 12),
        condition=kind.condition,
        place_id=place.id,
        is_storage_medium=kind.is_storage_medium,
    )
