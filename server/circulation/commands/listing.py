"""Offering a card on the board, and taking it down."""

from datetime import timedelta

from tortoise.exceptions import IntegrityError

from server.assets.ops import lock_asset
from server.assets.types import AssetFacts
from server.circulation.access import LENDERS, get_listing_for_closing, require_lister
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_REASON, LONGEST_TEXT
from server.circulation.copies import copied_fields
from server.circulation.hours import UNIT
from server.circulation.indexing import forget_listing, index_listing
from server.circulation.models import AssetListing
from server.circulation.rules import borrowing_rules
from server.circulation.types import ListingView, OpeningHours, OpenListing
from server.files.ops import widen_visibility
from server.files.types import Visibility
from server.identity.ops import unit_facts
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_REACHES = {"city": 2, "district": 3}
SLOTS = (30, 60, 120, 240)
_MOST_DAYS = 3650
_DAY_MINUTES, _UNIT_MINUTES = 24 * 60, UNIT // timedelta(minutes=1)


@command("listing.open")
async def open_listing(uow: UnitOfWork, actor: Actor, request: OpenListing) -> ListingView:
    """Put a card on the sharing board of the city or the holder's district.

    For the holder's asset manager, or operations where the holder runs warehouses. Raises InvalidInput; NotFound
    `asset.not_found`; Forbidden `role.required`; StateConflict `listing.already_open`, `listing.asset_not_listable`.
    """
    # Before the card is looked for: whoever may not lend hears that, and not whether there is such a card.
    require_role(actor, *LENDERS)
    card = await lock_asset(uow, request.asset_id)
    holder = await unit_facts(uow, card.holder_unit_id)
    require_lister(actor, holder)
    rules = await borrowing_rules(uow, holder.region_path)
    terms = checked_terms(request, rules.content.longest_days)
    hours = _checked_hours(request.hours)
    if not card.can_be_listed:
        raise StateConflict("listing.asset_not_listable")
    listing = AssetListing(
        asset_id=card.id,
        open_key=card.id,
        terms=terms,
        longest_days=request.longest_days,
        reach_path=reach_path(holder.region_path, request.reach),
        listed_at=await uow.now(),
        listed_by=actor.person_id,
        **hours,
        **await copied_fields(uow, card),
    )
    await _add_once(uow, listing)
    await index_listing(uow, listing)
    if card.picture_id is not None:
        await widen_visibility(uow, card.picture_id, Visibility.GOVERNMENT)
    await uow.emit("listing.opened", {"listing_id": listing.id})
    await _tell(uow, "listing.open", listing, card)
    return view_of(listing)


def checked_terms(request: OpenListing, limit: int = _MOST_DAYS) -> str:
    """The terms as they are stored; InvalidInput naming the field. `limit`: the most days that the holder's policy lets
    a thing go for, or as many as any policy could where the holder is not known yet."""
    checks = Checks()
    terms = checks.text("terms", request.terms, longest=LONGEST_TEXT)
    if not 1 <= request.longest_days <= limit:
        checks.fault("longest_days", "listing.longest_days", limit=limit)
    if request.reach not in _REACHES:
        checks.fault("reach", "input.not_a_choice")
    checks.finish()
    return terms


def _checked_hours(hours: OpeningHours | None) -> dict[str, int]:
    """The columns that say when it is lent by the hour."""
    if hours is None:
        return {}
    checks = Checks()
    if hours.slot_minutes not in SLOTS:
        checks.fault("slot_minutes", "input.not_a_choice")
    for name, minute in (("opens", hours.opens), ("closes", hours.closes)):
        if not 0 <= minute <= _DAY_MINUTES or minute % _UNIT_MINUTES:
            checks.fault(name, "listing.not_a_half_hour")
    if hours.opens + max(hours.slot_minutes, 1) > hours.closes:
        checks.fault("closes", "listing.closes_too_early")
    checks.finish()
    return {"slot_minutes": hours.slot_minutes, "opens_minute": hours.opens, "closes_minute": hours.closes}


def reach_path(region_path: str, reach: str) -> str:
    """The region whose people see it: the city's or the district's part of the holder's region path."""
    return "".join(code + "/" for code in region_path.split("/")[:-1][: _REACHES[reach]])


async def _add_once(uow: UnitOfWork, listing: AssetListing) -> None:
    try:
        await uow.add(listing)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise StateConflict("listing.already_open") from error


@command("listing.close")
async def close_listing(uow: UnitOfWork, actor: Actor, listing_id: str, reason: str) -> ListingView:
    """Take a listing off the board; borrowings that were submitted go on.

    Raises InvalidInput; NotFound `listing.not_found`; Forbidden `role.required`; StateConflict `listing.closed`.
    """
    checks = Checks()
    reason = checks.text("reason", reason, longest=LONGEST_REASON)
    checks.finish()
    listing = await get_listing_for_closing(uow, actor, listing_id)
    # Submitting reads the listing under the card's lock: so nobody applies while it is being taken down.
    card = await lock_asset(uow, listing.asset_id)
    await end_listing(uow, listing, reason)
    await _tell(uow, "listing.close", listing, card)
    return view_of(listing)


async def end_listing(uow: UnitOfWork, listing: AssetListing, reason: str) -> None:
    """Close a listing that this unit of work has locked; raises StateConflict `listing.closed`."""
    listing.closed_at = await uow.now()
    listing.close_reason, listing.is_open, listing.open_key = reason, False, None
    await uow.change_one(
        AssetListing,
        {"id": listing.id, "is_open": True},
        otherwise=StateConflict("listing.closed"),
        is_open=False,
        open_key=None,
        closed_at=listing.closed_at,
        close_reason=reason,
    )
    await forget_listing(uow, listing.id)


async def _tell(uow: UnitOfWork, action: str, listing: AssetListing, card: AssetFacts) -> None:
    await uow.record(
        action,
        "listing",
        listing.id,
        asset_id=card.id,
        asset_code=card.code,
        reach_path=listing.reach_path,
        reason=listing.close_reason,
    )
    uow.publish_after_commit(BOARD_CHANNEL, card.id)


def view_of(listing: AssetListing) -> ListingView:
    """The holder's view of a listing."""
    is_city = listing.reach_path.count("/") <= _REACHES["city"]
    return ListingView(
        id=listing.id,
        asset_id=listing.asset_id,
        name=listing.name,
        is_open=listing.is_open,
        terms=listing.terms,
        longest_days=listing.longest_days,
        reach="city" if is_city else "district",
        listed_at=listing.listed_at,
        closed_at=listing.closed_at,
        close_reason=listing.close_reason,
    )
