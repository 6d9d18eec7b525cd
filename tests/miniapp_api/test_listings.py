"""The sharing board on a phone."""

from datetime import timedelta

from miniapp_api.listings import board
from server.circulation.commands import close_listing
from server.kernel.reading import present_day
from server.kernel.runtime import current_runtime
from tests.factories.circulation import make_borrowing, make_listed_projector
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of, fields_of
from tests.support.waiting import eventually


async def test_listed_projector_is_found_when_part_of_its_name_is_typed(town: Town) -> None:
    found = data_of(await town.borrower.get("/listings", text="投影"))["items"]
    assert [row["id"] for row in found] == [town.hall.listing.id]
    assert found[0]["name"] == town.hall.projector.name
    assert data_of(await town.borrower.get("/listings", text="冰箱"))["items"] == []


async def test_every_listing_is_shown_once_when_pages_are_turned(town: Town) -> None:
    made = {town.hall.listing.id}
    for _ in range(21):
        _, listing = await make_listed_projector(town.hall.ledger)
        made.add(listing.id)
    first = data_of(await town.borrower.get("/listings"))
    second = data_of(await town.borrower.get("/listings", cursor=first["next_cursor"]))
    shown = [row["id"] for row in first["items"] + second["items"]]
    assert len(first["items"]) == 20 and second["next_cursor"] is None
    assert len(shown) == 22 and set(shown) == made


async def test_board_is_fresh_when_a_listing_opens_or_closes(town: Town) -> None:
    await eventually(lambda: board.is_usable)
    assert len(data_of(await town.borrower.get("/listings"))["items"]) == 1
    _, listing = await make_listed_projector(town.hall.ledger)
    assert len(data_of(await town.borrower.get("/listings"))["items"]) == 2
    await close_listing(town.hall.lender, listing.id, "本单位要用")
    assert [row["id"] for row in data_of(await town.borrower.get("/listings"))["items"]] == [town.hall.listing.id]


async def test_kept_page_is_answered_when_nothing_was_said(town: Town) -> None:
    await eventually(lambda: board.is_usable)
    before = await town.borrower.get("/listings")
    # Behind everybody's back: only a page that was kept can still show the old name.
    async with current_runtime().database.transaction() as transaction:
        await transaction.execute("UPDATE asset_listing SET name = ? WHERE id = ?", "改过的名称", town.hall.listing.id)
        await transaction.commit()
    kept = await town.borrower.get("/listings")
    assert data_of(kept) == data_of(before)
    assert kept.json()["request_id"] != before.json()["request_id"]
    await current_runtime().pubsub.publish("listing", "")
    assert data_of(await town.borrower.get("/listings"))["items"][0]["name"] == "改过的名称"


async def test_other_region_gets_its_own_page_when_it_asks_for_the_same(town: Town) -> None:
    _, near = await make_listed_projector(town.hall.ledger, reach="district")
    here = {row["id"] for row in data_of(await town.borrower.get("/listings"))["items"]}
    there = {row["id"] for row in data_of(await town.visitor.get("/listings"))["items"]}
    assert here == {town.hall.listing.id, near.id} and there == {town.hall.listing.id}


async def test_detail_says_who_may_borrow_when_a_listing_is_opened(town: Town) -> None:
    detail = data_of(await town.borrower.get(f"/listings/{town.hall.listing.id}"))
    assert (detail["can_borrow"], detail["can_close"]) == (True, False)
    detail = data_of(await town.lender.get(f"/listings/{town.hall.listing.id}"))
    assert (detail["can_borrow"], detail["can_close"]) == (False, True)


async def test_listing_is_not_found_when_it_reaches_another_district_only(town: Town) -> None:
    _, near = await make_listed_projector(town.hall.ledger, reach="district")
    assert code_of(await town.visitor.get(f"/listings/{near.id}"), 404) == "listing.not_found"
    assert code_of(await town.visitor.get("/listings/0000000000000000"), 404) == "listing.not_found"


async def test_held_days_are_shown_when_a_month_is_asked_for(town: Town) -> None:
    await make_borrowing(town.hall, 0, 0)
    today = present_day()
    path = f"/assets/{town.hall.projector.id}/availability"
    days = {row["day"]: row["state"] for row in data_of(await town.visitor.get(path, month=f"{today:%Y-%m}"))}
    assert days[today.isoformat()] == "held"
    tomorrow = today + timedelta(days=1)
    assert days.get(tomorrow.isoformat(), "free") == "free"
    wrong = await town.visitor.get(path, month="2026-13")
    assert code_of(wrong, 400) == "input.invalid" and "month" in fields_of(wrong)


async def test_listing_opens_and_closes_when_its_holder_asks(town: Town) -> None:
    body = {"asset_id": town.hall.projector.id, "terms": "请爱护设备", "longest_days": 7}
    closure = f"/listings/{town.hall.listing.id}/closure"
    assert code_of(await town.stranger.post(closure, {"reason": "误操作"}), 404) == "listing.not_found"
    assert data_of(await town.lender.post(closure, {"reason": "检修"}), 201)["is_open"] is False
    assert data_of(await town.lender.post("/listings", body), 201)["terms"] == "请爱护设备"
    assert code_of(await town.lender.post("/listings", body), 409) == "listing.already_open"


async def test_wrong_filter_is_named_when_it_cannot_be_read(town: Town) -> None:
    wrong = await town.borrower.get("/listings", sort="cheapest", free_from="昨天", colour="red")
    assert fields_of(wrong) == {
        "sort": "input.not_a_choice",
        "free_from": "input.not_a_date",
        "colour": "input.unknown_field",
    }
    assert code_of(await town.borrower.get("/listings", cursor="made-up"), 400) == "input.bad_cursor"
