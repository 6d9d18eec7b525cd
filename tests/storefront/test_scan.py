"""What a label's code shows to whom, and pictures."""

import httpx
import pytest

from server.assets.commands import attach_picture, print_label
from server.assets.types import AttachPicture
from server.circulation.commands import open_listing, submit_borrowing
from server.circulation.queries import listing_view
from server.circulation.types import OpenListing
from server.identity.roles import Role
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, application, approve, make_photograph
from tests.factories.identity import make_actor
from tests.storefront.visitor import Visitor
from tests.support.waiting import eventually


async def label_of(hall: Hall) -> str:
    return (await print_label(hall.lender, hall.projector.id)).token


async def test_public_learns_what_it_is_and_whose_and_no_more(client: httpx.AsyncClient, hall: Hall) -> None:
    token = await label_of(hall)
    page = await Visitor(client).get(f"/s/{token}")
    assert page.status == 200
    assert "投影仪 爱普生 CB-X06" in page.words
    assert "归 杭州市临平区卫生健康局 所有" in page.words
    for hidden in (hall.projector.code, "区卫健局办公楼", "在用", "现在可以办"):
        assert hidden not in page.words
    assert page.link("登录后看更多") == f"/login?next=%2Fs%2F{token}"


async def test_member_of_the_unit_sees_state_and_place(client: httpx.AsyncClient, hall: Hall) -> None:
    page = await (await Visitor.of(client, hall.lender)).get(f"/s/{await label_of(hall)}")
    assert hall.projector.code in page.words
    assert "区卫健局办公楼" in page.words


async def test_keeper_is_led_to_the_desk_when_somebody_may_collect_today(client: httpx.AsyncClient, hall: Hall) -> None:
    ledger = hall.ledger
    manager = await make_actor("何建新", ledger.city.district_operator, Role.ASSET_MANAGER)
    card = await make_card(manager, ledger.shelf)
    await open_listing(manager, OpenListing(card.id, "到主仓领取", 10))
    borrowing = await submit_borrowing(hall.borrower, application(card.id))
    await approve(borrowing.id, hall.approver, ledger.operator)
    page = await (await Visitor.of(client, ledger.keeper)).get(f"/s/{card.code}")
    assert page.link("发出") == f"/admin/desk?code={card.code}"
    assert page.link("查看账卡") == f"/admin/assets/{card.id}"


async def test_typed_code_leads_to_its_page(client: httpx.AsyncClient, hall: Hall) -> None:
    visitor = Visitor(client)
    token = await label_of(hall)
    assert (await visitor.get(f"/scan?code=+{token.lower()}+")).target == f"/s/{token.lower()}"
    assert (await visitor.get(f"/s/{token.lower()}")).status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/scan?code=", 400), ("/scan?code=" + "A" * 201, 400), ("/s/NO-SUCH-CODE", 404), ("/s/%3Cb%3Ex", 404)],
)
async def test_form_comes_back_when_the_code_says_nothing(client: httpx.AsyncClient, path: str, status: int) -> None:
    page = await Visitor(client).get(path)
    assert page.status == status
    assert page.forms
    assert "<b>x" not in page.answer.text


async def test_label_says_it_is_void_when_a_newer_one_was_printed(client: httpx.AsyncClient, hall: Hall) -> None:
    old = await label_of(hall)
    await label_of(hall)
    page = await Visitor(client).get(f"/s/{old}")
    assert page.status == 409
    assert "asset.label_voided" in page.words


async def test_photograph_replaces_the_drawing_and_is_kept_by_the_browser(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    picture = await make_photograph(hall.lender)
    await attach_picture(hall.lender, AttachPicture(asset_id=hall.projector.id, picture_id=picture))

    async def is_shown() -> bool:
        return (await listing_view(hall.borrower, hall.listing.id)).picture_id == picture

    await eventually(is_shown)
    page = await borrower.get("/sharing")
    assert f"/files/{picture}/thumbnail" in page.answer.text
    assert "示意图" not in page.answer.text
    cookie = {"Cookie": f"gwc_session={borrower.cookies['gwc_session']}"}
    shown = await client.get(f"/files/{picture}", headers=cookie)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"].startswith("private")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.content[:2] == b"\xff\xd8"
    # A list fetches small renditions only, kept for themselves; a thing's own page lets the browser choose.
    assert f'"/files/{picture}"' not in page.answer.text
    small = await client.get(f"/files/{picture}/thumbnail", headers=cookie)
    assert small.headers["cache-control"] == "private, max-age=3600, immutable"
    detail = (await borrower.get(f"/sharing/{hall.listing.id}")).answer.text
    assert f'srcset="/files/{picture}/thumbnail 480w, /files/{picture} 2048w"' in detail
    again = await client.get(f"/files/{picture}", headers={**cookie, "If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


async def test_picture_is_asked_to_log_in_for_and_unknown_ones_are_unknown(
    client: httpx.AsyncClient, hall: Hall, borrower: Visitor
) -> None:
    picture = await make_photograph(hall.lender)
    assert (await Visitor(client).get(f"/files/{picture}")).status == 303
    assert (await borrower.get("/files/0000000000000000")).status == 404
