"""Cards by phone."""

from typing import Any

import pytest

from server.circulation.commands import open_listing, submit_borrowing
from server.circulation.types import OpenListing
from server.kernel.ids import new_id
from tests.factories.assets import PROJECTOR, make_card
from tests.factories.circulation import application, approve
from tests.miniapp_api.conftest import Town
from tests.miniapp_api.pictures import a_picture
from tests.support.http import code_of, data_of, fields_of


def card(town: Town, **changes: Any) -> dict[str, Any]:
    """A projector to register in the health office's room."""
    return {
        "item_name": "投影仪",
        "brand": "爱普生",
        "model": "CB-X06",
        "category_code": PROJECTOR,
        "value_fen": 459_900,
        "acquired_on": "2024-03-18",
        "condition": "good",
        "place_id": town.hall.ledger.health_room.id,
        **changes,
    }


async def test_card_is_registered_for_the_acting_unit(town: Town) -> None:
    made = data_of(await town.lender.post("/assets", card(town)), 201)
    assert made["holder_unit_name"] == made["owner_unit_name"] == "杭州市临平区卫生健康局"
    shown = data_of(await town.lender.get(f"/assets/{made['id']}"))
    assert shown == made and shown["can_correct"] is True
    found = data_of(await town.lender.get("/assets", text="爱普生"))["items"]
    assert {row["id"] for row in found} == {made["id"], town.hall.projector.id}


async def test_unit_and_person_are_unknown_fields_in_every_body(town: Town) -> None:
    for name in ("unit_id", "owner_unit_id", "holder_unit_id", "person_id", "applicant_id"):
        refused = await town.lender.post("/assets", card(town, **{name: town.hall.ledger.city.culture.id}))
        assert fields_of(refused) == {name: "input.unknown_field"}


async def test_card_is_corrected_once_when_two_people_read_the_same_version(town: Town) -> None:
    path = f"/assets/{town.hall.projector.id}/correction"
    body = {"version": town.hall.projector.version, "reason": "录入笔误", "brand": "明基"}
    assert data_of(await town.lender.post(path, body), 201)["brand"] == "明基"
    assert code_of(await town.lender.post(path, {**body, "brand": "索尼"}), 409) == "record.changed"


async def test_card_is_moved_cleared_labelled_and_pictured(town: Town) -> None:
    made = await make_card(town.hall.lender, town.hall.ledger.health_room, item_name="移动硬盘", is_storage_medium=True)
    path = f"/assets/{made.id}"
    room = await town.lender.get("/places", text="卫健局")
    assert [place["id"] for place in data_of(room)["items"]] == [town.hall.ledger.health_room.id]
    same = {"place_id": town.hall.ledger.health_room.id, "reason": "移库"}
    assert code_of(await town.lender.post(f"{path}/move", same), 409) == "asset.already_at_place"
    clearing = {"method": "三次覆写", "document_no": "临保清〔2026〕7号"}
    assert data_of(await town.lender.post(f"{path}/clearing", clearing), 201)["cleared_at"]
    assert code_of(await town.lender.get(f"{path}/label"), 409) == "asset.no_label"
    label = data_of(await town.lender.post(f"{path}/label"), 201)
    assert (await town.lender.get(f"{path}/label")).content.startswith(b"%PDF")
    scanned = data_of(await town.lender.get("/scan", text=f"https://gwc.example.gov.cn/s/{label['token']}"))
    assert scanned["asset_id"] == made.id
    picture = data_of(await town.lender.upload("/files", a_picture()), 201)["id"]
    assert data_of(await town.lender.post(f"{path}/picture", {"picture_id": picture}), 201)["picture_id"] == picture
    assert len(data_of(await town.lender.get(f"{path}/history"))) >= 3


async def test_scan_shows_less_when_a_stranger_scans(town: Town) -> None:
    code = town.hall.projector.code
    member = data_of(await town.lender.get("/scan", text=code))
    other = data_of(await town.visitor.get("/scan", text=code))
    assert member["place_name"] and other["place_name"] is None
    assert code_of(await town.nobody.get("/scan", text=code), 404) == "asset.not_found"
    token = data_of(await town.lender.post(f"/assets/{town.hall.projector.id}/label"), 201)["token"]
    public = data_of(await town.nobody.get("/scan", text=token))
    assert (public["audience"], public["asset_id"], public["custodian_name"]) == ("public", None, None)


async def test_scan_says_what_to_do_next_when_the_keeper_scans(town: Town) -> None:
    hall, ledger = town.hall, town.hall.ledger
    stored = await make_card(ledger.keeper, ledger.store)
    await open_listing(ledger.operator, OpenListing(stored.id, "自取自还", 30))
    actions = data_of(await town.keeper.get("/scan", text=stored.code))["next_actions"]
    assert [action["kind"] for action in actions] == ["card"]
    view = await submit_borrowing(hall.borrower, application(stored.id))
    await approve(view.id, hall.approver, ledger.operator)
    actions = data_of(await town.keeper.get("/scan", text=stored.code))["next_actions"]
    assert ("issue", view.id) in [(action["kind"], action["subject_id"]) for action in actions]
    receipt = {"code": stored.code, "received_by": "李晓梅"}
    assert data_of(await town.keeper.post("/issues", receipt), 201)["state"] == "issued"


@pytest.mark.parametrize("path", ["", "/history", "/label"])
async def test_card_is_not_found_when_it_is_another_districts(town: Town, path: str) -> None:
    for asset_id in (town.hall.projector.id, new_id()):
        answer = await town.stranger.get(f"/assets/{asset_id}{path}")
        assert code_of(answer, 404) == "asset.not_found"


async def test_categories_are_found_by_word_and_by_parent(town: Town) -> None:
    assert [row["code"] for row in data_of(await town.borrower.get("/categories", text="投影"))] == [PROJECTOR]
    assert [row["code"] for row in data_of(await town.borrower.get("/categories"))] == ["A", "C"]
    below = data_of(await town.borrower.get("/categories", parent_code="A02020000"))
    assert [row["code"] for row in below] == [PROJECTOR]


async def test_faults_of_a_card_are_all_named_when_it_is_sent(town: Town) -> None:
    wrong = card(town, value_fen="很多", acquired_on="2024-02-30", condition="好", item_name="")
    named = fields_of(await town.lender.post("/assets", wrong))
    assert named["value_fen"] == "input.wrong_type" and named["acquired_on"] == "input.not_a_date"
    named = fields_of(await town.lender.post("/assets", card(town, condition="好", value_fen=0)))
    assert named == {"condition": "input.not_a_choice", "value_fen": "input.too_small"}
