"""Allowing messages to one's WeChat, from the phone that was asked."""

from server.identity.models import Person
from server.identity.wechat import OPENID_FIELD, index_of
from server.kernel.ids import new_id
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import unit_of_work
from server.notices.ops import notify
from tests.factories.identity import SYSTEM
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of
from tests.support.waiting import eventually

BORROWING = "sandbox-template-borrowing"
ACCEPTED = {"answers": [{"template_id": BORROWING, "answer": "accept"}]}


async def bind(town: Town) -> str:
    """The borrower's WeChat is known; returns the person's id."""
    person_id = town.hall.borrower.person_id
    assert person_id is not None
    openid = "oTestPhoneOfTheBorrower00001"
    sealed = current_runtime().cipher.encrypt(OPENID_FIELD, openid)
    async with unit_of_work(SYSTEM) as uow:
        await uow.change(Person, {"id": person_id}, wechat_index=index_of(openid), wechat_sealed=sealed)
    return person_id


async def test_phone_tells_what_was_allowed_and_the_message_goes_out(town: Town) -> None:
    assert data_of(await town.borrower.get("/message-consents"))["is_bound"] is False
    assert code_of(await town.borrower.post("/message-consents/answers", ACCEPTED), 409) == "consent.not_bound"
    person_id = await bind(town)
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
    await bind(town)
    many = {"answers": ACCEPTED["answers"] * 6}
    for body in ({}, {"answers": []}, many, {"answers": [{"template_id": BORROWING, "answer": "maybe"}]}):
        assert code_of(await town.borrower.post("/message-consents/answers", body), 400).startswith("input.")
    wrong = {"answers": [{"template_id": "nothing", "answer": "accept"}]}
    assert code_of(await town.borrower.post("/message-consents/answers", wrong), 400) == "consent.template_unknown"
    assert code_of(await town.nobody.get("/message-consents"), 401) == "session.required"
