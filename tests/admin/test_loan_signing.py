"""Signing on the desk's pages: with a drawn picture from the screen, and by name alone."""

from server.circulation.queries import borrowing_view
from tests.admin.conftest import Office
from tests.admin.test_ledger import photograph
from tests.factories.circulation import make_borrowing


async def test_both_sides_sign_when_the_thing_goes_out_and_comes_back(office: Office) -> None:
    view = await make_borrowing(office.hall, until="issued")
    desk, address = office.lender, f"/admin/loans/{view.id}"
    page = await desk.get((await desk.get(address)).link("领取签字"))
    values = page.form(f"{address}/signing/issue").values
    assert (values["other_name"], values["keeper_name"]) == ("李晓梅", "王秀英")
    assert page.answer.text.count("data-signature-clear") == 2
    wrong = await desk.submit(page, f"{address}/signing/issue", keeper_name="王英")
    assert "请填写您本人的姓名（王秀英）" in wrong.words
    files = {"other_signature_id": ("signature.png", photograph(), "image/png")}
    done = await desk.send(
        "POST", f"{address}/signing/issue", data=wrong.form(f"{address}/signing/issue").values | values, files=files
    )
    page = await desk.follow(done)
    assert "领取签字已保存" in page.words
    signed = (await borrowing_view(office.hall.lender, view.id)).handovers[0]
    assert f"/files/{signed.other_signature_id}" in page.answer.text
    assert signed.keeper_signature_id is None
    back = await desk.get(f"/admin/desk?code={office.hall.projector.code}")
    await desk.submit(back, "/admin/desk/return")
    page = await desk.get((await desk.get(address)).link("归还签字"))
    page = await desk.follow(await desk.submit(page, f"{address}/signing/return", other_name="冯雨"))
    assert "归还人：冯雨" in page.words
    assert (await desk.get(f"{address}/signing/other")).status == 404
