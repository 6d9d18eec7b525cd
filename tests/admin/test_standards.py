"""Allocation standards, holdings and headcounts at the desk."""

from server.identity.roles import Role
from tests.admin.conftest import Office
from tests.factories.classification import STANDARD, make_standard
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor

IMPORT = "/admin/standards/import"


async def a_finance_reviewer(office: Office) -> Visitor:
    district = office.hall.ledger.city.district_finance
    actor = await make_actor("蔡峥", district, Role.FINANCE_REVIEWER, is_subtree=True)
    return await Visitor.of(office.borrower.client, actor)


async def test_table_applies_and_is_kept_when_finance_enters_it(office: Office) -> None:
    finance = await a_finance_reviewer(office)
    page = await finance.get(IMPORT)
    values = {
        "region_code": "330113",
        "effective_on": "2016-07-01",
        "source": "财资〔2016〕27号",
        "reason": "区财政局转发",
        "rows": STANDARD,
    }
    wrong = await finance.submit(page, IMPORT, **{**values, "rows": STANDARD.replace("10000", "一万")})
    assert wrong.status == 400
    assert "第 2 行：价格上限须为大于 0 的金额" in wrong.words
    assert "一万" in wrong.form(IMPORT).values["rows"]
    done = await finance.submit(wrong, IMPORT, **values)
    shown = await finance.follow(done)
    assert "已录入 临平区第 1 版配置标准，5 项。" in shown.words
    assert "财资〔2016〕27号，临平区自 2016年7月1日起执行" in shown.words
    assert "大茶几" in shown.words and "未对应，不参与提醒" in shown.words
    version = await finance.get(shown.link("第 1 版"))
    assert "理由：区财政局转发" in version.words
    read = await office.borrower.get("/admin/standards")
    assert "便携式计算机" in read.words and "录入新版" not in read.words


async def test_file_is_read_when_it_is_saved_in_the_national_encoding(office: Office) -> None:
    finance = await a_finance_reviewer(office)
    page = await finance.get(IMPORT)
    values = {"effective_on": "2016-07-01", "source": "财资〔2016〕27号", "reason": "转发", "rows": ""}
    data = {**page.form(IMPORT).values, **values}
    refused = await finance.send("POST", IMPORT, data=data, files={"file": ("标准.csv", b"\x00\xff\xfe")})
    assert "读不出这个文件" in refused.words
    data["idempotency_key"] = str(refused.form(IMPORT).values["idempotency_key"])
    done = await finance.send("POST", IMPORT, data=data, files={"file": ("标准.csv", STANDARD.encode("gb18030"))})
    assert "5 项" in (await finance.follow(done)).words


async def test_holdings_show_what_is_over_when_the_manager_has_said_the_headcount(office: Office) -> None:
    await make_standard("330113", STANDARD.replace("10000,元/台", "4000,元/台"))
    lender, unit_id = office.lender, office.hall.ledger.city.health.id
    before = await lender.get("/admin/holdings")
    assert "还没有登记编制" in before.words
    address = f"/admin/units/{unit_id}/headcount"
    page = await lender.get(before.link("登记编制"))
    wrong = await lender.submit(page, address, authorised="40", staffed="41", basis="编办〔2026〕3号")
    assert "编制内实有人数：编制内实有人数不能多于编制数。" in wrong.words
    done = await lender.submit(wrong, address, staffed="39")
    shown = await lender.follow(done)
    assert "编制内实有 39 人" in shown.words
    assert "超过价格上限 1 件" in shown.words
    cards = await lender.get(shown.link("投影仪"))
    assert "投影仪的卡片" in cards.words and "2030年3月18日" in cards.words
    assert (await office.approver.get(f"/admin/holdings/{unit_id}")).status == 404


async def test_card_says_what_its_standard_is_when_it_is_looked_at(office: Office) -> None:
    card = office.hall.projector
    assert "配置标准 标准项目" not in (await office.lender.get(f"/admin/assets/{card.id}")).words
    await make_standard("330113", STANDARD.replace("10000,元/台", "4000,元/台"))
    shown = await office.lender.get(f"/admin/assets/{card.id}")
    assert "超过价格上限" in shown.words
    assert "4,000.00 元，这一件超过上限" in shown.words
    assert "2030年3月18日前报废须说明理由" in shown.words
