"""What the checks of renewals, baskets and signatures are for, one by one."""

import pytest

from server.assets.commands import freeze_asset
from server.assets.types import FreezeAsset
from server.circulation.commands import (
    choose_collection,
    close_listing,
    issue_by_code,
    open_listing,
    put_in_basket,
    renew_borrowing,
    return_by_code,
    sign_handover,
    submit_borrowing,
    withdraw_borrowing,
    withdraw_renewal,
)
from server.circulation.commands.renewal import end_moot_renewal
from server.circulation.handlers import take_renewal_decision
from server.circulation.queries import borrowing_view, list_basket
from server.circulation.types import (
    BorrowingView,
    ChooseCollection,
    Collection,
    IssueByCode,
    OpenListing,
    RenewBorrowing,
    ReturnByCode,
    SignHandover,
    WantedLine,
    WithdrawBorrowing,
    WithdrawRenewal,
)
from server.circulation.verification import verify_promises
from server.kernel.errors import Forbidden, InvalidInput, LimitReached, StateConflict
from server.kernel.instants import to_day_number
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_renewal import decide_renewal
from tests.factories.circulation import (
    Hall,
    application,
    approve,
    day,
    make_borrowing,
    make_chairs,
    make_listed_projector,
)
from tests.factories.identity import SYSTEM
from tests.support.behind import rewrite
from tests.support.meanwhile import while_finishing


async def make_partly_issued(hall: Hall) -> tuple[BorrowingView, str]:
    """A loan of two chairs of which one is out, and that one's code."""
    made = await make_chairs(hall.ledger, 2)
    view = await submit_borrowing(hall.borrower, application(made[0].id, quantity=2))
    await approve(view.id, hall.approver, hall.lender)
    return await issue_by_code(hall.lender, IssueByCode(view.id, made[0].code, "李晓梅")), made[0].code


def longer(view: BorrowingView) -> RenewBorrowing:
    return RenewBorrowing(view.id, day(6), "展期延长")


async def test_renewal_is_refused_when_what_was_out_is_back_and_the_rest_waits(hall: Hall):
    view, code = await make_partly_issued(hall)
    await return_by_code(hall.lender, ReturnByCode(code))
    with expect_refusal(StateConflict, "borrowing.nothing_to_renew"):
        await renew_borrowing(hall.borrower, longer(view))


async def test_consent_is_refused_when_what_was_out_is_back_and_the_rest_waits(hall: Hall):
    view, code = await make_partly_issued(hall)
    asked = await renew_borrowing(hall.borrower, longer(view))
    await return_by_code(hall.lender, ReturnByCode(code))
    with expect_refusal(StateConflict, "borrowing.nothing_to_renew"):
        await decide_renewal(hall, asked, is_approved=True)
    assert await verify_promises() == []


async def test_consent_is_refused_when_the_further_days_are_gone(hall: Hall, runtime: Runtime):
    view = await make_borrowing(hall, until="issued")
    asked = await renew_borrowing(hall.borrower, longer(view))
    async with runtime.database.transaction() as transaction:
        sql = "DELETE FROM asset_day WHERE borrowing_id = ? AND day = ?"
        assert await transaction.execute(sql, view.id, to_day_number(day(5))) == 1
        await transaction.commit()
    with expect_refusal(StateConflict, "asset.not_available"):
        await decide_renewal(hall, asked, is_approved=True)


async def test_renewal_is_refused_when_the_thing_is_frozen(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    await freeze_asset(
        hall.lender, FreezeAsset(asset_id=hall.projector.id, reason="涉案封存", document_no="封〔2026〕1号")
    )
    with expect_refusal(StateConflict, "borrowing.asset_not_lendable"):
        await renew_borrowing(hall.borrower, longer(view))


async def test_only_the_borrowers_side_is_offered_to_renew(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    offered = [
        (await borrowing_view(actor, view.id)).can_renew for actor in (hall.borrower, hall.approver, hall.lender)
    ]
    assert offered == [True, True, False]
    await renew_borrowing(hall.borrower, longer(view))
    seen = [await borrowing_view(actor, view.id) for actor in (hall.borrower, hall.lender)]
    assert [each.can_withdraw_renewal for each in seen] == [True, False]


async def test_renewal_lapses_for_the_clock_alone(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(Forbidden, "role.required"):
        await end_moot_renewal(hall.borrower, view.id)


async def test_both_sides_sign_once_when_two_desks_send_it(hall: Hall, settings: Settings):
    view = await make_borrowing(hall, until="issued")
    request = SignHandover(view.id, "issue", "李晓梅", "王秀英")
    found = await while_finishing(
        settings, lambda: sign_handover(hall.lender, request), lambda: sign_handover(hall.lender, request)
    )
    assert found == ("done", "borrowing.nothing_to_sign")
    assert len((await borrowing_view(hall.lender, view.id)).handovers) == 1


@pytest.mark.parametrize("quantity", [0, -1, 501])
async def test_nothing_goes_into_the_basket_when_nobody_can_have_so_many(hall: Hall, quantity: int):
    with pytest.raises(InvalidInput) as refused:
        await put_in_basket(hall.borrower, WantedLine(hall.projector.id, quantity))
    assert [fault.field for fault in refused.value.fields] == ["quantity"]
    assert await list_basket(hall.borrower) == []


async def test_basket_is_full_when_it_holds_as_many_kinds_as_can_be_applied_for(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.circulation.commands.basket.MOST_LINES", 1)
    other, _ = await make_listed_projector(hall.ledger)
    assert await put_in_basket(hall.borrower, WantedLine(hall.projector.id)) == 1
    with expect_refusal(LimitReached, "basket.full"):
        await put_in_basket(hall.borrower, WantedLine(other.id))
    assert [each.asset_id for each in await list_basket(hall.borrower)] == [hall.projector.id]
    assert await put_in_basket(hall.borrower, WantedLine(hall.projector.id, 2)) == 1


async def test_listing_is_refused_when_the_thing_is_frozen(hall: Hall):
    await close_listing(hall.lender, hall.listing.id, "收回")
    await freeze_asset(hall.lender, FreezeAsset(asset_id=hall.projector.id, reason="盘点", document_no="盘〔2026〕1号"))
    with expect_refusal(StateConflict, "listing.asset_not_listable"):
        await open_listing(hall.lender, OpenListing(hall.projector.id, "自取自还", 30))


async def test_renewal_is_refused_when_the_thing_is_being_returned(hall: Hall, settings: Settings):
    view = await make_borrowing(hall, until="issued")
    back = ReturnByCode(hall.projector.code)
    found = await while_finishing(
        settings, lambda: return_by_code(hall.lender, back), lambda: renew_borrowing(hall.borrower, longer(view))
    )
    assert found == ("done", "borrowing.wrong_state")
    assert await verify_promises() == []


async def test_renewal_is_withdrawn_once_when_two_withdraw_it(hall: Hall, settings: Settings):
    view = await make_borrowing(hall, until="issued")
    await renew_borrowing(hall.borrower, longer(view))
    request = WithdrawRenewal(view.id, "不用延了")
    found = await while_finishing(
        settings, lambda: withdraw_renewal(hall.borrower, request), lambda: withdraw_renewal(hall.approver, request)
    )
    assert found == ("done", "borrowing.no_renewal")
    assert [event.kind for event in (await borrowing_view(hall.borrower, view.id)).events].count(
        "renewal_withdrawn"
    ) == 1


async def test_collection_is_refused_when_the_application_is_being_withdrawn(hall: Hall, settings: Settings):
    view = await make_borrowing(hall)
    choice = ChooseCollection(view.id, Collection("pickup", day(1), "morning"))
    found = await while_finishing(
        settings,
        lambda: withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "不需要了")),
        lambda: choose_collection(hall.approver, choice),
    )
    assert found == ("done", "borrowing.wrong_state")


async def test_renewal_is_sent_back_only_while_it_waits(hall: Hall):
    loan = await make_borrowing(hall, until="issued")
    asked = (await renew_borrowing(hall.borrower, RenewBorrowing(loan.id, day(6), "展期延长"))).renewals[-1]
    await rewrite("UPDATE borrowing_renewal SET state = 'withdrawn' WHERE id = ?", asked.id)
    with expect_refusal(StateConflict, "record.changed"):
        async with unit_of_work(SYSTEM) as uow:
            await take_renewal_decision(uow, SYSTEM, asked.id, "returned", "日期写错了")


async def test_renewal_is_offered_for_correction_only_once_it_was_sent_back(hall: Hall):
    loan = await make_borrowing(hall, until="issued")
    await renew_borrowing(hall.borrower, RenewBorrowing(loan.id, day(6), "展期延长"))
    for reader in (hall.borrower, hall.approver):
        assert not (await borrowing_view(reader, loan.id)).can_correct_renewal
