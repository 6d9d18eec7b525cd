"""The ledger through its pages: making a card, correcting it, and what is done to it."""

from io import BytesIO
from urllib.parse import quote

from PIL import Image

from server.assets.commands import correct_asset
from server.assets.queries import card_view, list_cards
from server.assets.types import CardFilter, CorrectAsset
from tests.admin.conftest import Office
from tests.factories.assets import PROJECTOR

NASTY = "<script>alert(1)</script>\"'&"
NEW = {
    "item_name": "会议平板",
    "brand": "希沃",
    "model": "F75EC",
    "specification": "75 英寸",
    "category_code": PROJECTOR,
    "value": "28,999.00",
    "acquired_on": "2025-06-18",
    "condition": "good",
}


def photograph() -> bytes:
    content = BytesIO()
    Image.new("RGB", (80, 60), "#557799").save(content, "JPEG")
    return content.getvalue()


async def test_a_card_is_made_with_its_picture_when_the_form_is_filled_in(office: Office) -> None:
    page = await office.lender.get("/admin/assets/new")
    values = {**page.form("/admin/assets").values, **NEW, "place_id": office.hall.ledger.health_room.id}
    files = {"picture": ("平板.jpg", photograph(), "image/jpeg")}
    done = await office.lender.send("POST", "/admin/assets", data=values, files=files)
    card = await office.lender.follow(done)
    assert "已建卡：会议平板 希沃 F75EC" in card.words
    assert "28,999.00 元" in card.words
    assert "/files/" in card.answer.text
    assert "示意图" not in card.words
    found = await office.lender.get("/admin/assets?q=" + quote("平板"))
    assert "会议平板 希沃 F75EC" in found.words


async def test_one_card_is_made_when_the_form_is_sent_twice(office: Office) -> None:
    page = await office.lender.get("/admin/assets/new")
    sent = {**NEW, "place_id": office.hall.ledger.health_room.id}
    first = await office.lender.submit(page, "/admin/assets", **sent)
    second = await office.lender.submit(page, "/admin/assets", **sent)
    assert first.target == second.target
    assert len((await list_cards(office.hall.lender, CardFilter(text="会议平板"))).items) == 1


async def test_fault_of_the_value_stands_beside_its_field(office: Office) -> None:
    page = await office.lender.get("/admin/assets/new")
    sent = {**NEW, "place_id": office.hall.ledger.health_room.id}
    refused = await office.lender.submit(page, "/admin/assets", **{**sent, "value": "0"})
    assert refused.status == 400
    assert "账面原值：" in refused.words
    assert refused.form("/admin/assets").values["value"] == "0"


async def test_nothing_typed_is_lost_when_fields_are_wrong(office: Office) -> None:
    page = await office.lender.get("/admin/assets/new")
    wrong = {**NEW, "value": "很贵", "acquired_on": "2025-02-30", "place_id": "", "brand": NASTY}
    answer = await office.lender.submit(page, "/admin/assets", **wrong)
    assert answer.status == 400
    values = answer.form("/admin/assets").values
    kept = ("item_name", "model", "specification", "category_code", "value", "acquired_on", "brand")
    assert {name: values[name] for name in kept} == {name: wrong[name] for name in kept}
    assert "取得日期：日期不正确" in answer.words
    assert "存放地点：请填写此项。" in answer.words
    assert NASTY not in answer.answer.text
    amount = await office.lender.submit(
        answer, "/admin/assets", acquired_on="2025-02-28", condition="good", place_id=office.hall.ledger.health_room.id
    )
    assert "账面原值：金额请写成" in amount.words
    assert amount.form("/admin/assets").values["value"] == "很贵"


async def test_markup_is_shown_as_text_when_it_was_typed_into_every_field(office: Office) -> None:
    page = await office.lender.get("/admin/assets/new")
    nasty = {**NEW, "item_name": f"品{NASTY}", "brand": f"牌{NASTY}", "model": f"型{NASTY}", "specification": NASTY}
    done = await office.lender.submit(page, "/admin/assets", place_id=office.hall.ledger.health_room.id, **nasty)
    card = await office.lender.follow(done)
    address = card.answer.request.url.path
    moved = await office.lender.get(f"{address}/freezing")
    frozen = await office.lender.submit(moved, f"{address}/freezing", reason=NASTY, document_no=NASTY)
    for shown in (await office.lender.follow(frozen), await office.lender.get("/admin/assets"), card):
        assert "<script>alert" not in shown.answer.text
        assert f"品{NASTY}" in shown.words


async def test_the_loser_is_told_plainly_when_two_people_correct_one_card(office: Office) -> None:
    asset = office.hall.projector
    address = f"/admin/assets/{asset.id}/correction"
    page = await office.lender.get(address)
    await correct_asset(
        office.hall.lender,
        CorrectAsset(asset_id=asset.id, version=asset.version, reason="补规格", specification="带支架"),
    )
    sent = {"value": "4,700.00", "reason": "发票金额登记错误", "condition": "usable"}
    answer = await office.lender.submit(page, address, **sent)
    assert answer.status == 409
    assert "这条记录刚刚被别人改过" in answer.words
    values = answer.form(address).values
    assert (values["value"], values["reason"]) == ("4,700.00", "发票金额登记错误")
    fresh = await office.lender.get(address)
    done = await office.lender.submit(fresh, address, **sent)
    shown = await office.lender.follow(done)
    assert "4,700.00 元" in shown.words
    assert "4,599.00 元 → 4,700.00 元" in shown.words
    assert (await card_view(office.hall.lender, asset.id)).specification == "带支架"


async def test_the_old_label_is_void_when_a_new_one_is_printed(office: Office) -> None:
    address = f"/admin/assets/{office.hall.projector.id}"
    assert (await office.lender.get(f"{address}/label.pdf")).status == 409
    for serial, said in ((1, "第 1 张标签已生成。"), (2, "以前的标签已作废")):
        page = await office.lender.get(f"{address}/label")
        shown = await office.lender.follow(await office.lender.submit(page, f"{address}/label"))
        assert said in shown.words
        assert f"第 {serial} 张有效" in shown.words
    pdf = await office.lender.client.get(
        f"{address}/label.pdf", headers={"Cookie": f"gwc_session={office.lender.cookies['gwc_session']}"}
    )
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


async def test_the_card_tells_its_way_when_it_is_moved_given_to_somebody_and_frozen(office: Office) -> None:
    base = f"/admin/assets/{office.hall.projector.id}"
    custodian = await office.lender.get(f"{base}/custodian")
    done = await office.lender.submit(
        custodian, f"{base}/custodian", custodian_id=office.hall.lender.person_id, reason="岗位调整"
    )
    assert "保管人现在是 王秀英" in (await office.lender.follow(done)).words
    freezing = await office.lender.get(f"{base}/freezing")
    done = await office.lender.submit(freezing, f"{base}/freezing", reason="盘点封存", document_no="临盘〔2026〕3号")
    shown = await office.lender.follow(done)
    assert "已冻结" in shown.words
    assert "文号 临盘〔2026〕3号" in shown.words
    assert (await office.lender.get(f"{base}/freezing")).status == 403
    thawing = await office.lender.get(f"{base}/unfreezing")
    done = await office.lender.submit(thawing, f"{base}/unfreezing", reason="盘点结束", document_no="临盘〔2026〕4号")
    assert "已冻结" not in (await office.lender.follow(done)).words.replace("冻结原因", "")


async def test_a_card_goes_on_and_off_the_board_when_its_holder_says_so(office: Office) -> None:
    base = f"/admin/assets/{office.hall.projector.id}"
    closing = await office.lender.get(f"{base}/listing/closing")
    done = await office.lender.submit(closing, f"{base}/listing/closing", reason="年底盘点")
    assert "已下架" in (await office.lender.follow(done)).words
    page = await office.lender.get(f"{base}/listing")
    refused = await office.lender.submit(page, f"{base}/listing", terms="自取自还", longest_days="999", reach="city")
    assert refused.status == 400
    assert refused.form(f"{base}/listing").values["longest_days"] == "999"
    done = await office.lender.submit(page, f"{base}/listing", terms="自取自还", longest_days="20", reach="district")
    assert "共享中" in (await office.lender.follow(done)).words
