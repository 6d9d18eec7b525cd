"""Lists as tables to take along: what is shown, no more, and nothing that acts as a formula."""

import csv
import io
import json
import zipfile
from datetime import date
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook

from server.assets.queries import list_cards
from server.classification.standards.queries import standard_view
from server.files import list_files
from server.files.tables import safe_text
from server.kernel.errors import Unavailable
from server.kernel.reading import reading
from tests.admin.conftest import Office
from tests.factories.assets import make_card
from tests.factories.classification import STANDARD, make_standard
from tests.factories.ledgers import checked
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
    assert (facts[1]["asked"], facts[1]["rows"]) == ({"状态": "all"}, 0)
    assert facts[2]["asked"] == {"年度": "2026"}
    shown = (await office.auditor.get("/admin/audit")).words
    assert "导出列表" in shown


async def test_nothing_is_handed_over_when_it_cannot_be_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise Unavailable("storage.unavailable")

    monkeypatch.setattr(list_files, "record_list_export", fails)
    assert (await office.lender.get("/admin/assets/export?format=csv")).answer.status_code == 503
