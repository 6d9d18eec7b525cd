"""Messages, posts, delegations, sessions."""

import httpx

from server.identity.roles import Role
from tests.factories.circulation import Hall, day, make_borrowing
from tests.factories.identity import actor_of, make_person, make_post
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor
from tests.support.waiting import eventually


async def inbox_with(visitor: Visitor, words: str) -> Drawn:
    """The inbox, once what has happened was told there: messages follow a moment after the deed."""

    async def told() -> Drawn | None:
        page = await visitor.get("/messages")
        return page if words in page.words else None

    found = await eventually(told)
    assert found is not None
    return found


async def test_message_leads_to_its_thing_and_is_read_when_opened(hall: Hall, borrower: Visitor) -> None:
    it = await make_borrowing(hall, until="approved")
    page = await inbox_with(borrower, "1 条未读")
    form = next(form for form in page.forms if form.action.endswith("/read") and form.action != "/messages/read")
    done = await borrower.submit(page, form.action)
    assert done.target == f"/borrowings/{it.id}"
    assert "都看过了" in (await borrower.get("/messages")).words


async def test_every_message_is_read_when_all_are_marked(hall: Hall, borrower: Visitor) -> None:
    await make_borrowing(hall, until="approved")
    done = await borrower.submit(await inbox_with(borrower, "条未读"), "/messages/read")
    assert "都看过了" in (await borrower.follow(done)).words


async def test_message_of_another_person_is_unknown(hall: Hall, borrower: Visitor, approver: Visitor) -> None:
    await make_borrowing(hall, until="approved")
    page = await inbox_with(borrower, "1 条未读")
    action = next(form.action for form in page.forms if form.action.startswith("/messages/0"))
    token = (await approver.get("/me")).form("/logout").values["csrf_token"]
    values = {**page.form(action).values, "csrf_token": token}
    assert (await approver.send("POST", action, data=values)).status == 404
    assert "1 条未读" in (await borrower.get("/messages")).words


async def test_other_units_work_is_shown_when_the_unit_is_switched(client: httpx.AsyncClient, hall: Hall) -> None:
    city = hall.ledger.city
    person = await make_person("郑一鸣", city.culture, Role.BORROWER)
    person = await make_post(person, city.health, Role.ASSET_MANAGER)
    visitor = await Visitor.of(client, await actor_of(person, city.culture))
    before = dict(visitor.cookies)
    page = await visitor.get("/me")
    assert f"现在代表 {city.culture.name} 办事" in page.words
    done = await visitor.submit(page, "/switch-unit")
    assert done.target == "/"
    assert visitor.cookies["gwc_session"] != before["gwc_session"]
    assert f"现在代表 {city.health.name} 办事" in (await visitor.get("/me")).words
    foreign = await visitor.submit(await visitor.get("/me"), "/switch-unit", unit_id=city.xihu_education.id)
    assert foreign.status == 404


async def test_colleague_stands_in_and_no_longer_when_revoked(
    client: httpx.AsyncClient, hall: Hall, approver: Visitor
) -> None:
    colleague = await make_person("吴佳怡", hall.ledger.city.culture, Role.BORROWER)
    page = await approver.get("/me")
    assert "李晓梅" in page.words
    wanted = {
        "to_person_id": colleague.id,
        "role": "asset_manager",
        "starts_on": day(0).isoformat(),
        "ends_on": day(-1).isoformat(),
        "reason": "外出培训",
    }
    wrong = await approver.submit(page, "/me/delegations", **wanted)
    assert wrong.status == 400
    assert "结束日期不能早于开始日期" in wrong.words
    assert wrong.form("/me/delegations").values["reason"] == "外出培训"
    done = await approver.submit(wrong, "/me/delegations", ends_on=day(3).isoformat())
    page = await approver.follow(done)
    assert "已请 吴佳怡 代办“单位资产管理员”" in page.words
    stand_in = await Visitor.of(client, await actor_of(colleague, hall.ledger.city.culture))
    await make_borrowing(hall)
    assert "投影仪" in " ".join((await stand_in.get("/approvals")).links)
    action = next(form.action for form in page.forms if form.action.endswith("/revocation"))
    assert (await approver.submit(page, action)).status == 303
    assert "投影仪" not in " ".join((await stand_in.get("/approvals")).links)


async def test_other_devices_are_out_when_all_others_are_ended(client: httpx.AsyncClient, hall: Hall) -> None:
    here, there = await Visitor.of(client, hall.borrower), await Visitor.of(client, hall.borrower)
    page = await here.get("/me")
    assert "登录着 2 处" in page.words
    done = await here.submit(page, "/me/sessions/end-others")
    assert "其他设备都已退出" in (await here.follow(done)).words
    assert (await there.get("/me")).target.startswith("/login")


async def test_one_device_is_out_when_it_is_ended(client: httpx.AsyncClient, hall: Hall) -> None:
    here, there = await Visitor.of(client, hall.borrower), await Visitor.of(client, hall.borrower)
    page = await here.get("/me")
    action = next(form.action for form in page.forms if form.action.endswith("/end"))
    assert (await here.submit(page, action)).target == "/me"
    assert (await there.get("/me")).target.startswith("/login")
    assert (await here.get("/me")).status == 200
