"""Whoever comes at once: one has the effect, every other gets a defined answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from server.kernel.ids import new_id
from server.settings import Settings
from tests.factories.town import Thing, Town, make_town, wanted, wanted_hours
from tests.support.databases import drop_database, new_database, new_redis_url
from tests.support.http import code_of, data_of
from tests.support.phones import phones
from tests.support.product import environment_for, migrate_now
from tests.support.served import Product, running
from tests.support.verdict import audited, rows, verdicts

CROWD, CHAIRS = 40, 20


@dataclass(frozen=True, slots=True)
class Stand:
    """A product in processes of its own, and the people and things of its town; `fresh` things were never borrowed."""

    environment: dict[str, str]
    product: Product
    town: Town
    fresh: Iterator[Thing]


@pytest.fixture(scope="module")
def running_stand(storage: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Two web processes and a worker over MariaDB, one process over SQLite, for all the races of this file."""
    data_dir = tmp_path_factory.mktemp("races")
    environment = environment_for(data_dir)
    if storage == "mariadb":
        url = new_database(request.getfixturevalue("mariadb_server"))
        redis = new_redis_url(request.getfixturevalue("redis_server"))
        environment = environment_for(data_dir, DATABASE_URL=url, REDIS_URL=redis)
    migrate_now(Settings.from_environment(environment))
    town = asyncio.run(make_town(environment, things=18, borrowers=CROWD, chairs=CHAIRS, has_hourly=True))
    with running(environment) as product:
        yield Stand(environment, product, town, iter(town.things))
    if storage == "mariadb":
        drop_database(environment["DATABASE_URL"])


@pytest.fixture
async def stand(running_stand: Stand) -> AsyncIterator[Stand]:
    """The same, whole at the end of every test."""
    yield running_stand
    assert await verdicts(running_stand.environment) == []


async def rows_of(stand: Stand, *things: Thing) -> list[str]:
    """The borrowings of these things, oldest first."""
    found = []
    for thing in things:
        sql = "SELECT borrowing_id FROM borrowing_line WHERE asset_id = ? ORDER BY id"
        found += await rows(stand.environment, sql, thing.id)
    return [row["borrowing_id"] for row in found]


async def test_one_borrower_has_the_thing_when_forty_ask_for_overlapping_days(stand: Stand):
    thing = next(stand.fresh)
    async with phones(stand.product, stand.town.borrowers) as crowd:
        # All of them meet on the fourth day.
        asked = [
            phone.post("/borrowings", wanted(thing.id, number % 4, 3 + number % 5))
            for number, phone in enumerate(crowd)
        ]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CROWD - 1}
    refused = [code_of(answer, 409) for answer in answers if answer.status_code == 409]
    assert refused == ["asset.not_available"] * (CROWD - 1)
    [winner] = [data_of(answer, 201) for answer in answers if answer.status_code == 201]
    assert await rows_of(stand, thing) == [winner["id"]]
    assert Counter(await audited(stand.environment, winner["id"])) == {"borrowing.submit": 1}


async def test_one_borrower_has_the_hour_when_forty_want_it_or_the_day(stand: Stand):
    thing = stand.town.hourly
    assert thing is not None
    async with phones(stand.product, stand.town.borrowers) as crowd:
        # All want ten o'clock: most by the hour, every tenth the whole day.
        asked = [
            phone.post("/borrowings", wanted(thing.id, 1, 1))
            if number % 10 == 9
            else phone.post("/hourly-borrowings", wanted_hours(thing.id, 9 + number % 2, 11 + number % 4))
            for number, phone in enumerate(crowd)
        ]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CROWD - 1}
    refused = {code_of(answer, 409) for answer in answers if answer.status_code == 409}
    assert refused == {"asset.not_available"}
    [winner] = [data_of(answer, 201) for answer in answers if answer.status_code == 201]
    assert await rows_of(stand, thing) == [winner["id"]]


async def test_every_borrower_has_a_number_of_their_own_when_things_are_free(stand: Stand):
    things = [next(stand.fresh) for _ in range(4)]
    async with phones(stand.product, stand.town.borrowers) as crowd:
        # Ten ask for each thing, for days of their own.
        asked = [
            phone.post("/borrowings", wanted(things[number % 4].id, number // 4, number // 4))
            for number, phone in enumerate(crowd)
        ]
        views = [data_of(answer, 201) for answer in await asyncio.gather(*asked)]
    numbers = sorted(int(view["number"].rpartition("〕")[2].removesuffix("号")) for view in views)
    assert numbers == list(range(numbers[0], numbers[0] + CROWD))


async def test_one_decision_counts_when_two_approvers_decide_at_once(stand: Stand):
    thing = next(stand.fresh)
    async with phones(stand.product, [*stand.town.approvers, *stand.town.borrowers[:8]]) as (one, other, *borrowers):
        for number, borrower in enumerate(borrowers):
            view = data_of(await borrower.post("/borrowings", wanted(thing.id, number, number)), 201)
            task = await one.task_of(view["id"])
            answers = await asyncio.gather(
                one.post(f"/approvals/{task}/decision", {"is_approved": True, "opinion": "同意"}),
                other.post(f"/approvals/{task}/decision", {"is_approved": False, "opinion": "另有安排"}),
            )
            assert sorted(answer.status_code for answer in answers) == [201, 409]
            assert code_of(max(answers, key=lambda answer: answer.status_code), 409) == "approval.already_decided"
            decided = data_of(min(answers, key=lambda answer: answer.status_code), 201)["state"]
            assert data_of(await borrower.get(f"/borrowings/{view['id']}"))["state"] == (
                "rejected" if decided == "rejected" else "submitted"
            )
            counted = Counter(await audited(stand.environment, view["id"]))
            assert counted == {"borrowing.submit": 1, "approval.decided": 1}


async def issued(stand: Stand, thing: Thing) -> str:
    """A borrowing of `thing`, which three desks hand out at once."""
    people = [stand.town.borrowers[0], stand.town.approvers[0], stand.town.lender]
    async with phones(stand.product, people) as (borrower, approver, lender):
        view = data_of(await borrower.post("/borrowings", wanted(thing.id)), 201)
        for caller in (approver, lender):
            task = await caller.task_of(view["id"])
            decision = {"is_approved": True, "opinion": "同意"}
            data_of(await caller.post(f"/approvals/{task}/decision", decision), 201)
        receipt = {"code": thing.code, "received_by": "李晓梅"}
        answers = await asyncio.gather(*(lender.post("/issues", receipt) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        codes = {code_of(answer, 409) for answer in answers if answer.status_code == 409}
        assert codes <= {"borrowing.nothing_to_issue", "borrowing.already_issued"}
        return str(view["id"])


async def test_thing_comes_back_once_when_two_scan_it_at_once(stand: Stand):
    thing = next(stand.fresh)
    borrowing_id = await issued(stand, thing)
    async with phones(stand.product, [stand.town.lender] * 2) as desks:
        answers = await asyncio.gather(*(desk.post("/returns", {"code": thing.code}) for desk in desks))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        refused = max(answers, key=lambda answer: answer.status_code)
        assert code_of(refused, 409) == "borrowing.nothing_to_return"
        again = await desks[0].post("/returns", {"code": thing.code})
        assert code_of(again, 409) == "borrowing.nothing_to_return"
    counted = Counter(await audited(stand.environment, borrowing_id))
    assert (counted["borrowing.issue"], counted["borrowing.return"]) == (1, 1)


async def test_same_answer_and_one_effect_when_a_button_is_pressed_twice(stand: Stand):
    thing = next(stand.fresh)
    async with phones(stand.product, [stand.town.borrowers[0]] * 8) as fingers:
        for number in range(5):
            key = new_id()
            body = wanted(thing.id, number, number)
            answers = await asyncio.gather(*(finger.insist("/borrowings", body, key=key) for finger in fingers))
            views = [data_of(answer, 201) for answer in answers]
            assert all(view == views[0] for view in views)
    assert len(await rows_of(stand, thing)) == 5


async def test_second_body_is_refused_when_two_come_under_one_key(stand: Stand):
    things = next(stand.fresh), next(stand.fresh)
    async with phones(stand.product, [stand.town.borrowers[0]] * 8) as fingers:
        for number in range(5):
            key = new_id()
            asked = [
                finger.insist("/borrowings", wanted(things[turn % 2].id, number, number), key=key)
                for turn, finger in enumerate(fingers)
            ]
            answers = await asyncio.gather(*asked)
            assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 4}
            assert {code_of(answer, 409) for answer in answers if answer.status_code == 409} == {
                "idempotency.key_reused"
            }
            assert len({data_of(answer, 201)["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(await rows_of(stand, *things)) == 5


async def test_key_is_the_users_own_when_another_sends_the_same(stand: Stand):
    key = new_id()
    things = next(stand.fresh), next(stand.fresh)
    async with phones(stand.product, stand.town.borrowers[:2]) as (one, other):
        answers = await asyncio.gather(
            one.post("/borrowings", wanted(things[0].id), key=key),
            other.post("/borrowings", wanted(things[1].id), key=key),
        )
        assert data_of(answers[0], 201)["id"] != data_of(answers[1], 201)["id"]
    assert len(await rows_of(stand, *things)) == 2


async def test_the_last_chairs_go_to_as_many_as_there_are_when_forty_ask_for_three(stand: Stand):
    chairs = stand.town.chairs
    async with phones(stand.product, stand.town.borrowers) as crowd:
        asked = [
            phone.post("/borrowings", {**wanted(chairs[number % CHAIRS].id, number % 3, 3), "quantity": 3})
            for number, phone in enumerate(crowd)
        ]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: CHAIRS // 3, 409: CROWD - CHAIRS // 3}
    assert {code_of(answer, 409) for answer in answers if answer.status_code == 409} == {"asset.not_available"}
    taken = [
        line["asset_id"] for answer in answers if answer.status_code == 201 for line in data_of(answer, 201)["lines"]
    ]
    assert len(taken) == len(set(taken)) == CHAIRS // 3 * 3


async def test_each_of_the_last_chairs_goes_to_one_when_forty_ask_for_one(stand: Stand):
    chairs = stand.town.chairs
    async with phones(stand.product, stand.town.borrowers) as crowd:
        asked = [
            phone.post("/borrowings", {**wanted(chairs[number % CHAIRS].id, 20 + number % 3, 22), "quantity": 1})
            for number, phone in enumerate(crowd)
        ]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: CHAIRS, 409: CROWD - CHAIRS}
    assert {code_of(answer, 409) for answer in answers if answer.status_code == 409} == {"asset.not_available"}
    taken = [data_of(answer, 201)["lines"][0]["asset_id"] for answer in answers if answer.status_code == 201]
    assert sorted(taken) == sorted(chair.id for chair in chairs)


async def test_a_further_day_goes_to_one_when_a_renewal_and_forty_others_want_it(stand: Stand):
    thing = next(stand.fresh)
    borrowing_id = await issued(stand, thing)
    later = wanted(thing.id, 3, 5)
    async with phones(stand.product, stand.town.borrowers) as crowd:
        body = {"to_day": later["to_day"], "reason": "展期延长"}
        asked = [crowd[0].post(f"/borrowings/{borrowing_id}/renewal", body)]
        asked += [phone.post("/borrowings", wanted(thing.id, 3 + number % 3, 5)) for number, phone in enumerate(crowd)]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CROWD}
    assert {code_of(answer, 409) for answer in answers if answer.status_code == 409} == {"asset.not_available"}


async def test_one_renewal_is_asked_for_when_the_button_is_pressed_forty_times(stand: Stand):
    thing = next(stand.fresh)
    borrowing_id = await issued(stand, thing)
    body = {"to_day": wanted(thing.id, 3, 9)["to_day"], "reason": "展期延长"}
    async with phones(stand.product, [stand.town.borrowers[0]] * 8) as crowd:
        asked = [phone.post(f"/borrowings/{borrowing_id}/renewal", body) for phone in crowd for _ in range(5)]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CROWD - 1}
    assert {code_of(answer, 409) for answer in answers if answer.status_code == 409} == {"borrowing.renewal_pending"}
