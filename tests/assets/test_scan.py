"""What a scan finds, and what it shows to whom."""

import pytest

from server.assets.commands import print_label
from server.assets.next_actions import register_next_actions, withdraw_next_actions
from server.assets.ops import asset_by_scan
from server.assets.queries import find_by_scan
from server.assets.scan import TOKEN_LENGTH, new_token, normalized_scan
from server.assets.types import AssetFacts, NextAction
from server.kernel.actor import Actor
from server.kernel.errors import NotFound, StateConflict
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from tests.factories.assets import make_card, make_ledger


@pytest.mark.parametrize(
    ("scanned", "meant"),
    [
        ("A02020200-330113001-2026-0007", "A02020200-330113001-2026-0007"),
        (" a02020200 - 330113001-2026-0007\n", "A02020200-330113001-2026-0007"),
        ("Ａ０２０２０２００－３３０１１３００１－２０２６－０００７", "A02020200-330113001-2026-0007"),
        ("A02020200–330113001—2026−0007", "A02020200-330113001-2026-0007"),
        ("https://gwc.example.gov.cn/s/9J4KQW0Z3N5X7Y8A2BCD", "9J4KQW0Z3N5X7Y8A2BCD"),
        ("HTTP://10.1.2.3:8000/gwc/s/9j4kqw0z3n5x7y8a2bcd?from=camera#top", "9J4KQW0Z3N5X7Y8A2BCD"),
        ("", ""),
        ("\u200b \t", ""),
        ("x" * 600, ""),
    ],
)
def test_text_is_read_as_code_or_token_when_scanned(scanned: str, meant: str):
    assert normalized_scan(scanned) == meant


def test_token_fits_a_scene_code_when_made():
    tokens = {new_token() for _ in range(500)}
    assert len(tokens) == 500
    assert all(len(token) == TOKEN_LENGTH <= 32 and normalized_scan(token.lower()) == token for token in tokens)


async def test_scan_finds_card_by_code_label_and_address(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.health_manager, ledger.health_room)
    label = await print_label(ledger.health_manager, view.id)
    async with reading() as db:
        for text in (view.code, f" {view.code.lower()} ", label.token, f"https://gwc.example.gov.cn/s/{label.token}"):
            found = await asset_by_scan(db, text)
            assert found is not None and found.id == view.id
        assert await asset_by_scan(db, "A02020200-000000000-2026-9999") is None


async def test_old_label_is_refused_when_a_new_one_was_printed(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.health_manager, ledger.health_room)
    first = await print_label(ledger.health_manager, view.id)
    second = await print_label(ledger.health_manager, view.id)
    assert (first.serial, second.serial) == (1, 2)
    with pytest.raises(StateConflict, match=r"asset\.label_voided"):
        await find_by_scan(ledger.health_manager, first.token)
    assert (await find_by_scan(ledger.health_manager, second.token)).asset_id == view.id


async def test_stranger_sees_only_what_and_whose_when_scanning_a_label(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.health_manager, ledger.health_room)
    label = await print_label(ledger.health_manager, view.id)
    seen = await find_by_scan(None, label.token)
    assert (seen.audience, seen.name, seen.owner_unit_name) == ("public", view.name, "杭州市临平区卫生健康局")
    assert (seen.asset_id, seen.code, seen.state, seen.place_name, seen.custodian_name) == (None,) * 5
    other = await find_by_scan(ledger.culture_manager, label.token)
    assert (other.audience, other.code, other.state) == ("public", None, None)


async def test_code_says_nothing_to_a_stranger_when_guessed(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.health_manager, ledger.health_room)
    with pytest.raises(NotFound, match=r"asset\.not_found"):
        await find_by_scan(None, view.code.lower())


async def test_classified_thing_answers_its_own_unit_alone_when_scanned(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.health_manager, ledger.health_room, is_classified=True)
    label = await print_label(ledger.health_manager, view.id)
    for actor in (None, ledger.culture_manager):
        with pytest.raises(NotFound):
            await find_by_scan(actor, label.token)
    assert (await find_by_scan(ledger.health_manager, label.token)).audience == "member"


async def test_member_sees_state_and_keeper_sees_what_is_next_when_scanning(runtime: Runtime):
    ledger = await make_ledger()
    view = await make_card(ledger.keeper, ledger.shelf)
    label = await print_label(ledger.keeper, view.id)

    async def issue(rows: object, actor: Actor, card: AssetFacts) -> list[NextAction]:
        return [NextAction(kind="issue", name="发放", subject_id=f"{card.state}-{actor.person_id}")]

    register_next_actions("test", issue)
    try:
        seen = await find_by_scan(ledger.keeper, label.token)
    finally:
        withdraw_next_actions("test")
    assert (seen.audience, seen.state_name, seen.place_name) == ("keeper", "在库", "临平区公物仓主仓 / A 区")
    assert [action.name for action in seen.next_actions] == ["发放", "查看账卡"]
    assert seen.next_actions[0].subject_id == f"in_store-{ledger.keeper.person_id}"
    member = await find_by_scan(ledger.operator, view.code)
    assert (member.audience, member.code, member.next_actions) == ("member", view.code, [])
