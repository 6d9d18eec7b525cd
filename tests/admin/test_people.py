"""Units and people: registering, roles, inviting once, handing over and disabling."""

import re

from server.assets.commands import change_custodian
from server.assets.queries import card_view
from server.assets.types import ChangeCustodian
from server.identity.queries import PersonFilter, list_people, person_by_id
from server.identity.roles import Role
from tests.admin.conftest import Office
from tests.factories.identity import SYSTEM, make_person


async def test_a_person_is_registered_given_a_role_and_loses_it_when_the_right_people_act(office: Office) -> None:
    unit = office.hall.ledger.city.health
    page = await office.system.get(f"/admin/people/new?unit_id={unit.id}")
    assert page.form("/admin/people").values["unit_id"] == unit.id
    wrong = await office.system.submit(page, "/admin/people", name="", title="科员", phone="12345", login_name="Li Na")
    assert wrong.status == 400
    assert wrong.form("/admin/people").values["phone"] == "12345"
    done = await office.system.submit(
        wrong, "/admin/people", name="李娜", title="办公室科员", phone="13805712222", login_name="lina"
    )
    person = await office.system.follow(done)
    assert "138****2222" in person.words
    assert "13805712222" not in person.answer.text
    address = person.answer.request.url.path
    assert (await office.system.get(f"{address}/roles/new")).status == 403

    grant = await office.security.get(f"{address}/roles/new")
    granted = await office.security.submit(grant, f"{address}/roles", role=Role.BORROWER, reason="办公室借用")
    shown = await office.security.follow(granted)
    assert "借用人" in shown.words
    revocation = await office.security.get(shown.link("收回 “借用人”"))
    taken = await office.security.submit(revocation, revocation.answer.request.url.path, reason="岗位调整")
    assert "没有角色，只能浏览" in (await office.security.follow(taken)).words


async def test_the_three_administrators_stay_apart_when_a_second_role_is_given(office: Office) -> None:
    person_id = office.actors["auditor"].person_id
    page = await office.security.get(f"/admin/people/{person_id}/roles/new")
    refused = await office.security.submit(page, f"/admin/people/{person_id}/roles", role=Role.BORROWER, reason="兼任")
    assert refused.status == 409
    assert "三员分立" in refused.words or "三员必须分设" in refused.words


async def test_an_invitation_is_shown_once_when_it_is_made(office: Office) -> None:
    person = await make_person("刘洋", office.hall.ledger.city.health, Role.BORROWER)
    address = f"/admin/people/{person.id}/invitation"
    made = await office.lender.submit(await office.lender.get(address), address)
    assert made.status == 200
    code = re.search(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", made.words)
    assert code is not None
    assert code[0] not in (await office.lender.get(f"/admin/people/{person.id}")).answer.text
    assert (await office.approver.get(address)).status == 404


async def test_a_temporary_password_is_shown_once_when_the_security_administrator_asks(office: Office) -> None:
    person = await make_person("吴敏", office.hall.ledger.city.health, login_name="wumin", password="qiantang-river-88")
    address = f"/admin/people/{person.id}/password"
    assert (await office.system.get(address)).status == 403
    made = await office.security.submit(await office.security.get(address), address)
    assert "临时口令" in made.words
    assert "首次登录必须修改" in made.words


async def test_somebody_is_disabled_only_when_everything_held_was_handed_over(office: Office) -> None:
    leaver = await make_person("陈国栋", office.hall.ledger.city.health, Role.BORROWER)
    heir = await make_person("方莉", office.hall.ledger.city.health, Role.BORROWER)
    asset = office.hall.projector
    await change_custodian(
        office.hall.lender, ChangeCustodian(asset_id=asset.id, custodian_id=leaver.id, reason="配发")
    )
    base = f"/admin/people/{leaver.id}"
    refused = await office.security.get(f"{base}/disabling")
    assert "还不能停用" in refused.words
    assert asset.code in refused.words
    forced = await office.security.send(
        "POST",
        f"{base}/disabling",
        data={"csrf_token": _token(refused.answer.text), "idempotency_key": "form-forced-1", "reason": "调离"},
    )
    assert forced.status == 409
    assert "未交接" in forced.words

    page = await office.lender.get(f"{base}/handover")
    assert asset.code in page.words
    nobody = await office.lender.submit(page, f"{base}/handover", to_person_id="", note="年底调离")
    assert nobody.status == 400
    assert nobody.form(f"{base}/handover").values["note"] == "年底调离"
    signed = await office.lender.submit(nobody, f"{base}/handover", to_person_id=heir.id)
    listed = await office.lender.follow(signed)
    assert "已交接 1 项" in listed.words and "接收人还没有签收" in listed.words
    assert (await card_view(office.hall.lender, asset.id)).custodian_name == "方莉"

    form = await office.security.get(f"{base}/disabling")
    early = await office.security.submit(form, f"{base}/disabling", reason="调离")
    assert early.status == 409 and "没有接收人签收" in early.words
    address = listed.answer.request.url.path
    receipt = await office.lender.submit(listed, f"{address}/receipt", signed_name="方莉")
    assert "纸质签收" in (await office.lender.follow(receipt)).words
    assert (await office.lender.get(f"{address}/list.pdf")).answer.content.startswith(b"%PDF")
    done = await office.security.submit(early, f"{base}/disabling", reason="调离")
    assert "陈国栋 已停用" in (await office.security.follow(done)).words
    assert not (await person_by_id(SYSTEM, leaver.id)).is_active


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found is not None
    return found[1]


async def test_a_unit_joins_the_tree_when_the_system_administrator_adds_it(office: Office) -> None:
    parent = office.hall.ledger.city.linping
    address = f"/admin/units/{parent.id}/units"
    page = await office.system.get(f"{address}/new")
    sent = {
        "name": "临平区2026年马拉松筹备组",
        "short_name": "马拉松筹备组",
        "code": "LPMLS2026",
        "kind": "temporary_body",
    }
    wrong = await office.system.submit(page, address, **sent)
    assert wrong.status == 400
    assert "牵头单位：请填写此项。" in wrong.words
    done = await office.system.submit(
        wrong, address, kind="temporary_body", lead_unit_id=office.hall.ledger.city.culture.id, ends_on="2027-03-31"
    )
    unit = await office.system.follow(done)
    assert "临时机构" in unit.words
    assert "马拉松筹备组" in (await office.system.get("/admin/units")).words
    assert (await office.lender.get(f"{address}/new")).status == 403


async def test_a_colleague_acts_for_somebody_when_it_was_delegated_and_no_longer_when_revoked(office: Office) -> None:
    colleague = await make_person("程浩", office.hall.ledger.city.health, Role.BORROWER)
    page = await office.lender.get("/admin/delegations/new")
    values = page.form("/admin/delegations").values
    backwards = await office.lender.submit(
        page, "/admin/delegations", to_person_id=colleague.id, reason="年休假", ends_on="2020-01-01"
    )
    assert backwards.status == 400
    assert backwards.form("/admin/delegations").values["reason"] == "年休假"
    done = await office.lender.submit(
        backwards, "/admin/delegations", to_person_id=colleague.id, ends_on=values["ends_on"]
    )
    listed = await office.lender.follow(done)
    assert "程浩 代 王秀英" in listed.words
    revocation = await office.lender.get(listed.link("撤销"))
    ended = await office.lender.submit(revocation, revocation.answer.request.url.path)
    assert "已撤销" in (await office.lender.follow(ended)).words


async def test_only_their_own_people_are_listed_when_a_manager_looks(office: Office) -> None:
    page = await office.lender.get("/admin/people")
    assert "王秀英" in page.words
    assert "赵国强" not in page.words
    total = (await list_people(SYSTEM, PersonFilter(), size=100)).items
    everybody = await office.system.get("/admin/people")
    assert all(person.name in everybody.words for person in total)
