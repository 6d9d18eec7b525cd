"""Searching the hall as people do: reasons, counts, orders, saved searches and the map, without script."""

from urllib.parse import quote

import httpx

from tests.factories.assets import LAPTOP
from tests.factories.circulation import Hall, make_listed_projector
from tests.storefront.visitor import Visitor


async def test_hall_says_why_how_many_and_in_which_order(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    await make_listed_projector(hall.ledger, item_name="便携式计算机", category_code=LAPTOP, value_fen=800_000)
    page = await borrower.get(f"/sharing?q={quote('笔记本')}")
    assert "同义词“便携式计算机”" in page.words and "共 1 件" in page.words
    assert "最相符" in page.words and "临平区（1）" in page.words
    everything = await borrower.get("/sharing")
    assert "最相符" not in everything.words and "共 2 件" in everything.words
    assert everything.link("1 千至 5 千元 1") == "/sharing?value=100000"
    dear = await borrower.get("/sharing?value=500000")
    assert "便携式计算机 爱普生" in dear.words and "投影仪 爱普生" not in dear.words


async def test_hall_says_what_was_meant_when_something_was_misspelt(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    page = await borrower.get(f"/sharing?q={quote('头影仪')}")
    assert "没有“头影仪”，下面是“投影仪”的结果。" in page.words
    assert "近似“投影仪”" in page.words


async def test_search_is_saved_from_the_hall_opened_again_and_removed(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    hall_page = await borrower.get(f"/sharing?q={quote('投影')}&condition=good&sort=value")
    done = await borrower.submit(hall_page, "/searches", name="放映用", notice="1")
    assert done.target == "/searches"
    mine = await borrower.follow(done)
    assert "“放映用”已保存。有新的公物符合时，会在消息里告诉您。" in mine.words
    assert mine.link("放映用") == f"/sharing?q={quote('投影')}&condition=good"
    assert "CB-X06" in (await borrower.get(mine.link("放映用"))).words
    removal = next(form.action for form in mine.forms if form.action.endswith("/removal"))
    gone = await borrower.follow(await borrower.submit(mine, removal))
    assert "还没有保存的搜索" in gone.words


async def test_search_is_not_saved_without_a_name(client: httpx.AsyncClient, hall: Hall, borrower: Visitor) -> None:
    hall_page = await borrower.get(f"/sharing?q={quote('投影')}")
    page = await borrower.submit(hall_page, "/searches", name="")
    assert page.status in {400, 422}
    assert "名称" in page.words


async def test_map_leads_from_district_to_the_things_of_a_place(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    page = await borrower.get("/map")
    for expected in ("临平区", "杭州市临平区卫生健康局"):
        href = next(href for text, href in page.links.items() if text.startswith(expected) and "/map?" in href)
        page = await borrower.get(href)
        assert "共 1 件" in page.words
    things = await borrower.get(next(href for href in page.links.values() if "place=" in href))
    assert "CB-X06" in things.words
    assert "这里没有公物" in (await borrower.get("/map?region=330106")).words
