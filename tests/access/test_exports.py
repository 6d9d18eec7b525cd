"""What is taken along holds what the list shows, and nothing of other units."""

import csv
import io

import httpx
import pytest

from server.files.tables import CSV
from server.identity.roles import Role
from server.kernel.reading import reading
from server.web.routes import ROUTES
from tests.access.conftest import Trial
from tests.access.sending import address_of

# The list, what is made in every office, and who asks in their own.
OF_A_UNIT = (
    ("/admin/assets/export", "card", Role.ASSET_MANAGER),
    ("/admin/loans/export?state=all", "lent", Role.ASSET_MANAGER),
    ("/admin/losses/export", "lost", Role.ASSET_MANAGER),
    ("/admin/losses/export?state=decided", "owed", Role.OPERATIONS),
    ("/admin/occasions/export", "occasion", Role.ASSET_MANAGER),
    ("/admin/approvals/export", "task", Role.ASSET_MANAGER),
    ("/admin/needs/export", "need", Role.ASSET_MANAGER),
    ("/admin/imports/export", "ready_import", Role.ASSET_MANAGER),
    ("/admin/places/export", "site", Role.ASSET_MANAGER),
    ("/admin/people/export", "person", Role.SECURITY_ADMIN),
    ("/admin/role-requests/export", "asked", Role.SECURITY_ADMIN),
    ("/admin/grants/export", "person", Role.AUDIT_ADMIN),
    ("/admin/delegations/export", "delegation", Role.SECURITY_ADMIN),
    ("/approvals/export", "task", Role.ASSET_MANAGER),
    ("/borrowings/export?view=unit", "borrowed", Role.ASSET_MANAGER),
    ("/wanted/export?view=unit", "wanted", Role.ASSET_MANAGER),
)
# The thing, of one's own unit and of the neighbour's.
OF_A_THING = (
    ("/admin/occasions/<occasion_id>/export", "occasion", Role.ASSET_MANAGER),
    ("/admin/holdings/<unit_id>/export", "unit", Role.ASSET_MANAGER),
    ("/admin/holdings/<unit_id>/cards/export?category=A02010105", "measured", Role.ASSET_MANAGER),
    ("/admin/imports/<import_id>/rows/export?verdict=new", "ready_import", Role.ASSET_MANAGER),
    ("/admin/people/<person_id>/grants/export", "person", Role.SECURITY_ADMIN),
    ("/admin/handovers/<handover_id>/export", "signed", Role.ASSET_MANAGER),
)


def joined(path: str) -> str:
    """The address with its kind of file."""
    return f"{path}{'&' if '?' in path else '?'}format=csv"


async def rows_of(trial: Trial, address: str, role: Role) -> list[dict[str, str]]:
    shown = await trial.pass_for(trial.world.asking[role, False])
    answer = await trial.client.get(joined(address), headers={"Cookie": f"{shown.cookie}={shown.token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, CSV), address
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_export_holds_ones_own_units_things_alone_when_others_have_the_same(trial: Trial) -> None:
    name, faults = trial.world.offices["own"].unit.name, []
    for path, thing, role in OF_A_UNIT:
        for relation in ("own", "neighbour", "far"):
            await trial.world.thing(thing, relation)
        rows = await rows_of(trial, path, role)
        faults += [path] if not rows else []
        faults += [f"{path}: {row}" for row in rows if not any(name in cell for cell in row.values())]
    assert not faults, "\n".join(faults)


async def test_export_is_refused_as_unheard_of_when_the_thing_is_a_neighbours(trial: Trial) -> None:
    for path, thing, role in OF_A_THING:
        await rows_of(trial, address_of(path, await trial.world.thing(thing, "own")), role)
        shown = await trial.pass_for(trial.world.asking[role, False])
        address = joined(address_of(path, await trial.world.thing(thing, "neighbour")))
        answer = await trial.client.get(address, headers={"Cookie": f"{shown.cookie}={shown.token}"})
        assert answer.status_code == 404, path


async def test_nothing_is_recorded_as_taken_out_when_it_was_refused(trial: Trial) -> None:
    shown = await trial.pass_for(trial.world.asking[Role.BORROWER, False])
    for path in ("/admin/people/export", "/admin/grants/export", "/admin/unit-changes/export", "/admin/imports/export"):
        answer = await trial.client.get(path, headers={"Cookie": f"{shown.cookie}={shown.token}"})
        assert answer.status_code == 403, path
    async with reading() as db:
        assert await db.fetch_all("SELECT id FROM audit_event WHERE action = 'list.exported'") == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_every_list_is_taken_out_in_both_kinds_when_its_reader_asks(trial: Trial, kind: str) -> None:
    role_of = {path.partition("?")[0]: role for path, _, role in OF_A_UNIT}
    taken = [path for method, path in ROUTES if method == "GET" and path.endswith("/export") and "<" not in path]
    assert set(role_of) <= set(taken)
    for path in taken:
        role = role_of.get(path, Role.SYSTEM_ADMIN if path.startswith("/admin/") else Role.ASSET_MANAGER)
        shown = await trial.pass_for(trial.world.asking[role, False])
        answer = await trial.client.get(f"{path}?format={kind}", headers={"Cookie": f"{shown.cookie}={shown.token}"})
        beginning = b"PK\x03\x04" if kind == "xlsx" else "\ufeff".encode()
        assert (answer.status_code, answer.content.startswith(beginning)) == (200, True), path
        assert f".{kind}" in answer.headers["content-disposition"]


async def test_nothing_is_made_or_recorded_when_only_the_head_is_asked_for(trial: Trial) -> None:
    async def head(path: str, role: Role) -> httpx.Response:
        shown = await trial.pass_for(trial.world.asking[role, False])
        return await trial.client.head(path, headers={"Cookie": f"{shown.cookie}={shown.token}"})

    for path in ("/admin/people/export", "/sharing/export?format=csv", "/admin/grants/export"):
        answer = await head(path, Role.SECURITY_ADMIN if path.startswith("/admin") else Role.BORROWER)
        assert (answer.status_code, answer.content) == (200, b""), path
        assert "attachment" in answer.headers["content-disposition"]
    assert (await head("/admin/people/export", Role.BORROWER)).status_code == 403
    assert (await head("/admin/assets/export?state=nonsense", Role.ASSET_MANAGER)).status_code == 400
    async with reading() as db:
        assert await db.fetch_all("SELECT id FROM audit_event WHERE action = 'list.exported'") == []
