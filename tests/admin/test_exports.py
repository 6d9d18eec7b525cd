"""Lists as tables to take along: what is shown, no more, and nothing that acts as a formula."""

import csv
import io
import json
import zipfile
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook

from admin import tables
from server.assets.queries import list_cards
from server.files.tables import safe_text
from server.kernel.errors import Unavailable
from server.kernel.reading import reading
from tests.admin.conftest import Office
from tests.factories.assets import make_card
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


async def test_loans_and_board_are_exported_as_they_are_listed(office: Office) -> None:
    assert await as_csv(office.lender, "/admin/loans/export?format=csv&state=all") == []
    rows = await as_csv(office.approver, "/admin/listings/export?format=csv")
    assert [row["持有单位"] for row in rows] == [office.hall.ledger.city.health.name]


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
    await as_csv(office.lender, "/admin/listings/export?format=csv")
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT actor_name, subject_id, facts FROM audit_event WHERE action = 'list.exported' ORDER BY id"
        )
    assert [(row["actor_name"], row["subject_id"]) for row in rows] == [
        (office.hall.lender.person_name, kind) for kind in ("assets", "loans", "listings")
    ]
    facts = [json.loads(row["facts"]) for row in rows]
    assert facts[0] == {"asked": {"关键词": "索尼"}, "format": "csv", "rows": 1, "title": "台账"}
    assert (facts[1]["asked"], facts[1]["rows"], facts[2]["asked"]) == ({"状态": "all"}, 0, {})
    shown = (await office.auditor.get("/admin/audit")).words
    assert "导出列表" in shown


async def test_nothing_is_handed_over_when_it_cannot_be_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise Unavailable("storage.unavailable")

    monkeypatch.setattr(tables, "record_list_export", fails)
    assert (await office.lender.get("/admin/assets/export?format=csv")).answer.status_code == 503
