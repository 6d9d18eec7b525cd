"""Places, categories, policies and the calendar through their pages."""

import re
from datetime import date, timedelta

import pytest

from admin.calendar import parse_days
from server.classification.commands import import_categories
from server.classification.types import CategoryRow, ImportCategories
from server.kernel.errors import InvalidInput
from server.kernel.reading import present, present_day, reading
from server.policies.commands import change_policy
from server.policies.queries import borrowing_policy, policy_for
from server.policies.types import BorrowingPolicy, ChangePolicy
from tests.admin.conftest import Office
from tests.factories.identity import SYSTEM

LINPING = "330000/330100/330113/"


async def test_a_warehouse_gets_a_zone_and_a_keeper_when_operations_say_so(office: Office) -> None:
    store = office.hall.ledger.store
    page = await office.operator.get(f"/admin/places/new?parent_id={store.id}")
    wrong = await office.operator.submit(page, "/admin/places", kind="zone", code="b 区", name="B 区")
    assert wrong.status == 400
    assert "编码：地点编码须为" in wrong.words
    done = await office.operator.submit(wrong, "/admin/places", kind="zone", code="LP-B", name="B 区")
    assert "临平区公物仓主仓 / B 区" in (await office.operator.follow(done)).words
    shown = await office.operator.get(f"/admin/places/{store.id}")
    assert "仓管员老陈" in shown.words
    ending = await office.operator.get(shown.link("解除 仓管员老陈"))
    ended = await office.operator.submit(ending, ending.answer.request.url.path)
    assert "还没有仓管员" in (await office.operator.follow(ended)).words
    assert (await office.keeper.get("/admin/loans")).status == 200
    again = await office.operator.get(f"/admin/places/{store.id}/keepers/new")
    address = f"/admin/places/{store.id}/keepers"
    back = await office.operator.submit(again, address, person_id=office.hall.ledger.keeper.person_id)
    assert "仓管员老陈" in (await office.operator.follow(back)).words


async def test_a_place_stays_open_when_things_are_in_it(office: Office) -> None:
    room = office.hall.ledger.health_room
    page = await office.lender.get(f"/admin/places/{room.id}/closing")
    refused = await office.lender.submit(page, f"/admin/places/{room.id}/closing")
    assert refused.status == 409
    assert "还有 1 件物品" in refused.words
    assert (await office.approver.get(f"/admin/places/{room.id}")).status == 404


async def test_categories_are_found_by_word_and_opened_by_level(office: Office) -> None:
    top = await office.lender.get("/admin/categories")
    assert "货物" in top.words
    below = await office.lender.get("/admin/categories?code=A02000000")
    assert "信息化设备" in below.words
    assert "家具" not in below.words
    found = await office.lender.get("/admin/categories?q=%E6%8A%95%E5%BD%B1")
    assert "A02020200" in found.words


async def test_a_new_version_applies_when_the_system_administrator_publishes_it(office: Office) -> None:
    address = "/admin/policies/borrowing/change"
    page = await office.system.get(address)
    values = page.form(address).values
    assert (values["longest_days"], values["step2_value"]) == ("180", "20,000.00")
    wrong = await office.system.submit(page, address, longest_days="很久", reminder_days="前三天", reason="测试")
    assert wrong.status == 400
    kept = wrong.form(address).values
    assert (kept["longest_days"], kept["reminder_days"], kept["step0_name"]) == ("很久", "前三天", "本单位审核")
    unlimited = await office.system.submit(page, address, **always(page), longest_days="99999", reason="放宽期限")
    assert unlimited.status == 400
    assert "一次最长借用：数值太大，不能大于 3650。" in unlimited.words
    sent = {**always(page), "longest_days": "90", "step3_name": "", "reason": "放宽期限"}
    sent["document_no"] = "杭机管〔2026〕12号"
    done = await office.system.submit(page, address, **sent)
    shown = await office.system.follow(done)
    assert "90 天" in shown.words
    assert "杭机管〔2026〕12号" in shown.words
    async with reading() as rows:
        content = borrowing_policy(await policy_for(rows, "borrowing", LINPING, present()))
    assert content.longest_days == 90
    assert [step.name for step in content.steps] == ["本单位审核", "出借方同意", "主管部门审核"]
    assert content.steps[2].when.value_at_least_fen == 2_000_000
    assert content.steps[2].when.crosses_district


def always(page: object) -> dict[str, object]:
    """The ticked boxes of the form as it was drawn, which a reader of values does not see."""
    return {
        "step0_when": "always",
        "step1_when": "always",
        "step2_when": ["value", "district"],
        "step3_when": "value",
    }


async def test_the_second_author_is_told_when_somebody_changed_the_policy_meanwhile(office: Office) -> None:
    address = "/admin/policies/borrowing/change"
    page = await office.system.get(address)
    content = {"longest_days": 100}
    from msgspec import to_builtins

    await change_policy(
        office.actors["system"],
        ChangePolicy(
            region_code="330100",
            kind="borrowing",
            content={**to_builtins(BorrowingPolicy()), **content},
            reason="先改一版",
            document_no="杭机管〔2026〕12号",
        ),
    )
    late = await office.system.submit(
        page, address, **always(page), reason="后改一版", document_no="杭机管〔2026〕13号"
    )
    assert late.status == 409
    assert "刚刚被别人改过" in late.words
    assert late.form(address).values["reason"] == "后改一版"


async def test_nobody_else_changes_a_policy_when_the_form_is_sent_by_hand(office: Office) -> None:
    address = "/admin/policies/borrowing/change"
    assert (await office.lender.get(address)).status == 403
    page = await office.system.get(address)
    own = (await office.lender.get("/admin/policies/borrowing")).form("/preferences").values["csrf_token"]
    typed = {**page.form(address).values, **always(page), "reason": "自行放宽", "csrf_token": own}
    refused = await office.lender.send("POST", address, data=typed)
    assert refused.status == 403
    assert "修改" not in (await office.lender.get("/admin/policies/borrowing")).links


async def test_holidays_are_shown_when_a_notice_was_loaded(office: Office) -> None:
    page = await office.system.get("/admin/calendar/load")
    days = "2026-10-01 休 国庆节\n2026-10-10，班，国庆节调休\n"
    wrong = await office.system.submit(
        page, "/admin/calendar/load", source="国办发明电", days=days + "十月三日 休 国庆节"
    )
    assert wrong.status == 400
    assert "第 3 行看不懂" in wrong.words
    assert wrong.form("/admin/calendar/load").values["days"].startswith("2026-10-01 休")
    done = await office.system.submit(wrong, "/admin/calendar/load", days=days)
    assert "新增 2 天" in (await office.system.follow(done)).words
    shown = await office.lender.get("/admin/calendar?year=2026&month=10")
    assert "国庆节调休" in shown.words
    assert "本月 22 个工作日" in shown.words
    assert (await office.lender.get("/admin/calendar?year=2026&month=13")).status == 400


def test_lines_are_read_when_blank_ones_stand_between() -> None:
    entries = parse_days("\n2026-01-01 休 元旦\n\n2026-01-04,班,元旦调休\n")
    assert [(entry.day, entry.is_working, entry.name) for entry in entries] == [
        (date(2026, 1, 1), False, "元旦"),
        (date(2026, 1, 4), True, "元旦调休"),
    ]
    with pytest.raises(InvalidInput):
        parse_days("2026-01-01 也许 元旦")


async def test_the_built_in_policy_is_left_alone_when_a_region_is_asked_for_that_has_none(office: Office) -> None:
    page = await office.lender.get("/admin/policies/borrowing?region=330113")
    assert "这个地区没有自己的版本" in page.words
    assert (await office.lender.get("/admin/policies/nonsense")).status == 404
    assert SYSTEM.person_id is None


async def test_a_coming_version_is_shown_with_what_it_changes_and_may_be_called_off(office: Office) -> None:
    address = "/admin/policies/borrowing/change"
    page = await office.system.get(address)
    day = (present_day() + timedelta(days=30)).isoformat()
    sent = {**always(page), "longest_days": "90", "step3_name": "", "reason": "收紧期限", "effective_from": day}
    unordered = await office.system.submit(page, address, **sent)
    assert unordered.status == 400
    assert "批文：请填写此项。" in unordered.words
    done = await office.system.submit(page, address, **sent, document_no="杭机管〔2026〕12号")
    listed = await office.system.follow(done)
    assert "第 1 版" in listed.words
    assert "待生效 杭机管〔2026〕12号" in listed.words
    [version] = re.findall(r'href="(/admin/policies/borrowing/versions/[0-9a-z]{16})"', listed.answer.text)
    shown = await office.lender.get(version)
    assert "一次最长借用 180 天 90 天" in shown.words
    assert "第 4 个审批步骤" in shown.words
    assert "撤销这一版" not in shown.links
    assert (await office.lender.get(f"{version}/cancellation")).status == 403
    asked = await office.system.get(f"{version}/cancellation")
    cancelled = await office.system.submit(asked, f"{version}/cancellation", reason="上级暂缓")
    after = await office.system.follow(cancelled)
    assert "已撤销" in after.words
    assert "何志明" in after.words
    assert "上级暂缓" in after.words
    assert "撤销这一版" not in after.links
    assert (await office.system.get(f"{version}/cancellation")).status == 409
    assert (await office.system.get(version.replace("borrowing", "coding"))).status == 404


async def test_changes_of_dictionaries_are_told_with_who_and_why(office: Office) -> None:
    nothing = await office.lender.get("/admin/dictionaries/calendar")
    assert "还没有变更" in nothing.words
    for name in ("国庆节", "国庆节、中秋节"):
        page = await office.system.get("/admin/calendar/load")
        days = f"2026-10-01 休 {name}"
        await office.system.submit(page, "/admin/calendar/load", source="国办发明电〔2025〕7号", days=days)
    shown = await office.lender.get("/admin/dictionaries/calendar")
    assert "2026-10-01 休息（国庆节） 休息（国庆节、中秋节） 国办发明电〔2025〕7号 何志明" in shown.words
    renamed = (
        CategoryRow(row=1, code="A05010201", name="办公桌（台）", level="4", parent_code="A05010200", kind="goods"),
    )
    await import_categories(SYSTEM, ImportCategories(source="目录修订", version="2026", rows=renamed))
    told = await office.lender.get("/admin/dictionaries/category")
    assert (
        "A05010201 办公桌（上级 A05010200，货物） 办公桌（台）（上级 A05010200，货物） 目录修订 2026 系统" in told.words
    )
    assert (await office.lender.get("/admin/dictionaries/nothing")).status == 404
