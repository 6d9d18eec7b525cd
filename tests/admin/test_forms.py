"""Whoever may see a thing but not change it is told so before a form is drawn, not after it was filled in."""

from server.assets.commands import freeze_asset
from server.assets.types import FreezeAsset
from server.identity.commands import Delegate, delegate
from server.identity.queries import list_people
from server.identity.roles import Role
from server.kernel.ids import new_id
from server.kernel.reading import present_day
from server.places.commands import close_place
from tests.admin.conftest import Office
from tests.factories.assets import make_place
from tests.factories.identity import make_actor, make_post
from tests.storefront.visitor import Visitor


async def statuses(visitor: Visitor, paths: list[str]) -> dict[str, int]:
    return {path: (await visitor.get(path)).status for path in paths}


async def test_no_form_of_a_card_is_drawn_for_whoever_only_reads_it(office: Office) -> None:
    card = f"/admin/assets/{office.hall.projector.id}"
    accountant = await make_actor("林会计", office.hall.ledger.city.health, Role.UNIT_ACCOUNTANT)
    visitor = await Visitor.of(office.lender.client, accountant)
    assert (await visitor.get(card)).status == 200
    sheets = ("correction", "move", "custodian", "clearing", "freezing", "unfreezing", "picture", "label")
    paths = [f"{card}/{sheet}" for sheet in (*sheets, "listing", "listing/closing")]
    assert await statuses(visitor, paths) == dict.fromkeys(paths, 403)
    assert await statuses(visitor, ["/admin/assets/new", "/admin/desk"]) == {
        "/admin/assets/new": 403,
        "/admin/desk": 403,
    }


async def test_no_form_of_a_card_is_drawn_while_it_is_frozen_but_the_one_that_ends_it(office: Office) -> None:
    card = office.hall.projector.id
    await freeze_asset(office.hall.lender, FreezeAsset(asset_id=card, reason="查封", document_no="临封〔2026〕1号"))
    paths = [f"/admin/assets/{card}/{sheet}" for sheet in ("correction", "move", "custodian", "freezing")]
    assert await statuses(office.lender, paths) == dict.fromkeys(paths, 403)
    assert (await office.lender.get(f"/admin/assets/{card}/unfreezing")).status == 200


async def test_no_form_of_a_person_is_drawn_for_the_administrator_whose_work_it_is_not(office: Office) -> None:
    found = (await list_people(office.actors["security"])).items
    person = next(each for each in found if each.id == office.hall.lender.person_id)
    post = person.posts[0].post_id
    person = await make_post(person, office.hall.ledger.city.culture)
    here = f"/admin/people/{person.id}"
    for_security = [
        *(f"{here}/roles/new", f"{here}/posts/{post}/roles/{Role.ASSET_MANAGER}/revocation"),
        *(f"{here}/password", f"{here}/resets/sessions", f"{here}/disabling"),
    ]
    for_system = [
        *("/admin/people/new", f"{here}/posts/new", f"{here}/posts/{post}/end", f"{here}/handover"),
        *(f"{here}/invitation", f"/admin/units/{office.hall.ledger.city.health.id}/units/new"),
    ]
    assert await statuses(office.security, for_security) == dict.fromkeys(for_security, 200)
    assert await statuses(office.system, for_security) == dict.fromkeys(for_security, 403)
    assert await statuses(office.system, for_system) == dict.fromkeys(for_system, 200)
    assert await statuses(office.security, for_system) == dict.fromkeys(for_system, 403)
    unknown = [
        f"{here}/posts/{post}/roles/emperor/revocation",
        f"{here}/resets/everything",
        "/admin/policies/weather/change",
    ]
    assert await statuses(office.security, unknown) == dict.fromkeys(unknown, 404)


async def test_no_form_of_a_place_or_a_rule_is_drawn_for_whoever_only_reads_it(office: Office) -> None:
    room = f"/admin/places/{office.hall.ledger.health_room.id}"
    sheets = [f"{room}/correction", f"{room}/closing"]
    assert await statuses(office.lender, [room, *sheets]) == dict.fromkeys([room, *sheets], 200)
    closed_to_system = [*sheets, "/admin/places/new"]
    assert (await office.system.get(room)).status == 200
    assert await statuses(office.system, closed_to_system) == dict.fromkeys(closed_to_system, 403)
    rules = ["/admin/policies/borrowing", "/admin/calendar"]
    assert await statuses(office.lender, rules) == dict.fromkeys(rules, 200)
    changes = ["/admin/policies/borrowing/change", "/admin/calendar/load"]
    assert await statuses(office.lender, changes) == dict.fromkeys(changes, 403)


async def test_standards_are_shown_without_what_only_others_may_do(office: Office) -> None:
    health = office.hall.ledger.city.health.id
    accountant = await make_actor("林会计", office.hall.ledger.city.health, Role.UNIT_ACCOUNTANT)
    visitor = await Visitor.of(office.lender.client, accountant)
    shown = await visitor.get("/admin/standards")
    assert (shown.status, "/admin/standards/import" in shown.answer.text) == (200, False)
    assert (await visitor.get("/admin/holdings")).status == 200
    forms = ["/admin/standards/import", f"/admin/units/{health}/headcount"]
    assert await statuses(visitor, forms) == dict.fromkeys(forms, 403)
    pages = [await who.get(f"/admin/units/{health}") for who in (office.lender, office.security)]
    assert [f"/admin/holdings/{health}" in page.answer.text for page in pages] == [True, False]


async def test_no_form_of_a_place_is_drawn_when_it_is_closed(office: Office) -> None:
    room = await make_place(office.hall.ledger.city.health, "旧库房")
    await close_place(office.hall.lender, room.id)
    sheets = [f"/admin/places/{room.id}/{sheet}" for sheet in ("correction", "closing")]
    assert await statuses(office.lender, sheets) == dict.fromkeys(sheets, 409)


async def test_delegation_is_revoked_by_its_giver_and_not_by_who_stands_in(office: Office) -> None:
    colleague = await make_actor("钱伟", office.hall.ledger.city.health, Role.BORROWER)
    today = present_day()
    view = await delegate(
        office.hall.lender, Delegate(colleague.person_id or new_id(), Role.ASSET_MANAGER, today, today, "年休假")
    )
    stands_in = await Visitor.of(office.lender.client, colleague)
    link = f'href="/admin/delegations/{view.id}/revocation"'
    pages = [await visitor.get("/admin/delegations") for visitor in (office.lender, office.security, stands_in)]
    assert [(page.status, link in page.answer.text) for page in pages] == [(200, True), (200, True), (200, False)]
    assert (await office.security.get("/admin/delegations/new")).status == 403
