"""Forms of a unit's life are drawn for who may send them."""

import pytest

from tests.admin.conftest import Office


@pytest.mark.parametrize("form", ["changes/merge", "changes/split", "renaming", "correction", "closing"])
async def test_form_is_drawn_for_the_system_administrator_alone(office: Office, form: str) -> None:
    address = f"/admin/units/{office.hall.ledger.city.health.id}/{form}"
    # Who works in the unit sees it, and no form that would be refused.
    refused = await office.lender.get(address)
    assert (refused.status, "role.required" in refused.answer.text) == (403, True)
    assert (await office.system.get(address)).status == 200


async def test_change_that_there_is_not_is_not_found(office: Office) -> None:
    unit = office.hall.ledger.city.health.id
    assert (await office.system.get(f"/admin/units/{unit}/changes/dissolve")).status == 404
    page = await office.system.get(f"/admin/units/{unit}/changes/merge")
    values = page.form(f"/admin/units/{unit}/changes/merge").values
    assert (await office.system.send("POST", f"/admin/units/{unit}/changes/dissolve", data=values)).status == 404
