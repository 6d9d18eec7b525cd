"""kill -9 of the background at every stage of an import: nothing is half there, and the stage goes on to its end."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from server.assets.importing.commands import apply_import, begin_import, map_columns, undo_import
from server.assets.importing.queries import import_view
from server.assets.importing.types import MapColumns
from server.assets.verification import verify_cards
from server.kernel.actor import Actor
from server.kernel.clock import ShiftedClock
from server.kernel.reading import reading
from server.opening import opened
from server.settings import Settings
from tests.factories.assets import make_ledger
from tests.factories.ledgers import HEADINGS, PROJECTOR, kept_ledger, text_table

ROOT = Path(__file__).resolve().parents[2]
# Where the background dies in each stage: inside it, and around the end of the one transaction that writes cards.
POINTS = {
    "reading": ("write 2",),
    "checking": ("committed 1",),
    "writing": ("write 5", "commit 1", "committed 1"),
    "undoing": ("none",),
}


@pytest.fixture
def row_count(is_full_size: bool) -> int:
    return 20_000 if is_full_size else 1_100


async def run_background(environment: dict[str, str], point: str) -> int:
    """The background in a process of its own; how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.importer", point, cwd=ROOT, env={**os.environ, **environment}
    )
    return await process.wait()


async def state_of(environment: dict[str, str], actor: Actor, import_id: str) -> tuple[str, int]:
    """How far the import is, and how many cards there are; every card is what its history says."""
    async with opened(Settings.from_environment(environment)):
        view = await import_view(actor, import_id)
        async with reading() as db:
            row = await db.fetch_one("SELECT COUNT(*) AS number FROM asset_card")
        assert row is not None
        assert await verify_cards() == []
        return view.state, int(row["number"])


async def test_nothing_is_half_there_when_the_background_is_killed(
    product_environment: dict[str, str], tmp_path: Path, row_count: int
) -> None:
    offset = tmp_path / "offset"
    environment = {**product_environment, "CLOCK_OFFSET_FILE": str(offset)}
    clock, hours = ShiftedClock(offset), 0
    async with opened(Settings.from_environment(environment)):
        ledger = await make_ledger()
        actor = ledger.health_manager
        rows = [HEADINGS, *((f"N{number}", *PROJECTOR[1:]) for number in range(row_count))]
        import_id = await begin_import(actor, await kept_ledger(text_table(rows)))

    async def killed(stage: str, point: str) -> tuple[str, int]:
        nonlocal hours
        # A dead process's lease ends by the clock.
        hours += 1
        clock.move_to(timedelta(hours=hours))
        ending = await run_background(environment, point)
        assert ending == (0 if point == "none" else -9), (stage, point)
        return await state_of(environment, actor, import_id)

    for stage, points in POINTS.items():
        await ask_for(environment, actor, import_id, stage, ledger.health_room.id)
        for point in points:
            state, cards = await killed(stage, point)
            whole = row_count if state == "done" else 0
            assert cards == whole, (stage, point, state)
        state, cards = await killed(stage, "none")
    assert (state, cards) == ("undone", 0)


async def ask_for(environment: dict[str, str], actor: Actor, import_id: str, stage: str, place_id: str) -> None:
    """What people say before a stage."""
    async with opened(Settings.from_environment(environment)):
        view = await import_view(actor, import_id)
        if stage == "checking":
            wanted = MapColumns(
                import_id=import_id,
                mapping=view.plan.mapping,
                default_place_id=place_id,
                default_condition="good",
            )
            await map_columns(actor, wanted)
        elif stage == "writing":
            assert view.chosen > 1_000
            await apply_import(actor, import_id)
        elif stage == "undoing":
            await undo_import(actor, import_id)
