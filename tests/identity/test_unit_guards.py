"""What the locks, counts and conditions of unit changes and role requests are for, one by one."""

from datetime import date, timedelta

import msgspec
import pytest

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.identity.commands import (
    AddPost,
    AnswerRequest,
    CloseUnit,
    DisablePerson,
    DropChange,
    EndPost,
    ErasePerson,
    GrantRole,
    RenameUnit,
    RequestRole,
    add_post,
    close_unit,
    confirm_unit_change,
    disable_person,
    end_post,
    erase_person,
    grant_role,
    propose_unit_change,
    refuse_request,
    refuse_unit_change,
    rename_unit,
    request_role,
    withdraw_request,
    withdraw_unit_change,
)
from server.identity.jobs import follow_again
from server.identity.queries import person_by_id, preview_unit_change, unit_change_by_id
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.errors import InvalidInput
from server.kernel.reading import present_day, reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.settings import Settings
from tests.factories.circulation import Hall, answer, make_borrowing
from tests.factories.identity import SYSTEM, City, make_actor, make_person, make_unit
from tests.factories.reorganisation import administrators, proposal
from tests.identity.asking import refusal_code
from tests.support.behind import rewrite
from tests.support.meanwhile import while_changing, while_finishing


async def versions(table: str, ids: list[str]) -> dict[str, int]:
    marks = ", ".join("?" * len(ids))
    async with reading() as db:
        rows = await db.fetch_all(f"SELECT id, version FROM {table} WHERE id IN ({marks})", *ids)
    return {row["id"]: row["version"] for row in rows}


async def test_unit_is_closed_once_when_two_close_it(hall: Hall, joint: UnitView, settings: Settings) -> None:
    system, _ = await administrators(hall.ledger.city)
    closing = CloseUnit(unit_id=joint.id, document_no="临委编〔2026〕19号", effective_on=present_day(), reason="撤销")
    found = await while_finishing(settings, lambda: close_unit(system, closing), lambda: close_unit(system, closing))
    assert found == ("done", "record.not_found")


async def test_merger_is_carried_out_once_when_two_confirm_it(hall: Hall, joint: UnitView, settings: Settings) -> None:
    system, security = await administrators(hall.ledger.city)
    made = await propose_unit_change(system, proposal("merge", hall.ledger.city.health, joint))
    found = await while_finishing(
        settings, lambda: confirm_unit_change(security, made.id), lambda: confirm_unit_change(security, made.id)
    )
    assert found[0] == "done" and found[1] in {"record.not_found", "unit_change.decided"}


async def test_merger_goes_through_when_an_application_is_being_decided(
    hall: Hall, joint: UnitView, settings: Settings
) -> None:
    system, security = await administrators(hall.ledger.city)
    made = await propose_unit_change(system, proposal("merge", hall.ledger.city.health, joint))
    borrowing = await make_borrowing(hall)
    await answer(borrowing.id, hall.approver, is_approved=True)
    task = await waiting_task_for(hall.lender, "borrowing", borrowing.id)
    assert task is not None
    found = await while_finishing(
        settings,
        lambda: decide(hall.lender, Decide(task_id=task.id, is_approved=True)),
        lambda: confirm_unit_change(security, made.id),
    )
    assert found == ("done", "done")


async def test_post_that_is_being_ended_does_not_come_back_by_a_merger(
    hall: Hall, joint: UnitView, settings: Settings
) -> None:
    system, security = await administrators(hall.ledger.city)
    clerk = await make_person("王建国", hall.ledger.city.health, Role.BORROWER)
    before = clerk.posts[0].post_id
    await add_post(system, AddPost(clerk.id, joint.id, "借调"))
    [former] = [post.post_id for post in (await person_by_id(SYSTEM, clerk.id)).posts if post.post_id != before]
    await add_post(system, AddPost(clerk.id, hall.ledger.city.culture.id, "兼职"))
    await end_post(system, EndPost(former, "借调结束"))
    made = await propose_unit_change(system, proposal("merge", hall.ledger.city.health, joint))
    found = await while_finishing(
        settings,
        lambda: end_post(system, EndPost(before, "调离")),
        lambda: confirm_unit_change(security, made.id),
    )
    assert found == ("done", "done")
    after = await person_by_id(SYSTEM, clerk.id)
    assert [post.unit_id for post in after.posts] == [hall.ledger.city.culture.id]


async def test_late_row_follows_unless_the_unit_is_being_changed_again(
    hall: Hall, joint: UnitView, settings: Settings, runtime: Runtime
) -> None:
    system, security = await administrators(hall.ledger.city)
    health = hall.ledger.city.health
    made = await propose_unit_change(system, proposal("merge", health, joint))
    await confirm_unit_change(security, made.id)

    async def follow() -> None:
        async with unit_of_work(SYSTEM) as uow:
            await follow_again(uow, {"change_id": made.id})

    async def holder() -> str:
        async with reading() as db:
            [row] = await db.fetch_all("SELECT holder_unit_id FROM asset_card WHERE id = ?", hall.projector.id)
        return str(row["holder_unit_id"])

    await rewrite("UPDATE asset_card SET holder_unit_id = ? WHERE id = ?", health.id, hall.projector.id)
    ended = "UPDATE unit SET is_active = 0 WHERE id = ?"
    assert await while_changing(settings, follow, ended, joint.id) == "done"
    assert await holder() == health.id
    await rewrite("UPDATE unit SET is_active = 1 WHERE id = ?", joint.id)
    await follow()
    assert await holder() == joint.id


async def test_role_is_not_granted_from_the_old_unit_when_it_is_being_merged(
    hall: Hall, joint: UnitView, settings: Settings
) -> None:
    system, security = await administrators(hall.ledger.city)
    health = hall.ledger.city.health
    theirs = await make_actor("邵敏", health, Role.SECURITY_ADMIN)
    clerk = await make_person("王建国", health)
    made = await propose_unit_change(system, proposal("merge", health, joint))
    asked = GrantRole(clerk.posts[0].post_id, Role.UNIT_ACCOUNTANT, True, "接任会计")
    found = await while_finishing(
        settings, lambda: confirm_unit_change(security, made.id), lambda: grant_role(theirs, asked)
    )
    assert found == ("done", "record.not_found")
    [post] = (await person_by_id(SYSTEM, clerk.id)).posts
    assert (post.unit_id, post.roles) == (joint.id, [])


async def test_proposal_ends_once_when_one_refuses_it_and_another_takes_it_back(
    hall: Hall, joint: UnitView, settings: Settings
) -> None:
    system, security = await administrators(hall.ledger.city)
    made = await propose_unit_change(system, proposal("merge", hall.ledger.city.health, joint))
    drop = DropChange(made.id, "条件不具备")
    found = await while_finishing(
        settings, lambda: refuse_unit_change(security, drop), lambda: withdraw_unit_change(system, drop)
    )
    assert found == ("done", "unit_change.decided")


async def test_request_ends_once_when_one_refuses_it_and_another_takes_it_back(city: City, settings: Settings) -> None:
    system, security = await administrators(city)
    clerk = await make_person("王建国", city.health)
    made = await request_role(system, RequestRole(clerk.posts[0].post_id, Role.UNIT_ACCOUNTANT, False, "接任会计"))
    answer = AnswerRequest(made.id, "暂不需要")
    found = await while_finishing(
        settings, lambda: refuse_request(security, answer), lambda: withdraw_request(system, answer)
    )
    assert found == ("done", "role.request_decided")


async def test_no_role_is_asked_for_when_the_person_was_disabled(city: City) -> None:
    system, security = await administrators(city)
    clerk = await make_person("王建国", city.health)
    await disable_person(security, DisablePerson(clerk.id, "调离"))
    asked = RequestRole(clerk.posts[0].post_id, Role.UNIT_ACCOUNTANT, False, "接任会计")
    assert await refusal_code(request_role(system, asked)) == "record.not_found"


async def test_what_is_elsewhere_is_untouched_when_a_unit_is_merged_or_moved(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    view = await make_borrowing(hall)
    elsewhere = {"unit": [city.xihu.id, city.xihu_education.id, city.culture.id], "borrowing": [view.id]}
    before = {table: await versions(table, ids) for table, ids in elsewhere.items()}
    for kind, unit in (("merge", city.hospital), ("move", city.school)):
        made = await propose_unit_change(system, proposal(kind, unit, joint))
        await confirm_unit_change(security, made.id)
    assert {table: await versions(table, ids) for table, ids in elsewhere.items()} == before


async def test_unit_is_moved_when_only_others_lie_deep(hall: Hall, runtime: Runtime) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    deepest = city.xihu
    while len(deepest.path) + 17 <= 255:
        deepest = await make_unit("再下一级单位", "下级", deepest)
    shallow = await make_unit("新设单位", "新设", city.city)
    made = await propose_unit_change(system, proposal("move", shallow, city.health))
    assert (await confirm_unit_change(security, made.id)).state == "done"


async def test_manager_asks_for_no_role_beyond_the_own_unit(city: City) -> None:
    manager = await make_actor("吴芳", city.culture, Role.ASSET_MANAGER)
    clerk = await make_person("王建国", city.health)
    asked = RequestRole(clerk.posts[0].post_id, Role.UNIT_ACCOUNTANT, False, "接任会计")
    assert await refusal_code(request_role(manager, asked)) == "record.not_found"


async def test_unit_keeps_its_name_and_stands_when_the_day_is_to_come_or_a_change_waits(
    hall: Hall, joint: UnitView
) -> None:
    city = hall.ledger.city
    system, _ = await administrators(city)
    order = {"document_no": "临委编〔2026〕19号", "reason": "更名"}
    tomorrow = present_day() + timedelta(days=1)

    def renaming(day: date) -> RenameUnit:
        return RenameUnit(unit_id=city.health.id, name="区卫健委", short_name="卫健委", effective_on=day, **order)

    assert await refusal_code(rename_unit(system, renaming(tomorrow))) == "unit_change.too_early"
    await propose_unit_change(system, proposal("merge", city.health, joint))
    assert await refusal_code(rename_unit(system, renaming(present_day()))) == "unit_change.pending"
    closing = CloseUnit(unit_id=joint.id, effective_on=tomorrow, **order)
    assert await refusal_code(close_unit(system, closing)) == "unit_change.too_early"


async def test_nothing_is_erased_without_a_reason_or_about_oneself(city: City) -> None:
    _, security = await administrators(city)
    clerk = await make_person("王建国", city.health)
    await disable_person(security, DisablePerson(clerk.id, "调离"))
    with pytest.raises(InvalidInput) as refused:
        await erase_person(security, ErasePerson(person_id=clerk.id, reason=" "))
    assert [fault.field for fault in refused.value.fields] == ["reason"]
    assert security.person_id
    oneself = ErasePerson(person_id=security.person_id, reason="本人申请")
    assert await refusal_code(erase_person(security, oneself)) == "person.own_account"


async def test_nobody_is_erased_who_is_being_taken_back(city: City, settings: Settings) -> None:
    _, security = await administrators(city)
    gone = await make_person("马德福", city.health)
    await disable_person(security, DisablePerson(gone.id, "退休"))
    back = "UPDATE person SET is_active = 1 WHERE id = ?"
    erasing = ErasePerson(person_id=gone.id, reason="本人申请删除")
    heard = await while_changing(settings, lambda: erase_person(security, erasing), back, gone.id)
    assert heard == "personal_data.still_active"


async def test_whoever_lacks_the_role_never_hears_whether_it_is_there(hall: Hall, joint: UnitView) -> None:
    nothing = "0" * 16
    unknown = msgspec.structs.replace(proposal("merge", joint, joint), unit_id=nothing)
    asked = RequestRole(nothing, Role.UNIT_ACCOUNTANT, False, "接任会计")
    for tried in (
        propose_unit_change(hall.borrower, unknown),
        confirm_unit_change(hall.borrower, nothing),
        request_role(hall.borrower, asked),
        refuse_request(hall.borrower, AnswerRequest(nothing, "不需要")),
    ):
        assert await refusal_code(tried) == "role.required"
    system, security = await administrators(hall.ledger.city)
    for tried in (
        propose_unit_change(system, unknown),
        confirm_unit_change(security, nothing),
        request_role(system, asked),
        unit_change_by_id(system, nothing),
    ):
        assert await refusal_code(tried) == "record.not_found"


async def test_decided_change_is_not_there_for_another_districts_administrator(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    system, security = await administrators(city)
    _, stranger = await administrators(city, city.xihu)
    made = await propose_unit_change(system, proposal("merge", city.health, joint))
    await refuse_unit_change(security, DropChange(made.id, "条件不具备"))
    assert await refusal_code(confirm_unit_change(stranger, made.id)) == "record.not_found"
    assert await refusal_code(confirm_unit_change(security, made.id)) == "unit_change.decided"


async def test_preview_counts_what_lies_below_the_unit_alone(hall: Hall) -> None:
    city = hall.ledger.city
    await make_borrowing(hall)
    system, _ = await administrators(city)
    made = await propose_unit_change(system, proposal("move", city.school, city.linping))
    assert (await preview_unit_change(system, made.id)).moving == []
