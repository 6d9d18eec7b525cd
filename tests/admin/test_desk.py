"""The counter: a typed code is issued, taken back and inspected through the pages."""

from server.circulation.commands import open_listing, submit_borrowing
from server.circulation.queries import borrowing_view
from server.circulation.types import OpenListing
from server.identity.roles import Role
from tests.admin.conftest import Office
from tests.admin.test_ledger import photograph
from tests.factories.assets import make_card
from tests.factories.circulation import application, approve, make_borrowing
from tests.factories.identity import make_actor


async def approved_tent(office: Office) -> tuple[str, str]:
    """The code of a tent in the keeper's warehouse and the id of an approved borrowing of it."""
    ledger = office.hall.ledger
    manager = await make_actor("周海燕", ledger.city.district_operator, Role.ASSET_MANAGER)
    tent = await make_card(manager, ledger.store, item_name="应急帐篷", brand="红云", model="3×4 米")
    await open_listing(manager, OpenListing(tent.id, "自取自还", 30))
    view = await submit_borrowing(office.hall.borrower, application(tent.id))
    await approve(view.id, office.hall.approver, ledger.operator)
    return tent.code, view.id


async def test_a_thing_goes_out_and_comes_home_when_the_keeper_types_its_code(office: Office) -> None:
    code, borrowing_id = await approved_tent(office)
    keeper = office.keeper
    seen = await keeper.get(f"/admin/desk?code={code.lower()}")
    assert "应急帐篷 红云 3×4 米" in seen.words
    assert "李晓梅" in seen.words
    assert seen.form("/admin/desk/issue").values["received_by"] == "李晓梅"
    nobody = await keeper.submit(seen, "/admin/desk/issue", received_by="")
    assert nobody.status == 400
    assert "请填写此项。" in nobody.words
    done = await keeper.follow(await keeper.submit(seen, "/admin/desk/issue", received_by="张志强"))
    assert "已发放给 张志强" in done.words
    slip = await keeper.send("GET", done.link("打印借用单"))
    assert slip.answer.content.startswith(b"%PDF")

    out = await keeper.get(f"/admin/desk?code={code}")
    back = await keeper.follow(await keeper.submit(out, "/admin/desk/return"))
    assert "请接着验收" in back.words
    inspected = await keeper.submit(back, "/admin/desk/inspection", result="worn", note="外壳有轻微划痕")
    assert "已验收（正常磨损）" in (await keeper.follow(inspected)).words
    view = await borrowing_view(office.hall.borrower, borrowing_id)
    assert (view.state, view.lines[0].issued_to) == ("closed", "张志强")


async def test_damage_needs_a_picture_and_then_a_decision_when_it_is_found(office: Office) -> None:
    view = await make_borrowing(office.hall, until="returned")
    desk = await office.lender.get(f"/admin/desk?code={office.hall.projector.code}")
    bare = await office.lender.submit(desk, "/admin/desk/inspection", result="damaged", note="镜头碎裂")
    assert bare.status == 400
    assert bare.form("/admin/desk/inspection").values["note"] == "镜头碎裂"
    values = {**bare.form("/admin/desk/inspection").values, "result": "damaged"}
    files = {"picture_id": ("镜头.jpg", photograph(), "image/jpeg")}
    done = await office.lender.send("POST", "/admin/desk/inspection", data=values, files=files)
    assert done.status == 303
    loan = await office.lender.get(f"/admin/loans/{view.id}")
    assert "待处理损坏或遗失" in loan.words
    page = await office.lender.get(loan.link("处理损坏"))
    settled = await office.lender.submit(
        page, f"/admin/loans/{view.id}/damage", decision="由借用单位承担维修费", to="repair"
    )
    assert "已办结" in (await office.lender.follow(settled)).words


async def test_the_keeper_is_told_what_is_wrong_when_the_code_is_nobodys(office: Office) -> None:
    page = await office.keeper.get("/admin/desk?code=A99999999-XX-2026-9999")
    assert page.status == 404
    assert "asset.not_found" in page.words
    assert 'value="A99999999-XX-2026-9999"' in page.answer.text


async def test_nothing_is_issued_twice_when_the_button_is_pressed_twice(office: Office) -> None:
    code, borrowing_id = await approved_tent(office)
    seen = await office.keeper.get(f"/admin/desk?code={code}")
    first = await office.keeper.submit(seen, "/admin/desk/issue", received_by="张志强")
    again = await office.keeper.submit(seen, "/admin/desk/issue", received_by="张志强")
    assert first.target == again.target == "/admin/desk"
    late = await office.keeper.get(f"/admin/desk?code={code}")
    stale = {**seen.form("/admin/desk/issue").values, "idempotency_key": "form-another-key", "received_by": "王芳"}
    refused = await office.keeper.send("POST", "/admin/desk/issue", data=stale)
    assert refused.status == 409
    assert "张志强" not in refused.form("/admin/desk/return").values.values()
    assert late.form("/admin/desk/return")
    assert (await borrowing_view(office.hall.borrower, borrowing_id)).lines[0].issued_to == "张志强"


async def test_the_applicant_hears_when_the_thing_is_made_ready(office: Office) -> None:
    view = await make_borrowing(office.hall, until="approved")
    listed = await office.lender.get("/admin/loans")
    loan = await office.lender.get(listed.link(view.number))
    page = await office.lender.get(loan.link("已备好"))
    done = await office.lender.follow(await office.lender.submit(page, f"/admin/loans/{view.id}/readiness"))
    assert "已通知 李晓梅 来领取" in done.words
    assert "待领取" in done.words
    assert (await office.approver.get(f"/admin/loans/{view.id}")).status == 200
    assert (await office.keeper.get(f"/admin/loans/{view.id}")).status == 404


async def test_a_loan_is_found_under_its_tab_when_it_goes_on(office: Office) -> None:
    view = await make_borrowing(office.hall, until="issued")
    for state, is_there in (
        ("approved", False),
        ("issued", True),
        ("overdue", False),
        ("closed", False),
        ("all", True),
    ):
        page = await office.lender.get(f"/admin/loans?state={state}")
        assert (view.number in page.words) is is_there, state
    assert (await office.lender.get("/admin/loans?state=nonsense")).status == 400
    assert view.number not in (await office.keeper.get("/admin/loans?state=issued")).words
