"""What holds for every page of the door: who gets in, what headers go out, which writes are turned away."""

import httpx
import pytest

from server.identity.roles import Role
from server.kernel.actor import Actor
from server.web.routes import ROUTES, Access
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor

PLAIN = ("/", "/sharing", "/borrowings", "/approvals", "/messages", "/me", "/scan", "/login/password")
# Everything that stands behind a login, with made-up ids.
CLOSED = sorted(
    route.path.replace("<listing_id>", "x").replace("<borrowing_id>", "x").replace("<task_id>", "x")
    for route in ROUTES.values()
    if route.door == "storefront" and route.method == "GET" and route.access is Access.SIGNED_IN
)


async def person_with(hall: Hall, role: Role) -> Actor:
    city = hall.ledger.city
    units = {
        Role.COMPETENT_REVIEWER: city.linping,
        Role.FINANCE_REVIEWER: city.district_finance,
        Role.WAREHOUSE_KEEPER: city.district_operator,
        Role.OPERATIONS: city.district_operator,
    }
    return await make_actor("钱学敏", units.get(role, city.culture), role)


@pytest.mark.parametrize("role", list(Role))
async def test_every_page_of_ones_own_opens_when_signed_in(client: httpx.AsyncClient, hall: Hall, role: Role) -> None:
    visitor = await Visitor.of(client, await person_with(hall, role))
    for path in PLAIN:
        page = await visitor.get(path)
        assert page.status == 200, path
        assert page.answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/login", "/scan"])
async def test_public_pages_show_nothing_of_the_hall_when_nobody_is_signed_in(
    client: httpx.AsyncClient, hall: Hall, path: str
) -> None:
    page = await Visitor(client).get(path)
    assert page.status == 200
    assert "爱普生" not in page.answer.text
    assert "区卫健局" not in page.answer.text


def test_closed_pages_are_known() -> None:
    assert {"/sharing", "/borrowings/x", "/approvals/x", "/messages", "/me", "/files/<file_id>"} <= set(CLOSED)


@pytest.mark.parametrize("path", CLOSED)
async def test_login_is_asked_for_when_nobody_is_signed_in(client: httpx.AsyncClient, path: str) -> None:
    page = await Visitor(client).get(path)
    assert page.target.startswith("/login?next=%2F")


async def test_login_replaces_the_whole_page_when_a_part_of_it_was_asked_for(client: httpx.AsyncClient) -> None:
    page = await Visitor(client).get("/sharing?q=x", **{"HX-Request": "true"})
    assert page.status == 204
    assert page.answer.headers["hx-redirect"].startswith("/login?next=")


async def test_headers_are_strict_on_every_page(client: httpx.AsyncClient, borrower: Visitor) -> None:
    for path in (*PLAIN, "/nowhere"):
        headers = (await borrower.get(path)).answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]


async def test_refusal_is_a_page_when_a_form_has_no_token(client: httpx.AsyncClient, borrower: Visitor) -> None:
    page = await borrower.send("POST", "/messages/read", data={"idempotency_key": "form-12345678"})
    assert page.status == 403
    assert "页面停留太久" in page.words
    assert "request.bad_csrf" in page.words


async def test_refusal_is_a_page_when_a_form_comes_from_another_site(
    client: httpx.AsyncClient, borrower: Visitor
) -> None:
    values = (await borrower.get("/me")).form("/logout").values
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        page = await borrower.send("POST", "/logout", data=values, headers=foreign)
        assert page.status == 403
        assert "请求来自别的网站" in page.words
    assert (await borrower.get("/me")).status == 200


async def test_token_of_another_person_is_refused(
    client: httpx.AsyncClient, borrower: Visitor, approver: Visitor
) -> None:
    values = (await approver.get("/me")).form("/logout").values
    assert (await borrower.send("POST", "/logout", data=values)).status == 403


async def test_page_says_so_when_there_is_no_such_page(client: httpx.AsyncClient, borrower: Visitor) -> None:
    for path in (
        "/nowhere",
        "/sharing/0000000000000000",
        "/borrowings/0000000000000000",
        "/approvals/0000000000000000",
    ):
        page = await borrower.get(path)
        assert page.status == 404, path
        assert "没有找到" in page.words
        assert page.link("回到首页") == "/"


async def test_looks_are_kept_in_this_browser_when_chosen(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    page = await visitor.get("/scan")
    done = await visitor.submit(page, "/preferences", elder="1", next="/scan")
    assert done.target == "/scan"
    assert 'data-elder="1"' in (await visitor.follow(done)).answer.text
    assert 'data-elder="1"' not in (await Visitor(client).get("/scan")).answer.text


async def test_people_of_another_district_do_not_see_a_borrowing(client: httpx.AsyncClient, hall: Hall) -> None:
    borrowing = await make_borrowing(hall, until="approved")
    stranger = await Visitor.of(client, await make_actor("周建军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER))
    for rest in ("", "/withdrawal", "/slip.pdf"):
        assert (await stranger.get(f"/borrowings/{borrowing.id}{rest}")).status == 404
