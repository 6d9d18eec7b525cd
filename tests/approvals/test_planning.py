"""Which steps an application needs, and of which unit."""

from datetime import date

import pytest

from server.approvals.planning import BorrowingFacts, crosses_district, plan_steps
from server.identity.commands import CreateUnit, create_unit
from server.identity.ops import unit_facts
from server.identity.types import UnitView
from server.kernel.errors import StateConflict
from server.kernel.reading import reading
from server.policies.types import BorrowingPolicy
from tests.factories.identity import SYSTEM, make_regions, make_unit

YUAN = 100


async def plan(applicant: UnitView, holder: UnitView, value_fen: int) -> list[tuple[str, str, str]]:
    async with reading() as db:
        facts = BorrowingFacts(
            applicant_unit=await unit_facts(db, applicant.id),
            holder_unit=await unit_facts(db, holder.id),
            value_fen=value_fen,
        )
        steps = await plan_steps(db, BorrowingPolicy(), facts)
    return [(step.name, step.role, step.unit_name) for step in steps]


OWN = ("本单位审核", "asset_manager", "杭州市临平区卫生健康局")
LENDER = ("出借方同意", "asset_manager", "临平区文化和广电旅游体育局")
COMPETENT = ("主管部门审核", "competent_reviewer", "杭州市临平区人民政府")
FINANCE = ("财政部门审核", "finance_reviewer", "杭州市临平区财政局")


@pytest.mark.parametrize(
    ("value_fen", "steps"),
    [
        (19_999 * YUAN, [OWN, LENDER]),
        (20_000 * YUAN, [OWN, LENDER, COMPETENT]),
        (99_999 * YUAN, [OWN, LENDER, COMPETENT]),
        (100_000 * YUAN, [OWN, LENDER, COMPETENT, FINANCE]),
    ],
)
async def test_the_steps_grow_with_the_value(city, value_fen, steps):
    assert await plan(city.health, city.culture, value_fen) == steps


async def test_the_competent_department_is_asked_when_districts_are_crossed(city):
    steps = await plan(city.xihu_education, city.culture, 1)
    assert [step[0] for step in steps] == ["本单位审核", "出借方同意", "主管部门审核"]
    assert steps[2][2] == "杭州市西湖区人民政府"


async def test_operations_consent_when_the_holder_runs_warehouses(city):
    steps = await plan(city.health, city.district_operator, 1)
    assert steps[1] == ("出借方同意", "operations", "临平区机关事务服务中心")


async def test_the_same_role_of_the_same_unit_is_asked_once(city):
    assert await plan(city.health, city.health, 1) == [OWN]


async def test_a_temporary_body_is_answered_for_by_its_lead_unit(city):
    request = CreateUnit(
        code="T1",
        name="亚运筹备专班",
        short_name="亚运专班",
        kind="temporary_body",
        region_code="330113",
        parent_id=city.linping.id,
        lead_unit_id=city.health.id,
        ends_on=date(2027, 6, 30),
    )
    body = await create_unit(SYSTEM, request)
    assert await plan(body, city.culture, 1) == [OWN, LENDER]


async def test_the_plan_is_refused_when_nobody_is_the_finance_authority(runtime):
    await make_regions()
    root = await make_unit("杭州市人民政府", "市政府")
    lender = await make_unit("杭州市教育局", "市教育局", root)
    with pytest.raises(StateConflict) as refused:
        await plan(root, lender, 100_000 * YUAN)
    assert refused.value.code == "approval.no_finance_authority"
    # The unit at the top has nobody above it to ask.
    assert [step[0] for step in await plan(root, lender, 20_000 * YUAN)] == ["本单位审核", "出借方同意"]


@pytest.mark.parametrize(
    ("one", "other", "crosses"),
    [
        ("330000/330100/330113/", "330000/330100/330113/", False),
        ("330000/330100/330113/", "330000/330100/330113/330113001/", False),
        ("330000/330100/330113/", "330000/330100/330106/", True),
        ("330000/330100/", "330000/330100/330106/", True),
        ("330000/330100/", "330000/330100/", False),
        ("330000/", "330000/330100/", True),
    ],
)
def test_a_district_is_crossed_when_the_third_level_differs(one, other, crosses):
    assert crosses_district(one, other) is crosses
