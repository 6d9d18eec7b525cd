"""Lists as tables to take along: what is shown, no more, and nothing that acts as a formula."""

import csv
import io
import json
import zipfile
from datetime import date
from urllib.parse import quote

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from admin import exports
from server.assets.queries import list_cards
from server.classification.standards.queries import standard_view
from server.files import list_files
from server.files.tables import safe_text
from server.kernel.errors import Unavailable
from server.kernel.reading import reading
from server.policies.commands import change_policy
from server.policies.types import BorrowingPolicy, ChangePolicy
from tests.admin.conftest import Office
from tests.factories.assets import make_card
from tests.factories.circulation import make_borrowing
from tests.factories.classification import STANDARD, make_categories, make_standard
from tests.factories.identity import SYSTEM
from tests.factories.ledgers import checked
from tests.factories.procurement import make_need
from tests.storefront.visitor import Visitor

FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "＝1")


async def as_csv(visitor: Visitor, path: str) -> list[dict[str, str]]:
    answer = (await visitor.get(path)).answer
    assert answer.status_code == 200
    assert answer.content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_ledger_is_exported_as_it_is_listed_when_asked_for(office: Office) -> None:
    ledger = office.hall.ledger
    await make_card(ledger.culture_manager, ledger.culture_room, brand="明基")
    mine = await make_card(office.hall.lender, ledger.health_room, brand="索尼", finance_card_no="330113-0077")
    shown = {card.code for card in (await list_cards(office.hall.lender)).items}
    rows = await as_csv(office.lender, "/admin/assets/export?format=csv")
    assert {row["资产编号"] for row in rows} == shown
    narrowed = await as_csv(office.lender, f"/admin/assets/export?format=csv&q={quote('索尼')}")
    assert [row["资产编号"] for row in narrowed] == [mine.code]
    assert (narrowed[0]["账面原值（元）"], narrowed[0]["财政一体化卡片号"]) == ("4599.00", "330113-0077")


async def test_workbook_holds_numbers_days_and_texts_when_exported(office: Office) -> None:
    answer = (await office.lender.get("/admin/assets/export")).answer
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    first = dict(zip(heading, rows[0], strict=True))
    assert isinstance(first["账面原值（元）"], float)
    assert str(first["取得日期"]) == "2024-03-18"
    assert len(rows) == len((await list_cards(office.hall.lender)).items)


async def test_no_cell_acts_as_a_formula_when_a_card_is_called_like_one(office: Office) -> None:
    for formula in FORMULAS:
        await make_card(office.hall.lender, office.hall.ledger.health_room, item_name=formula)
    rows = await as_csv(office.lender, "/admin/assets/export?format=csv")
    assert {f"'{formula}" for formula in FORMULAS} <= {row["资产名称"] for row in rows}
    answer = (await office.lender.get("/admin/assets/export")).answer
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=1+1" in sheet


@pytest.mark.parametrize("text", ["\t=1", "\r1", "\n1", "=1", "+1", "-1", "@1"])
def test_text_is_marked_when_it_begins_like_a_formula(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    assert safe_text(f"a{text}") == f"a{text}"


async def test_page_leads_to_its_list_as_it_is_narrowed_when_somebody_takes_it_along(office: Office) -> None:
    await make_standard("330113")
    health = office.hall.ledger.city.health.id
    pages = (
        (office.lender, f"/admin/assets?q={quote('投影仪')}"),
        (office.lender, "/admin/places?kind=site"),
        (office.lender, f"/admin/holdings/{health}"),
        (office.lender, "/admin/standards"),
        (office.security, f"/admin/people?q={quote('何志明')}"),
        (office.security, "/admin/grants"),
        (office.system, f"/admin/units?q={quote('卫生')}"),
        (office.system, "/admin/calendar?year=2026&month=10"),
        (office.system, "/admin/categories"),
        (office.system, "/admin/synonyms"),
        (office.system, "/admin/policies/borrowing"),
        (office.system, "/admin/policies"),
    )
    for visitor, path in pages:
        shown = await visitor.get(path)
        rows = await as_csv(visitor, shown.link("导出 CSV"))
        assert rows, path
        assert (await visitor.get(shown.link("导出 XLSX"))).answer.content.startswith(b"PK"), path
    [person] = await as_csv(office.security, (await office.security.get(pages[4][1])).link("导出 CSV"))
    assert (person["姓名"], person["角色"], person["状态"]) == ("何志明", "系统管理员", "在用")
    [unit] = await as_csv(office.system, (await office.system.get(pages[6][1])).link("导出 CSV"))
    assert (unit["单位"], unit["地区"]) == (office.hall.ledger.city.health.name, "临平区")
    assert len(await as_csv(office.system, "/admin/calendar/export?year=2024&format=csv")) == 366


async def test_holdings_and_their_cards_are_taken_along_when_there_is_a_standard(office: Office) -> None:
    await make_standard("330113", STANDARD.replace("10000,元/台", "4000,元/台"))
    shown = await office.lender.get("/admin/holdings")
    [line] = await as_csv(office.lender, shown.link("导出 CSV"))
    assert (line["资产项目"], line["现有"], line["超价件数"]) == ("投影仪", "1", "1")
    assert line["最高一档价格上限（元）"] == line["最低一档价格上限（元）"] == "4000.00"
    address = f"/admin/holdings/{office.hall.ledger.city.health.id}/cards/export?format=csv&category=A02020200"
    [card] = await as_csv(office.lender, address)
    assert (card["资产编号"], card["最低使用至"]) == (office.hall.projector.code, "2030-03-18")
    assert (card["超过价格上限"], card["已满使用年限"]) == ("是", "否")
    assert (await office.lender.get(address.replace("A02020200", "A99"))).status == 404


async def test_standard_is_entered_again_as_it_was_taken_out(office: Office) -> None:
    made = await make_standard("330113")
    answer = (await office.borrower.get(f"/admin/standards/{made.id}/export?format=csv")).answer
    again = await make_standard("330113", answer.content.decode("utf-8-sig"), date(2027, 1, 1))
    before, after = [await standard_view(office.hall.lender, each.id) for each in (made, again)]
    assert (after.version.version, after.items) == (2, before.items)


async def test_list_is_refused_and_not_recorded_when_it_is_too_long(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_card(office.hall.lender, office.hall.ledger.health_room)
    monkeypatch.setattr(list_files, "MOST_ROWS", {"xlsx": 1, "csv": 2})
    for path in ("/admin/assets/export", "/admin/people/export"):
        visitor = office.lender if path.startswith("/admin/assets") else office.security
        refused = await visitor.get(path)
        assert refused.status == 400
        assert "符合条件的超过 1 条，请缩小筛选范围后分批导出，或导出 CSV。" in refused.words
    assert len(await as_csv(office.lender, "/admin/assets/export?format=csv")) == 2
    async with reading() as db:
        rows = await db.fetch_all("SELECT subject_id FROM audit_event WHERE action = 'list.exported'")
    assert [row["subject_id"] for row in rows] == ["assets"]


@pytest.mark.parametrize("query", ["format=exe", "state=unheard-of", "nonsense=1"])
async def test_export_is_refused_when_its_parameters_are_made_up(office: Office, query: str) -> None:
    assert (await office.lender.get(f"/admin/assets/export?{query}")).status == 400


async def test_export_is_read_as_a_ledger_when_another_unit_imports_it(office: Office) -> None:
    ledger = office.hall.ledger
    content = (await office.lender.get("/admin/assets/export")).answer.content
    view = await checked(ledger.culture_manager, content, ledger.culture_room.id)
    # Its rows stand at a place that the other unit does not have.
    assert {match.kind for match in view.matches} == {"place"}


async def test_auditor_reads_who_took_which_list_out_when_it_was_exported(office: Office) -> None:
    await make_card(office.hall.lender, office.hall.ledger.health_room, brand="索尼")
    await as_csv(office.lender, f"/admin/assets/export?format=csv&q={quote('索尼')}")
    await as_csv(office.lender, "/admin/loans/export?format=csv&state=all")
    await as_csv(office.lender, f"/admin/year/{office.hall.lender.unit_id}/export?format=csv&year=2026")
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT actor_name, subject_id, facts FROM audit_event WHERE action = 'list.exported' ORDER BY id"
        )
    assert [(row["actor_name"], row["subject_id"]) for row in rows] == [
        (office.hall.lender.person_name, kind) for kind in ("assets", "loans", "year")
    ]
    facts = [json.loads(row["facts"]) for row in rows]
    assert facts[0] == {"asked": {"关键词": "索尼"}, "format": "csv", "rows": 1, "title": "台账"}
    assert (facts[1]["asked"], facts[1]["rows"]) == ({"状态": "全部"}, 0)
    assert facts[2]["title"] == f"{office.hall.ledger.city.health.name}2026年度小结"
    shown = await office.auditor.get("/admin/audit?action=list.exported")
    assert "导出列表" in shown.words and "列表导出 台账" in shown.words
    assert "年度小结" in shown.words


async def test_auditor_reads_in_words_what_an_export_was_narrowed_to(office: Office) -> None:
    ledger = office.hall.ledger
    place = quote(ledger.health_room.id)
    await as_csv(
        office.lender, f"/admin/assets/export?format=csv&state=in_use&category=A02&place_id={place}&q=%E6%9C%BA"
    )
    await as_csv(office.lender, "/admin/loans/export?format=csv&state=approved")
    await as_csv(office.security, "/admin/people/export?format=csv&disabled=1")
    async with reading() as db:
        events = await db.fetch_all("SELECT id FROM audit_event WHERE action = 'list.exported' ORDER BY id")
    told = [(await office.auditor.get(f"/admin/audit/{event['id']}")).words for event in events]
    assert (
        f"关键词 机，分类 A02，存放地点 {ledger.health_room.full_name}（{ledger.health_room.code}），状态 在用"
        in told[0]
    )
    assert "状态 待备货" in told[1]
    assert "含已停用 是" in told[2]


@pytest.mark.parametrize("path", ["approvals", "loans", "synonyms", "delegations", "imports", "dictionaries/category"])
async def test_page_draws_no_link_that_leads_to_an_error(office: Office, path: str) -> None:
    assert (await office.lender.get(f"/admin/{path}?path=x")).status in {200, 400}
    shown = await office.lender.get(f"/admin/{path}/")
    for text, href in shown.links.items():
        if text.startswith("导出 "):
            assert (await office.lender.get(href)).status == 200, href


async def test_export_is_refused_when_a_place_in_the_list_is_asked_for(office: Office) -> None:
    for path in ("assets", "needs", "loans", "imports", f"year/{office.hall.lender.unit_id}"):
        assert (await office.lender.get(f"/admin/{path}/export?cursor=x")).status == 400, path


async def test_categories_are_taken_along_whole_when_the_page_shows_the_first(office: Office) -> None:
    await make_categories()
    shown = await office.lender.get("/admin/categories?q=A")
    found = await as_csv(office.lender, shown.link("导出 CSV"))
    assert len(found) > 50 and "只列出前 50 条" in shown.words
    for path in ("/admin/categories", "/admin/categories/export"):
        assert (await office.lender.get(f"{path}?code=nonsense")).status == 404


async def test_search_that_ranks_only_so_many_says_so_in_the_files_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_RANKED", 1)
    answer = (await office.lender.get(f"/admin/assets/export?format=csv&q={quote('投影仪')}")).answer
    assert quote("台账（只含最相符的 1 条）") in answer.headers["content-disposition"]
    whole = (await office.lender.get("/admin/assets/export?format=csv")).answer
    assert quote("只含") not in whole.headers["content-disposition"]


async def test_built_in_policy_is_shown_and_taken_along_when_a_region_has_its_own(office: Office) -> None:
    content = msgspec.to_builtins(BorrowingPolicy())
    wanted = ChangePolicy(region_code="330113", kind="borrowing", content=content, reason="收紧期限", document_no="1号")
    await change_policy(SYSTEM, wanted)
    applying = await office.lender.get("/admin/policies/borrowing")
    [own] = await as_csv(office.lender, applying.link("导出 CSV"))
    built_in = await office.lender.get(applying.link("内置默认"))
    [first] = await as_csv(office.lender, built_in.link("导出 CSV"))
    assert (own["地区"], own["理由"]) == ("临平区", "收紧期限")
    assert (first["版本"], first["地区"]) == ("1", "全国（内置）")
    assert await as_csv(office.lender, "/admin/policies/borrowing/export?format=csv") == [own]


async def test_nothing_is_handed_over_when_it_cannot_be_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise Unavailable("storage.unavailable")

    monkeypatch.setattr(list_files, "record_list_export", fails)
    assert (await office.lender.get("/admin/assets/export?format=csv")).answer.status_code == 503


async def test_history_pieces_and_judged_things_are_taken_along_from_their_pages(office: Office) -> None:
    hall = office.hall
    card = hall.projector
    page = await office.lender.get(f"/admin/assets/{card.id}")
    first = (await as_csv(office.lender, page.link("导出 CSV")))[-1]
    assert (first["事项"], first["办理人"].startswith(hall.lender.person_name)) == ("登记建卡", True)
    loan = await make_borrowing(hall, until="approved")
    [piece] = await as_csv(office.lender, f"/admin/loans/{loan.id}/pieces/export?format=csv")
    assert (piece["资产编号"], piece["到哪一步"]) == (card.code, loan.lines[0].state_name)
    need = await make_need(hall.approver, until="proven")
    shown = await office.approver.get(f"/admin/needs/{need.id}")
    judged = await as_csv(office.approver, f"/admin/needs/{need.id}/proof/export?format=csv")
    assert need.proof is not None and len(judged) == len(need.proof.document.hits)
    assert all(row["不采用的理由"] in shown.words for row in judged)
    bare = await make_need(hall.approver, until="draft")
    assert (await office.approver.get(f"/admin/needs/{bare.id}/proof/export")).status == 404
