"""Who reaches which page: the navigation shows only open ways, and a closed one answers 403 or 404."""

import re

import pytest

from admin.navigation import WAYS
from tests.admin.conftest import Office

# Page → who may open it; everybody else of the desk hears 403 (or 404 where it would tell that something is there).
OPEN_TO = {
    "/admin/approvals": {"lender", "approver", "operator", "keeper", "system", "security", "auditor", "borrower"},
    "/admin/desk": {"lender", "approver", "keeper"},
    "/admin/loans": {"lender", "approver", "keeper", "operator"},
    "/admin/assets/new": {"lender", "approver", "keeper", "operator"},
    "/admin/places": {"lender", "approver", "keeper", "operator", "system"},
    "/admin/people": {"lender", "approver", "system", "security"},
    "/admin/people/new": {"system"},
    "/admin/audit": {"auditor"},
    "/admin/audit/chain": {"auditor"},
    "/admin/policies/security": {"system", "security", "auditor"},
    "/admin/policies/security/change": {"security"},
}
EVERYBODY = ("lender", "approver", "keeper", "operator", "borrower", "system", "security", "auditor")


@pytest.mark.parametrize("who", EVERYBODY)
async def test_only_the_right_people_see_a_page_when_it_is_asked_for_by_address(office: Office, who: str) -> None:
    found = {}
    for path in OPEN_TO:
        found[path] = (await getattr(office, who).get(path)).status
    wanted = {path: 200 if who in people else 403 for path, people in OPEN_TO.items()}
    # Asking for the change of a policy draws the form for whoever may read it; sending it is what is refused.
    assert {path: status for path, status in found.items() if not path.endswith("/security/change")} == {
        path: status for path, status in wanted.items() if not path.endswith("/security/change")
    }


@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_way_leads_to_a_page_when_it_is_shown(office: Office, who: str) -> None:
    visitor = getattr(office, who)
    start = await visitor.get("/admin/")
    if who == "borrower":
        assert start.status == 403
        return
    if start.status == 303:
        start = await visitor.follow(start)
    shown = set(re.findall(r'class="nav-link" href="([^"]+)"', start.answer.text))
    held = {grant.role for grant in office.actors[who].grants}
    assert shown == {way.path for way in WAYS if way.roles & held}
    for path in shown:
        assert (await visitor.get(path)).status == 200, path


async def test_the_auditor_sees_the_audit_and_nothing_else(office: Office) -> None:
    start = await office.auditor.get("/admin/")
    assert start.target == "/admin/audit"
    card, loanless = office.hall.projector.id, await office.auditor.get("/admin/loans")
    assert loanless.status == 403
    assert (await office.auditor.get(f"/admin/assets/{card}")).status == 404
    assert (await office.auditor.get("/admin/people")).status == 403


async def test_another_units_card_is_not_found_when_its_address_is_guessed(office: Office) -> None:
    card = office.hall.projector.id
    assert (await office.lender.get(f"/admin/assets/{card}")).status == 200
    for path in ("", "/correction", "/move", "/label", "/freezing", "/custodian", "/label.pdf"):
        assert (await office.approver.get(f"/admin/assets/{card}{path}")).status == 404, path


async def test_a_stranger_is_sent_to_the_login_when_a_page_is_asked_for(office: Office, client) -> None:
    answer = await client.get("/admin/assets")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fadmin%2Fassets"


async def test_nothing_is_written_when_a_form_comes_without_its_token(office: Office) -> None:
    card = office.hall.projector.id
    page = await office.lender.get(f"/admin/assets/{card}/freezing")
    forged = {**page.form(f"/admin/assets/{card}/freezing").values, "csrf_token": "0" * 64}
    answer = await office.lender.send(
        "POST", f"/admin/assets/{card}/freezing", data={**forged, "reason": "查封", "document_no": "临封〔2026〕1号"}
    )
    assert answer.status == 403
    assert "已冻结" not in (await office.lender.get(f"/admin/assets/{card}")).words
