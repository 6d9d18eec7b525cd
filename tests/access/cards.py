"""Cards and listings of an office, as things of the matrix."""

from server.assets.commands import freeze_asset, print_label
from server.assets.types import AssetView, FreezeAsset
from server.circulation.commands import (
    open_listing,
)
from server.circulation.types import (
    OpeningHours,
    OpenListing,
)
from tests.access.world import Facts, Office, World
from tests.factories.assets import make_card


async def make_a_card(world: World, office: Office, **changes: object) -> AssetView:
    """A card in the office's warehouse."""
    return await make_card(office.manager, office.warehouse, **changes)


def card_facts(office: Office, card: AssetView) -> Facts:
    return {
        "asset_id": card.id,
        "asset_code": card.code,
        "version": str(card.version),
        "custodian_id": office.keeper.person_id or "",
    }


async def card(world: World, office: Office) -> Facts:
    return card_facts(office, await make_a_card(world, office))


async def medium(world: World, office: Office) -> Facts:
    return card_facts(office, await make_a_card(world, office, is_storage_medium=True))


async def labelled(world: World, office: Office) -> Facts:
    made = await make_a_card(world, office)
    await print_label(office.manager, made.id)
    return card_facts(office, made)


async def frozen(world: World, office: Office) -> Facts:
    made = await make_a_card(world, office)
    await freeze_asset(office.manager, FreezeAsset(asset_id=made.id, reason="专项盘点", document_no="盘2026-1"))
    return card_facts(office, made)


async def make_a_listing(world: World, office: Office, hours: OpeningHours | None = None) -> tuple[AssetView, str]:
    made = await make_a_card(world, office)
    return made, (await open_listing(office.manager, OpenListing(made.id, "自取自还", 30, "city", hours))).id


async def listing(world: World, office: Office) -> Facts:
    made, listing_id = await make_a_listing(world, office)
    return {**card_facts(office, made), "listing_id": listing_id}


async def hourly(world: World, office: Office) -> Facts:
    made, listing_id = await make_a_listing(world, office, OpeningHours(60, 8 * 60, 18 * 60))
    return {**card_facts(office, made), "listing_id": listing_id}


async def new_card(world: World, office: Office) -> Facts:
    return {"place_id": office.warehouse.id}
