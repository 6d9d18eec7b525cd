"""A district's event, from three ledgers to the year page, through pages alone."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Browser, FilePayload, expect

from tests.journeys.conftest import City
from tests.journeys.event_ledgers import EDUCATION, HEALTH, RESCUE, Ledger
from tests.journeys.event_year import EXPECTED, PATIENCE, change, year_of
from tests.journeys.person import Person, somebody, today
from tests.support.browser import DESK, PHONE

BODY, LEADER = "临平区广场音乐会筹委会", "临平区文化和广电旅游体育局"
CHAIR, PROJECTOR = "会议椅 震旦 HY-20", "投影仪 明基 MX560"
# Who stands at a desk, and who has a phone.
AT_DESK = ("xitong", "sunli", "lina", "luhai", "fangmei")
ON_PHONE = ("wufang", "zhouwei", "caizheng")


@asynccontextmanager
async def staff(browser: Browser, base_url: str) -> AsyncIterator[dict[str, Person]]:
    """Everybody who has a part, logged in."""
    async with AsyncExitStack() as stack:
        people = {}
        for login in (*AT_DESK, *ON_PHONE):
            size = DESK if login in AT_DESK else PHONE
            people[login] = await stack.enter_async_context(somebody(browser, base_url, login, size=size))
        yield people


async def test_event_of_a_district_is_accounted_for_to_the_fen(city: City, browser: Browser):
    async with staff(browser, city.product.base_url) as people:
        before = {login: await year_of(people[login]) for login in ("sunli", "lina", "zhouwei", "fangmei")}
        ledgers = {"sunli": EDUCATION, "lina": HEALTH, "luhai": RESCUE}
        await asyncio.gather(*(bring_in(people[login], ledger) for login, ledger in ledgers.items()))
        await offer(people["sunli"], "HY-20", CHAIR, 20)
        assert await people["sunli"].faults() == []
        await offer(people["lina"], "MX560", PROJECTOR, 2)
        await offer(people["luhai"], "F-9", "活动背景架 F-9", 1)
        await begin_body(people["xitong"])

        borrower = people["wufang"]
        await ask_for_both(borrower)
        await agree_to_both(people["zhouwei"])
        for holder, thing in (("sunli", CHAIR), ("lina", PROJECTOR)):
            await agree(people[holder], thing)
        chairs = await hand_out(people["sunli"], CHAIR)
        projectors = await hand_out(people["lina"], PROJECTOR)
        assert (len(chairs), len(projectors)) == (20, 2)

        lost = await lose_one(borrower, CHAIR)
        await take_back(people["sunli"], CHAIR, [code for code in chairs if code != lost])
        await take_back(people["lina"], PROJECTOR, projectors)
        await fail_to_end_body(people["xitong"], lost)
        await settle(people["sunli"], lost)
        await let_go(people["caizheng"], lost)
        await end_body(people["xitong"])
        await see_everything_resolved(people["zhouwei"], lost)
        await see_paid(people["sunli"], lost)

        after = {login: await year_of(people[login]) for login in before}
        assert {login: change(before[login], after[login]) for login in before} == EXPECTED
        await see_lent(people["sunli"], CHAIR, "20", "7,205.50 元")


async def sees(person: Person, text: str) -> None:
    """Wait until the page's own part says so."""
    await expect(person.page.locator("main")).to_contain_text(text, timeout=PATIENCE)


async def bring_in(manager: Person, ledger: Ledger) -> None:
    """Upload a ledger, say what its columns and words are, look at what is wrong, and let the rest become cards."""
    page = manager.page
    await manager.go("/admin/imports/new")
    file = FilePayload(name=ledger.name, mimeType="application/octet-stream", buffer=ledger.content)
    await page.get_by_label("台账文件").set_input_files(file)
    await manager.press("上传")
    await expect(page.get_by_role("heading", name="核对列")).to_be_visible(timeout=PATIENCE)
    for heading, target in ledger.columns.items():
        await page.get_by_label(heading).select_option(label=target)
    await page.locator("[name=default_place_id]").select_option(label=ledger.place)
    await manager.press("按此检查")
    await expect(page.get_by_role("heading", name="检查结果")).to_be_visible(timeout=PATIENCE)
    if ledger.words:
        await explain(manager, ledger.words)
    assert await found_in(manager) == ledger.found, ledger.name
    await see_faults(manager, ledger.faults)
    await manager.follow("导入选中的行")
    await sees(manager, f"新建 {ledger.made} 张卡，更正 0 张卡")
    await manager.press("开始导入")
    await expect(page.get_by_role("heading", name="导入完成")).to_be_visible(timeout=PATIENCE)
    await sees(manager, f"新建 {ledger.made} 张卡，更正 0 张卡")


async def explain(manager: Person, words: dict[str, str]) -> None:
    """Say of which class the things are that are called like none; what else is unclear stays open."""
    await manager.follow("对应")
    for word, code in words.items():
        await manager.page.get_by_role("group", name=word).get_by_label("或写分类代码").fill(code)
    await manager.press("记住并重新检查")
    await expect(manager.page.get_by_role("heading", name="检查结果")).to_be_visible(timeout=PATIENCE)


async def found_in(manager: Person) -> dict[str, int]:
    """How many rows of each kind the page tells of."""
    tiles = await manager.page.get_by_role("region", name="检查结果").locator(".stat").all()
    return {
        await tile.locator(".stat__label").inner_text(): int(
            (await tile.locator(".stat__value").inner_text()).removesuffix("行")
        )
        for tile in tiles
    }


async def see_faults(manager: Person, faults: Sequence[str]) -> None:
    """Each faulty row says what is wrong with it."""
    here = manager.page.url
    await manager.page.get_by_role("link", name=re.compile("有错误")).click()
    for fault in faults:
        await sees(manager, fault)
    await manager.page.goto(here)


async def offer(manager: Person, model: str, name: str, pieces: int) -> None:
    """Find what is idle in the ledger, tick all of it, and put it on the board on the same terms."""
    page = manager.page
    await manager.go("/admin/assets")
    await page.get_by_label("名称、型号或编号").fill(model)
    await manager.press("筛选")
    await expect(page.get_by_role("checkbox", name=f"选择 {name}")).to_have_count(pieces, timeout=PATIENCE)
    await page.get_by_role("checkbox", name="全选").check()
    await manager.press("上架所选的")
    await page.get_by_label("出借条件").fill("自提自还，归还时当面点清。")
    await manager.press(f"上架这 {pieces} 件")
    await sees(manager, f"上架了 {pieces} 件。")


async def begin_body(administrator: Person) -> None:
    """The system administrator enters a temporary body with its lead unit and its end."""
    page = administrator.page
    await find_unit(administrator, LEADER)
    await administrator.follow("新建下级单位")
    await page.get_by_label("名称", exact=True).fill(BODY)
    await page.get_by_label("简称", exact=True).fill("音乐会筹委会")
    await page.get_by_label("单位编码").fill("330113WGYY")
    await page.get_by_label("临时机构", exact=True).check()
    await page.get_by_label("牵头单位").select_option(label=LEADER)
    await page.get_by_label("截止日期").fill(today(20).isoformat())
    await administrator.press("新建")
    await sees(administrator, f"已新建 {BODY}")


async def find_unit(administrator: Person, name: str) -> None:
    await administrator.go("/admin/units")
    await administrator.follow(name)
    await expect(administrator.page.get_by_role("heading", level=1)).to_have_text(name, timeout=PATIENCE)


async def ask_for_both(borrower: Person) -> None:
    """Twenty of the one and two of the other go into the basket, and from there to both lenders, for the body."""
    page = borrower.page
    for number, (thing, model, pieces) in enumerate(((CHAIR, "HY-20", 20), (PROJECTOR, "MX560", 2)), start=1):
        await borrower.go(f"/sharing?q={model}")
        await borrower.follow(thing)
        await page.get_by_label("数量").fill(str(pieces))
        await borrower.press("放进借用清单")
        await expect(page.get_by_text(f"清单里有 {number} 种")).to_be_visible(timeout=PATIENCE)
    await borrower.follow("看清单")
    await page.get_by_label("借用日期").fill(today().isoformat())
    await page.get_by_label("归还日期").fill(today(2).isoformat())
    await page.get_by_label("借用事由").fill("广场音乐会坐席与字幕")
    body = await page.get_by_role("option", name=BODY).get_attribute("value")
    await page.get_by_label("用于哪项活动").select_option(value=body)
    assert await borrower.faults() == []
    await borrower.press("提交申请")
    await expect(page.get_by_text("申请已提交，分属 2 个出借方")).to_be_visible(timeout=PATIENCE)


async def agree_to_both(manager: Person) -> None:
    """The borrower's manager looks at both at once, and agrees to both."""
    page = manager.page
    await manager.go("/admin/approvals")
    for thing in (CHAIR, PROJECTOR):
        await page.get_by_role("checkbox", name=re.compile(f"选中.*{thing}")).check()
    await manager.press("一起看所选的")
    choices = page.get_by_label("同意", exact=True)
    await expect(choices).to_have_count(2, timeout=PATIENCE)
    for choice in await choices.all():
        await choice.check()
    await manager.press("办理所选的决定")
    await sees(manager, "办理了 2 件。")


async def agree(decider: Person, title: str) -> None:
    """Open what waits for a decision, and agree."""
    await decider.go("/admin/approvals")
    await decider.page.get_by_role("link", name=re.compile(re.escape(title))).first.click()
    await expect(decider.page.locator("#task")).to_contain_text(title, timeout=PATIENCE)
    await decider.press("同意")
    await expect(decider.page.get_by_role("status").first).to_contain_text("同意", timeout=PATIENCE)


async def open_loan(holder: Person, thing: str, state: str) -> None:
    """From the list of what is in some state to the loan of a thing."""
    await holder.go(f"/admin/loans?state={state}")
    await holder.page.get_by_role("row").filter(has_text=thing).get_by_role("link").first.click()
    await expect(holder.page.get_by_role("heading", level=1)).to_contain_text(thing, timeout=PATIENCE)


async def hand_out(holder: Person, thing: str) -> list[str]:
    """Scan one piece after the other; the codes."""
    await open_loan(holder, thing, "approved")
    pieces = holder.page.get_by_role("region", name="每一件到哪一步").get_by_role("rowheader")
    codes = [code.strip() for code in await pieces.all_inner_texts()]
    await holder.follow("逐件发放")
    for code in codes:
        await scan(holder, code, "发放")
        await sees(holder, "全部发完" if code == codes[-1] else f"已发放 {thing} {code}")
    return codes


async def scan(holder: Person, code: str, what: str) -> None:
    await holder.page.get_by_label("扫码或输入编号").fill(code, timeout=PATIENCE)
    await holder.press(what)


async def lose_one(borrower: Person, thing: str) -> str:
    """The borrower reports that one is gone; its code."""
    page = borrower.page
    await borrower.go("/borrowings")
    await borrower.follow(thing)
    await borrower.follow("报遗失")
    gone = page.locator("label", has_text=thing).first
    code = (await gone.inner_text()).split()[-1]
    await gone.click()
    await page.get_by_label("情况说明").fill("散场后清点少了一把，场地找过两遍")
    await borrower.press("登记遗失")
    await expect(page.get_by_text("已登记遗失")).to_be_visible(timeout=PATIENCE)
    assert await borrower.faults() == []
    return code


async def take_back(holder: Person, thing: str, codes: Sequence[str]) -> None:
    """Scan what comes back, and find all of it intact."""
    await open_loan(holder, thing, "issued")
    await holder.follow("逐件收回")
    for code in codes:
        await scan(holder, code, "收回")
        await sees(holder, "全部收回，请验收" if code == codes[-1] else f"已收回 {thing} {code}")
    await holder.follow("其余都完好")
    await holder.press(f"{len(codes)} 件都完好")
    await sees(holder, "已验收完好")


async def ask_to_end(administrator: Person) -> None:
    """Fill in the paper that ends the body, and send it."""
    await find_unit(administrator, BODY)
    await administrator.follow("撤销")
    await administrator.page.get_by_label("批文文号").fill("临委编〔2026〕31号")
    await administrator.page.get_by_label("原因").fill("音乐会已经结束")
    await administrator.press("撤销")


async def fail_to_end_body(administrator: Person, lost: str) -> None:
    """What is lost and not settled is in the way, and the page says which it is."""
    await ask_to_end(administrator)
    await sees(administrator, "还有 1 件没有了结")
    await sees(administrator, lost)
    assert await administrator.faults() == []


async def end_body(administrator: Person) -> None:
    await ask_to_end(administrator)
    await sees(administrator, f"{BODY} 已撤销，历史仍可查询。")


async def settle(holder: Person, lost: str) -> None:
    """Decide what is to be paid, enter two receipts, and ask to write the thing off."""
    page = holder.page
    await holder.go("/admin/losses?state=reported")
    await page.get_by_role("row").filter(has_text=lost).get_by_role("link").first.click()
    await holder.follow("认定责任")
    await page.get_by_label("认定意见").fill("借用单位保管不当，按重置价折旧赔偿")
    await page.get_by_label("赔偿金额").fill("123.45")
    await holder.press("认定责任")
    await sees(holder, "责任已认定，已告知双方。")
    for receipt, paid, said in (("浙财0101", "100.00", "还差 23.45 元"), ("浙财0102", "23.45", "赔偿已付清")):
        await holder.follow("登记赔偿收据")
        await page.get_by_label("收据号").fill(receipt)
        await page.get_by_label("金额").fill(paid)
        await holder.press("登记赔偿收据")
        await sees(holder, said)
    await holder.follow("申请核销")
    await page.get_by_label("核销原因").fill("赔偿已缴清，实物无法找回")
    await holder.press("申请核销")
    await sees(holder, "已提交核销申请")


async def let_go(finance: Person, lost: str) -> None:
    """财政部门 agrees that the thing is written off."""
    await agree(finance, f"核销 {CHAIR} {lost}")


async def see_everything_resolved(leader: Person, lost: str) -> None:
    """The body's list says what became of each thing."""
    page = leader.page
    await leader.go("/admin/occasions?state=closed")
    await leader.follow(BODY)
    await sees(leader, "共 22 件，0 件没有了结")
    rows = page.get_by_role("region", name="收回清单").get_by_role("row")
    await expect(rows.filter(has_text=lost)).to_contain_text("已核销", timeout=PATIENCE)
    await expect(rows.filter(has_text="已归还验收")).to_have_count(21, timeout=PATIENCE)


async def see_paid(holder: Person, lost: str) -> None:
    """Among what is written off: what was to be paid, and that nothing of it is left."""
    await holder.go("/admin/losses?state=written_off")
    amounts = holder.page.get_by_role("row").filter(has_text=lost).locator(".is-number")
    await expect(amounts).to_have_text(["123.45", "0.00"], timeout=PATIENCE)


async def see_lent(holder: Person, thing: str, pieces: str, value: str) -> None:
    """From the tile of the year to the loan that it counts."""
    await holder.go("/admin/year")
    await holder.follow("借出")
    row = holder.page.get_by_role("row").filter(has_text=thing)
    await expect(row).to_contain_text(value, timeout=PATIENCE)
    await expect(row.get_by_role("cell", name=pieces, exact=True).first).to_be_visible(timeout=PATIENCE)
