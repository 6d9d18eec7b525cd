"""Offering several cards on the same terms: each is a command and a transaction of its own."""

from collections.abc import Sequence

from server.circulation.access import LENDERS
from server.circulation.commands.listing import checked_terms, open_listing
from server.circulation.types import ListingOutcome, OpenListing
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.messages import sentence_for

MOST_LISTED_AT_ONCE = 50


async def open_listings(actor: Actor, wanted: Sequence[OpenListing]) -> list[ListingOutcome]:
    """Put several cards on the board; one that is refused spoils no other. Each has a key of its own, made from the
    actor's, so that a repeat offers none twice.

    Raises InvalidInput `listing.none_chosen`, `listing.too_many` (with `limit`), `listing.chosen_twice`, or what is
    wrong with the terms, before anything is done; Forbidden `role.required`.
    """
    require_role(actor, *LENDERS)
    if not wanted:
        raise InvalidInput("listing.none_chosen")
    if len(wanted) > MOST_LISTED_AT_ONCE:
        raise InvalidInput("listing.too_many", limit=MOST_LISTED_AT_ONCE)
    if len({each.asset_id for each in wanted}) < len(wanted):
        raise InvalidInput("listing.chosen_twice")
    for each in wanted:
        checked_terms(each)
    outcomes: list[ListingOutcome] = []
    for each in wanted:
        try:
            outcomes.append(await _one(actor, each))
        except InvalidInput as error:
            # The terms are the same for all: while nothing is done, whoever typed them corrects them.
            if not any(done.listing for done in outcomes):
                raise
            outcomes.append(_refused(each, error))
    return outcomes


async def _one(actor: Actor, wanted: OpenListing) -> ListingOutcome:
    key = f"{actor.idempotency_key}:{wanted.asset_id}" if actor.idempotency_key else None
    try:
        return ListingOutcome(asset_id=wanted.asset_id, listing=await open_listing(actor.with_key(key), wanted))
    except InvalidInput:
        raise
    except DomainError as error:
        return _refused(wanted, error)


def _refused(wanted: OpenListing, error: DomainError) -> ListingOutcome:
    fault = error.fields[0] if isinstance(error, InvalidInput) and error.fields else error
    return ListingOutcome(asset_id=wanted.asset_id, code=fault.code, sentence=sentence_for(fault))
