"""Which cards can stand in for each other: equal things, of one holder, in one warehouse or site."""

import hashlib

from server.assets.types import AssetFacts


def root_of(place_path: str) -> str:
    """The warehouse or site at the top of a place's path: one desk hands out all that stands in it."""
    return place_path.split("/", maxsplit=1)[0]


def alike_key(card: AssetFacts, place_path: str) -> str:
    """The same for two cards exactly when one may be issued instead of the other.

    The name counts too: what has neither brand nor model is told apart by nothing else.
    """
    words = (card.holder_unit_id, card.category_code, card.name, card.brand, card.model, card.specification)
    return hashlib.blake2b("\x1f".join((*words, root_of(place_path))).encode(), digest_size=16).hexdigest()
