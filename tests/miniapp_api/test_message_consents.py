"""Allowing messages to one's WeChat, from the phone that was asked."""

from server.kernel.ids import new_id
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.notices.ops import notify
from tests.factories.identity import SYSTEM, bind_wechat
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of
from tests.support.waiting import eventually

BORROWING = "sandbox-template-borrowing"
ACCEPTED = {"answers": [{"template_id": BORROWING, "answer": "accept"}]}


async def test_phone_tells_what_was_allowed_and_the_message_goes_out(town: Town) -> None:
    assert data_of(await town.borrower.get("/message-consents"))["is_bound"] is False
    assert code_of(await town.borrower.post("/message-consents/answers", ACCEPTED), 409) == "consent.not_bound"
    await bind_wechat(town.hall.borrower)
    person_id = town.hall.borrower.person_id
    assert person_id is not None
    key = new_id()
    view = data_of(await town.borrower.post("/message-consents/answers", ACCEPTED, key=key))
    assert data_of(await town.borrower.post("/message-consents/answers", ACCEPTED, key=key)) == view
    assert {each["kind"]: each["remaining"] for each in view["items"]} == {"approval": 0, "borrowing": 1, "reuse": 0}
    async with unit_of_work(SYSTEM) as uow:
        await notify(uow, [person_id], "借〔2026〕1号 已备好", "领取地点：一楼。", "borrowing", new_id(), new_id())

    async def is_sent() -> bool:
        async with reading() as rows:
            found = await rows.fetch_all("SELECT state FROM wechat_message")
        return [row["state"] for row in found] == ["sent"]

    await eventually(is_sent)
    assert code_of(await town.borrower.post("/message-consents/withdrawal", {"template_id": BORROWING}), 409) == (
        "consent.nothing_allowed"
    )
    data_of(await town.borrower.post("/message-consents/answers", ACCEPTED))
    view = data_of(await town.borrower.post("/message-consents/withdrawal", {"template_id": BORROWING}))
    assert [each["remaining"] for each in view["items"]] == [0, 0, 0]


async def test_answer_is_refused_by_its_field_when_it_is_no_answer(town: Town) -> None:
    await bind_wechat(town.hall.borrower)
    many = {"answers": ACCEPTED["answers"] * 6}
    for body in ({}, {"answers": []}, many, {"answers": [{"template_id": BORROWING, "answer": "maybe"}]}):
        assert code_of(await town.borrower.post("/message-consents/answers", body), 400).startswith("input.")
    wrong = {"answers": [{"template_id": "nothing", "answer": "accept"}]}
    assert code_of(await town.borrower.post("/message-consents/answers", wrong), 400) == "consent.template_unknown"
    assert code_of(await town.nobody.get("/message-consents"), 401) == "session.required"
