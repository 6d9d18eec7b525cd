"""A unit is merged while its people apply, decide and hand over, and somebody hands over while others decide: nothing
is lost in between, nothing stays behind."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from server.assets.types import AssetView
from server.circulation.commands import submit_borrowing
from server.identity.commands import propose_unit_change
from server.identity.roles import Role
from server.identity.sessions import WEB
from server.identity.types import UnitView
from server.kernel.actor import Actor
from server.opening import opened
from server.settings import Settings
from server.web.sessions import SESSION_COOKIE
from tests.factories.assets import make_card, make_ledger, make_place
from tests.factories.circulation import application, make_listed_projector
from tests.factories.identity import make_actor, make_person, make_unit
from tests.factories.reorganisation import administrators, left_behind, proposal
from tests.factories.town import wanted
from tests.storefront.visitor import Visitor
from tests.support.databases import drop_database, new_database, new_redis_url
from tests.support.http import code_of, data_of, signed_in
from tests.support.phones import Phone, new_client, phones
from tests.support.product import environment_for, migrate_now
from tests.support.served import Product, running
from tests.support.verdict import rows, verdicts
from tests.support.waiting import eventually

CROWD = 40
LEAVING = 8
APPLICATIONS = 20


@dataclass(frozen=True, slots=True)
class Merger:
    """A unit whose merger into `to` waits for confirmation, and who works there while it comes."""

    unit: UnitView
    to: UnitView
    change_id: str
    borrowers: list[str]
    manager: str
    manager_web: str


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody whose applications wait, the manager who decides about them and takes them over, and another one."""

    person_id: str
    waiting: list[str]
    manager: str
    manager_id: str
    other_web: str


@dataclass(frozen=True, slots=True)
class Stand:
    """A product in processes of its own; `things` to borrow, `waiting` applications, `handing` people and takers."""

    environment: dict[str, str]
    product: Product
    security: str
    things: list[str]
    submitting: Merger
    deciding: Merger
    waiting: list[str]
    leaving: Merger
    handing: list[tuple[str, str]]
    leaver: Leaver


@pytest.fixture(scope="module")
def running_stand(storage: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Two web processes and a worker over MariaDB, one process over SQLite; the clock can be moved on."""
    data_dir = tmp_path_factory.mktemp("mergers")
    urls = {}
    if storage == "mariadb":
        urls["DATABASE_URL"] = new_database(request.getfixturevalue("mariadb_server"))
        urls["REDIS_URL"] = new_redis_url(request.getfixturevalue("redis_server"))
    environment = environment_for(data_dir, CLOCK_OFFSET_FILE=str(data_dir / "offset"), **urls)
    migrate_now(Settings.from_environment(environment))
    made = asyncio.run(make_town(environment))
    with running(environment) as product:
        yield Stand(environment, product, **made)
    if urls:
        drop_database(urls["DATABASE_URL"])


@pytest.fixture
async def stand(running_stand: Stand) -> AsyncIterator[Stand]:
    """The same, whole at the end of every test."""
    yield running_stand
    assert await verdicts(running_stand.environment) == []


async def make_town(environment: dict[str, str]) -> dict[str, object]:
    """Three units that are about to be merged, and what their people are about to do."""
    async with opened(Settings.from_environment(environment)):
        ledger = await make_ledger()
        cards = [(await make_listed_projector(ledger))[0] for _ in range(8)]
        system, security = await administrators(ledger.city)
        to = await make_unit("临平区文化卫生委员会", "区文卫委", ledger.city.linping)
        submitting, deciding, leaving = [
            await make_merger(
                system, await make_unit(f"临平区第{name}局", f"{name}局", ledger.city.linping), to, people
            )
            for name, people in (("一", CROWD), ("二", 1), ("三", 0))
        ]
        applicant = await make_actor("老李", deciding.unit, Role.BORROWER)
        asked = [application(cards[n % 8].id, 40 + n // 8, 40 + n // 8) for n in range(CROWD)]
        waiting = [(await submit_borrowing(applicant, each)).id for each in asked]
        return {
            "security": await signed_in(security, WEB),
            "things": [card.id for card in cards],
            "submitting": submitting,
            "deciding": deciding,
            "waiting": waiting,
            "leaving": leaving,
            "handing": await make_handing(leaving.unit),
            "leaver": await make_leaver(await make_unit("临平区第四局", "四局", ledger.city.linping), cards),
        }


async def make_merger(system: Actor, unit: UnitView, to: UnitView, people: int) -> Merger:
    borrowers = [await make_actor(f"{unit.short_name}{n:02d}", unit, Role.BORROWER) for n in range(people)]
    manager = await make_actor(f"{unit.short_name}管理员", unit, Role.ASSET_MANAGER)
    return Merger(
        unit=unit,
        to=to,
        change_id=(await propose_unit_change(system, proposal("merge", unit, to))).id,
        borrowers=[await signed_in(each) for each in borrowers],
        manager=await signed_in(manager),
        manager_web=await signed_in(manager, WEB),
    )


async def make_handing(unit: UnitView) -> list[tuple[str, str]]:
    """People with two things each, and whoever takes them over."""
    room = await make_place(unit, "库房")
    manager = await make_actor("登记员", unit, Role.ASSET_MANAGER)
    pairs = []
    for number in range(LEAVING):
        giver, taker = await make_person(f"交{number}", unit), await make_person(f"接{number}", unit)
        for _ in range(2):
            await make_card(manager, room, custodian_id=giver.id)
        pairs.append((giver.id, taker.id))
    return pairs


async def make_leaver(unit: UnitView, cards: list[AssetView]) -> Leaver:
    """Applications of one person, on days of their own."""
    applicant = await make_actor("老王", unit, Role.BORROWER)
    manager = await make_actor("四局管理员", unit, Role.ASSET_MANAGER, Role.BORROWER)
    other = await make_actor("四局副管理员", unit, Role.ASSET_MANAGER)
    asked = [application(cards[n % 8].id, 60 + n // 8, 60 + n // 8) for n in range(APPLICATIONS)]
    assert applicant.person_id and manager.person_id
    return Leaver(
        person_id=applicant.person_id,
        waiting=[(await submit_borrowing(applicant, each)).id for each in asked],
        manager=await signed_in(manager),
        manager_id=manager.person_id,
        other_web=await signed_in(other, WEB),
    )


@asynccontextmanager
async def browser(stand: Stand, token: str) -> AsyncIterator[Visitor]:
    """Somebody at the desk."""
    async with new_client(stand.product) as client:
        visitor = Visitor(client)
        visitor.cookies[SESSION_COOKIE] = token
        yield visitor


async def confirm(stand: Stand, merger: Merger, security: Visitor) -> int:
    """Press the button on the change's page; the status."""
    address = f"/admin/unit-changes/{merger.change_id}"
    page = await security.get(address)
    return (await security.submit(page, f"{address}/confirmation")).status


async def behind(stand: Stand, unit: UnitView) -> list[str]:
    """What still names the unit that has gone."""
    async with opened(Settings.from_environment(stand.environment)):
        return await left_behind(unit, unit.path)


async def test_every_application_is_the_successors_when_forty_apply_during_a_merger(stand: Stand) -> None:
    merger = stand.submitting

    async def apply(number: int, phone: Phone) -> object:
        first = number // 8
        answer = await phone.insist("/borrowings", wanted(stand.things[number % 8], first, first))
        # Whoever came between the old and the new is told so, and asks once more.
        if answer.status_code in {403, 409}:
            answer = await phone.insist("/borrowings", wanted(stand.things[number % 8], first, first))
        return data_of(answer, 201)["id"]

    async with phones(stand.product, merger.borrowers) as crowd, browser(stand, stand.security) as security:
        half = CROWD // 2
        first = [asyncio.create_task(apply(n, crowd[n])) for n in range(half)]
        confirmed = asyncio.create_task(confirm(stand, merger, security))
        second = [asyncio.create_task(apply(n, crowd[n])) for n in range(half, CROWD)]
        ids = await asyncio.gather(*first, *second)
        assert await confirmed == 303
    assert len(set(ids)) == CROWD
    assert await verdicts(stand.environment) == []
    assert await behind(stand, merger.unit) == []
    kept = await rows(
        stand.environment,
        "SELECT b.id, b.borrower_unit_name AS name, t.unit_id FROM borrowing b JOIN approval_chain c"
        " ON c.subject_id = b.id JOIN approval_task t ON t.chain_id = c.id WHERE b.borrower_unit_id = ?"
        " AND t.state = 'pending' AND b.purpose LIKE '%文化工作会议%' AND b.applicant_name LIKE '一局%'",
        merger.to.id,
    )
    assert {row["id"] for row in kept} == set(ids)
    assert {(row["name"], row["unit_id"]) for row in kept} == {(merger.to.name, merger.to.id)}


async def test_every_decision_counts_once_when_the_unit_is_merged_under_way(stand: Stand) -> None:
    merger = stand.deciding

    async def decide(phone: Phone, borrowing_id: str) -> int:
        path = f"/approvals/{await phone.task_of(borrowing_id)}/decision"

        async def answered() -> int:
            answer = await phone.insist(path, {"is_approved": True, "opinion": "同意"})
            # A session of the old unit does not see the new one's task; soon it is a session of the new one.
            return 0 if answer.status_code == 404 else answer.status_code

        return await eventually(answered)

    async with phones(stand.product, [merger.manager] * 4) as deciders, browser(stand, stand.security) as security:
        deciding = [asyncio.create_task(decide(deciders[n % 4], each)) for n, each in enumerate(stand.waiting)]
        statuses, confirmed = await asyncio.gather(asyncio.gather(*deciding), confirm(stand, merger, security))
    assert confirmed == 303
    assert Counter(statuses) == {201: CROWD}
    assert await behind(stand, merger.unit) == []
    found = await rows(
        stand.environment,
        "SELECT t.state, t.step, COUNT(*) AS number FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id"
        " JOIN borrowing b ON b.id = c.subject_id WHERE b.applicant_name = '老李' GROUP BY t.state, t.step"
        " ORDER BY t.step",
    )
    assert [(row["state"], row["number"]) for row in found] == [("approved", CROWD), ("pending", CROWD)]


async def test_every_thing_has_a_custodian_when_people_hand_over_during_a_merger(stand: Stand) -> None:
    merger = stand.leaving

    async def hand_over(manager: Visitor, giver: str, taker: str) -> int:
        address = f"/admin/people/{giver}/handover"
        page = await manager.get(address)
        if page.status == 200:
            page = await manager.submit(page, address, to_person_id=taker, note="调离")
        if page.status in {403, 404, 409}:
            page = await manager.submit(await manager.get(address), address, to_person_id=taker, note="调离")
        return page.status

    async with browser(stand, merger.manager_web) as manager, browser(stand, stand.security) as security:
        handing = [asyncio.create_task(hand_over(manager, *pair)) for pair in stand.handing]
        statuses, confirmed = await asyncio.gather(asyncio.gather(*handing), confirm(stand, merger, security))
    assert confirmed == 303 and Counter(statuses) == {303: LEAVING}
    assert await behind(stand, merger.unit) == []
    kept = await rows(
        stand.environment,
        "SELECT custodian_id, COUNT(*) AS number FROM asset_card WHERE holder_unit_id = ? AND custodian_id IS NOT NULL"
        " GROUP BY custodian_id",
        merger.to.id,
    )
    assert {row["custodian_id"]: row["number"] for row in kept} == {taker: 2 for _, taker in stand.handing}
    signed = await rows(stand.environment, "SELECT COUNT(*) AS number FROM handover")
    assert signed == [{"number": LEAVING}]


async def test_nobody_decides_their_own_when_applications_are_handed_over_to_their_approver(stand: Stand) -> None:
    leaver = stand.leaver
    address = f"/admin/people/{leaver.person_id}/handover"
    async with phones(stand.product, [leaver.manager] * 4) as deciders, browser(stand, leaver.other_web) as desk:
        tasks = [await deciders[n % 4].task_of(each) for n, each in enumerate(leaver.waiting)]
        page = await desk.get(address)

        def decide(number: int) -> asyncio.Task[httpx.Response]:
            path = f"/approvals/{tasks[number]}/decision"
            return asyncio.create_task(deciders[number % 4].insist(path, {"is_approved": True, "opinion": "同意"}))

        half = APPLICATIONS // 2
        deciding = [decide(number) for number in range(half)]
        handed = asyncio.create_task(desk.submit(page, address, to_person_id=leaver.manager_id, note="调离"))
        deciding += [decide(number) for number in range(half, APPLICATIONS)]
        answers = await asyncio.gather(*deciding)
        assert (await handed).status == 303
    counted = Counter(answer.status_code for answer in answers)
    assert counted[201] + counted[403] == APPLICATIONS
    refused = {code_of(answer, 403) for answer in answers if answer.status_code == 403}
    assert refused <= {"approval.own_application"}
    found = await rows(
        stand.environment,
        "SELECT b.applicant_id AS applies, c.applicant_id AS asks, t.state, t.decided_by FROM borrowing b"
        " JOIN approval_chain c ON c.subject_id = b.id JOIN approval_task t ON t.chain_id = c.id AND t.step = 0"
        " WHERE b.borrower_unit_name = '临平区第四局'",
    )
    assert {(row["applies"], row["asks"]) for row in found} == {(leaver.manager_id, leaver.manager_id)}
    decided = Counter((row["state"], row["decided_by"]) for row in found)
    assert decided == +Counter({("approved", leaver.manager_id): counted[201], ("pending", None): counted[403]})
