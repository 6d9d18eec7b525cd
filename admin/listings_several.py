"""Several cards of the ledger put on the sharing board on the same terms; each by itself."""

import re
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from admin.assets import LISTERS
from admin.door import door
from admin.form_page import Drawn, answer_loose, fresh
from admin.listings import TERMS
from admin.results import Result, draw_results
from server.assets.queries import card_view
from server.assets.states import AT_HOME
from server.assets.types import AssetView
from server.circulation.commands import MOST_LISTED_AT_ONCE, open_listings
from server.circulation.queries import listed_among
from server.circulation.types import ListingOutcome, OpenListing, Reach
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.web.parsing import build
from server.web.parts import Badge, Cell, Column, Link, Row
from server.web.sessions import actor_of

LEDGER = "/admin/assets"
FIELDS = re.compile(r"terms|longest_days|reach|asset-[0-9a-z]{16}")
COLUMNS = (Column("资产"), Column("编号", is_nowrap=True), Column("存放地点"), Column("能不能上架"))
_BADGES = {True: Badge("已上架", "ok"), False: Badge("没有上架", "bad")}


class Terms(msgspec.Struct, frozen=True):
    """The lending terms of all of them."""

    terms: str
    longest_days: int
    reach: Reach


@door.get("/listings/several", summary="一次上架几件")
async def show_several_listings(request: Request) -> HTTPResponse:
    """The chosen cards, and one form for their terms."""
    require_role(actor_of(request), *LISTERS)
    return await _draw(request, request.args.getlist("asset") or [], fresh(), 200)


@door.post("/listings/several", summary="一次上架几件")
async def list_several(request: Request) -> HTTPResponse:
    """Put each on the board, and say what became of it."""
    require_role(actor_of(request), *LISTERS)

    async def act(actor: Actor, typed: dict[str, Any]) -> HTTPResponse:
        given = {name: value for name, value in typed.items() if name in Terms.__struct_fields__ and value != ""}
        terms = build(given, Terms, is_strict=False)
        _check_marks(typed)
        wanted = [OpenListing(each, terms.terms, terms.longest_days, terms.reach) for each in shown_in(typed)]
        outcomes = await open_listings(actor, wanted)
        results = [await _result(actor, outcome) for outcome in outcomes]
        done = sum(outcome.listing is not None for outcome in outcomes)
        return await draw_results(
            request,
            "上架结果",
            f"上架了 {done} 件" + (f"，{len(results) - done} 件没有上架。" if done < len(results) else "。"),
            results,
            Link("台账", LEDGER),
        )

    async def draw(drawn: Drawn, status: int) -> HTTPResponse:
        return await _draw(request, shown_in(drawn.typed), drawn, status)

    return await answer_loose(request, FIELDS, act, draw)


def _check_marks(typed: dict[str, Any]) -> None:
    """A card is there or it is not: its mark says nothing else."""
    faults = [
        FieldError(name, "input.not_a_choice") for name in typed if name.startswith("asset-") and typed[name] != "1"
    ]
    if faults:
        raise InvalidInput(fields=faults)


def shown_in(typed: dict[str, Any]) -> list[str]:
    """The cards that the form showed."""
    return [name.removeprefix("asset-") for name in typed if name.startswith("asset-")]


async def _draw(request: Request, asset_ids: list[str], drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    wanted = list(dict.fromkeys(asset_ids))
    cards = [card for card in [await _card(actor, each) for each in wanted[:MOST_LISTED_AT_ONCE]] if card is not None]
    listed = await listed_among([card.id for card in cards])
    obstacles = {card.id: _obstacle(card, is_listed=card.id in listed) for card in cards}
    return await door.draw(
        request,
        "admin/listings_several.html",
        status,
        columns=COLUMNS,
        rows=tuple(_row(card, obstacles[card.id]) for card in cards),
        listable=[card.id for card in cards if not obstacles[card.id]],
        most=MOST_LISTED_AT_ONCE,
        is_cut=len(wanted) > MOST_LISTED_AT_ONCE,
        fields=TERMS,
        drawn=drawn,
        crumbs=(Link("台账", LEDGER), Link("一次上架几件")),
    )


async def _card(actor: Actor, asset_id: str) -> AssetView | None:
    """One of the chosen; None where the reader may not see it."""
    try:
        return await card_view(actor, asset_id[:16])
    except NotFound:
        return None


def _obstacle(card: AssetView, *, is_listed: bool) -> str:
    """Why a card cannot be put on the board now, in a word or two; empty where it can."""
    if is_listed:
        return "已在大厅"
    if card.can_be_listed:
        return ""
    if card.is_classified:
        return "涉密"
    if card.frozen_reason is not None:
        return "已冻结"
    return card.state_name if card.state not in AT_HOME else "未清除信息"


def _row(card: AssetView, obstacle: str) -> Row:
    badge = Badge(f"不能：{obstacle}", "warn") if obstacle else Badge("可以", "ok")
    return Row(
        (Cell(card.name, f"{LEDGER}/{card.id}"), Cell(card.code), Cell(card.place_name), Cell(badge=badge)),
    )


async def _result(actor: Actor, outcome: ListingOutcome) -> Result:
    card = await _card(actor, outcome.asset_id)
    title = f"{card.name} {card.code}" if card else "没有找到的资产"
    if outcome.listing is not None:
        return Result(title, _BADGES[True], "在共享大厅可以借了。", f"/sharing/{outcome.listing.id}")
    return Result(title, _BADGES[False], outcome.sentence, f"{LEDGER}/{outcome.asset_id}")
