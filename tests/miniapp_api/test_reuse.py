"""Meeting needs from what there is, on a phone: a proof for a purchase, and a post on the wanted board."""

from datetime import timedelta

from server.kernel.reading import present_day
from tests.factories.classification import STANDARD, make_standard
from tests.factories.procurement import REGISTERED
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of, fields_of

assert REGISTERED
NEED = {
    "category_code": "A02020200",
    "item": "投影仪",
    "quantity": 2,
    "specification": "4000 流明以上",
    "purpose": "政务大厅培训室",
    "budget_fen": 1_600_000,
}


async def test_need_is_sent_when_every_hit_has_its_reason(town: Town) -> None:
    await make_standard("330113")
    needed_by = (present_day() + timedelta(days=30)).isoformat()
    need = data_of(await town.borrower.post("/needs", {**NEED, "needed_by": needed_by}), 201)
    address = f"/needs/{need['id']}"
    assert code_of(await town.borrower.post(f"{address}/submission"), 409) == "need.proof_missing"
    search = data_of(await town.borrower.post(f"{address}/search"), 201)["search"]
    bare = await town.borrower.post(f"{address}/proof", {"search_id": search["id"]})
    assert fields_of(bare) == {"refusals.0": "proof.reason_missing"}
    refusals = [{"listing_id": hit["listing_id"], "reason": "specification"} for hit in search["hits"]]
    proven = data_of(
        await town.borrower.post(f"{address}/proof", {"search_id": search["id"], "refusals": refusals}), 201
    )
    assert proven["proof"]["is_intact"] and proven["can_submit"]
    paper = await town.approver.get(f"{address}/proof")
    assert paper.content.startswith(b"%PDF")
    assert data_of(await town.borrower.post(f"{address}/submission"), 201)["state"] == "submitted"
    assert [row["id"] for row in data_of(await town.approver.get("/needs", role_view="unit"))["items"]] == [need["id"]]
    assert code_of(await town.lender.get(address), 404) == "need.not_found"


async def test_post_is_answered_and_closed(town: Town) -> None:
    posted = data_of(await town.borrower.post("/wanted", {"title": "投影仪", "quantity": 1, "days": 3}), 201)
    assert [hit["listing_id"] for hit in posted["hits"]] == [town.hall.listing.id]
    offer = {"words": "一台可借", "listing_id": town.hall.listing.id}
    answered = data_of(await town.lender.post(f"/wanted/{posted['id']}/offers", offer), 201)
    assert answered["offers"][0]["listing_name"] == town.hall.projector.name and not answered["can_close"]
    assert [row["offers"] for row in data_of(await town.stranger.get("/wanted"))["items"]] == [1]
    closed = data_of(
        await town.borrower.post(f"/wanted/{posted['id']}/closing", {"is_met": True, "note": "借到了"}), 201
    )
    assert closed["state"] == "met"
    assert data_of(await town.stranger.get("/wanted"))["items"] == []


async def test_card_says_how_it_stands_to_its_standard(town: Town) -> None:
    address = f"/assets/{town.hall.projector.id}/standard"
    assert data_of(await town.lender.get(address)) == {"standing": None}
    await make_standard("330113", STANDARD.replace("10000,元/台", "4000,元/台"))
    assert data_of(await town.lender.get(address))["standing"]["is_over_ceiling"]
    assert data_of(await town.borrower.get("/standards"))[0]["version"]["region_code"] == "330113"
    assert code_of(await town.stranger.get(address), 404) == "asset.not_found"
