"""A city with its policies, and the people who apply and decide."""

from dataclasses import dataclass

import pytest

from server.approvals.ops import on_decided
from server.identity.roles import Role
from server.kernel.actor import Actor
from tests.approvals import trial
from tests.factories.identity import City, make_actor, make_city
from tests.factories.policies import make_policies


@dataclass(frozen=True, slots=True)
class People:
    """`borrower` and `manager` 区卫健局; `lender` 区文广旅体局; `above` 临平区政府; `finance` 区财政局."""

    borrower: Actor
    manager: Actor
    lender: Actor
    above: Actor
    finance: Actor


@pytest.fixture
async def city(runtime) -> City:
    on_decided(trial.KIND, trial.hear)
    await make_policies()
    return await make_city()


@pytest.fixture
async def people(city) -> People:
    return People(
        borrower=await make_actor("王芳", city.health, Role.BORROWER),
        manager=await make_actor("周敏", city.health, Role.ASSET_MANAGER),
        lender=await make_actor("何平", city.culture, Role.ASSET_MANAGER),
        above=await make_actor("程远", city.linping, Role.COMPETENT_REVIEWER),
        finance=await make_actor("金诚", city.district_finance, Role.FINANCE_REVIEWER),
    )
