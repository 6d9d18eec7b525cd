"""The forms of what is done to a card. Who may not do it is told before the form is drawn."""

from admin.asset_words import asset_facts
from admin.assets import crumbs_of
from admin.choices import person_options, place_options
from admin.form_page import Field, FormPage
from server.assets.types import AssetView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden
from server.web.parts import Link

REASON = Field(name="reason", label="理由", kind="textarea", maxlength=200)
DOCUMENT = Field(name="document_no", label="文号", help="依据的文书编号。", maxlength=64)


async def move_sheet(actor: Actor, card: AssetView) -> FormPage:
    """移库."""
    _require(card.can_move)
    options = tuple(option for option in await place_options(actor) if option.value != card.place_id)
    place = Field(name="place_id", label="移到", kind="select", options=options)
    lead = f"现在在 {card.place_name}。只换地点，不换权属和持有单位。"
    return _sheet(card, "移库", "move", (place, REASON), "确认移库", lead=lead)


async def custodian_sheet(actor: Actor, card: AssetView) -> FormPage:
    """变更保管人."""
    _require(card.can_change_custodian)
    person = Field(
        name="custodian_id",
        label="新保管人",
        kind="select",
        options=await person_options(actor, card.holder_unit_id, card.custodian_id or ""),
        help="留空表示不指定到人。",
        required=False,
    )
    lead = f"现在的保管人：{card.custodian_name or '未指定'}。"
    return _sheet(card, "变更保管人", "custodian", (person, REASON), "确认变更", lead=lead)


def clearing_sheet(card: AssetView) -> FormPage:
    """登记数据清除."""
    _require(card.can_record_clearing)
    method = Field(name="method", label="清除方式", help="如 三次覆写、消磁。", maxlength=200)
    lead = "存储介质出借、上缴或处置前，须清除数据并登记记录单号。"
    return _sheet(card, "登记数据清除", "clearing", (method, DOCUMENT), "登记", lead=lead)


def freeze_sheet(card: AssetView) -> FormPage:
    """冻结."""
    _require(card.can_freeze)
    lead = "查封、涉案或盘点期间冻结；冻结后不能出借、移库或处置。"
    return _sheet(card, "冻结", "freezing", (REASON, DOCUMENT), "确认冻结", lead=lead, is_danger=True)


def unfreeze_sheet(card: AssetView) -> FormPage:
    """解冻."""
    _require(card.can_unfreeze)
    lead = f"冻结原因：{card.frozen_reason or ''}"
    return _sheet(card, "解冻", "unfreezing", (REASON, DOCUMENT), "确认解冻", lead=lead)


def picture_sheet(card: AssetView) -> FormPage:
    """更换照片."""
    _require(card.can_attach_picture)
    picture = Field(
        name="picture", label="照片", kind="file", help="正面和铭牌，单张不超过 10 MB；位置等信息会自动去掉。"
    )
    return _sheet(card, "更换照片", "picture", (picture,), "上传", is_upload=True)


def label_sheet(card: AssetView) -> FormPage:
    """打印标签."""
    _require(card.can_print_label)
    lead = (
        f"第 {card.label_serial} 张标签还有效。重新打印后它立即作废，请撕下旧标签。"
        if card.label_serial
        else "二维码标签，60 × 40 毫米。"
    )
    submit = "重新打印并作废旧标签" if card.label_serial else "生成标签"
    return _sheet(card, "打印标签", "label", (), submit, lead=lead, is_danger=card.label_serial is not None)


def _require(can: bool) -> None:
    if not can:
        raise Forbidden("role.required")


def _sheet(
    card: AssetView,
    title: str,
    path: str,
    fields: tuple[Field, ...],
    submit: str,
    *,
    lead: str = "",
    is_danger: bool = False,
    is_upload: bool = False,
) -> FormPage:
    return FormPage(
        title=f"{title}：{card.name}",
        lead=lead,
        action=f"/admin/assets/{card.id}/{path}",
        fields=fields,
        submit=submit,
        back=Link("返回", f"/admin/assets/{card.id}"),
        facts=asset_facts(card),
        crumbs=crumbs_of(card, title),
        is_danger=is_danger,
        is_upload=is_upload,
    )
