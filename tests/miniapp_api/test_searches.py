"""Searching, saved searches and whereabouts on a phone."""

import pytest

from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of

KEY = {"Idempotency-Key": "remove-search-1"}


async def test_search_answers_with_reasons_counts_and_what_was_meant(town: Town) -> None:
    found = data_of(await town.borrower.get("/listings/search", text="头影仪"))
    assert [(row["id"], row["why"]) for row in found["items"]] == [(town.hall.listing.id, ["近似“投影仪”"])]
    assert found["reads_as"] == [{"typed": "头影仪", "meant": "投影仪"}]
    assert (found["total"], found["is_capped"], found["sort"]) == (1, False, "match")
    assert found["tallies"]["regions"] == [{"value": "330113", "count": 1, "label": "临平区"}]
    assert data_of(await town.borrower.get("/listings", text="tyy"))["items"][0]["id"] == town.hall.listing.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "colour"},
        {"value_from": "-1"},
        {"value_to": "9" * 30},
        {"free_by": "yesterday"},
        {"holder_unit_id": "x" * 33},
        {"text": "投" * 65},
        {"cursor": "made-up"},
    ],
)
async def test_search_is_refused_when_a_parameter_is_wrong(town: Town, wrong: dict[str, str]) -> None:
    assert (await town.borrower.get("/listings/search", **wrong)).status_code == 400


async def test_search_is_saved_once_when_sent_twice_and_removed_by_its_owner(town: Town) -> None:
    body = {"name": "投影仪", "wanted": {"text": "投影仪", "region_code": "330113"}}
    saved = data_of(await town.borrower.post("/searches", body, key="save-search-1"), 201)
    assert data_of(await town.borrower.post("/searches", body, key="save-search-1"), 201) == saved
    kept = data_of(await town.borrower.get("/searches"))
    assert [each["id"] for each in kept] == [saved["id"]] and kept[0]["wanted"]["region_code"] == "330113"
    assert data_of(await town.visitor.get("/searches")) == []
    assert (
        code_of(await town.visitor.send("DELETE", f"/searches/{saved['id']}", headers=KEY), 404)
        == "saved_search.not_found"
    )
    assert (await town.borrower.send("DELETE", f"/searches/{saved['id']}", headers=KEY)).status_code == 200
    assert data_of(await town.borrower.get("/searches")) == []


async def test_whereabouts_are_counted_level_by_level(town: Town) -> None:
    top = data_of(await town.borrower.get("/whereabouts"))
    assert top["spots"] == [{"id": "330113", "name": "临平区", "count": 1}]
    units = data_of(await town.borrower.get("/whereabouts", region_code="330113"))
    assert (units["region_name"], units["spots"][0]["count"]) == ("临平区", 1)
