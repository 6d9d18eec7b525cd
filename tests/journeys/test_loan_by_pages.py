"""One thing going out and coming back, through pages alone, on phones."""

import re

from playwright.async_api import Browser, Locator, expect

from tests.journeys.conftest import City
from tests.journeys.person import Person, somebody, today

PURPOSE = "科普进社区放映"


async def test_thing_is_lent_and_comes_back_when_everybody_does_their_part(city: City, browser: Browser):
    base, listing = city.product.base_url, city.world.ids["projector"]
    async with somebody(browser, base, "tangyi") as borrower:
        await find(borrower, listing)
        number, borrowing = await apply_after_a_mistake(borrower)
        async with somebody(browser, base, "yejun") as own_manager:
            await approve_on_phone(own_manager)
        async with somebody(browser, base, "zhengqi") as holder:
            await approve_at_desk(holder)
            async with somebody(browser, base, "shixin") as reviewer:
                await approve_on_phone(reviewer)
            async with somebody(browser, base, "laochen") as keeper:
                await issue(keeper, city.world.ids["projector_code"], "唐怡")
                await see_on_loan(borrower, borrowing)
                await take_back_and_inspect(keeper, city.world.ids["projector_code"])
            assert await told_by_card(holder, city.world.ids["projector_card"], number) == [
                ("归还验收", "陈建国"),
                ("归还", "陈建国"),
                ("借出", "陈建国"),
            ]
    async with somebody(browser, base, "shenji") as auditor:
        assert await audited(auditor, number) == [
            ("验收", "陈建国"),
            ("收回", "陈建国"),
            ("发放", "陈建国"),
            ("审批", "施欣"),
            ("审批", "郑琦"),
            ("审批", "叶军"),
            ("提交借用申请", "唐怡"),
        ]


async def find(borrower: Person, listing: str) -> None:
    """By a part of the word, narrowed to a district, to the page of one thing."""
    await borrower.go("/")
    await borrower.page.locator("main").get_by_role("searchbox").fill("投影")
    await borrower.page.locator("main").get_by_role("button", name="搜索").click()
    await borrower.page.locator("summary", has_text="地区、成色、日期").click()
    await borrower.page.get_by_role("combobox", name=re.compile("所在地")).select_option(value="330113")
    await borrower.press("筛选")
    await expect(borrower.page.get_by_role("link", name=re.compile("去掉条件.*临平区"))).to_be_visible()
    names = await borrower.page.locator(".asset-card h2").all_inner_texts()
    assert names and all("投影" in name for name in names)
    await borrower.page.locator(f'a[href="/sharing/{listing}"]').first.click()
    await expect(borrower.page.get_by_role("table")).to_contain_text("可借")


async def apply_after_a_mistake(borrower: Person) -> tuple[str, str]:
    """Past days first: nothing typed is lost; then right. Returns the number and the id."""
    await borrower.follow("申请借用")
    page = borrower.page
    await fill_application(borrower, -3, -1)
    await page.get_by_label("借用事由").fill(PURPOSE)
    await page.get_by_label(re.compile("^联系电话")).fill("13867110016")
    await borrower.press("提交申请")
    await expect(page.get_by_role("alert").filter(has_text="需要修改")).to_be_visible()
    await expect(page.get_by_label("借用事由")).to_have_value(PURPOSE)
    await expect(page.get_by_label(re.compile("^联系电话"))).to_have_value("13867110016")
    await expect(page.get_by_label("借用日期")).to_have_value(today(-3).isoformat())
    await fill_application(borrower, 0, 2)
    await borrower.press("提交申请")
    await expect(page.get_by_text("申请已提交")).to_be_visible()
    number = await page.locator(".page-head .copyable").inner_text()
    return number, page.url.rpartition("/")[2]


async def fill_application(borrower: Person, first: int, last: int) -> None:
    await borrower.page.get_by_label("借用日期").fill(today(first).isoformat())
    await borrower.page.get_by_label("归还日期").fill(today(last).isoformat())


async def approve_on_phone(manager: Person) -> None:
    """From the bottom of the screen: 审批, the application, 同意."""
    await manager.page.get_by_role("navigation", name="底部导航").get_by_role("link", name="审批").click()
    await manager.follow("借用 投影仪 爱普生")
    assert PURPOSE in await manager.words()
    await manager.press("同意")
    await expect(manager.page.get_by_text("已同意")).to_be_visible()


async def approve_at_desk(manager: Person) -> None:
    await manager.go("/admin/approvals")
    row = manager.page.get_by_role("listitem").filter(has_text="唐怡").filter(has_text="投影仪").get_by_role("link")
    await row.first.click()
    await expect(manager.page.locator("#task")).to_contain_text(PURPOSE)
    await manager.press("同意")
    await expect(manager.page.get_by_role("status").first).to_contain_text("同意")


async def scan(keeper: Person, code: str) -> None:
    await keeper.go("/admin/desk")
    await keeper.page.get_by_placeholder("扫码或输入编号").fill(code)
    await keeper.page.keyboard.press("Enter")
    await expect(keeper.page.get_by_role("heading", name="投影仪 爱普生 CB-X06")).to_be_visible()


async def issue(keeper: Person, code: str, to: str) -> None:
    await scan(keeper, code)
    await expect(keeper.page.get_by_label("领取人")).to_have_value(to)
    await keeper.press("发放")
    await expect(keeper.page.get_by_text(f"已发放给 {to}")).to_be_visible()


async def see_on_loan(borrower: Person, borrowing: str) -> None:
    """The borrower sees that it is theirs now, and has the slip."""
    await borrower.go("/borrowings")
    await expect(borrower.page.get_by_role("listitem").filter(has_text="投影仪")).to_contain_text("借用中")
    await borrower.follow("投影仪 爱普生")
    assert (await borrower.paper(f"/borrowings/{borrowing}/slip.pdf")).startswith(b"%PDF")


async def take_back_and_inspect(keeper: Person, code: str) -> None:
    await scan(keeper, code)
    await keeper.press("收回")
    await expect(keeper.page.get_by_text("请接着验收")).to_be_visible()
    await keeper.page.get_by_label("完好").check()
    await keeper.press("完成验收")
    await expect(keeper.page.get_by_text("已验收（完好）")).to_be_visible()


async def told_by_card(holder: Person, card: str, number: str) -> list[tuple[str, str]]:
    """What the card's history says of this loan, newest first, with who did it; its label is there to print."""
    await holder.go(f"/admin/assets/{card}")
    assert (await holder.paper(f"/admin/assets/{card}/label.pdf")).startswith(b"%PDF")
    return await told_by(holder.page.locator(".timeline__item").filter(has_text=number))


async def told_by(items: Locator) -> list[tuple[str, str]]:
    """What happened and who did it, line by line."""
    return [
        (
            await event.locator(".timeline__what").inner_text(),
            (await event.locator(".timeline__when").inner_text()).partition("（")[0],
        )
        for event in await items.all()
    ]


async def audited(auditor: Person, number: str) -> list[tuple[str, str]]:
    """What the audit has of this loan, newest first: what and who."""
    await auditor.go("/admin/audit")
    await auditor.page.get_by_label("查一个对象").fill(number)
    await auditor.press("查询")
    await expect(auditor.page.get_by_role("heading", name=number)).to_be_visible()
    return await told_by(auditor.page.locator(".timeline__item"))
