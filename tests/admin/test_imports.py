"""A ledger brought in through the desk's pages, without script."""

from io import BytesIO

import httpx
from python_calamine import CalamineWorkbook

from server.assets.importing.queries import list_imports
from server.assets.queries import list_cards
from server.identity.roles import Role
from tests.admin.conftest import Office
from tests.factories.assets import PROJECTOR as PROJECTOR_CODE
from tests.factories.assets import make_card
from tests.factories.identity import make_actor
from tests.factories.ledgers import HEADINGS, LAPTOP, PROJECTOR, text_table, work, workbook
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor

NASTY = "<script>alert(1)</script>"
ODD = ("330113-0003", NASTY, "", "", "", "12.345", "2024-03-18", "火星", "")


async def upload(office: Office, *files: tuple[str, bytes]) -> Drawn:
    """The page after the upload, once everything was read."""
    page = await office.lender.get("/admin/imports/new")
    sent = [("file", (name, content, "application/octet-stream")) for name, content in files]
    done = await office.lender.send("POST", "/admin/imports", data=page.form("/admin/imports").values, files=sent)
    await work()
    return await office.lender.follow(done)


async def go_on(office: Office, page: Drawn, action: str, **fields: str) -> Drawn:
    """Send one of the page's forms, let the background do its part, and see what came of it."""
    done = await office.lender.submit(page, action, **fields)
    assert done.status == 303, done.words
    await work()
    return await office.lender.follow(done)


async def test_a_ledger_becomes_cards_when_it_goes_through_the_pages(office: Office) -> None:
    page = await upload(office, ("台账.xlsx", workbook([HEADINGS, PROJECTOR, LAPTOP, ODD])))
    address = page.answer.request.url.path
    assert "核对列" in page.words
    room = office.hall.ledger.health_room.id
    page = await go_on(office, page, f"{address}/mapping", default_place_id=room, default_condition="good")
    assert "已选中：新建 2 张卡" in page.words
    rows = await office.lender.get(f"{address}/rows?verdict=error")
    assert "金额最多到分" in rows.words
    assert "<script>alert" not in rows.answer.text
    confirm = await office.lender.get(f"{address}/application")
    page = await go_on(office, confirm, f"{address}/application")
    assert "新建 2 张卡" in page.words
    assert [card.name for card in (await list_cards(office.hall.lender)).items][:2] == [
        "笔记本电脑 联想 T14",
        "投影仪 爱普生 CB-X06",
    ]
    undone = await go_on(office, await office.lender.get(f"{address}/undoing"), f"{address}/undoing")
    assert "已经撤销" in undone.words


async def test_words_are_matched_and_rows_left_out_when_said_so_on_the_pages(office: Office) -> None:
    odd = ("330113-0003", "宽幅幻灯机", "", "", "", "12.30", "2024-03-18", "", "")
    page = await upload(office, ("台账.csv", text_table([HEADINGS, PROJECTOR, odd], "gb18030")))
    address = page.answer.request.url.path
    room = office.hall.ledger.health_room.id
    page = await go_on(office, page, f"{address}/mapping", default_place_id=room, default_condition="good")
    assert "对应 1 个名称" in page.words
    matches = await office.lender.get(f"{address}/matches")
    refused = await office.lender.submit(matches, f"{address}/matches", **{"code-0": "A0202"})
    assert refused.status == 400
    page = await go_on(office, matches, f"{address}/matches", **{"code-0": PROJECTOR_CODE})
    assert "已选中：新建 2 张卡" in page.words
    rows = await office.lender.get(f"{address}/rows?verdict=new")
    left = await go_on(office, rows, f"{address}/rows", whole="none")
    assert "已选中：新建 0 张卡" in left.words


async def test_differences_are_shown_and_chosen_when_a_number_has_a_card(office: Office) -> None:
    await make_card(office.hall.lender, office.hall.ledger.health_room, finance_card_no=PROJECTOR[0])
    page = await upload(office, ("台账.xlsx", workbook([HEADINGS, (*PROJECTOR[:2], "明基", *PROJECTOR[3:])])))
    address = page.answer.request.url.path
    await go_on(office, page, f"{address}/mapping", default_condition="good")
    rows = await office.lender.get(f"{address}/rows?verdict=different")
    assert "品牌：爱普生 → 明基" in rows.words
    chosen = await go_on(office, rows, f"{address}/rows", whole="all")
    assert "更正 1 张卡" in chosen.words
    await go_on(office, await office.lender.get(f"{address}/application"), f"{address}/application")
    assert "投影仪 明基 CB-X06" in {card.name for card in (await list_cards(office.hall.lender)).items}


async def test_several_files_are_begun_when_they_are_sent_at_once(office: Office) -> None:
    ledger = workbook([HEADINGS, PROJECTOR])
    page = await upload(office, ("卫健局.xlsx", ledger), ("医院.xlsx", ledger), ("网页.xls", b"<html></html>"))
    assert "已上传 3 个文件" in page.words
    assert "卫健局.xlsx" in page.words and "读取不了" in page.words


async def test_each_file_is_its_units_own_when_its_name_says_whose_it_is(
    office: Office, client: httpx.AsyncClient
) -> None:
    city = office.hall.ledger.city
    above = await make_actor("郑琦", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    visitor = await Visitor.of(client, above)
    page = await visitor.get("/admin/imports/new")
    names = (f"{city.health.short_name}2026台账.xlsx", f"{city.culture.name}.xlsx")
    sent = [("file", (name, workbook([HEADINGS, PROJECTOR]), "application/octet-stream")) for name in names]
    values = {**page.form("/admin/imports").values, "whose": "by-name"}
    await visitor.follow(await visitor.send("POST", "/admin/imports", data=values, files=sent))
    await work()
    views = {view.file_name: view.unit_name for view in (await list_imports(above)).items}
    assert views == dict(zip(names, (city.health.name, city.culture.name), strict=True))
    odd = [("file", ("台账（最终版）.xlsx", b"1", "application/octet-stream"))]
    page = await visitor.get("/admin/imports/new")
    values = {**page.form("/admin/imports").values, "whose": "by-name"}
    answer = await visitor.send("POST", "/admin/imports", data=values, files=odd)
    assert answer.status == 400 and "认不出是哪个单位的台账" in answer.words


async def test_upload_is_refused_in_a_sentence_when_no_file_is_chosen(office: Office) -> None:
    page = await office.lender.get("/admin/imports/new")
    answer = await office.lender.submit(page, "/admin/imports")
    assert answer.status == 400
    assert "请选择台账文件" in answer.words


async def test_what_was_not_taken_is_downloaded_with_its_reasons(office: Office) -> None:
    page = await upload(office, ("台账.xlsx", workbook([HEADINGS, ODD])))
    address = page.answer.request.url.path
    await go_on(office, page, f"{address}/mapping", default_condition="good")
    answer = (await office.lender.get(f"{address}/errors")).answer
    assert "filename*=UTF-8''%E6%9C%AA" in answer.headers["content-disposition"]
    heading, row = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert heading[0] == "错误原因" and "金额最多到分" in str(row[0])
    assert (await office.lender.get(f"{address}/file")).answer.content[:2] == b"PK"


async def test_progress_goes_on_and_ends_when_it_is_asked_for(office: Office) -> None:
    page = await upload(office, ("台账.xlsx", workbook([HEADINGS, PROJECTOR])))
    answer = (await office.lender.get(f"{page.answer.request.url.path}/progress")).answer
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, page.answer.request.url.path)
