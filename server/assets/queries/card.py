"""One card, and its label on paper."""

from server.assets.types import AssetView
from server.assets.views import read_view
from server.files.pdf import render_label
from server.files.types import Label
from server.kernel.actor import Actor
from server.kernel.errors import StateConflict
from server.kernel.reading import reading


async def card_view(actor: Actor, asset_id: str) -> AssetView:
    """One card in full, with what the actor may do to it; NotFound `asset.not_found` out of sight."""
    async with reading() as db:
        return await read_view(db, actor, asset_id)


async def label_pdf(actor: Actor, asset_id: str, public_url: str) -> bytes:
    """The card's valid label, 60 × 40 mm. `public_url`: where the product is reached, without a slash at the end.

    Raises NotFound `asset.not_found`; StateConflict `asset.no_label` before `print_label`; as `render_label` does.
    """
    async with reading() as db:
        card = await read_view(db, actor, asset_id)
        row = await db.fetch_one(
            "SELECT token, serial FROM asset_label WHERE asset_id = ? AND voided_at IS NULL", asset_id
        )
    if row is None:
        raise StateConflict("asset.no_label")
    return await render_label(
        Label(
            asset_code=card.code,
            name=card.name,
            owner_unit=card.owner_unit_name,
            category=card.category_name,
            scan_text=f"{public_url}/s/{row['token']}",
        )
    )
