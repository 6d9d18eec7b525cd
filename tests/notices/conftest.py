"""People with WeChat, and a WeChat whose line can be made to fail."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from server.gateways.wechat import WechatSandbox
from server.identity.wechat import use_gateway
from server.kernel.actor import Actor
from server.kernel.clock import ShiftedClock
from server.kernel.runtime import Runtime
from server.notices.wechat.templates import SANDBOX_TEMPLATES, use_templates
from tests.factories.identity import City, bind_wechat, make_actor, make_city
from tests.gateways.wechat_world import FaultyLine, connect, make_sandbox


@pytest.fixture
async def city(runtime: Runtime) -> City:
    return await make_city()


@pytest.fixture
def sandbox() -> WechatSandbox:
    """WeChat; it allows nothing until somebody's phone said so."""
    return make_sandbox()


@pytest.fixture
async def line(runtime: Runtime, sandbox: WechatSandbox) -> AsyncIterator[FaultyLine]:
    """The product's line to WeChat, with the templates of the sandbox."""
    line = FaultyLine(sandbox)
    gateway = connect(sandbox, line=line, timeout_seconds=0.5)
    use_gateway(gateway)
    use_templates(SANDBOX_TEMPLATES)
    yield line
    use_templates(())
    await gateway.close()


@pytest.fixture
async def reader(city: City, sandbox: WechatSandbox) -> Actor:
    """王芳, whose WeChat is bound as `wang-fang`."""
    actor = await make_actor("王芳", city.health)
    await bind_wechat(actor, sandbox.openid_of("wang-fang"))
    return actor


@pytest.fixture
def move_clock(runtime: Runtime, tmp_path: Path) -> Callable[[timedelta], None]:
    """Move the product's clock to the real time plus an offset."""
    clock = ShiftedClock(tmp_path / "offset")
    runtime.clock = clock
    return clock.move_to
