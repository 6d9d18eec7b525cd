"""What the demo's administrators did: an office that joined another, a role asked for, things handed over."""

from server.assets.commands import change_custodian
from server.assets.types import AssetView, ChangeCustodian
from server.demo.cast import Cast
from server.identity.commands import (
    CreateUnit,
    HandOver,
    ProposeChange,
    RequestRole,
    confirm_unit_change,
    create_unit,
    hand_over,
    propose_unit_change,
    request_role,
)
from server.identity.queries import person_by_id
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.actor import system_actor
from server.kernel.reading import present_day

_SYSTEM = system_actor("demo")


async def reorganise(cast: Cast) -> None:
    """The sports office joins the culture office; the library is proposed to follow."""
    culture = cast.units["330113WG"]
    sports = await create_unit(
        _SYSTEM,
        CreateUnit(
            code="330113TY",
            name="临平区体育局",
            short_name="临平体育",
            kind="organ",
            region_code="330113",
            parent_id=cast.units["330113"].id,
        ),
    )
    system, security = cast.actors["xitong"], cast.actors["anquan"]
    done = await propose_unit_change(
        system, _merger(sports, culture, "临委编〔2026〕7号", "机构改革，体育职能划入文广旅体")
    )
    await confirm_unit_change(security, done.id)
    await propose_unit_change(
        system, _merger(cast.units["330113TS"], culture, "临委编〔2026〕12号", "公共文化机构整合")
    )


def _merger(unit: UnitView, to: UnitView, document_no: str, reason: str) -> ProposeChange:
    return ProposeChange(
        kind="merge",
        unit_id=unit.id,
        to_unit_id=to.id,
        document_no=document_no,
        effective_on=present_day(),
        reason=reason,
    )


async def administer(cast: Cast, cards: list[AssetView]) -> None:
    """A role that waits for the security administrator, and a handover that waits for its receiver's signature."""
    accountant = await person_by_id(_SYSTEM, cast.actors["kuaiji"].person_id or "")
    wanted = RequestRole(accountant.posts[0].post_id, Role.BORROWER, False, "财务室布置培训，需要借用投影仪")
    await request_role(cast.actors["xitong"], wanted)
    giver, manager = cast.actors["wufang"], cast.actors["zhouwei"]
    card = next(each for each in cards if each.holder_unit_id == giver.unit_id)
    await change_custodian(
        manager, ChangeCustodian(asset_id=card.id, custodian_id=giver.person_id, reason="日常由文化科使用")
    )
    await hand_over(manager, HandOver(giver.person_id or "", manager.person_id or "", "文化科调整办公用房，当面点清"))
