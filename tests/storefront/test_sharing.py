"""Finding a thing and applying for it, with plain links and forms alone."""

from datetime import timedelta

import httpx
import pytest

from server.circulation.queries import list_borrowings
from server.identity.roles import Role
from tests.factories.assets import DESK, LAPTOP, make_card
from tests.factories.circulation import Hall, day, make_borrowing, make_chairs, make_listed_projector
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor


def apply_address(hall: Hall) -> str:
    return f"/sharing/{hall.listing.id}/apply"


async def test_thing_is_borrowed_without_script_when_searched_opened_and_applied_for(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    found = await borrower.get("/sharing?q=%E6%8A%95%E5%BD%B1")  # 投影, a part of the word
    thing = await borrower.get(found.link("投影仪 爱普生 CB-X06"))
    assert "示意图" in thing.answer.text
    assert "自取自还，请带单位介绍信" in thing.words
    form = await borrower.get(thing.link("申请借用"))
    values = form.form(apply_address(hall)).values
    assert values["from_day"] > day(0).isoformat()
    done = await borrower.submit(form, apply_address(hall), purpose="区文化馆培训", phone="13805710001")
    page = await borrower.follow(done)
    assert "申请已提交" in page.words
    assert "审批中" in page.words
    assert "等 临平区文化和广电旅游体育局 的单位资产管理员审批" in page.words
    assert "区文化馆培训" in page.words


async def test_one_borrowing_is_made_when_the_form_is_sent_twice(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    form = await borrower.get(apply_address(hall))
    first = await borrower.submit(form, apply_address(hall), purpose="双击也只办一次")
    second = await borrower.submit(form, apply_address(hall), purpose="双击也只办一次")
    assert first.target == second.target
    assert len((await list_borrowings(hall.borrower, "mine")).items) == 1


async def test_nothing_typed_is_lost_and_each_fault_is_named_when_fields_are_wrong(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    form = await borrower.get(apply_address(hall))
    wrong = {"from_day": "2026-13-01", "to_day": "", "purpose": "", "phone": "0571-8600"}
    page = await borrower.submit(form, apply_address(hall), **wrong)
    assert page.status == 400
    assert "有 3 处需要修改" in page.words
    assert "借用事由：请填写此项。" in page.words
    assert 'aria-invalid="true" aria-describedby="field-purpose-error"' in page.answer.text
    values = page.form(apply_address(hall)).values
    assert {name: values[name] for name in wrong} == wrong
    phone = await borrower.submit(form, apply_address(hall), purpose="值班", phone="12345")
    assert phone.status == 400
    assert "联系电话须为手机号" in phone.words
    assert phone.form(apply_address(hall)).values["purpose"] == "值班"


async def test_free_days_and_who_can_help_are_told_when_the_days_are_taken(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    await make_borrowing(hall, 5, 9)
    form = await borrower.get(apply_address(hall))
    days = {"from_day": day(6).isoformat(), "to_day": day(8).isoformat()}
    page = await borrower.submit(form, apply_address(hall), **days, purpose="基层文化站巡讲")
    assert page.status == 409
    assert "asset.not_available" in page.words
    assert "杭州市临平区卫生健康局 的资产管理员可以帮您协调" in page.words
    assert page.form(apply_address(hall)).values["purpose"] == "基层文化站巡讲"
    offered = [href for href in page.links.values() if href.startswith(f"{apply_address(hall)}?from=")]
    assert 1 <= len(offered) <= 3
    again = await borrower.get(offered[0])
    done = await borrower.submit(again, apply_address(hall), purpose="改用推荐的日期")
    assert done.target.startswith("/borrowings/")


async def test_calendar_says_which_days_are_taken_and_links_the_free_ones(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    await make_borrowing(hall, 40, 41)
    taken = day(40)
    page = await borrower.get(f"/sharing/{hall.listing.id}?month={taken:%Y-%m}")
    assert f"{taken.month}月{taken.day}日，已占" in page.words
    free = next(date for date in (taken + timedelta(2), taken - timedelta(1)) if date.month == taken.month)
    assert f"{apply_address(hall)}?from={free.isoformat()}" in page.links.values()
    assert f"{apply_address(hall)}?from={taken.isoformat()}" not in page.links.values()


@pytest.mark.parametrize("month", ["", "1999-01", "9999-12"])
async def test_calendar_shows_this_month_when_asked_for_one_gone_by_or_years_ahead(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor, month: str
) -> None:
    page = await borrower.get(f"/sharing/{hall.listing.id}?month={month}")
    assert page.status == 200
    assert f"{day(0).year}年{day(0).month}月" in page.words


@pytest.mark.parametrize(
    "address",
    [
        "/sharing/{}?month=2026-13",
        "/sharing/{}?month=<b>",
        "/sharing/{}/apply?from=2026-02-30",
        "/approvals?state=evil",
        "/borrowings?state=evil",
        "/borrowings?view=evil",
        "/messages?kind=evil",
        "/messages?after=evil",
        "/wanted?view=evil",
        "/wanted?q=" + "长" * 61,
        "/wanted/new?q=" + "长" * 61,
        "/map?region=" + "9" * 99,
    ],
)
async def test_page_is_refused_in_a_sentence_when_its_address_is_made_up(
    hall: Hall, borrower: Visitor, address: str
) -> None:
    page = await borrower.get(address.format(hall.listing.id))
    assert page.status == 400 and ("翻页位置已失效" if "after=" in address else "网址里的条件不对") in page.words


async def test_page_is_shown_when_a_chat_added_marks_of_its_own(hall: Hall, borrower: Visitor) -> None:
    for address in (f"/sharing/{hall.listing.id}", "/borrowings", "/approvals", "/messages", "/wanted", "/map"):
        assert (await borrower.get(f"{address}?scene=singlemessage&isappinstalled=0")).status == 200


async def test_own_things_and_posts_without_the_role_get_a_reason_instead_of_the_button(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    lender = await Visitor.of(client, hall.lender)
    page = await lender.get(f"/sharing/{hall.listing.id}")
    assert "由本单位保管" in page.words
    assert apply_address(hall) not in page.links.values()
    accountant = await Visitor.of(client, await make_actor("冯洁", hall.ledger.city.culture, Role.UNIT_ACCOUNTANT))
    assert "没有借用权限" in (await accountant.get(f"/sharing/{hall.listing.id}")).words
    refused = await accountant.submit(await accountant.get(apply_address(hall)), apply_address(hall), purpose="试一试")
    assert refused.status == 403
    assert refused.form(apply_address(hall)).values["purpose"] == "试一试"


async def test_hall_is_narrowed_by_shelf_region_condition_and_free_days(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    ledger = hall.ledger
    await make_listed_projector(
        ledger, item_name="便携式计算机", brand="联想", model="E4", category_code=LAPTOP, condition="new"
    )
    await make_borrowing(hall, 3, 4)

    async def words(query: str) -> str:
        page = await borrower.get(f"/sharing?{query}")
        assert page.status == 200, page.words
        return page.words

    assert "联想" in await words("category=A0201")
    assert "爱普生" not in await words("category=A0201")
    assert "爱普生" not in await words("condition=new")
    assert "爱普生" in await words("region=330113")
    assert "爱普生" not in await words("region=330106")
    assert "爱普生" not in await words(f"from={day(4)}&to={day(6)}")
    assert "爱普生" in await words(f"from={day(5)}&to={day(6)}")
    assert "没有找到“帐篷”" in await words("q=%E5%B8%90%E7%AF%B7")


async def test_faults_are_told_beside_the_filters_when_they_are_wrong(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    for query in ("from=2026-99-01", f"from={day(5)}&to={day(2)}", "sort=sideways", f"q={'x' * 61}", "after=made-up"):
        page = await borrower.get(f"/sharing?{query}")
        assert page.status == 400, query
    page = await borrower.get(f"/sharing?from={day(5)}&to={day(2)}")
    assert f'value="{day(5)}"' in page.answer.text
    assert "用到哪天：" in page.words


async def test_only_the_results_are_drawn_when_a_filter_is_pressed_with_script(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    part = await borrower.get("/sharing?category=A0202", **{"HX-Request": "true"})
    assert "<html" not in part.answer.text
    assert part.answer.text.lstrip().startswith('<div class="hall" id="hall"')
    assert "爱普生" in part.words
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in (await borrower.get("/sharing?category=A0202", **back)).answer.text


async def test_every_thing_is_seen_once_when_paged_through(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    for number in range(24):
        await make_listed_projector(hall.ledger, brand="明基", model=f"MX{number:03d}")
    first = await borrower.get("/sharing")
    second = await borrower.get(first.link("下一页"))
    things = [item for page in (first, second) for item in page.links.items() if item[1].startswith("/sharing/")]
    seen = [text for text, href in things if not href.startswith("/sharing/export")]
    assert len(seen) == len(set(seen)) == 25
    assert second.link("回到第一页") == "/sharing"


async def test_markup_stays_text_when_it_stands_in_any_field(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    culture = hall.ledger.city.culture
    card = await make_card(
        hall.lender, hall.ledger.health_room, item_name="办公桌", brand="<b>震旦</b>", category_code=DESK
    )
    assert card.brand == "<b>震旦</b>"
    page = await borrower.get(f"/sharing?q={attack}")
    assert "<script>alert" not in page.answer.text
    assert "<img src=x" not in page.answer.text
    done = await borrower.submit(await borrower.get(apply_address(hall)), apply_address(hall), purpose=attack)
    mine = await borrower.follow(done)
    assert attack in mine.words
    manager = await Visitor.of(client, hall.approver)
    task = await manager.get((await manager.get("/approvals")).link("投影仪"))
    for drawn in (mine, task):
        assert "<script>alert" not in drawn.answer.text
        assert "<img src=x" not in drawn.answer.text
    assert culture.name in mine.words


async def test_several_of_a_kind_are_applied_for_when_a_number_is_typed(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    assert 'name="quantity"' not in (await borrower.get(apply_address(hall))).answer.text
    made = await make_chairs(hall.ledger, 3)
    found = await borrower.get("/sharing?q=%E4%BC%9A%E8%AE%AE%E6%A4%85")
    thing = await borrower.get(found.link(made[0].name))
    assert "这里有 3 件一样的" in thing.words
    address = thing.link("申请借用")
    form = await borrower.get(address)
    for quantity, said in (("4", "要 4 件"), ("0", "数值太小"), ("两", "格式不正确")):
        refused = await borrower.submit(form, address, purpose="业务培训", quantity=quantity)
        assert said in refused.words
        assert refused.form(address).values["quantity"] == quantity
    page = await borrower.follow(await borrower.submit(form, address, purpose="业务培训", quantity="3"))
    assert f"{made[0].name} 3 件" in page.words
    assert all(card.code in page.words for card in made)
