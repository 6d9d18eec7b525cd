"""Logging in and out by phone."""

from collections.abc import AsyncIterator

import httpx
import pytest

from server.gateways.wechat import WechatConfig, WechatSandbox, build_wechat_gateway
from server.identity import totp
from server.identity.commands import invite_person
from server.identity.roles import Role
from server.identity.wechat import use_gateway
from server.kernel.ids import new_id
from server.kernel.reading import present
from server.settings import Settings
from tests.factories.circulation import day
from tests.factories.identity import PASSWORD, SYSTEM, City, actor_of, make_city, make_person, make_post
from tests.support.http import Caller, code_of, data_of, fields_of, served, signed_in


@pytest.fixture
async def wechat(client: httpx.AsyncClient) -> AsyncIterator[WechatSandbox]:
    """WeChat, as the sandbox speaks it, behind the started product."""
    sandbox = WechatSandbox()
    gateway = build_wechat_gateway(WechatConfig(mode="sandbox", is_production=False), sandbox=sandbox)
    use_gateway(gateway)
    yield sandbox
    await gateway.close()


@pytest.fixture
async def city(client: httpx.AsyncClient) -> City:
    return await make_city()


@pytest.fixture
def phone(client: httpx.AsyncClient) -> Caller:
    """A phone on which nobody is logged in."""
    return Caller(client)


async def test_person_is_bound_and_known_again_when_invited(phone: Caller, city: City, wechat: WechatSandbox) -> None:
    person = await make_person("李晓梅", city.culture, Role.BORROWER)
    invitation = await invite_person(SYSTEM, person.id)
    stranger = await phone.post("/session/wechat", {"code": wechat.mint_login_code("li-xiaomei")})
    assert code_of(stranger, 404) == "wechat.not_bound"
    binding = {"invitation": invitation.code, "ticket": stranger.json()["data"]["ticket"]}
    phone.token = data_of(await phone.post("/session/invitation", binding), 201)["token"]
    me = data_of(await phone.get("/me"))
    assert (me["person_id"], me["name"], me["unit_id"]) == (person.id, "李晓梅", city.culture.id)
    assert [role["name"] for role in me["roles"]] == ["借用人"]
    again = data_of(await phone.post("/session/wechat", {"code": wechat.mint_login_code("li-xiaomei")}), 201)
    assert again["token"] != phone.token


async def test_person_is_bound_when_wechat_knows_their_number(phone: Caller, city: City, wechat: WechatSandbox) -> None:
    person = await make_person("李晓梅", city.culture, Role.BORROWER)
    masked = str(person.phone_masked)
    body = {"code": wechat.mint_login_code("stranger"), "phone_code": wechat.mint_phone_code("13999999999")}
    assert code_of(await phone.post("/session/phone", body), 404) == "wechat.phone_unknown"
    full = masked.replace("****", "0000")
    body = {"code": wechat.mint_login_code("li-xiaomei"), "phone_code": wechat.mint_phone_code(full)}
    phone.token = data_of(await phone.post("/session/phone", body), 201)["token"]
    assert data_of(await phone.get("/me"))["person_id"] == person.id


async def test_binding_is_refused_when_nothing_names_the_wechat_user(phone: Caller, wechat: WechatSandbox) -> None:
    assert fields_of(await phone.post("/session/invitation", {"invitation": "ABCD-EFGH"})) == {"code": "input.required"}
    made_up = {"invitation": "ABCD-EFGH", "ticket": "made-up"}
    assert code_of(await phone.post("/session/invitation", made_up), 409) == "wechat.ticket_expired"
    assert code_of(await phone.post("/session/wechat", {"code": "made-up"}), 400) == "wechat.code_invalid"


async def test_session_opens_and_ends_when_the_password_is_right(phone: Caller, city: City) -> None:
    await make_person("王秀英", city.health, Role.ASSET_MANAGER, login_name="wangxiuying", password=PASSWORD)
    right = {"login_name": "wangxiuying", "password": PASSWORD}
    phone.token = data_of(await phone.post("/session/password", right), 201)["token"]
    assert data_of(await phone.get("/me/sessions"))[0]["is_current"] is True
    ended = await phone.send("DELETE", "/session", headers={"Idempotency-Key": new_id()})
    assert data_of(ended) is None
    assert code_of(await phone.get("/me"), 401) == "session.required"


async def test_name_is_not_betrayed_when_the_password_is_wrong(phone: Caller, city: City) -> None:
    await make_person("王秀英", city.health, Role.ASSET_MANAGER, login_name="wangxiuying", password=PASSWORD)
    known = await phone.post("/session/password", {"login_name": "wangxiuying", "password": "wrong-password-1"})
    unknown = await phone.post("/session/password", {"login_name": "nobody", "password": "wrong-password-1"})
    assert code_of(known, 401) == code_of(unknown, 401) == "login.failed"
    assert known.json()["message"] == unknown.json()["message"] and known.json()["data"] == unknown.json()["data"]


async def test_nothing_is_open_before_the_second_factor(phone: Caller, city: City) -> None:
    await make_person(
        "孙丽华", city.district_operator, Role.OPERATIONS, login_name="sunlihua", password=PASSWORD, is_subtree=True
    )
    body = {"login_name": "sunlihua", "password": PASSWORD}
    first = data_of(await phone.post("/session/password", body), 201)
    assert first["needs_totp_setup"] and not first["needs_second_factor"]
    phone.token = first["token"]
    secret = data_of(await phone.post("/me/totp"), 201)["secret"]
    confirmed = data_of(await phone.post("/me/totp/confirmation", {"code": code_now(secret)}), 201)
    assert confirmed["token"] != first["token"]
    second = data_of(await phone.post("/session/password", body), 201)
    assert second["needs_second_factor"]
    phone.token = second["token"]
    assert code_of(await phone.get("/assets"), 401) == "session.unfinished"
    assert data_of(await phone.get("/me"))["needs_second_factor"] is True
    wrong = "000000" if code_now(secret) != "000000" else "111111"
    assert code_of(await phone.post("/session/second-factor", {"code": wrong}), 400) == "totp.wrong"


def code_now(secret: str) -> str:
    """What the authenticator app shows."""
    return totp.code_at(secret, totp.step_of(present()))


async def test_session_goes_on_for_another_unit_when_the_person_has_a_post_there(phone: Caller, city: City) -> None:
    person = await make_person("王秀英", city.health, Role.BORROWER, login_name="wangxiuying", password=PASSWORD)
    await make_post(person, city.hospital, Role.ASSET_MANAGER)
    body = {"login_name": "wangxiuying", "password": PASSWORD}
    phone.token = data_of(await phone.post("/session/password", body), 201)["token"]
    before = data_of(await phone.get("/me"))
    other = next(post["unit_id"] for post in before["posts"] if post["unit_id"] != before["unit_id"])
    old, phone.token = phone.token, data_of(await phone.post(f"/units/{other}/session"), 201)["token"]
    assert data_of(await phone.get("/me"))["unit_id"] == other
    assert code_of(await Caller(phone.client, old).get("/me"), 401) == "session.required"
    assert code_of(await phone.post(f"/units/{city.culture.id}/session"), 404) == "record.not_found"


async def test_password_changes_when_the_old_one_is_known(phone: Caller, city: City) -> None:
    await make_person(
        "王秀英", city.health, Role.BORROWER, login_name="wangxiuying", password=PASSWORD, must_change_password=True
    )
    grant = await phone.post("/session/password", {"login_name": "wangxiuying", "password": PASSWORD})
    assert data_of(grant, 201)["must_change_password"]
    phone.token = data_of(grant, 201)["token"]
    assert code_of(await phone.get("/listings"), 401) == "session.unfinished"
    change = {"old_password": PASSWORD, "new_password": "linping-gongwucang-2026"}
    assert data_of(await phone.post("/me/password", change)) is None
    assert data_of(await phone.get("/listings"))["items"] == []


async def test_colleague_stands_in_when_a_role_is_delegated(phone: Caller, city: City) -> None:
    await make_person("王秀英", city.health, Role.ASSET_MANAGER, login_name="wangxiuying", password=PASSWORD)
    colleague = await make_person("钱伟", city.health, Role.BORROWER)
    phone.token = data_of(
        await phone.post("/session/password", {"login_name": "wangxiuying", "password": PASSWORD}), 201
    )["token"]
    first, last = day(0).isoformat(), day(4).isoformat()
    wanted = {"to_person_id": colleague.id, "role": "asset_manager", "starts_on": first, "ends_on": last}
    assert fields_of(await phone.post("/delegations", wanted)) == {"reason": "input.required"}
    made = data_of(await phone.post("/delegations", {**wanted, "reason": "年休假"}), 201)
    stand_in = Caller(phone.client, await signed_in(await actor_of(colleague, city.health)))
    roles = data_of(await stand_in.get("/me"))["roles"]
    assert ("asset_manager", made["from_person_id"]) in [(role["role"], role["delegated_by"]) for role in roles]
    assert [row["id"] for row in data_of(await stand_in.get("/delegations"))] == [made["id"]]
    revoked = data_of(await phone.post(f"/delegations/{made['id']}/revocation"), 201)
    assert revoked["state"] == "revoked"
    assert [role["role"] for role in data_of(await stand_in.get("/me"))["roles"]] == ["borrower"]
    people = data_of(await phone.get("/people", text="钱"))["items"]
    assert [person["name"] for person in people] == ["钱伟"]


async def test_address_must_wait_when_it_tries_many_names(
    settings: Settings, product_environment: dict[str, str]
) -> None:
    few = Settings.from_environment({**product_environment, "LOGIN_ATTEMPTS_PER_MINUTE": "3"})
    async with served(few) as client:
        phone = Caller(client)
        codes = []
        for number in range(5):
            answer = await phone.post("/session/password", {"login_name": f"guess{number}", "password": "a-guess-1234"})
            codes.append(answer.json()["code"])
        # It does not help to go on by another door.
        for path, body in (
            ("/session/wechat", {"code": "a-guess"}),
            ("/session/invitation", {"code": "a-guess", "invitation": "ABCDE-FGHJK"}),
            ("/session/phone", {"code": "a-guess", "phone_code": "a-guess"}),
        ):
            codes.append((await phone.post(path, body)).json()["code"])
    assert codes == ["login.failed"] * 3 + ["request.too_often"] * 5
    assert int(answer.headers["retry-after"]) > 0
