"""台账: the ledger's list, and one card in full."""

from collections.abc import Sequence

import msgspec
from sanic import HTTPResponse, Request

from admin.asset_words import TONES, asset_badges, asset_facts, events_of, money_facts, standing_facts
from admin.choices import place_options, unit_options
from admin.door import door
from admin.lists import first_href, next_href, query_of
from admin.pictures import picture_of
from server.assets.queries import accessory_list, card_standing, card_view, history, list_cards
from server.assets.states import AT_HOME, STATE_NAMES
from server.assets.types import AssetView, CardFilter, CardRow
from server.circulation.queries import listed_among, open_listing_of
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.reading import reading
from server.web.downloads import list_links
from server.web.formats import yuan
from server.web.parts import Badge, Cell, Column, Link, Option, Row
from server.web.sessions import actor_of

COLUMNS = (
    Column("资产"),
    Column("编号", is_nowrap=True),
    Column("状态"),
    Column("原值", is_number=True),
    Column("新旧程度"),
    Column("持有单位"),
    Column("保管人"),
    Column("存放地点"),
)
WHY = Column("找到的原因")
REGISTRARS = (Role.ASSET_MANAGER, Role.OPERATIONS, Role.WAREHOUSE_KEEPER)
LISTERS = (Role.ASSET_MANAGER, Role.OPERATIONS)


class AssetQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    q: str = ""
    state: str | None = None
    category: str | None = None
    place_id: str | None = None
    unit_id: str | None = None
    cursor: str | None = None


@door.get("/assets", summary="资产台账")
async def show_assets(request: Request) -> HTTPResponse:
    """The cards that the actor may see, narrowed by words, state, category, place and unit."""
    actor, query = actor_of(request), query_of(request, AssetQuery)
    page = await list_cards(actor, wanted_cards(query), query.cursor, size=50)
    listable = await _listable(page.items) if actor.has_role(*LISTERS) else set[str]()
    return await door.draw(
        request,
        "admin/assets.html",
        query=query,
        states=tuple(Option(state, name) for state, name in STATE_NAMES.items()),
        places=await places_for(actor),
        units=await unit_options(actor),
        columns=(*COLUMNS, WHY) if query.q else COLUMNS,
        rows=tuple(_row(card, has_why=bool(query.q), can_list=card.id in listable) for card in page.items),
        can_register=actor.has_role(*REGISTRARS),
        can_import=actor.has_role(*LISTERS),
        can_list=bool(listable),
        exports=list_links("/admin/assets", query),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
    )


def wanted_cards(query: AssetQuery) -> CardFilter:
    """What the list is narrowed to."""
    return CardFilter(
        text=query.q,
        state=query.state,
        category_prefix=query.category,
        place_id=query.place_id,
        holder_unit_id=query.unit_id,
    )


@door.get("/assets/<asset_id>", summary="资产卡片")
async def show_asset(request: Request, asset_id: str) -> HTTPResponse:
    """One card: picture, facts, what can be done, and its history."""
    actor = actor_of(request)
    card = await card_view(actor, asset_id)
    standing = await card_standing(card)
    async with reading() as db:
        listing_id = await open_listing_of(db, card.id)
    return await door.draw(
        request,
        "admin/asset.html",
        card=card,
        picture=picture_of(card.picture_id, card.category_code),
        badges=asset_badges(card, is_listed=listing_id is not None, standing=standing),
        facts=asset_facts(card),
        money=money_facts(card),
        standard=standing_facts(standing) if standing else (),
        accessories=await accessory_list(actor, card.id),
        events=events_of(await history(actor, card.id)),
        listing_id=listing_id,
        can_list=actor.has_role(*LISTERS) and card.can_be_listed and listing_id is None,
        can_unlist=actor.has_role(*LISTERS) and listing_id is not None,
        crumbs=(Link("台账", "/admin/assets"), Link(card.name)),
    )


async def places_for(actor: Actor) -> tuple[Option, ...]:
    """The places to narrow by; none for those who look at the ledger without working in places."""
    try:
        return await place_options(actor)
    except Forbidden:
        return ()


def crumbs_of(card: AssetView, last: str) -> tuple[Link, ...]:
    """The way back to the ledger and the card."""
    return (Link("台账", "/admin/assets"), Link(card.name, f"/admin/assets/{card.id}"), Link(last))


async def _listable(cards: Sequence[CardRow]) -> set[str]:
    """Those that may be offered, as far as a list knows: whatever else stands against it is said when it is chosen."""
    home = [card.id for card in cards if card.state in AT_HOME and not card.is_frozen]
    return set(home) - await listed_among(home)


def _row(card: CardRow, *, has_why: bool, can_list: bool) -> Row:
    state = (
        Badge("已冻结", "bad", "lock") if card.is_frozen else Badge(card.state_name, TONES.get(card.state, "neutral"))
    )
    return Row(
        (
            Cell(card.name, f"/admin/assets/{card.id}"),
            Cell(card.code),
            Cell(badge=state),
            Cell(yuan(card.value_fen)),
            Cell(card.condition_name),
            Cell(card.holder_unit_name),
            Cell(card.custodian_name or ""),
            Cell(card.place_name),
            *((Cell("、".join(card.why)),) if has_why else ()),
        ),
        card.id if can_list else "",
    )
