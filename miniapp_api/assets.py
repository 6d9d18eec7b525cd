"""Cards: the ledger on a phone; registering, correcting, moving, labelling, clearing a medium."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, RequiredText
from miniapp_api.papers import paper, site_of
from server.assets.commands import (
    attach_picture,
    correct_asset,
    move_asset,
    print_label,
    record_clearing,
    register_asset,
    set_accessories,
)
from server.assets.queries import accessory_list, card_view, find_by_scan, history, label_pdf, list_cards
from server.assets.types import (
    Accessory,
    AccessoryList,
    AssetView,
    AttachPicture,
    CardFilter,
    CardRow,
    CorrectAsset,
    EventView,
    LabelView,
    MoveAsset,
    RecordClearing,
    RegisterAsset,
    ScanView,
    SetAccessories,
)
from server.kernel.paging import Page
from server.web.routes import Access
from server.web.sessions import actor_of

TAG = "账卡"


class CardQuery(CardFilter, frozen=True, kw_only=True):
    """What the list of cards is narrowed to, and where its next page begins."""

    cursor: str | None = None


class ScanQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a camera read or a person typed: a code, a label's token, or the label's address."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What was entered wrongly; an absent field stays as it is. `version`: of the card as it was read."""

    version: int
    reason: RequiredText
    item_name: str | None = None
    brand: str | None = None
    model: str | None = None
    specification: str | None = None
    value_fen: int | None = None
    acquired_on: date | None = None
    condition: str | None = None
    finance_card_no: str | None = None
    is_classified: bool | None = None
    is_storage_medium: bool | None = None


class Relocation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a thing goes, and why."""

    place_id: Key
    reason: RequiredText


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """How a storage medium was wiped, and the record's number."""

    method: RequiredText
    document_no: Key


class AccessoriesBody(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to the thing from now on."""

    accessories: list[Accessory]


class CardPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture sent in before."""

    picture_id: Key


@api.get("/scan", answer=ScanView, query=ScanQuery, summary="扫码识别", tag=TAG, access=Access.PUBLIC)
async def get_scan(request: Request, query: ScanQuery) -> ScanView:
    session = request.ctx.session
    # A session that still owes something is nobody yet.
    is_nobody = session is None or session.is_half_open
    return await find_by_scan(None if is_nobody else actor_of(request), query.text)


@api.get("/assets", answer=Page[CardRow], query=CardQuery, summary="账卡列表", tag=TAG)
async def get_cards(request: Request, query: CardQuery) -> Page[CardRow]:
    return await list_cards(actor_of(request), query, query.cursor)


@api.get("/assets/<asset_id>", answer=AssetView, summary="账卡详情", tag=TAG)
async def get_card(request: Request, asset_id: str) -> AssetView:
    return await card_view(actor_of(request), asset_id)


@api.get("/assets/<asset_id>/history", answer=list[EventView], summary="账卡流水", tag=TAG)
async def get_history(request: Request, asset_id: str) -> list[EventView]:
    return await history(actor_of(request), asset_id)


@api.write("POST", "/assets", body=RegisterAsset, answer=AssetView, summary="登记资产", tag=TAG, status=201)
async def post_asset(request: Request, body: RegisterAsset) -> AssetView:
    return await register_asset(actor_of(request), body)


@api.write(
    "POST", "/assets/<asset_id>/correction", body=Correction, answer=AssetView, summary="更正账卡", tag=TAG, status=201
)
async def post_correction(request: Request, asset_id: str, body: Correction) -> AssetView:
    return await correct_asset(actor_of(request), CorrectAsset(asset_id=asset_id, **msgspec.structs.asdict(body)))


@api.write("POST", "/assets/<asset_id>/move", body=Relocation, answer=AssetView, summary="移库", tag=TAG, status=201)
async def post_move(request: Request, asset_id: str, body: Relocation) -> AssetView:
    wanted = MoveAsset(asset_id=asset_id, place_id=body.place_id, reason=body.reason)
    return await move_asset(actor_of(request), wanted)


@api.write(
    "POST",
    "/assets/<asset_id>/clearing",
    body=Clearing,
    answer=AssetView,
    summary="登记信息清除",
    tag=TAG,
    status=201,
)
async def post_clearing(request: Request, asset_id: str, body: Clearing) -> AssetView:
    wanted = RecordClearing(asset_id=asset_id, method=body.method, document_no=body.document_no)
    return await record_clearing(actor_of(request), wanted)


@api.write(
    "POST", "/assets/<asset_id>/picture", body=CardPicture, answer=AssetView, summary="换照片", tag=TAG, status=201
)
async def post_picture(request: Request, asset_id: str, body: CardPicture) -> AssetView:
    return await attach_picture(actor_of(request), AttachPicture(asset_id=asset_id, picture_id=body.picture_id))


@api.write("POST", "/assets/<asset_id>/label", answer=LabelView, summary="打印标签（旧标签作废）", tag=TAG, status=201)
async def post_label(request: Request, asset_id: str) -> LabelView:
    return await print_label(actor_of(request), asset_id)


@api.get("/assets/<asset_id>/label", answer=bytes, summary="标签 PDF", tag=TAG)
async def get_label(request: Request, asset_id: str) -> HTTPResponse:
    return paper(await label_pdf(actor_of(request), asset_id, site_of(request)), f"标签-{asset_id}.pdf")


@api.get("/assets/<asset_id>/accessories", answer=AccessoryList, summary="配件清单", tag=TAG)
async def get_accessories(request: Request, asset_id: str) -> AccessoryList:
    return await accessory_list(actor_of(request), asset_id)


@api.write(
    "POST",
    "/assets/<asset_id>/accessories",
    body=AccessoriesBody,
    answer=AccessoryList,
    summary="修改配件清单",
    tag=TAG,
    status=201,
)
async def post_accessories(request: Request, asset_id: str, body: AccessoriesBody) -> AccessoryList:
    return await set_accessories(actor_of(request), SetAccessories(asset_id=asset_id, accessories=body.accessories))
