"""What belongs to a thing and goes along with it, for whoever hands it out and takes it back."""

from server.assets.types import Accessory
from server.identity.types import RowSource

# More parts than that are things of their own, with cards of their own.
MOST_KINDS = 20
MOST_PIECES = 999
LONGEST_NAME = 40


async def accessories_of(rows: RowSource, asset_id: str) -> list[Accessory]:
    """A thing's list in the order in which it was entered, for a caller that has checked who may see the thing."""
    found = await rows.fetch_all(
        "SELECT name, pieces FROM asset_accessory WHERE asset_id = ? ORDER BY position", asset_id
    )
    return [Accessory(row["name"], row["pieces"]) for row in found]


def in_words(parts: list[Accessory]) -> str:
    """The parts in a few words: 遥控器 1、电源线 2."""
    return "、".join(f"{part.name} {part.pieces}" for part in parts)
