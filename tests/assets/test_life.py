"""The life of a card against a plain model of it: whatever steps come in whatever order, both say the same."""

import asyncio
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.assets.commands import freeze_asset, move_asset, unfreeze_asset
from server.assets.queries import card_view, history
from server.assets.states import STATE_NAMES, TRANSITIONS, AssetState, can_become
from server.assets.types import FreezeAsset, MoveAsset, UnfreezeAsset
from server.assets.verification import verify_cards
from server.kernel.errors import DomainError
from server.kernel.runtime import Runtime
from tests.factories.assets import (
    Ledger,
    finish_inspection_now,
    finish_repair_now,
    lend_now,
    make_card,
    make_ledger,
    make_place,
    take_back_now,
)

STEPS = ("lend", "take_back", "inspect_home", "inspect_repair", "repair", "to_store", "to_hall", "freeze", "unfreeze")


@dataclass
class Plain:
    """The same life in a few words: where it is, what state that makes, whether it is frozen."""

    place: str = "hall"
    state: str = "in_use"
    is_frozen: bool = False
    told: list[str] = field(default_factory=list)

    def step(self, name: str) -> bool:
        """Take the step where it is allowed; whether it was."""
        at_home = "in_store" if self.place == "store" else "in_use"
        is_home = self.state in {"in_use", "in_store"}
        is_movable = is_home or self.state in {"return_inspection", "in_repair"}
        target = name.removeprefix("to_")
        allowed = {
            "lend": is_home and not self.is_frozen,
            "take_back": self.state == "on_loan",
            "inspect_home": self.state == "return_inspection",
            "inspect_repair": self.state == "return_inspection",
            "repair": self.state == "in_repair",
            "to_store": is_movable and not self.is_frozen and self.place != target,
            "to_hall": is_movable and not self.is_frozen and self.place != target,
            "freeze": not self.is_frozen,
            "unfreeze": self.is_frozen,
        }
        if not allowed[name]:
            return False
        if name in {"freeze", "unfreeze"}:
            self.is_frozen = name == "freeze"
        elif name.startswith("to_"):
            self.place = target
            if is_home:
                self.state = "in_store" if target == "store" else "in_use"
        else:
            self.state = {
                "lend": "on_loan",
                "take_back": "return_inspection",
                "inspect_home": at_home,
                "inspect_repair": "in_repair",
                "repair": at_home,
            }[name]
        self.told.append(name)
        return True


async def take(ledger: Ledger, places: dict[str, str], asset_id: str, name: str) -> bool:
    """Take the step on the real card; whether it was allowed."""
    actor = ledger.operator
    calls = {
        "lend": lambda: lend_now(actor, asset_id, ledger.city.culture.id),
        "take_back": lambda: take_back_now(actor, asset_id),
        "inspect_home": lambda: finish_inspection_now(actor, asset_id),
        "inspect_repair": lambda: finish_inspection_now(actor, asset_id, "repair", "damaged"),
        "repair": lambda: finish_repair_now(actor, asset_id),
        "to_store": lambda: move_asset(actor, MoveAsset(asset_id=asset_id, place_id=places["store"], reason="移库")),
        "to_hall": lambda: move_asset(actor, MoveAsset(asset_id=asset_id, place_id=places["hall"], reason="移库")),
        "freeze": lambda: freeze_asset(actor, FreezeAsset(asset_id=asset_id, reason="盘点", document_no="1")),
        "unfreeze": lambda: unfreeze_asset(actor, UnfreezeAsset(asset_id=asset_id, reason="盘点完", document_no="2")),
    }
    try:
        await calls[name]()
    except DomainError:
        return False
    return True


async def test_card_and_plain_model_agree_whatever_steps_come(runtime: Runtime, is_full_size: bool):
    ledger = await make_ledger()
    hall = await make_place(ledger.city.district_operator, "服务大厅")
    places = {"store": ledger.store.id, "hall": hall.id}

    async def live(steps: list[str]) -> None:
        card, plain = await make_card(ledger.operator, hall), Plain()
        for name in steps:
            assert await take(ledger, places, card.id, name) == plain.step(name), (steps, name)
            seen = await card_view(ledger.operator, card.id)
            assert (seen.state, seen.place_id, seen.frozen_reason is not None) == (
                plain.state,
                places[plain.place],
                plain.is_frozen,
            ), (steps, name)
        assert len(await history(ledger.operator, card.id)) == len(plain.told) + 1

    loop = asyncio.get_running_loop()

    @settings(
        max_examples=100 if is_full_size else 12,
        deadline=None,
        derandomize=not is_full_size,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(STEPS), min_size=4, max_size=14))
    def check(steps: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(live(steps), loop).result()

    await asyncio.to_thread(check)
    assert await verify_cards() == []


def test_every_state_has_a_name_and_a_way_on():
    assert set(STATE_NAMES) == set(TRANSITIONS) == set(AssetState)
    ends = {state for state in AssetState if not TRANSITIONS[state]}
    assert ends == {AssetState.DISPOSED}
    assert can_become("on_loan", AssetState.RETURN_INSPECTION) and not can_become("on_loan", AssetState.IN_USE)
