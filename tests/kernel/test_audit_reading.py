"""Reading the audit: pages both ways, by person, action, day and thing, and only one's own part of the tree."""

import hashlib
from datetime import timedelta

import msgspec
import pytest

from server.identity import auditing
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.audit import queries
from server.kernel.audit.export import (
    MOST_ROWS,
    Statement,
    begin_export,
    faults_of,
    public_key,
    record_export,
    sign,
)
from server.kernel.audit.queries import AuditFilter, AuditPage, list_events, subject_labels, subjects_meant
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.audit.subjects import register_related
from server.kernel.errors import Forbidden, InvalidInput, LimitReached
from server.kernel.paging import encode_cursor
from server.kernel.reading import present_day
from server.kernel.runtime import Runtime
from server.kernel.storage.database import Reader
from tests.factories.identity import City, make_actor, make_city
from tests.kernel.test_audit import KEY
from tests.kernel.things import ACTOR, Step, count_up

TESTS = AuditFilter(action="test.")


@pytest.fixture
async def city(runtime: Runtime) -> City:
    return await make_city()


async def auditor(city: City) -> Actor:
    return await make_actor("沈建华", city.city, Role.AUDIT_ADMIN, is_subtree=True)


def notes(page: AuditPage) -> list[str]:
    return [event.facts["note"] for event in page.items]


async def test_pages_lead_both_ways_when_there_are_several(city: City) -> None:
    reader = await auditor(city)
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    for number in range(7):
        await count_up(clerk, Step(note=f"{number}"))
    first = await list_events(reader, TESTS, size=3)
    second = await list_events(reader, TESTS, first.next_cursor, size=3)
    third = await list_events(reader, TESTS, second.next_cursor, size=3)
    assert [notes(page) for page in (first, second, third)] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert (first.previous_cursor, third.next_cursor) == (None, None)
    back = await list_events(reader, TESTS, third.previous_cursor, size=3)
    assert notes(back) == ["3", "2", "1"]
    begun = await list_events(reader, TESTS, back.previous_cursor, size=3)
    assert notes(begun) == ["6", "5", "4"]
    assert begun.previous_cursor is None
    assert notes(await list_events(reader, TESTS, begun.next_cursor, size=3)) == ["3", "2", "1"]
    for made_up in (encode_cursor("sideways", "x"), encode_cursor("x")):
        with pytest.raises(InvalidInput):
            await list_events(reader, TESTS, made_up)


async def test_events_are_found_by_person_action_and_day(city: City) -> None:
    reader = await auditor(city)
    one = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    other = await make_actor("何平", city.culture, Role.ASSET_MANAGER)
    await count_up(one, Step(note="一"))
    await count_up(other, Step(note="二"))

    async def found(**wanted: object) -> list[str]:
        return notes(await list_events(reader, msgspec.structs.replace(TESTS, **wanted)))

    today, day = present_day(), timedelta(days=1)
    assert await found(person="周敏") == await found(person=one.person_id) == ["一"]
    assert await found(person="没有此人") == []
    assert await found(action="test.count") == ["二", "一"]
    assert await found(action="tester.") == []
    assert await found(from_day=today, to_day=today) == ["二", "一"]
    assert await found(to_day=today - day) == await found(from_day=today + day) == []


async def test_a_thing_brings_along_what_belongs_to_it(city: City) -> None:
    reader = await auditor(city)
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    await count_up(clerk, Step(note="它自己"))
    [event] = (await list_events(reader, TESTS)).items

    async def belongs(rows: Reader, subject_id: str) -> list[tuple[str, str]]:
        return [(event.subject_kind, event.subject_id)] if subject_id == "whole" else []

    register_related("whole", belongs)
    assert notes(await list_events(reader, AuditFilter(subject="whole:whole"))) == ["它自己"]
    assert notes(await list_events(reader, AuditFilter(subject=f"{event.subject_kind}:{event.subject_id}"))) != []
    assert (await list_events(reader, AuditFilter(subject=f"other:{event.subject_id}"))).items == []


async def test_things_are_meant_by_name_only_where_their_events_may_be_read(city: City) -> None:
    assert auditing
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    reader = await auditor(city)
    elsewhere = await make_actor("韩冰", city.culture, Role.AUDIT_ADMIN)
    [person] = [each for each in await subjects_meant(reader, "周敏") if each.kind == "person"]
    assert (person.id, person.label) == (clerk.person_id, "周敏")
    assert await subjects_meant(elsewhere, "周敏") == []
    assert await subjects_meant(reader, "  ") == []
    labels = await subject_labels(reader, [clerk.person_id or "", city.health.id, "0123456789abcdef", "不是编号"])
    assert labels == {clerk.person_id: "周敏", city.health.id: city.health.name}


async def test_a_small_scope_is_read_unit_by_unit_and_says_the_same(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    other = await make_actor("何平", city.culture, Role.ASSET_MANAGER)
    far = await make_actor("方远", city.school, Role.ASSET_MANAGER)
    district = await make_actor("严正", city.linping, Role.AUDIT_ADMIN, is_subtree=True)
    for number, actor in enumerate((clerk, other, far, clerk, other)):
        await count_up(actor, Step(note=f"{number}"))
    await seal_audit(SEALER, KEY.hex())

    async def exported(up_to: int) -> list[str]:
        batches = queries.sealed_events(district, TESTS, up_to, 2)
        return [event.facts["note"] async for batch in batches for event in batch]

    few = [notes(await list_events(district, TESTS, size=size)) for size in (2, 20)]
    assert (await exported(0), await exported(10**6)) == ([], ["0", "1", "3", "4"])
    monkeypatch.setattr(queries, "_FEW_UNITS", 0)
    assert few == [notes(await list_events(district, TESTS, size=size)) for size in (2, 20)]
    assert few[0] == few[1][:2]
    assert await exported(10**6) == ["0", "1", "3", "4"]


async def test_what_nobody_s_unit_did_is_read_from_the_root_of_the_tree(city: City) -> None:
    district = await make_actor("严正", city.linping, Role.AUDIT_ADMIN, is_subtree=True)
    await count_up(ACTOR, Step(note="定时任务"))
    for wanted in (TESTS, AuditFilter(subject="series:test")):
        assert notes(await list_events(await auditor(city), wanted)) == ["定时任务"]
        assert notes(await list_events(district, wanted)) == []


# Taking it out


def statement(**changes: object) -> Statement:
    told = Statement(
        file="a.csv", sha256="0" * 64, rows=1, asked={"action": "test."}, chain_count=1, chain_hash="f" * 64,
        exported_at="2026-11-27T02:00:00+00:00", exported_by="沈建华", unit="杭州市人民政府",
    )  # fmt: skip
    return msgspec.structs.replace(told, **changes)


async def test_only_sealed_events_are_taken_out_and_by_the_auditor_alone(city: City) -> None:
    reader = await auditor(city)
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    await count_up(clerk, Step(note="封存"))
    await seal_audit(SEALER, KEY.hex())
    await count_up(clerk, Step(note="未封存"))
    extract = await begin_export(reader, TESTS)
    assert [event.facts["note"] async for batch in extract.batches for event in batch] == ["封存"]
    assert extract.chain_count > 0
    await record_export(reader, statement())
    [event] = (await list_events(reader, AuditFilter(action="audit.exported"))).items
    assert event.facts["asked"] == {"action": "test."}
    for asked in (begin_export(clerk, TESTS), record_export(clerk, statement()), subjects_meant(clerk, "周敏"),
                  subject_labels(clerk, [])):  # fmt: skip
        with pytest.raises(Forbidden):
            await asked


async def test_an_export_is_refused_rather_than_cut_when_it_is_too_large(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await auditor(city)
    clerk = await make_actor("周敏", city.health, Role.ASSET_MANAGER)
    for _ in range(3):
        await count_up(clerk, Step(note="一"))
    await seal_audit(SEALER, KEY.hex())
    assert MOST_ROWS >= 10_000
    monkeypatch.setattr("server.kernel.audit.export.MOST_ROWS", 2)
    extract = await begin_export(reader, TESTS)
    with pytest.raises(LimitReached) as refused:
        [batch async for batch in extract.batches]
    assert (refused.value.code, refused.value.data["limit"]) == ("audit.export_too_large", 2)


def test_a_signature_fits_only_its_own_file_and_installation() -> None:
    content = "封存号\r\n1\r\n".encode()
    digest = hashlib.sha256(content).hexdigest()
    signed = sign(KEY, statement(sha256=digest))
    assert faults_of(signed, KEY, content, 1) == []
    assert "改动过" in faults_of(signed, KEY, content + b"x", 1)[0]
    assert "签名写明 1 条" in faults_of(signed, KEY, content, 2)[0]
    other = bytes(32)
    assert public_key(other) != public_key(KEY)
    own = sign(other, statement(sha256=digest))
    assert "不是本系统的" in faults_of(own, KEY, content, 1)[0]
    forged = msgspec.structs.replace(signed, statement=statement(sha256=digest, rows=2))
    assert "不是本系统的" in faults_of(forged, KEY, content, 2)[0]
