"""Handing out and taking back by code."""

import asyncio

from server.assets.commands import print_label
from server.circulation.commands import (
    inspect_return,
    issue_by_code,
    mark_ready,
    open_listing,
    return_by_code,
    submit_borrowing,
)
from server.circulation.jobs import expire_uncollected
from server.circulation.queries import borrowing_view, list_borrowings
from server.circulation.types import InspectReturn, IssueByCode, OpenListing, ReturnByCode
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_card
from tests.factories.circulation import application, approve, day, make_borrowing, make_listed_projector
from tests.factories.identity import make_actor


def issue(hall, borrowing_id=None, code=None, received_by="李晓梅"):
    return IssueByCode(borrowing_id, code or hall.projector.code, received_by)


async def test_label_serves_as_well_as_the_code(hall):
    label = await print_label(hall.lender, hall.projector.id)
    await make_borrowing(hall, until="approved")
    issued = await issue_by_code(hall.lender, issue(hall, code=f"https://gwc.example.gov.cn/s/{label.token}"))
    assert issued.state == "issued"


async def test_keeper_hands_out_and_takes_back_what_lies_in_the_warehouse(hall):
    ledger = hall.ledger
    manager = await make_actor("陆敏", ledger.city.district_operator, Role.ASSET_MANAGER)
    stock = await make_card(manager, ledger.shelf)
    await open_listing(ledger.operator, OpenListing(stock.id, "凭借用单领取", 30))
    view = await submit_borrowing(hall.borrower, application(stock.id))
    assert view.chain.steps[1].role == Role.OPERATIONS
    await approve(view.id, hall.approver, ledger.operator)
    assert [row.id for row in (await list_borrowings(ledger.keeper, "desk")).items] == [view.id]
    assert (await issue_by_code(ledger.keeper, IssueByCode(None, stock.code, "李晓梅"))).state == "issued"
    assert (await return_by_code(ledger.keeper, ReturnByCode(stock.code))).state == "returned"
    closed = await inspect_return(ledger.keeper, InspectReturn(view.id, stock.id, "worn", "机身轻微划痕"))
    assert closed.lines[0].inspection_result_name == "正常磨损"


async def test_issue_refused_when_the_actor_is_not_at_this_desk(hall):
    view = await make_borrowing(hall, until="approved")
    with expect_refusal(Forbidden, "role.required"):
        await issue_by_code(hall.borrower, issue(hall, view.id))
    for other in (hall.ledger.keeper, hall.approver):
        with expect_refusal(NotFound, "asset.not_found"):
            await issue_by_code(other, issue(hall, view.id))
    with expect_refusal(NotFound, "asset.not_found"):
        await issue_by_code(hall.lender, issue(hall, view.id, code="A02020200-NONE-2026-0001"))


async def test_issue_refused_when_it_is_not_the_time(hall, go_to_day):
    early = await make_borrowing(hall, 2, 3, until="approved")
    for borrowing_id in (early.id, None):
        with expect_refusal(StateConflict, "borrowing.too_early"):
            await issue_by_code(hall.lender, issue(hall, borrowing_id))
    go_to_day(4)
    with expect_refusal(StateConflict, "borrowing.too_late"):
        await issue_by_code(hall.lender, issue(hall, early.id))


async def test_issue_refused_when_nothing_waits_or_another_thing_was_scanned(hall):
    with expect_refusal(StateConflict, "borrowing.nothing_to_issue"):
        await issue_by_code(hall.lender, issue(hall))
    view = await make_borrowing(hall)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await issue_by_code(hall.lender, issue(hall, view.id))
    other, _ = await make_listed_projector(hall.ledger)
    with expect_refusal(StateConflict, "borrowing.asset_not_on_it"):
        await issue_by_code(hall.lender, issue(hall, view.id, code=other.code))
    with expect_refusal(InvalidInput, "input.required"):
        await issue_by_code(hall.lender, issue(hall, view.id, received_by=" "))


async def test_next_one_waits_when_the_thing_is_not_back(hall, go_to_day):
    first = await make_borrowing(hall, 0, 1, until="issued")
    second = await make_borrowing(hall, 2, 20, until="approved")
    go_to_day(12)
    with expect_refusal(StateConflict, "borrowing.asset_not_back"):
        await issue_by_code(hall.lender, issue(hall, second.id))
    await expire_uncollected()
    assert (await borrowing_view(hall.borrower, second.id)).state == "approved"
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    await inspect_return(hall.lender, InspectReturn(first.id, hall.projector.id, "intact"))
    waiting = await borrowing_view(hall.borrower, second.id)
    assert waiting.collect_by is not None
    assert waiting.collect_by > day(0)
    assert (await issue_by_code(hall.lender, issue(hall, second.id))).state == "issued"
    assert await verify_promises() == []


async def test_ready_is_said_once_and_only_when_approved(hall):
    view = await make_borrowing(hall)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await mark_ready(hall.lender, view.id)
    await approve(view.id, hall.approver, hall.lender)
    with expect_refusal(Forbidden, "role.required"):
        await mark_ready(hall.borrower, view.id)
    with expect_refusal(NotFound, "borrowing.not_found"):
        await mark_ready(hall.ledger.keeper, view.id)
    assert (await mark_ready(hall.lender, view.id)).state == "ready"
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await mark_ready(hall.lender, view.id)


async def test_one_return_counts_when_it_is_scanned_twice(hall):
    await make_borrowing(hall, until="issued")
    answers = await asyncio.gather(
        *(return_by_code(hall.lender, ReturnByCode(hall.projector.code)) for _ in range(2)), return_exceptions=True
    )
    codes = sorted(getattr(answer, "code", "returned") for answer in answers)
    assert codes == ["borrowing.nothing_to_return", "returned"]
    with expect_refusal(StateConflict, "borrowing.nothing_to_return"):
        await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    assert await verify_promises() == []
