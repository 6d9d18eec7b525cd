"""States in which a card may not be touched."""

from collections.abc import Collection

from server.assets.models import AssetCard
from server.assets.states import STATE_NAMES, AssetState
from server.kernel.errors import StateConflict


def require_unfrozen(card: AssetCard) -> None:
    """Raise StateConflict `asset.frozen` where a seal, a case or a stocktake holds the thing."""
    if card.frozen_reason is not None:
        raise StateConflict("asset.frozen", frozen_reason=card.frozen_reason)


def require_state(card: AssetCard, states: Collection[AssetState]) -> None:
    """Raise StateConflict `asset.wrong_state` unless the card is in one of the states."""
    if card.state not in states:
        raise StateConflict("asset.wrong_state", state_name=STATE_NAMES[card.state])


def require_not_disposed(card: AssetCard) -> None:
    """A disposed thing's card is closed for good."""
    require_state(card, [state for state in AssetState if state != AssetState.DISPOSED])
