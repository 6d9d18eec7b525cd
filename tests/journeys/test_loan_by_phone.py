"""The same loan through the mini-program's door, from binding WeChat to the inspection."""

from tests.factories.town import wanted
from tests.journeys.conftest import City
from tests.support.http import code_of, data_of
from tests.support.phones import Phone

YES = {"is_approved": True, "opinion": "同意，请按期归还"}


async def test_thing_is_lent_and_comes_back_when_the_phone_asks(city: City):
    ids, tokens = city.world.ids, city.world.phones
    borrower, manager, holder, keeper = (
        Phone(city.product, token) for token in ("", tokens["lina"], tokens["zhengqi"], tokens["laochen"])
    )
    await bind(borrower, ids["invitation"])
    page = data_of(await borrower.get("/listings", text="空气净化"))
    assert {item["name"] for item in page["items"]} == {"空气净化器 小米 Pro H"}
    asset = page["items"][0]["asset_id"]
    loan = data_of(await borrower.post("/borrowings", wanted(asset)), 201)
    for decider in (manager, holder):
        task = await decider.task_of(loan["id"])
        data_of(await decider.post(f"/approvals/{task}/decision", YES), 201)
    [code] = [line["asset_code"] for line in loan["lines"]]
    issued = data_of(await keeper.post("/issues", {"code": code, "received_by": "陈宇"}), 201)
    assert (issued["state"], issued["id"]) == ("issued", loan["id"])
    assert data_of(await keeper.post("/returns", {"code": code}), 201)["state"] == "returned"
    found = {"asset_id": asset, "result": "intact"}
    assert data_of(await keeper.post(f"/borrowings/{loan['id']}/inspection", found), 201)["state"] == "closed"
    told = data_of(await borrower.get(f"/borrowings/{loan['id']}"))
    assert [(event["kind"], event["actor_name"]) for event in told["events"]] == [
        ("submitted", "陈宇"),
        ("approved", "郑琦"),
        ("issued", "陈建国"),
        ("returned", "陈建国"),
        ("closed", "陈建国"),
    ]
    for phone in (borrower, manager, holder, keeper):
        await phone.client.aclose()


async def bind(phone: Phone, invitation: str) -> None:
    """The first login by WeChat: unknown, then bound by the invitation, then known."""
    phone.token = None
    stranger = await phone.post("/session/wechat", {"code": "sandbox-chen-yu.1"})
    assert code_of(stranger, 404) == "wechat.not_bound"
    binding = {"invitation": invitation, "ticket": stranger.json()["data"]["ticket"]}
    data_of(await phone.post("/session/invitation", binding), 201)
    phone.token = data_of(await phone.post("/session/wechat", {"code": "sandbox-chen-yu.2"}), 201)["token"]
    assert data_of(await phone.get("/me"))["name"] == "陈宇"
