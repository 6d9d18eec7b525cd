"""Who sees a borrowing: its two sides, whoever was asked, the keeper of its place; to others it is not there."""

import pytest

from server.circulation.commands import open_listing, submit_borrowing
from server.circulation.queries import borrowing_view, list_borrowings, slip_facts, slip_pdf
from server.circulation.types import OpenListing
from server.identity.roles import ADMINISTRATORS, Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_card
from tests.factories.circulation import application, approve, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor

SEES = {
    ("culture", Role.BORROWER, False): False,
    ("culture", Role.ASSET_MANAGER, False): True,
    ("culture", Role.UNIT_ACCOUNTANT, False): False,
    ("health", Role.ASSET_MANAGER, False): True,
    ("health", Role.BORROWER, False): False,
    ("linping", Role.COMPETENT_REVIEWER, True): True,
    ("linping", Role.COMPETENT_REVIEWER, False): False,
    ("district_operator", Role.OPERATIONS, True): False,
    ("hospital", Role.ASSET_MANAGER, True): False,
    ("xihu", Role.COMPETENT_REVIEWER, True): False,
    ("district_finance", Role.FINANCE_REVIEWER, True): False,
    ("district_operator", Role.WAREHOUSE_KEEPER, False): False,
}


@pytest.mark.parametrize(("unit", "role", "is_subtree"), list(SEES))
async def test_borrowing_is_seen_by_its_two_sides_alone(hall, unit, role, is_subtree):
    view = await make_borrowing(hall)
    actor = await make_actor("路人", getattr(hall.ledger.city, unit), role, is_subtree=is_subtree)
    if SEES[unit, role, is_subtree]:
        assert (await borrowing_view(actor, view.id)).number == view.number
        return
    with expect_refusal(NotFound, "borrowing.not_found"):
        await borrowing_view(actor, view.id)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await slip_pdf(actor, view.id)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
async def test_administrators_see_no_ordinary_business(hall, role):
    view = await make_borrowing(hall)
    actor = await make_actor("管理员", hall.ledger.city.culture, role, is_subtree=True)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await borrowing_view(actor, view.id)


async def test_reviewer_elsewhere_sees_what_was_brought_before_the_office(hall):
    dear, _ = await make_listed_projector(hall.ledger, value_fen=12_000_000)
    view = await submit_borrowing(hall.borrower, application(dear.id))
    finance = await make_actor("金诚", hall.ledger.city.district_finance, Role.FINANCE_REVIEWER)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await borrowing_view(finance, view.id)
    above = await make_actor("程远", hall.ledger.city.linping, Role.COMPETENT_REVIEWER)
    await approve(view.id, hall.approver, hall.lender, above)
    assert (await borrowing_view(finance, view.id)).chain.steps[3].state == "pending"


async def test_keeper_sees_what_is_collected_in_the_warehouse(hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    stock = await make_card(manager, ledger.shelf)
    await open_listing(ledger.operator, OpenListing(stock.id, "凭借用单领取", 30))
    view = await submit_borrowing(hall.borrower, application(stock.id))
    seen = await borrowing_view(ledger.keeper, view.id)
    assert (seen.place_name, seen.can_issue) == ("临平区公物仓主仓 / A 区", False)
    assert [row.id for row in (await list_borrowings(ledger.operator, "holder")).items] == [view.id]


async def test_lists_hold_what_belongs_to_each_view(hall):
    view = await make_borrowing(hall, until="approved")
    for actor, role_view in (
        (hall.borrower, "mine"),
        (hall.approver, "unit"),
        (hall.lender, "holder"),
        (hall.lender, "desk"),
    ):
        assert [row.id for row in (await list_borrowings(actor, role_view)).items] == [view.id]
        assert (await list_borrowings(actor, role_view, "closed")).items == []
    assert (await list_borrowings(hall.approver, "holder")).items == []
    assert (await list_borrowings(hall.ledger.keeper, "desk")).items == []
    for role_view in ("unit", "holder", "desk"):
        with expect_refusal(Forbidden, "role.required"):
            await list_borrowings(hall.borrower, role_view)
    with expect_refusal(InvalidInput, "input.not_a_choice"):
        await list_borrowings(hall.borrower, "all")
    with expect_refusal(InvalidInput, "input.not_a_choice"):
        await list_borrowings(hall.borrower, "mine", "lost")


async def test_lists_are_turned_page_by_page(hall):
    ids = [(await make_borrowing(hall, number, number)).id for number in range(5)]
    first = await list_borrowings(hall.borrower, "mine", size=3)
    second = await list_borrowings(hall.borrower, "mine", cursor=first.next_cursor, size=3)
    assert [row.id for row in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


async def test_slip_is_a_pdf_that_can_be_checked(hall):
    view = await make_borrowing(hall, until="issued")
    paper = await slip_pdf(hall.borrower, view.id, "https://gwc.example.gov.cn")
    assert paper.startswith(b"%PDF")
    facts = await slip_facts(view.id)
    assert (facts.number, facts.state_name, facts.things) == (view.number, "借用中", ["投影仪 爱普生 CB-X06"])
    with expect_refusal(NotFound, "borrowing.not_found"):
        await slip_facts("0000000000000000")
