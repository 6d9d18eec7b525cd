"""Borrowing by the hour on pages: which slots are free, and the application."""

from server.circulation.commands import open_listing
from server.circulation.types import OpeningHours, OpenListing
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, day
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor

HOURS = OpeningHours(60, 8 * 60, 24 * 60)


async def listed(hall: Hall) -> str:
    card = await make_card(hall.lender, hall.ledger.health_room, item_name="视频会议终端")
    return f"/sharing/{(await open_listing(hall.lender, OpenListing(card.id, '自取', 30, 'city', HOURS))).id}"


async def test_slot_is_chosen_applied_for_and_taken(hall: Hall, borrower: Visitor) -> None:
    thing = await listed(hall)
    detail = await borrower.get(thing)
    assert "也可以按小时借：08:00—24:00，每段 60 分钟" in detail.words
    page = await borrower.get(detail.link("看哪些时段有空") + f"?day={day(1)}")
    chosen = await borrower.get(page.link("09:00—10:00 可借"))
    values = {"begins": "09:00", "ends": "11:00", "purpose": "视频会议"}
    done = await borrower.submit(chosen, f"{thing}/hours", **values)
    shown = await borrower.follow(done)
    assert "09:00—11:00" in shown.words
    again = await borrower.get(f"{thing}/hours?day={day(1)}")
    assert "09:00—10:00 已约" in again.words and "11:00—12:00 可借" in again.words
    refused = await borrower.submit(again, f"{thing}/hours", **values)
    assert refused.status == 409 and "已被预约" in refused.words and "asset.not_available" in refused.words


async def test_wrong_hours_are_said_beside_their_fields(hall: Hall, borrower: Visitor) -> None:
    thing = await listed(hall)
    page = await borrower.get(f"{thing}/hours?day={day(1)}")
    for begins, ends, words in (("11:00", "10:00", "结束时间晚于开始时间"), ("09:10", "10:00", "按整个时段选择")):
        wrong = await borrower.submit(page, f"{thing}/hours", begins=begins, ends=ends, purpose="视频会议")
        assert wrong.status == 400 and words in wrong.words
    for begins in ("25:00", "九点", "<b>"):
        wrong = await borrower.submit(page, f"{thing}/hours", begins=begins, ends="10:00", purpose="视频会议")
        assert wrong.status == 400
    assert await all_free(borrower, thing)


async def all_free(borrower: Visitor, thing: str) -> bool:
    page: Drawn = await borrower.get(f"{thing}/hours?day={day(1)}")
    return "已约" not in page.words and page.words.count("可借") >= 16


async def test_thing_lent_by_the_day_has_no_hours(hall: Hall, borrower: Visitor, approver: Visitor) -> None:
    assert (await borrower.get(f"/sharing/{hall.listing.id}/hours")).status == 404
    thing = await listed(hall)
    assert (await approver.get(f"{thing}/hours?day=nonsense")).status == 400
    assert (await approver.get(f"{thing}/hours?from=25:99")).status == 400
    looked = await approver.get(f"{thing}/hours")
    assert looked.status == 200 and "不能借用" in looked.words
    late = await borrower.get(f"{thing}/hours?day={day(2000)}")
    assert late.status == 200
