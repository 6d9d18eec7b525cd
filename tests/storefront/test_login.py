"""Logging in by password and second factor: what comes back, what is refused, where it leads."""

import httpx
import pytest

from server.identity.roles import Role
from server.identity.totp import code_at, step_of
from server.kernel.reading import present
from server.settings import Settings
from server.web.sessions import SESSION_COOKIE
from tests.factories.circulation import Hall, make_hall
from tests.factories.identity import PASSWORD, make_person
from tests.storefront.drawn import Drawn
from tests.storefront.visitor import Visitor
from tests.support.http import served
from tests.support.waiting import eventually


async def log_in(visitor: Visitor, path: str = "/login", password: str = PASSWORD, name: str = "shen.lan") -> Drawn:
    return await visitor.submit(await visitor.get(path), "/login", login_name=name, password=password)


@pytest.fixture
async def known(hall: Hall) -> Hall:
    await make_person("沈岚", hall.ledger.city.culture, Role.BORROWER, login_name="shen.lan", password=PASSWORD)
    return hall


async def test_session_opens_and_goes_on_where_it_was_asked_for_when_the_password_is_right(
    client: httpx.AsyncClient, known: Hall
) -> None:
    visitor = Visitor(client)
    asked = await visitor.get("/sharing?q=%E6%8A%95%E5%BD%B1")
    assert asked.target == "/login?next=%2Fsharing%3Fq%3D%25E6%258A%2595%25E5%25BD%25B1"
    done = await log_in(visitor, asked.target)
    cookie = next(line for line in done.answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    page = await visitor.follow(done)
    assert page.status == 200
    assert "投影仪 爱普生 CB-X06" in page.words


async def test_session_has_a_new_id_when_somebody_logs_in_again(client: httpx.AsyncClient, known: Hall) -> None:
    visitor = Visitor(client)
    visitor.cookies[SESSION_COOKIE] = "A" * 43  # what an attacker may have planted
    await log_in(visitor)
    first = visitor.cookies[SESSION_COOKIE]
    assert first != "A" * 43
    visitor.cookies.pop(SESSION_COOKIE)
    await log_in(visitor)
    assert visitor.cookies[SESSION_COOKIE] != first


async def test_former_session_is_over_when_somebody_else_logs_in_at_the_same_browser(
    client: httpx.AsyncClient, known: Hall
) -> None:
    visitor = Visitor(client)
    form = await visitor.get("/login")
    await log_in(visitor)
    former = visitor.cookies[SESSION_COOKIE]
    # The login form was still open in another window; its token is the one that every form has now.
    token = (await visitor.get("/me")).form("/logout").values["csrf_token"]
    done = await visitor.submit(form, "/login", login_name="shen.lan", password=PASSWORD, csrf_token=token)
    assert done.target == "/" and visitor.cookies[SESSION_COOKIE] != former
    assert (await visitor.get("/me")).status == 200
    visitor.cookies[SESSION_COOKIE] = former
    assert (await visitor.get("/me")).target.startswith("/login")


async def test_name_stays_and_the_password_goes_when_the_password_is_wrong(
    client: httpx.AsyncClient, known: Hall
) -> None:
    visitor = Visitor(client)
    page = await log_in(visitor, password="wrong-<b>password</b>")
    assert page.status == 401
    assert page.form("/login").values["login_name"] == "shen.lan"
    assert page.form("/login").values["password"] == ""
    assert "wrong-" not in page.answer.text
    assert "登录名或口令不正确" in page.words
    assert SESSION_COOKIE not in visitor.cookies


async def test_wait_is_told_in_seconds_when_passwords_were_wrong_again_and_again(
    client: httpx.AsyncClient, known: Hall
) -> None:
    visitor = Visitor(client)
    pages = [await log_in(visitor, password=f"wrong-password-{number}") for number in range(8)]
    assert pages[-1].status == 429
    assert "秒后再试" in pages[-1].words


async def test_address_has_to_wait_when_it_tries_too_many_names(client: httpx.AsyncClient, known: Hall) -> None:
    visitor = Visitor(client)
    page = await visitor.get("/login")
    answers = [
        (await visitor.submit(page, "/login", login_name=f"nobody.{number}", password=PASSWORD)).status
        for number in range(64)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429


async def test_second_factor_counts_as_an_attempt_of_the_address(
    settings: Settings, product_environment: dict[str, str]
) -> None:
    few = Settings.from_environment({**product_environment, "LOGIN_ATTEMPTS_PER_MINUTE": "2"})
    async with served(few) as client:
        visitor = await Visitor.of(client, (await make_hall()).borrower)
        shown = await visitor.get("/me")
        data = {**shown.form("/logout").values, "code": "000000"}
        pages = [await visitor.send("POST", "/login/second-factor", data=data) for _ in range(3)]
    assert [page.status for page in pages] == [409, 409, 429]
    assert "操作太频繁" in pages[-1].words


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/\t/evil.example", "javascript:alert(1)", "x"],
)
async def test_visitor_stays_on_this_site_when_next_names_another(
    client: httpx.AsyncClient, known: Hall, target: str
) -> None:
    visitor = Visitor(client)
    page = await visitor.get("/login")
    done = await visitor.submit(page, "/login", login_name="shen.lan", password=PASSWORD, next=target)
    assert done.status == 303
    assert done.answer.headers["location"] == "/"


async def test_fields_are_named_when_nothing_was_typed(client: httpx.AsyncClient, known: Hall) -> None:
    visitor = Visitor(client)
    page = await visitor.submit(await visitor.get("/login"), "/login")
    assert page.status == 400
    assert "登录名：请填写此项。" in page.words
    assert "口令：请填写此项。" in page.words


async def test_pages_stay_shut_until_the_second_factor_when_the_post_needs_one(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    finance = hall.ledger.city.district_finance
    await make_person("周海燕", finance, Role.FINANCE_REVIEWER, login_name="zhou", password=PASSWORD)
    visitor = Visitor(client)
    done = await log_in(visitor, "/login?next=/messages", name="zhou")
    assert done.target == "/login/totp-setup?next=%2Fmessages"
    secret = await set_up_factor(visitor, await visitor.follow(done))
    await visitor.submit(await visitor.get("/messages"), "/logout")

    done = await log_in(visitor, "/login?next=/messages", name="zhou")
    assert done.target == "/login/second-factor?next=%2Fmessages"
    half_open = visitor.cookies[SESSION_COOKIE]
    assert (await visitor.get("/sharing")).target == "/login/second-factor?next=%2Fsharing"
    page = await visitor.follow(done)
    # Each code counts once, so this one comes from the step after the first.
    done = await visitor.submit(page, "/login/second-factor", code=code_at(secret, step_of(present()) + 1))
    assert done.target == "/messages"
    assert visitor.cookies[SESSION_COOKIE] != half_open
    assert (await visitor.follow(done)).status == 200
    await visitor.submit(await visitor.get("/messages"), "/logout")
    page = await visitor.follow(await log_in(visitor, name="zhou"))
    refused = await visitor.submit(page, "/login/second-factor", code="000000")
    assert refused.status == 400
    assert "动态口令不正确" in refused.words
    assert (await visitor.get("/sharing")).target == "/login/second-factor?next=%2Fsharing"


async def set_up_factor(visitor: Visitor, page: Drawn) -> str:
    shown = await visitor.submit(page, "/login/totp-setup")
    assert '<svg role="img" aria-label="二维码"' in shown.answer.text
    assert " style=" not in shown.answer.text
    secret = shown.words.split("手动输入这串密钥：")[1].strip()[:39].replace(" ", "")
    wrong = await visitor.submit(shown, "/login/totp-setup/code", code="123")
    assert wrong.status == 400

    async def confirmed() -> Drawn | None:
        # The wrong one costs a second, as the page says.
        done = await visitor.submit(wrong, "/login/totp-setup/code", code=code_at(secret, step_of(present())))
        return done if done.status != 429 else None

    done = await eventually(confirmed)
    assert done is not None
    assert done.target == "/messages"
    return secret


async def test_first_password_has_to_be_changed_when_it_was_given_by_somebody_else(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    culture = hall.ledger.city.culture
    await make_person(
        "林新", culture, Role.BORROWER, login_name="lin.xin", password=PASSWORD, must_change_password=True
    )
    visitor = Visitor(client)
    done = await log_in(visitor, "/login?next=/me", name="lin.xin")
    assert done.target == "/login/password?next=%2Fme"
    page = await visitor.follow(done)
    words = {"old_password": PASSWORD, "new_password": "liangzhu-yucong-5000"}
    refused = await visitor.submit(page, "/login/password", **words, repeated_password="liangzhu-yucong-5001")
    assert refused.status == 400
    assert "两次输入的新口令不一样" in refused.words
    assert "liangzhu" not in refused.answer.text
    done = await visitor.submit(refused, "/login/password", **words, repeated_password="liangzhu-yucong-5000")
    assert done.target == "/me"
    assert (await visitor.follow(done)).status == 200


async def test_session_is_over_when_somebody_logs_out(client: httpx.AsyncClient, borrower: Visitor) -> None:
    token = borrower.cookies[SESSION_COOKIE]
    done = await borrower.submit(await borrower.get("/me"), "/logout")
    assert done.target == "/"
    assert SESSION_COOKIE not in borrower.cookies
    borrower.cookies[SESSION_COOKIE] = token
    assert (await borrower.get("/me")).target.startswith("/login")
