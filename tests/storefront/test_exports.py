"""What a civil servant takes along of the hall, the wanted board, the map and their own loans."""

import csv
import io
import json
from urllib.parse import quote

import httpx

from server.circulation.commands import save_search
from server.circulation.finding_types import SaveSearch
from server.circulation.types import ListingFilter
from server.circulation.wanted.commands import post_wanted
from server.circulation.wanted.types import PostWanted
from server.kernel.reading import reading
from tests.factories.assets import LAPTOP
from tests.factories.circulation import Hall, make_borrowing, make_listed_projector
from tests.storefront.visitor import Visitor


async def taken(visitor: Visitor, address: str) -> list[dict[str, str]]:
    answer = (await visitor.get(address)).answer
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_hall_is_taken_along_as_it_is_searched_and_narrowed(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    laptop = {"item_name": "便携式计算机", "category_code": LAPTOP, "value_fen": 800_000}
    await make_listed_projector(hall.ledger, **laptop)
    shown = await borrower.get("/sharing")
    assert len(await taken(borrower, shown.link("导出 CSV"))) == 2
    for narrowed in (f"q={quote('笔记本')}", "value=500000", "category=A0201&utm_source=mail"):
        page = await borrower.get(f"/sharing?{narrowed}")
        [row] = await taken(borrower, page.link("导出 CSV"))
        assert (row["分类代码"], row["账面原值（元）"]) == (LAPTOP, "8000.00"), narrowed
    assert (await borrower.get("/sharing/export?format=csv&from=2025-01-02&to=2025-01-01")).status == 400
    async with reading() as db:
        rows = await db.fetch_all("SELECT facts FROM audit_event WHERE action = 'list.exported' ORDER BY id")
    asked = [json.loads(row["facts"])["asked"] for row in rows]
    assert asked == [{}, {"条件": "“笔记本”"}, {"条件": "5 千至 2 万元"}, {"条件": "信息化设备"}]


async def test_own_loans_are_taken_along_and_the_units_only_by_its_manager(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor, approver: Visitor
) -> None:
    made = await make_borrowing(hall)
    shown = await borrower.get("/borrowings")
    [row] = await taken(borrower, shown.link("导出 CSV"))
    assert (row["借用单号"], row["件数"], row["申请人"]) == (made.number, "1", hall.borrower.person_name)
    assert await taken(borrower, "/borrowings/export?format=csv&state=ended") == []
    assert [each["借用单号"] for each in await taken(borrower, "/borrowings/export?format=csv&view=holder")] == [
        made.number
    ]
    assert await taken(approver, "/borrowings/export?format=csv&view=holder") == []
    assert len(await taken(approver, "/borrowings/export?format=csv&view=unit")) == 1


async def test_wanted_board_and_map_are_taken_along(client: httpx.AsyncClient, hall: Hall, borrower: Visitor) -> None:
    await post_wanted(hall.borrower, PostWanted(title="=折叠桌", quantity=10, days=5))
    [row] = await taken(borrower, (await borrower.get("/wanted")).link("导出 CSV"))
    assert (row["要什么"], row["数量"], row["应答单位数"]) == ("'=折叠桌", "10", "0")
    assert await taken(borrower, f"/wanted/export?format=csv&q={quote('投影')}") == []
    [district] = await taken(borrower, (await borrower.get("/map")).link("导出 CSV"))
    assert district == {"地区、单位或地点": "临平区", "件数": "1"}


async def test_messages_tasks_and_saved_searches_are_taken_along(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor, approver: Visitor
) -> None:
    made = await make_borrowing(hall)
    [task] = await taken(approver, (await approver.get("/approvals")).link("导出 CSV"))
    assert made.number in task["申请"] or task["申请人"] == hall.borrower.person_name
    assert await taken(approver, "/approvals/export?format=csv&state=decided") == []
    await save_search(hall.borrower, SaveSearch("放映用", ListingFilter(text="投影"), wants_notice=True))
    [kept] = await taken(borrower, (await borrower.get("/searches")).link("导出 CSV"))
    assert kept == {"名称": "放映用", "条件": "“投影”", "有新的告诉我": "是"}
    assert await taken(borrower, "/messages/export?format=csv&kind=other&utm_source=mail") == []
    for path in ("/messages/export?kind=x", "/approvals/export?state=x", "/searches/export?format=exe"):
        assert (await borrower.get(path)).status == 400, path
