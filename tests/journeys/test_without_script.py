"""What must work where no script runs: reading, searching, applying."""

import re

from playwright.async_api import Browser, expect

from tests.journeys.conftest import City
from tests.journeys.person import somebody, today


async def test_application_is_made_when_no_script_runs(city: City, browser: Browser):
    async with somebody(browser, city.product.base_url, "chenyu", has_script=False) as borrower:
        page = borrower.page
        await borrower.go("/sharing")
        await page.get_by_role("searchbox").first.fill("白板")
        await page.get_by_role("button", name="搜索").first.click()
        await expect(page.get_by_role("link", name=re.compile("去掉条件.*白板"))).to_be_visible()
        await page.locator("summary", has_text="地区、成色、日期").click()
        await page.get_by_role("combobox", name=re.compile("成色")).select_option(value="good")
        await borrower.press("筛选")
        await borrower.follow("移动白板 得力")
        await expect(page.get_by_role("table")).to_contain_text("可借")
        await borrower.follow("申请借用")
        await page.get_by_label("借用事由").fill("")
        await borrower.press("提交申请")
        await expect(page.get_by_role("alert").filter(has_text="需要修改")).to_be_visible()
        await page.get_by_label("借用日期").fill(today(30).isoformat())
        await page.get_by_label("归还日期").fill(today(31).isoformat())
        await page.get_by_label("借用事由").fill("家长学校讲座")
        await borrower.press("提交申请")
        await expect(page.get_by_text("申请已提交")).to_be_visible()
        assert "家长学校讲座" in await borrower.words()
        await borrower.go("/borrowings")
        await expect(page.get_by_role("listitem").filter(has_text="移动白板")).to_contain_text("审批中")
