"""What a keeper has in hand: the card whose code or label was scanned or typed."""

from server.assets.ops import asset_by_scan
from server.assets.types import AssetFacts
from server.circulation.access import AT_DESK, require_desk_of_place
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.errors import NotFound
from server.kernel.unit_of_work import UnitOfWork

_LONGEST_CODE = 512


async def scanned_card(uow: UnitOfWork, actor: Actor, code: str) -> AssetFacts:
    """The card, for whoever is at the desk of its place.

    Raises InvalidInput; Forbidden `role.required`; NotFound `asset.not_found`; StateConflict `asset.label_voided`.
    """
    checks = Checks()
    code = checks.text("code", code, longest=_LONGEST_CODE)
    checks.finish()
    # Before the card is looked for: whoever is at no desk hears that, and not whether there is such a thing.
    require_role(actor, *AT_DESK)
    card = await asset_by_scan(uow, code)
    if card is None:
        raise NotFound("asset.not_found")
    await require_desk_of_place(uow, actor, card.holder_unit_path, card.place_id)
    return card
