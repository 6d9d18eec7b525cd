"""Units renamed, moved and merged: everything under way follows, papers stay."""

from server.approvals.queries import waiting_task_for
from server.assets.queries import card_view, list_cards
from server.assets.types import CardFilter
from server.circulation.commands import inspect_return, issue_by_code, return_by_code, submit_borrowing
from server.circulation.queries import borrowing_view, list_listings
from server.circulation.types import InspectReturn, IssueByCode, ListingFilter, ReturnByCode
from server.files.commands import store_picture
from server.files.ops import share_file
from server.files.queries import file_for_reading
from server.identity.commands import (
    RenameUnit,
    rename_unit,
)
from server.identity.queries import (
    history_of_unit,
    people_with_role,
    person_by_id,
    unit_by_id,
)
from server.identity.roles import Role
from server.identity.types import UnitView
from server.jobs.relay import deliver_due
from server.kernel.reading import present_day, reading
from server.kernel.unit_of_work import unit_of_work
from tests.factories.circulation import Hall, application, approve, make_borrowing, make_listed_projector
from tests.factories.identity import PASSWORD, SYSTEM, make_actor, make_person, make_post, make_unit
from tests.factories.reorganisation import administrators, check_whole, left_behind, now, proposal, reorganise
from tests.identity.asking import actor_by, enter, refusal_code, stored
from tests.miniapp_api.pictures import a_picture


async def test_what_a_unit_lends_goes_on_under_its_successor_when_it_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    view = await make_borrowing(hall)
    done = await reorganise(city, proposal("merge", city.health, joint))
    assert done.state == "done" and dict(done.moved)["未办结的借出"] == 1
    assert await left_behind(city.health, city.health.path) == []
    await check_whole()
    lender = await now(hall.lender, joint)
    await approve(view.id, hall.approver)
    task = await waiting_task_for(lender, "borrowing", view.id)
    assert task is not None and task.unit_name == joint.name
    await approve(view.id, lender)
    await issue_by_code(lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))
    back = await return_by_code(lender, ReturnByCode(hall.projector.code))
    assert back.state == "returned" and back.holder_unit_name == joint.name
    await check_whole()


async def test_what_a_unit_borrows_goes_on_under_its_successor_when_it_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    view = await make_borrowing(hall, until="issued")
    waiting = await submit_borrowing(hall.borrower, application(hall.projector.id, 10, 12))
    await reorganise(city, proposal("merge", city.culture, joint))
    assert await left_behind(city.culture, city.culture.path) == []
    [card] = await stored("SELECT lent_to_unit_id FROM asset_card WHERE id = ?", hall.projector.id)
    assert card == {"lent_to_unit_id": joint.id}
    borrower, approver = await now(hall.borrower, joint), await now(hall.approver, joint)
    assert (await borrowing_view(borrower, view.id)).borrower_unit_name == joint.name
    await approve(waiting.id, approver, hall.lender)
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    await check_whole()


async def test_papers_keep_the_old_name_when_the_unit_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    view = await make_borrowing(hall, until="returned")
    await inspect_return(hall.lender, InspectReturn(view.id, hall.projector.id, "intact"))
    await reorganise(city, proposal("merge", city.culture, joint))
    borrower = await now(hall.approver, joint)
    paper = await borrowing_view(borrower, view.id)
    assert paper.borrower_unit_name == city.culture.name and paper.number == view.number
    [chain] = await stored("SELECT applicant_unit_name FROM approval_chain WHERE subject_id = ?", view.id)
    assert chain == {"applicant_unit_name": city.culture.name}
    old = await unit_by_id(SYSTEM, city.culture.id)
    assert not old.is_active and old.parent_id == joint.id and old.path == f"{joint.path}{old.id}/"
    [history] = await history_of_unit(SYSTEM, joint.id)
    assert (history.from_unit_name, history.to_unit_name) == (city.culture.name, joint.name)
    assert history.document_no == "临委编〔2026〕18号" and history.decided_by_name == "周安全"


async def test_each_card_says_what_happened_when_its_unit_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    await reorganise(city, proposal("merge", city.health, joint))
    [event] = await stored(
        "SELECT e.reason, e.document_no, e.after AS changes FROM asset_event e WHERE e.asset_id = ?"
        " AND e.kind = 'unit_changed'",
        hall.projector.id,
    )
    assert (event["reason"], event["document_no"]) == ("机构改革", "临委编〔2026〕18号")
    assert joint.id in event["changes"] and joint.path in event["changes"]
    [sent] = await stored("SELECT payload FROM outbox_event WHERE topic = 'asset.changed' ORDER BY id DESC LIMIT 1")
    assert hall.projector.id in sent["payload"]


async def test_board_is_found_by_the_new_name_when_the_holder_is_renamed(hall: Hall) -> None:
    city = hall.ledger.city
    system, _ = await administrators(city)
    view = await make_borrowing(hall)
    wanted = RenameUnit(
        unit_id=city.health.id,
        name="临平区大健康局",
        short_name="区大健康局",
        document_no="临政发〔2026〕3号",
        effective_on=present_day(),
        reason="更名",
    )
    renamed = await rename_unit(system, wanted)
    assert (renamed.name, renamed.short_name, renamed.path) == ("临平区大健康局", "区大健康局", city.health.path)
    found = (await list_listings(hall.borrower, ListingFilter(text="大健康"))).items
    assert [listing.holder_unit_name for listing in found] == ["临平区大健康局"]
    await approve(view.id, hall.approver)
    task = await waiting_task_for(hall.lender, "borrowing", view.id)
    assert task is not None and task.unit_name == "临平区大健康局"
    party = await stored("SELECT name FROM party WHERE id = (SELECT party_id FROM unit WHERE id = ?)", city.health.id)
    assert party == [{"name": "临平区大健康局"}]
    [history] = await history_of_unit(system, city.health.id)
    assert (history.kind_name, history.from_unit_name) == ("更名", city.health.name)


async def test_scopes_follow_when_a_unit_with_others_below_is_moved(hall: Hall) -> None:
    city = hall.ledger.city
    view = await make_borrowing(hall)
    room = hall.ledger.health_room
    overseer = await make_actor("西湖资产处", city.xihu, Role.ASSET_MANAGER, is_subtree=True)
    before = await make_actor("临平资产处", city.linping, Role.ASSET_MANAGER, is_subtree=True)
    done = await reorganise(city, proposal("move", city.health, city.xihu))
    assert done.to_unit_name == city.xihu.name
    assert await left_behind(city.health, city.health.path) != []  # the unit itself goes on
    moved, hospital = await unit_by_id(SYSTEM, city.health.id), await unit_by_id(SYSTEM, city.hospital.id)
    assert moved.path == f"{city.xihu.path}{moved.id}/" and moved.parent_id == city.xihu.id
    assert hospital.path == f"{moved.path}{hospital.id}/"
    [place] = await stored("SELECT unit_path FROM place WHERE id = ?", room.id)
    assert place == {"unit_path": moved.path}
    assert (await borrowing_view(overseer, view.id)).id == view.id
    assert (await card_view(overseer, hall.projector.id)).holder_unit_id == moved.id
    assert await refusal_code(card_view(before, hall.projector.id)) == "asset.not_found"
    await approve(view.id, hall.approver)
    async with reading() as rows:
        deciders = await people_with_role(rows, Role.ASSET_MANAGER, moved.path)
    assert deciders == [hall.lender.person_id]
    await check_whole()


async def test_roles_go_along_without_growing_when_units_are_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    below = await make_unit("区卫文委下属中心", "卫文中心", joint)
    wide = await make_person("吴宽", city.health, Role.ASSET_MANAGER, is_subtree=True)
    both = await make_post(await make_person("郑双", city.health, Role.BORROWER, Role.WAREHOUSE_KEEPER), joint)
    finance = await make_unit("临平区国库中心", "国库中心", city.linping, is_finance_authority=True)
    reviewer = await make_person("冯财", finance, Role.FINANCE_REVIEWER)
    await reorganise(city, proposal("merge", city.health, joint))
    await reorganise(city, proposal("merge", finance, joint))
    [post] = (await person_by_id(SYSTEM, wide.id)).posts
    assert post.unit_id == joint.id and [(role.role, role.is_subtree) for role in post.roles] == [
        (Role.ASSET_MANAGER, False)
    ]
    [post] = (await person_by_id(SYSTEM, both.id)).posts
    assert post.unit_id == joint.id and {role.role for role in post.roles} == {Role.BORROWER, Role.WAREHOUSE_KEEPER}
    [post] = (await person_by_id(SYSTEM, reviewer.id)).posts
    assert [role.role for role in post.roles] == [Role.FINANCE_REVIEWER]
    assert (await unit_by_id(SYSTEM, joint.id)).is_finance_authority
    assert (await unit_by_id(SYSTEM, below.id)).path.startswith(joint.path)


async def test_session_goes_on_for_the_successor_when_the_unit_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    await make_person("王建国", city.health, Role.BORROWER, login_name="wangjg", password=PASSWORD)
    grant = await enter("wangjg")
    assert (await actor_by(grant)).unit_id == city.health.id
    await reorganise(city, proposal("merge", city.health, joint))
    actor = await actor_by(grant)
    assert (actor.unit_id, actor.unit_path) == (joint.id, joint.path) and actor.has_role(Role.BORROWER)


async def test_files_are_read_by_the_successor_when_the_unit_is_merged(hall: Hall, joint: UnitView) -> None:
    city = hall.ledger.city
    picture = await store_picture(hall.lender, a_picture(64, 48), "内部.jpg")
    async with unit_of_work(SYSTEM) as uow:
        await share_file(uow, picture.id, city.culture.id, joint.id)
    await reorganise(city, proposal("merge", city.culture, joint))
    reader = await make_actor("新同事", joint, Role.BORROWER)
    assert (await file_for_reading(reader, picture.id)).size > 0
    assert await stored("SELECT unit_id FROM file_reader WHERE file_id = ?", picture.id) == [{"unit_id": joint.id}]


async def test_equal_thing_is_issued_instead_when_the_holder_was_merged(hall: Hall, joint: UnitView) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    other, _ = await make_listed_projector(ledger)
    view = await submit_borrowing(hall.borrower, application(hall.projector.id, quantity=1))
    await approve(view.id, hall.approver, hall.lender)
    await reorganise(city, proposal("merge", city.health, joint))
    [promised] = (await borrowing_view(hall.borrower, view.id)).lines
    scanned = other if promised.asset_id == hall.projector.id else hall.projector
    issued = await issue_by_code(await now(hall.lender, joint), IssueByCode(view.id, scanned.code, "李晓梅"))
    assert [line.asset_id for line in issued.lines] == [scanned.id]
    keys = await stored("SELECT DISTINCT alike_key FROM asset_listing WHERE is_open = 1")
    assert len(keys) == 1
    await check_whole()


async def test_card_is_found_by_the_successors_name_when_the_unit_was_merged(hall: Hall, joint: UnitView) -> None:
    await reorganise(hall.ledger.city, proposal("merge", hall.ledger.city.health, joint))
    while await deliver_due():
        pass
    manager = await now(hall.lender, joint)
    found = (await list_cards(manager, CardFilter(text="卫生健康和文化委员会"))).items
    assert [card.id for card in found] == [hall.projector.id]
