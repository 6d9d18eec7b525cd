"""Applying to borrow for some hours of one day, where the holder lends by the hour."""

from datetime import datetime, timedelta

from server.circulation.checks import fault
from server.circulation.choosing import the_card
from server.circulation.commands.submission import begun
from server.circulation.types import BorrowingView, SubmitBasket, SubmitHours, WantedLine
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import shanghai_day, start_of_day
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork


@command("borrowing.submit_hours")
async def submit_hours(uow: UnitOfWork, actor: Actor, request: SubmitHours) -> BorrowingView:
    """Apply for one card for whole slots of its opening hours; they are held from now on, against other hours and
    against loans of the whole day.

    Raises what `submit_borrowing` raises; StateConflict `listing.not_by_the_hour`; InvalidInput (`starts_at`,
    `ends_at`): `borrowing.hours_one_day`, `borrowing.hours_in_past`, `borrowing.hours_not_slots`.
    """
    day = shanghai_day(request.starts_at)
    wanted = SubmitBasket([WantedLine(request.asset_id)], day, day, request.purpose, request.phone)
    application = await begun(uow, actor, wanted)
    chosen = await the_card(uow, actor, request.asset_id)
    check_hours(request.starts_at, request.ends_at, chosen.offer, await uow.now())
    await application.check(uow, chosen.card.holder_unit_id, chosen.offer["longest_days"])
    return await application.submit(uow, actor, [chosen], (request.starts_at, request.ends_at))


def check_hours(starts: datetime, ends: datetime, offer: Row, now: datetime) -> None:
    """Raise unless the hours are whole slots that the listing offers and that have not begun. `offer`: the listing's
    `slot_minutes`, `opens_minute`, `closes_minute`, minutes of the day."""
    if offer["slot_minutes"] is None:
        raise StateConflict("listing.not_by_the_hour")
    if starts >= ends or shanghai_day(starts) != shanghai_day(ends):
        raise fault("ends_at", "borrowing.hours_one_day")
    if starts < now:
        raise fault("starts_at", "borrowing.hours_in_past")
    opens = start_of_day(shanghai_day(starts)) + timedelta(minutes=offer["opens_minute"])
    closes = start_of_day(shanghai_day(starts)) + timedelta(minutes=offer["closes_minute"])
    slot = timedelta(minutes=offer["slot_minutes"])
    if starts < opens or (starts - opens) % slot:
        raise fault("starts_at", "borrowing.hours_not_slots")
    if ends > closes or (ends - opens) % slot:
        raise fault("ends_at", "borrowing.hours_not_slots")
