"""Making a card and correcting one."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request

from admin import messages  # noqa: F401 - its sentences are registered by being imported
from admin.asset_words import asset_facts
from admin.assets import crumbs_of
from admin.choices import person_options, place_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.texts import fen_of
from admin.uploads import stored_picture
from server.assets.commands import correct_asset, register_asset
from server.assets.queries import card_view
from server.assets.states import CONDITION_NAMES
from server.assets.types import AssetView, CorrectAsset, RegisterAsset
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.kernel.money import format_yuan
from server.web.parts import Link, Option
from server.web.sessions import actor_of

CONDITIONS = tuple(Option(value, name) for value, name in CONDITION_NAMES.items())
FLAGS = ("is_classified", "is_storage_medium")


class AssetForm(msgspec.Struct, frozen=True, kw_only=True):
    """A card as it is typed; the value in yuan."""

    item_name: str
    category_code: str
    value: str
    acquired_on: date
    condition: str
    place_id: str
    brand: str = ""
    model: str = ""
    specification: str = ""
    custodian_id: str | None = None
    finance_card_no: str | None = None
    is_classified: bool = False
    is_storage_medium: bool = False


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the card should say, whole; `version`: the one that the form was drawn from."""

    version: int
    reason: str
    item_name: str
    value: str
    acquired_on: date
    condition: str
    brand: str = ""
    model: str = ""
    specification: str = ""
    finance_card_no: str = ""
    is_classified: bool = False
    is_storage_medium: bool = False


@door.get("/assets/new", summary="建卡")
async def draw_new_asset(request: Request) -> HTTPResponse:
    """The form; a category chosen on the categories' page is filled in."""
    return await draw_form(request, await _new_sheet(actor_of(request), request.args.get("category") or ""))


@door.post("/assets", summary="建卡", is_upload=True)
async def add_asset(request: Request) -> HTTPResponse:
    """Register the card, its picture first, and go to it."""

    async def act(actor: Actor, form: AssetForm) -> Done:
        given = msgspec.structs.asdict(form)
        wanted = RegisterAsset(
            **{name: value for name, value in given.items() if name != "value"},
            value_fen=fen_of(form.value, "value"),
            picture_id=await stored_picture(request, actor, "picture"),
        )
        card = await register_asset(actor, wanted)
        text = f"已建卡：{card.name}，编号 {card.code}。"
        return Done(f"/admin/assets/{card.id}", text, "再建一张", "/admin/assets/new")

    return await answer_form(request, await _new_sheet(actor_of(request)), AssetForm, act)


@door.get("/assets/<asset_id>/correction", summary="更正卡片")
async def draw_correction(request: Request, asset_id: str) -> HTTPResponse:
    """The form with what the card says now."""
    return await draw_form(request, _correction_sheet(await card_view(actor_of(request), asset_id)))


@door.post("/assets/<asset_id>/correction", summary="更正卡片")
async def correct_card(request: Request, asset_id: str) -> HTTPResponse:
    """Correct the card, unless somebody else changed it since the form was drawn."""

    async def act(actor: Actor, form: CorrectionForm) -> Done:
        given = msgspec.structs.asdict(form)
        wanted = CorrectAsset(
            asset_id=asset_id,
            value_fen=fen_of(form.value, "value"),
            **{name: value for name, value in given.items() if name != "value"},
        )
        card = await correct_asset(actor, wanted)
        return Done(f"/admin/assets/{card.id}", "已更正，更正前后都记在历史里。")

    sheet = _correction_sheet(await card_view(actor_of(request), asset_id))
    return await answer_form(request, sheet, CorrectionForm, act)


async def _new_sheet(actor: Actor, category_code: str = "") -> FormPage:
    require_role(actor, Role.ASSET_MANAGER, Role.OPERATIONS, Role.WAREHOUSE_KEEPER)
    return FormPage(
        title="建卡",
        lead=f"为{actor.unit_name}登记一件资产；编号和名称按规则生成，一物一码。",
        action="/admin/assets",
        fields=(
            Field(name="item_name", label="品名", help="东西叫什么，如 投影仪。", maxlength=64),
            Field(name="brand", label="品牌", maxlength=64, required=False),
            Field(name="model", label="型号", maxlength=64, required=False),
            Field(name="specification", label="规格", maxlength=200, required=False),
            Field(
                name="category_code",
                label="分类代码",
                value=category_code,
                help="政府采购品目最末一级，可先在“分类”里查找。",
                maxlength=16,
                short=True,
            ),
            Field(name="value", label="账面原值", suffix="元", short=True, inputmode="decimal"),
            Field(name="acquired_on", label="取得日期", kind="date"),
            Field(name="condition", label="新旧程度", kind="radio", options=CONDITIONS, value="good"),
            Field(name="place_id", label="存放地点", kind="select", options=await place_options(actor)),
            Field(
                name="custodian_id",
                label="保管人",
                kind="select",
                options=await colleagues_of(actor),
                required=False,
            ),
            Field(name="finance_card_no", label="财政一体化卡片号", maxlength=64, required=False),
            Field(name="is_storage_medium", label="是存储介质（出借前须清除数据）", kind="checkbox"),
            Field(name="is_classified", label="是涉密设备（不能共享）", kind="checkbox"),
            Field(name="picture", label="照片", kind="file", required=False, help="正面和铭牌，单张不超过 10 MB。"),
        ),
        submit="建卡",
        back=Link("返回", "/admin/assets"),
        crumbs=(Link("台账", "/admin/assets"), Link("建卡")),
        is_upload=True,
        draft="asset-new",
    )


async def colleagues_of(actor: Actor) -> tuple[Option, ...]:
    """The people of the acting unit, for those who may see them; a keeper registers without a custodian."""
    try:
        return await person_options(actor, actor.unit_id)
    except Forbidden:
        return ()


def _correction_sheet(card: AssetView) -> FormPage:
    if not card.can_correct:
        raise Forbidden("role.required")
    return FormPage(
        title=f"更正 {card.name}",
        lead="只改登记错的内容；移库、换保管人请用各自的功能。",
        action=f"/admin/assets/{card.id}/correction",
        hidden={"version": str(card.version)},
        fields=(
            Field(name="item_name", label="品名", value=card.item_name, maxlength=64),
            Field(name="brand", label="品牌", value=card.brand, maxlength=64, required=False),
            Field(name="model", label="型号", value=card.model, maxlength=64, required=False),
            Field(name="specification", label="规格", value=card.specification, maxlength=200, required=False),
            Field(
                name="value",
                label="账面原值",
                value=format_yuan(card.value_fen),
                suffix="元",
                short=True,
                inputmode="decimal",
            ),
            Field(name="acquired_on", label="取得日期", kind="date", value=card.acquired_on.isoformat()),
            Field(name="condition", label="新旧程度", kind="radio", options=CONDITIONS, value=card.condition),
            Field(
                name="finance_card_no",
                label="财政一体化卡片号",
                value=card.finance_card_no or "",
                maxlength=64,
                required=False,
            ),
            Field(
                name="is_storage_medium",
                label="是存储介质（出借前须清除数据）",
                kind="checkbox",
                value="1" if card.is_storage_medium else "",
            ),
            Field(
                name="is_classified",
                label="是涉密设备（不能共享）",
                kind="checkbox",
                value="1" if card.is_classified else "",
            ),
            Field(name="reason", label="更正理由", kind="textarea", maxlength=200),
        ),
        submit="保存更正",
        back=Link("返回", f"/admin/assets/{card.id}"),
        facts=asset_facts(card),
        crumbs=crumbs_of(card, "更正"),
    )
