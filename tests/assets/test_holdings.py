"""What a unit holds beside the allocation standards, and how one card stands to them. They warn and never block."""

from datetime import date

import pytest

from server.assets.queries import card_standing, card_view, list_held_cards, unit_holdings
from server.assets.standing import standing_of, years_after
from server.identity.commands import RecordHeadcount, record_headcount
from server.identity.roles import Role
from server.kernel.reading import present_day
from tests.factories.assets import DESK, LAPTOP, PROJECTOR, Ledger, make_card, make_ledger
from tests.factories.classification import STANDARD, make_standard
from tests.factories.identity import make_actor
from tests.identity.asking import refusal_code

DISTRICT = "330113"


@pytest.fixture
async def ledger(runtime) -> Ledger:
    return await make_ledger()


async def count_people(ledger: Ledger, staffed: int, *, is_confidential: bool = False) -> None:
    request = RecordHeadcount(ledger.city.health.id, 40, staffed, date(2026, 1, 1), "编办〔2026〕3号", is_confidential)
    await record_headcount(ledger.health_manager, request)


async def laptops(ledger: Ledger, pieces: int) -> None:
    for _ in range(pieces):
        await make_card(ledger.health_manager, ledger.health_room, category_code=LAPTOP, value_fen=600_000)


async def test_pieces_over_the_rule_are_counted_when_the_headcount_is_known(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    await laptops(ledger, 4)
    before = await unit_holdings(ledger.health_manager, ledger.city.health.id)
    assert [(line.name, line.held, line.allowed, line.over) for line in before.lines] == [("便携式计算机", 4, None, 0)]
    await count_people(ledger, 5)
    after = await unit_holdings(ledger.health_manager, ledger.city.health.id)
    assert [(line.allowed, line.over) for line in after.lines] == [(2, 2)]
    assert after.headcount is not None and after.headcount.staffed == 5
    await count_people(ledger, 5, is_confidential=True)
    assert [line.allowed for line in (await unit_holdings(ledger.health_manager, ledger.city.health.id)).lines] == [3]


async def test_price_is_judged_by_the_standard_of_the_day_when_it_was_bought(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    await make_standard(DISTRICT, STANDARD.replace("10000,元/台", "4000,元/台"), effective_on=date(2025, 1, 1))
    health = ledger.health_manager
    old = await make_card(health, ledger.health_room, acquired_on=date(2024, 3, 18))
    dear = await make_card(health, ledger.health_room, acquired_on=date(2025, 3, 18))
    ancient = await make_card(health, ledger.health_room, acquired_on=date(2015, 3, 18), value_fen=9_000_000)
    for card, over in ((old, False), (dear, True), (ancient, False)):
        standing = await card_standing(await card_view(health, card.id))
        assert standing is not None and standing.is_over_ceiling is over
    (line,) = (await unit_holdings(health, ledger.city.health.id)).lines
    assert (line.held, line.over_ceiling, line.past_service) == (3, 1, 1)


async def test_card_is_dear_or_for_a_higher_grade_when_there_are_grades(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    health = ledger.health_manager
    told = []
    for fen in (300_000, 300_001, 450_000, 450_001):
        card = await make_card(health, ledger.health_room, category_code=DESK, value_fen=fen)
        standing = await card_standing(await card_view(health, card.id))
        assert standing is not None and standing.name == "办公桌"
        told.append((standing.is_for_higher_grade, standing.is_over_ceiling))
    assert told == [(False, False), (True, False), (True, False), (False, True)]


async def test_scrapping_is_too_early_up_to_the_last_day_of_service(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    today = present_day()
    for years, days, is_early in ((6, 0, False), (6, 1, True), (1, 0, True)):
        acquired = date.fromordinal(years_after(today, -years).toordinal() + days)
        card = await make_card(ledger.health_manager, ledger.health_room, acquired_on=acquired)
        standing = await card_standing(await card_view(ledger.health_manager, card.id))
        assert standing is not None and standing.is_too_early_to_scrap is is_early
        assert standing.serves_until == years_after(acquired, 6)


def test_last_day_is_the_28th_when_a_thing_was_bought_on_a_leap_day():
    assert years_after(date(2024, 2, 29), 6) == date(2030, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


async def test_nothing_is_said_when_no_standard_names_the_kind(ledger: Ledger) -> None:
    card = await make_card(ledger.health_manager, ledger.health_room)
    assert await card_standing(await card_view(ledger.health_manager, card.id)) is None
    assert standing_of(None, None, 1, date(2024, 1, 1), date(2026, 1, 1)) is None
    view = await unit_holdings(ledger.health_manager, ledger.city.health.id)
    assert (view.lines, view.others) == ([], 1)


async def test_price_by_the_square_metre_says_nothing_of_a_piece(ledger: Ledger) -> None:
    await make_standard(DISTRICT, STANDARD.replace("10000,元/台", "1600,元/㎡"))
    card = await make_card(ledger.health_manager, ledger.health_room, value_fen=9_000_000)
    standing = await card_standing(await card_view(ledger.health_manager, card.id))
    assert standing is not None and (standing.ceiling_fen, standing.is_over_ceiling) == (None, False)


async def test_stock_of_the_warehouse_is_nobodys_allocation_when_holdings_are_counted(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    operator = await make_actor("周转", ledger.city.district_operator, Role.ASSET_MANAGER)
    await make_card(operator, ledger.store)
    await make_card(operator, ledger.shelf)
    view = await unit_holdings(operator, ledger.city.district_operator.id)
    assert (view.lines, view.others) == ([], 0)


async def test_cards_behind_a_line_are_those_that_it_counts_when_read_page_by_page(ledger: Ledger) -> None:
    await make_standard(DISTRICT)
    await laptops(ledger, 2)
    health, unit_id = ledger.health_manager, ledger.city.health.id
    days = (date(2023, 5, 1), date(2021, 5, 1), date(2022, 5, 1))
    made = {day: (await make_card(health, ledger.health_room, acquired_on=day)).id for day in days}
    seen, cursor = [], None
    while True:
        page = await list_held_cards(health, unit_id, PROJECTOR, cursor, size=2)
        seen += [card.id for card in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [made[day] for day in sorted(days)]
    assert (await list_held_cards(health, unit_id, DESK)).items == []
    assert await refusal_code(list_held_cards(health, unit_id, "A05010000")) == "standard.not_found"


async def test_holdings_are_out_of_sight_when_the_unit_is_anothers(ledger: Ledger) -> None:
    unit_id = ledger.city.health.id
    for actor in (
        ledger.culture_manager,
        await make_actor("孔静", ledger.city.culture, Role.UNIT_ACCOUNTANT),
        # Over its own unit alone.
        await make_actor("方梅", ledger.city.linping, Role.COMPETENT_REVIEWER),
        await make_actor("账务", ledger.city.linping, Role.UNIT_ACCOUNTANT, is_subtree=True),
    ):
        assert await refusal_code(unit_holdings(actor, unit_id)) == "record.not_found"
        assert await refusal_code(list_held_cards(actor, unit_id, PROJECTOR)) == "record.not_found"
    for role in (Role.BORROWER, Role.WAREHOUSE_KEEPER, Role.SYSTEM_ADMIN):
        somebody = await make_actor("某人", ledger.city.health, role)
        assert await refusal_code(unit_holdings(somebody, unit_id)) == "role.required"
    above = await make_actor("区府办", ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    accountant = await make_actor("会计", ledger.city.health, Role.UNIT_ACCOUNTANT)
    assert (await unit_holdings(above, unit_id)).unit_id == (await unit_holdings(accountant, unit_id)).unit_id
