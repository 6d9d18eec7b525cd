"""The city's units, a movable clock, and WeChat's sandbox."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from server.gateways.wechat import WechatConfig, WechatSandbox, build_wechat_gateway
from server.identity.types import UnitView
from server.identity.wechat import use_gateway
from server.kernel.clock import ShiftedClock
from server.kernel.runtime import Runtime
from server.settings import Settings
from tests.factories.circulation import Hall, make_hall
from tests.factories.identity import City, make_city, make_unit
from tests.identity.office import Office, make_office


@pytest.fixture
async def city(runtime: Runtime) -> City:
    """Regions and units."""
    return await make_city()


@pytest.fixture
async def hall(runtime: Runtime) -> Hall:
    """The culture office borrows what the health office lends."""
    return await make_hall()


@pytest.fixture
async def joint(hall: Hall) -> UnitView:
    """The unit that others are merged into."""
    return await make_unit("临平区卫生健康和文化委员会", "区卫文委", hall.ledger.city.linping)


@pytest.fixture
def move_clock(runtime: Runtime, tmp_path: Path) -> Callable[[timedelta], None]:
    """Move the product's clock to the real time plus an offset."""
    clock = ShiftedClock(tmp_path / "offset")
    runtime.clock = clock
    return clock.move_to


@pytest.fixture
async def wechat(runtime: Runtime) -> AsyncIterator[WechatSandbox]:
    """WeChat, as the sandbox speaks it, behind identity's port."""
    sandbox = WechatSandbox()
    gateway = build_wechat_gateway(WechatConfig(mode="sandbox", is_production=False), sandbox=sandbox)
    use_gateway(gateway)
    yield sandbox
    await gateway.close()


@pytest.fixture
async def office(city: City, settings: Settings, wechat: WechatSandbox) -> Office:
    """Somebody at work, a colleague and their manager."""
    return await make_office(city, settings, wechat)
