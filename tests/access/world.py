"""Four units with the same things in each, and somebody in every role: what the access matrix is tried on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from server.files.commands import store_picture
from server.files.types import Visibility
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.places.types import PlaceFacts, PlaceKind
from tests.factories.assets import make_catalogue
from tests.factories.identity import actor_of, make_actor, make_person, make_regions, make_unit
from tests.factories.places import make_place, make_warehouse
from tests.factories.policies import make_policies
from tests.miniapp_api.pictures import a_picture

Facts = dict[str, str]
RELATIONS = ("own", "below", "neighbour", "far")


@dataclass(frozen=True, slots=True)
class Office:
    """A unit that runs a warehouse: its manager, operator and keeper, and a picture for its own people."""

    unit: UnitView
    manager: Actor
    operator: Actor
    keeper: Actor
    warehouse: PlaceFacts
    picture_id: str


@dataclass(slots=True)
class World:
    """`offices` by their relation to those who ask; `asking` by role and whether the grant reaches the units below.

    `borrower` and `lender` belong to a fifth unit of the district (`elsewhere`), the other side of every loan;
    `reviewer` is of the department above it, `far_reviewer` of the one above the office of the other district.
    """

    offices: dict[str, Office]
    asking: dict[tuple[Role, bool], Actor]
    half: Actor
    borrower: Actor
    lender: Actor
    reviewer: Actor
    far_reviewer: Actor
    lender_room: PlaceFacts
    elsewhere: UnitView
    makers: "Mapping[str, Maker]"
    made: dict[tuple[str, str], Facts] = field(default_factory=dict)

    async def thing(self, name: str, relation: str) -> Facts:
        """The thing of that kind of the unit in that relation, made when first asked for and kept."""
        key = (name, relation)
        if key not in self.made:
            self.made[key] = await self.fresh(name, relation)
        return self.made[key]

    async def fresh(self, name: str, relation: str) -> Facts:
        """A new thing of that kind."""
        return await self.makers[name](self, self.offices[relation])


Maker = Callable[[World, Office], Awaitable[Facts]]


async def make_world(makers: Mapping[str, Maker]) -> World:
    """Everybody and every office; things are made when they are asked for."""
    await make_regions()
    await make_policies()
    await make_catalogue()
    city = await make_unit("杭州市人民政府", "市政府")
    linping = await make_unit("杭州市临平区人民政府", "临平区政府", city, region_code="330113")
    xihu = await make_unit("杭州市西湖区人民政府", "西湖区政府", city, region_code="330106")
    reviewers = [await make_actor("区府办审核人", district, Role.COMPETENT_REVIEWER) for district in (linping, xihu)]
    # Both offices in one, as small districts have it: every role can be held there.
    own = await make_unit("临平区财政与机关事务局", "区财政局", linping, is_operator=True, is_finance_authority=True)
    below = await make_unit("临平区机关后勤保障中心", "区后勤中心", own, is_operator=True)
    neighbour = await make_unit("临平区公务用车服务中心", "区公车中心", linping, is_operator=True)
    far = await make_unit("西湖区机关事务管理局", "西湖机关事务局", xihu, is_operator=True)
    culture = await make_unit("临平区文化和广电旅游体育局", "区文广旅体局", linping)
    units = dict(zip(RELATIONS, (own, below, neighbour, far), strict=True))
    offices = {relation: await _make_office(unit) for relation, unit in units.items()}
    manager = await make_actor("赵国强", culture, Role.ASSET_MANAGER)
    return World(
        offices=offices,
        asking=await _make_asking(own),
        half=await make_actor("半登录", own, Role.SYSTEM_ADMIN),
        borrower=await make_actor("李晓梅", culture, Role.BORROWER),
        lender=manager,
        reviewer=reviewers[0],
        far_reviewer=reviewers[1],
        lender_room=await make_place(PlaceKind.SITE, "区文化馆", culture),
        elsewhere=culture,
        makers=makers,
    )


async def _make_asking(unit: UnitView) -> dict[tuple[Role, bool], Actor]:
    asking = {}
    for role in Role:
        for is_subtree in (False, True):
            name = f"{role.value}甲" if not is_subtree else f"{role.value}乙"
            asking[role, is_subtree] = await make_actor(name, unit, role, is_subtree=is_subtree)
    return asking


async def _make_office(unit: UnitView) -> Office:
    keeper = await make_person("仓管员老陈", unit, Role.WAREHOUSE_KEEPER)
    manager = await make_actor("王秀英", unit, Role.ASSET_MANAGER)
    picture = await store_picture(manager, a_picture(64, 48), "内部.jpg", Visibility.UNIT)
    return Office(
        unit=unit,
        manager=manager,
        operator=await make_actor("孙志远", unit, Role.OPERATIONS),
        keeper=await actor_of(keeper, unit),
        warehouse=await make_warehouse(unit, keeper, name=f"{unit.short_name}仓库"),
        picture_id=picture.id,
    )
