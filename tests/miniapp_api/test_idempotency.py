"""A write happens once, however often a phone sends it."""

import asyncio
from typing import Any

import pytest

from server.kernel.ids import new_id
from tests.factories.circulation import day
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of


def wanted(town: Town, **changes: Any) -> dict[str, Any]:
    return {
        "asset_id": town.hall.projector.id,
        "from_day": day(0).isoformat(),
        "to_day": day(2).isoformat(),
        "purpose": "全区文化工作会议放映",
        **changes,
    }


async def test_answer_is_the_same_when_a_write_is_repeated(town: Town) -> None:
    key = new_id()
    first = data_of(await town.borrower.post("/borrowings", wanted(town), key=key), 201)
    again = await town.borrower.post("/borrowings", wanted(town), key=key)
    assert data_of(again, 201) == first
    assert len(data_of(await town.borrower.get("/borrowings"))["items"]) == 1


async def test_one_borrowing_is_made_when_a_phone_sends_twice_at_once(town: Town) -> None:
    key = new_id()
    answers = await asyncio.gather(*(town.borrower.post("/borrowings", wanted(town), key=key) for _ in range(4)))
    assert {data_of(answer, 201)["id"] for answer in answers} == {data_of(answers[0], 201)["id"]}
    assert len(data_of(await town.borrower.get("/borrowings"))["items"]) == 1


async def test_refused_when_a_key_comes_with_another_body_or_address(town: Town) -> None:
    key = new_id()
    made = data_of(await town.borrower.post("/borrowings", wanted(town), key=key), 201)
    other = await town.borrower.post("/borrowings", wanted(town, purpose="别的用途"), key=key)
    assert code_of(other, 409) == "idempotency.key_reused"
    elsewhere = await town.borrower.post(f"/borrowings/{made['id']}/withdrawal", {"reason": "改期"}, key=key)
    assert code_of(elsewhere, 409) == "idempotency.key_reused"


async def test_keys_of_two_people_never_meet(town: Town) -> None:
    key = new_id()
    data_of(await town.borrower.post("/borrowings", wanted(town), key=key), 201)
    other = await town.visitor.post("/borrowings", wanted(town), key=key)
    assert code_of(other, 409) == "asset.not_available"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency.key_required"),
        ("", "idempotency.key_required"),
        ("short", "idempotency.key_malformed"),
        ("with blanks in it", "idempotency.key_malformed"),
        ("x" * 65, "idempotency.key_malformed"),
    ],
)
async def test_refused_when_the_key_is_no_key(town: Town, key: str | None, code: str) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    refused = await town.borrower.send("POST", "/borrowings", json=wanted(town), headers=headers)
    assert code_of(refused, 400) == code
    assert data_of(await town.borrower.get("/borrowings"))["items"] == []
