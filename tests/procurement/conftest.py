"""A hall with a projector on the board, an allocation standard for projectors, and a clock that tests move."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from server.kernel.clock import ShiftedClock
from server.kernel.runtime import Runtime
from tests.factories.circulation import Hall, make_hall
from tests.factories.classification import make_standard


@pytest.fixture
async def hall(runtime: Runtime) -> Hall:
    made = await make_hall()
    await make_standard("330113")
    return made


@pytest.fixture
def go_to_day(runtime: Runtime, tmp_path: Path) -> Callable[[int], None]:
    """Let it be so many days after the real today."""
    clock = ShiftedClock(tmp_path / "offset")
    runtime.clock = clock
    return lambda days: clock.move_to(timedelta(days=days))
