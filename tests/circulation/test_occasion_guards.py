"""What the checks of events are for, one by one."""

from server.circulation.commands import submit_borrowing
from server.circulation.occasions.access import get_occasion_for_leading
from server.circulation.occasions.commands import _change, follow_up_occasion, prolong_occasion
from server.circulation.occasions.queries import occasion_view
from server.circulation.occasions.types import ProlongOccasion
from server.identity.commands import close_unit
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_occasions import closing, make_body, make_event
from tests.factories.circulation import Hall, application, day
from tests.factories.identity import SYSTEM
from tests.support.meanwhile import while_finishing


async def test_event_is_led_by_its_own_unit_and_written_as_it_was_read(hall: Hall):
    event = await make_event(hall)
    with expect_refusal(NotFound, "occasion.not_found"):
        async with unit_of_work(hall.lender) as uow:
            await get_occasion_for_leading(uow, hall.lender, event.id)
    with expect_refusal(StateConflict, "record.changed"):
        async with unit_of_work(hall.approver) as uow:
            occasion = await get_occasion_for_leading(uow, hall.approver, event.id)
            occasion.version -= 1
            await _change(uow, occasion, ends_on=day(30))


async def test_event_is_prolonged_no_further_than_the_policy_lets_one_last(hall: Hall):
    event = await make_event(hall)
    with expect_refusal(InvalidInput, "occasion.too_long"):
        await prolong_occasion(hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(900), reason="顺延"))
    assert (await occasion_view(hall.approver, event.id)).ends_on == event.ends_on


async def test_event_offers_each_reader_only_what_is_theirs_to_do(hall: Hall):
    event = await make_event(hall)
    views = [await occasion_view(actor, event.id) for actor in (hall.approver, hall.borrower)]
    assert [(view.can_prolong, view.can_close) for view in views] == [(True, True), (False, False)]


async def test_nobody_sends_reminders_by_hand(hall: Hall):
    event = await make_event(hall)
    with expect_refusal(Forbidden, "role.required"):
        await follow_up_occasion(hall.approver, event.id)


async def test_body_is_not_closed_when_something_is_being_borrowed_for_it(hall: Hall, settings: Settings):
    body = await make_body(hall)
    found = await while_finishing(
        settings,
        lambda: submit_borrowing(hall.borrower, application(hall.projector.id, occasion_id=body.id)),
        lambda: close_unit(SYSTEM, closing(body.id)),
    )
    assert found == ("done", "occasion.unresolved")
