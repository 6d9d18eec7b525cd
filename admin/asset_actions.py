"""What is done to a card: moving, changing the custodian, clearing, freezing, pictures and labels."""

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin import messages  # noqa: F401 - its sentences are registered by being imported
from admin.asset_sheets import (
    clearing_sheet,
    custodian_sheet,
    freeze_sheet,
    label_sheet,
    move_sheet,
    picture_sheet,
    unfreeze_sheet,
)
from admin.door import door
from admin.form_page import Done, Nothing, answer_form, draw_form
from admin.uploads import stored_picture
from server.assets.commands import (
    attach_picture,
    change_custodian,
    freeze_asset,
    move_asset,
    print_label,
    record_clearing,
    unfreeze_asset,
)
from server.assets.queries import card_view, label_pdf
from server.assets.types import (
    AssetView,
    AttachPicture,
    ChangeCustodian,
    FreezeAsset,
    MoveAsset,
    RecordClearing,
    UnfreezeAsset,
)
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput
from server.web.sessions import actor_of


class MoveForm(msgspec.Struct, frozen=True):
    """Where to, and why."""

    place_id: str
    reason: str


class CustodianForm(msgspec.Struct, frozen=True):
    """Who answers for it; nobody in particular where left empty."""

    reason: str
    custodian_id: str | None = None


class ClearingForm(msgspec.Struct, frozen=True):
    """How it was wiped, by which record."""

    method: str
    document_no: str


class FreezingForm(msgspec.Struct, frozen=True):
    """Why, by which document."""

    reason: str
    document_no: str


async def _card(request: Request, asset_id: str) -> AssetView:
    return await card_view(actor_of(request), asset_id)


@door.get("/assets/<asset_id>/move", summary="移库")
async def draw_move(request: Request, asset_id: str) -> HTTPResponse:
    """Choose the new place."""
    return await draw_form(request, await move_sheet(actor_of(request), await _card(request, asset_id)))


@door.post("/assets/<asset_id>/move", summary="移库")
async def move(request: Request, asset_id: str) -> HTTPResponse:
    """Relocate; owner and holder stay."""

    async def act(actor: Actor, form: MoveForm) -> Done:
        card = await move_asset(actor, MoveAsset(asset_id=asset_id, place_id=form.place_id, reason=form.reason))
        return Done(f"/admin/assets/{card.id}", f"已移到 {card.place_name}。")

    sheet = await move_sheet(actor_of(request), await _card(request, asset_id))
    return await answer_form(request, sheet, MoveForm, act)


@door.get("/assets/<asset_id>/custodian", summary="变更保管人")
async def draw_custodian(request: Request, asset_id: str) -> HTTPResponse:
    """Choose who answers for it."""
    return await draw_form(request, await custodian_sheet(actor_of(request), await _card(request, asset_id)))


@door.post("/assets/<asset_id>/custodian", summary="变更保管人")
async def set_custodian(request: Request, asset_id: str) -> HTTPResponse:
    """Let somebody else of the unit answer for it."""

    async def act(actor: Actor, form: CustodianForm) -> Done:
        wanted = ChangeCustodian(asset_id=asset_id, custodian_id=form.custodian_id, reason=form.reason)
        card = await change_custodian(actor, wanted)
        return Done(f"/admin/assets/{card.id}", f"保管人现在是 {card.custodian_name or '未指定'}。")

    sheet = await custodian_sheet(actor_of(request), await _card(request, asset_id))
    return await answer_form(request, sheet, CustodianForm, act)


@door.get("/assets/<asset_id>/clearing", summary="登记数据清除")
async def draw_clearing(request: Request, asset_id: str) -> HTTPResponse:
    """The clearing record's facts."""
    return await draw_form(request, clearing_sheet(await _card(request, asset_id)))


@door.post("/assets/<asset_id>/clearing", summary="登记数据清除")
async def clear(request: Request, asset_id: str) -> HTTPResponse:
    """Record that a storage medium was wiped."""

    async def act(actor: Actor, form: ClearingForm) -> Done:
        wanted = RecordClearing(asset_id=asset_id, method=form.method, document_no=form.document_no)
        card = await record_clearing(actor, wanted)
        return Done(f"/admin/assets/{card.id}", "已登记数据清除，再借出一次之后需重新清除。")

    return await answer_form(request, clearing_sheet(await _card(request, asset_id)), ClearingForm, act)


@door.get("/assets/<asset_id>/freezing", summary="冻结")
async def draw_freezing(request: Request, asset_id: str) -> HTTPResponse:
    """Why, and by which document."""
    return await draw_form(request, freeze_sheet(await _card(request, asset_id)))


@door.post("/assets/<asset_id>/freezing", summary="冻结")
async def freeze(request: Request, asset_id: str) -> HTTPResponse:
    """Freeze the thing."""

    async def act(actor: Actor, form: FreezingForm) -> Done:
        card = await freeze_asset(
            actor, FreezeAsset(asset_id=asset_id, reason=form.reason, document_no=form.document_no)
        )
        return Done(f"/admin/assets/{card.id}", "已冻结，解冻前不能出借、移库或处置。")

    return await answer_form(request, freeze_sheet(await _card(request, asset_id)), FreezingForm, act)


@door.get("/assets/<asset_id>/unfreezing", summary="解冻")
async def draw_unfreezing(request: Request, asset_id: str) -> HTTPResponse:
    """Why, and by which document."""
    return await draw_form(request, unfreeze_sheet(await _card(request, asset_id)))


@door.post("/assets/<asset_id>/unfreezing", summary="解冻")
async def unfreeze(request: Request, asset_id: str) -> HTTPResponse:
    """Let the thing go."""

    async def act(actor: Actor, form: FreezingForm) -> Done:
        wanted = UnfreezeAsset(asset_id=asset_id, reason=form.reason, document_no=form.document_no)
        card = await unfreeze_asset(actor, wanted)
        return Done(f"/admin/assets/{card.id}", "已解冻。")

    return await answer_form(request, unfreeze_sheet(await _card(request, asset_id)), FreezingForm, act)


@door.get("/assets/<asset_id>/picture", summary="更换照片")
async def draw_picture(request: Request, asset_id: str) -> HTTPResponse:
    """Choose a photograph."""
    return await draw_form(request, picture_sheet(await _card(request, asset_id)))


@door.post("/assets/<asset_id>/picture", summary="更换照片", is_upload=True)
async def set_picture(request: Request, asset_id: str) -> HTTPResponse:
    """Store the photograph, then show it on the card."""

    async def act(actor: Actor, form: Nothing) -> Done:
        picture_id = await stored_picture(request, actor, "picture")
        if picture_id is None:
            raise InvalidInput(fields=[FieldError("picture", "desk.no_picture")])
        card = await attach_picture(actor, AttachPicture(asset_id=asset_id, picture_id=picture_id))
        return Done(f"/admin/assets/{card.id}", "照片已更换。")

    return await answer_form(request, picture_sheet(await _card(request, asset_id)), Nothing, act)


@door.get("/assets/<asset_id>/label", summary="打印标签")
async def draw_label(request: Request, asset_id: str) -> HTTPResponse:
    """Say what a reprint does to the label before."""
    return await draw_form(request, label_sheet(await _card(request, asset_id)))


@door.post("/assets/<asset_id>/label", summary="打印标签")
async def make_label(request: Request, asset_id: str) -> HTTPResponse:
    """Make a new label; the one before is void."""

    async def act(actor: Actor, form: Nothing) -> Done:
        label = await print_label(actor, asset_id)
        text = f"第 {label.serial} 张标签已生成" + ("，以前的标签已作废。" if label.serial > 1 else "。")
        return Done(f"/admin/assets/{asset_id}", text, "下载标签 PDF", f"/admin/assets/{asset_id}/label.pdf")

    return await answer_form(request, label_sheet(await _card(request, asset_id)), Nothing, act)


@door.get("/assets/<asset_id>/label.pdf", summary="标签 PDF")
async def download_label(request: Request, asset_id: str) -> HTTPResponse:
    """The valid label as it is printed."""
    content = await label_pdf(actor_of(request), asset_id, request.app.ctx.settings.public_url)
    headers = {"Content-Disposition": f'inline; filename="label-{asset_id}.pdf"'}
    return raw(content, content_type="application/pdf", headers=headers)
