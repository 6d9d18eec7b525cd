"""The data-protection desk: what is held, corrected, erased as far as the law allows; every act in the audit."""

import secrets

from server.approvals.comments.commands import add_comment
from server.approvals.comments.types import AddComment
from server.circulation.commands import inspect_return, withdraw_borrowing
from server.circulation.types import InspectReturn, WithdrawBorrowing
from server.circulation.wanted.commands import offer_thing, post_wanted
from server.circulation.wanted.types import OfferThing, PostWanted
from server.identity.commands import (
    CorrectPerson,
    DisablePerson,
    ErasePerson,
    HandOver,
    LookUp,
    ReceiveHandover,
    correct_person,
    disable_person,
    erase_person,
    hand_over,
    read_personal_data,
    receive_handover,
)
from server.identity.queries import handovers_to_sign, list_handovers, person_by_id
from server.identity.roles import Role
from server.kernel.actor import system_actor
from server.kernel.crypto import FieldCipher
from server.kernel.runtime import Runtime
from server.kernel.sealed import Batch, left_under, reencrypt_batch, sealed_columns
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import PASSWORD, SYSTEM, City, actor_of, make_actor, make_person
from tests.factories.ledgers import HEADINGS, checked, workbook
from tests.factories.procurement import make_need
from tests.factories.reorganisation import check_whole
from tests.identity.asking import refusal_code, stored


async def test_needs_posts_comments_and_ledgers_are_told_too(hall: Hall) -> None:
    view = await make_borrowing(hall)
    await add_comment(hall.borrower, AddComment(subject_kind="borrowing", subject_id=view.id, text="会场在二楼"))
    await make_need(hall.borrower, until="proven")
    post = await post_wanted(hall.borrower, PostWanted(title="折叠会议桌", quantity=10, days=5))
    await offer_thing(hall.lender, OfferThing(wanted_id=post.id, words="我单位有四张"))
    own = await read_personal_data(hall.borrower, LookUp(hall.borrower.person_id or ""))
    labels = {record.label: record for record in own.records}
    wanted = {"审批中的留言", "提出的购置需求", "闲置资产检索", "出具的闲置证明", "发布的需求"}
    assert wanted <= labels.keys() and all(labels[label].is_kept for label in wanted)
    await checked(hall.lender, workbook([HEADINGS]), hall.ledger.health_room.id)
    lender = await read_personal_data(hall.lender, LookUp(hall.lender.person_id or ""))
    assert {"对需求的应答", "导入的台账"} <= {record.label for record in lender.records}


async def test_everybody_sees_what_is_held_about_them_from_every_domain(hall: Hall) -> None:
    await make_borrowing(hall, until="returned")
    own = await read_personal_data(hall.borrower, LookUp(hall.borrower.person_id or ""))
    labels = {record.label: record for record in own.records}
    assert labels["姓名"].content == "李晓梅" and labels["手机号"].content.startswith("138")
    assert {"借用申请", "借用单上的联系电话", "提出的审批申请", "任职岗位", "操作审计"} <= labels.keys()
    assert labels["借用申请"].is_kept and not labels["借用单上的联系电话"].is_kept
    lender = {
        each.label for each in (await read_personal_data(hall.lender, LookUp(hall.lender.person_id or ""))).records
    }
    assert {"作出的审批决定", "资产履历中的经办", "上架共享的登记"} <= lender
    [look] = await stored(
        "SELECT facts FROM audit_event WHERE action = 'personal_data.read' AND actor_id = ?", hall.borrower.person_id
    )
    assert '"is_own":true' in look["facts"]


async def test_anothers_information_is_shown_to_security_alone_and_with_a_reason(city: City) -> None:
    person = await make_person("王建国", city.health)
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    assert await refusal_code(read_personal_data(security, LookUp(person.id))) == "input.required"
    assert (await read_personal_data(security, LookUp(person.id, "本人申请副本"))).name == "王建国"
    far = await make_actor("西湖安全", city.xihu, Role.SECURITY_ADMIN)
    manager = await make_actor("吴芳", city.health, Role.ASSET_MANAGER)
    system = await make_actor("钱系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    for actor, code in ((far, "record.not_found"), (manager, "role.required"), (system, "role.required")):
        assert await refusal_code(read_personal_data(actor, LookUp(person.id, "好奇"))) == code


async def test_name_and_phone_are_corrected_and_found_again(city: City) -> None:
    person, other = await make_person("王健国", city.health), await make_person("李梅", city.health)
    system = await make_actor("钱系统", city.city, Role.SYSTEM_ADMIN, is_subtree=True)
    wanted = CorrectPerson(person_id=person.id, name="王建国", phone="13900001111", reason="登记有误")
    corrected = await correct_person(system, wanted)
    assert (corrected.name, corrected.phone_masked) == ("王建国", "139****1111")
    kept = await correct_person(system, CorrectPerson(person_id=person.id, name="王建国", reason="只看看"))
    assert kept.phone_masked == "139****1111"
    taken = CorrectPerson(person_id=other.id, name="李梅", phone="13900001111", reason="登记有误")
    assert await refusal_code(correct_person(system, taken)) == "person.phone_taken"
    none = CorrectPerson(person_id=person.id, name="王建国", reason="本人要求", has_no_phone=True)
    assert (await correct_person(system, none)).phone_masked is None
    assert (await correct_person(system, taken)).phone_masked == "139****1111"
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    assert await refusal_code(correct_person(security, wanted)) == "role.required"
    bad = CorrectPerson(person_id=person.id, name="", phone="12", reason="")
    assert await refusal_code(correct_person(system, bad)) == "input.required"


async def test_account_never_used_is_erased_with_its_name(city: City) -> None:
    person = await make_person("误登记", city.health, login_name="wudengji", password=PASSWORD)
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    wanted = ErasePerson(person_id=person.id, reason="登记错误", is_whole=True)
    assert await refusal_code(erase_person(security, wanted)) == "personal_data.still_active"
    await disable_person(security, DisablePerson(person.id, "登记错误"))
    done = await erase_person(security, wanted)
    assert done.is_whole and done.kept == []
    [row] = await stored(
        "SELECT name, login_name, phone_sealed, phone_index, password_hash FROM person WHERE id = ?", person.id
    )
    assert row == {
        "name": "已注销人员",
        "login_name": None,
        "phone_sealed": None,
        "phone_index": None,
        "password_hash": None,
    }


async def test_name_stays_and_contacts_go_when_records_must_be_kept(hall: Hall) -> None:
    view = await make_borrowing(hall, until="returned")
    await inspect_return(hall.lender, InspectReturn(view.id, hall.projector.id, "intact"))
    security = await make_actor("周安全", hall.ledger.city.city, Role.SECURITY_ADMIN, is_subtree=True)
    person_id = hall.borrower.person_id or ""
    await disable_person(security, DisablePerson(person_id, "调离"))
    whole = ErasePerson(person_id=person_id, reason="本人申请", is_whole=True)
    assert await refusal_code(erase_person(security, whole)) == "personal_data.must_be_kept"
    done = await erase_person(security, ErasePerson(person_id=person_id, reason="本人申请"))
    assert {"借用申请", "操作审计"} <= {record.label for record in done.kept}
    [row] = await stored("SELECT name, phone_sealed FROM person WHERE id = ?", person_id)
    assert row == {"name": "李晓梅", "phone_sealed": None}
    [loan] = await stored("SELECT applicant_name, applicant_phone_sealed FROM borrowing WHERE id = ?", view.id)
    assert loan == {"applicant_name": "李晓梅", "applicant_phone_sealed": None}
    assert await stored("SELECT id FROM notice WHERE person_id = ?", person_id) == []
    await check_whole()
    for actor, code in (
        (await make_actor("西湖安全", hall.ledger.city.xihu, Role.SECURITY_ADMIN), "record.not_found"),
        (hall.lender, "role.required"),
    ):
        assert await refusal_code(erase_person(actor, whole)) == code


async def test_phone_of_an_open_loan_stays_while_it_is_needed(hall: Hall) -> None:
    view = await make_borrowing(hall)
    person_id = hall.borrower.person_id or ""
    security = await make_actor("周安全", hall.ledger.city.city, Role.SECURITY_ADMIN, is_subtree=True)
    assert await refusal_code(disable_person(security, DisablePerson(person_id, "调离"))) == "person.still_holds"
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "不用了"))
    await disable_person(security, DisablePerson(person_id, "调离"))
    assert (await erase_person(security, ErasePerson(person_id=person_id, reason="本人申请"))).erased >= 2


async def test_leaver_is_disabled_only_when_the_receiver_has_signed(hall: Hall) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    leaving, taker = await make_person("王建国", city.health), await make_person("李梅", city.health)
    third = await make_person("赵强", city.health, Role.ASSET_MANAGER)
    await make_card(ledger.health_manager, ledger.health_room, custodian_id=leaving.id)
    security = await make_actor("周安全", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    signed = await hand_over(ledger.health_manager, HandOver(leaving.id, taker.id, "点清"))
    assert (signed.from_name, signed.to_name, signed.received_at) == ("王建国", "李梅", None)
    assert await refusal_code(disable_person(security, DisablePerson(leaving.id, "调离"))) == "person.handover_unsigned"
    receiver, giver = await actor_of(taker, city.health), await actor_of(leaving, city.health)
    assert [each.id for each in await handovers_to_sign(receiver)] == [signed.id]
    for actor, name, code in (
        (receiver, "李媒", "handover.other_name"),
        (receiver, "", "input.required"),
        (giver, "李梅", "role.required"),
        (await make_actor("文广", city.culture, Role.ASSET_MANAGER), "李梅", "record.not_found"),
        (security, "李梅", "role.required"),
    ):
        assert await refusal_code(receive_handover(actor, ReceiveHandover(signed.id, name))) == code
    done = await receive_handover(receiver, ReceiveHandover(signed.id, "李梅"))
    assert done.received_by_name == "李梅" and not done.is_received_on_paper
    again = ReceiveHandover(signed.id, "李梅")
    assert await refusal_code(receive_handover(await actor_of(third, city.health), again)) == "handover.received"
    await disable_person(security, DisablePerson(leaving.id, "调离"))
    assert [each.id for each in await list_handovers(security, leaving.id)] == [signed.id]


async def test_paper_is_recorded_by_a_manager_who_did_not_hand_over(hall: Hall) -> None:
    city, ledger = hall.ledger.city, hall.ledger
    manager_person = await make_person("管交", city.health, Role.ASSET_MANAGER)
    manager = await actor_of(manager_person, city.health)
    taker = await make_person("李梅", city.health)
    await make_card(ledger.health_manager, ledger.health_room, custodian_id=manager_person.id)
    signed = await hand_over(manager, HandOver(manager_person.id, taker.id, ""))
    assert await refusal_code(receive_handover(manager, ReceiveHandover(signed.id, "李梅"))) == "handover.own_list"
    done = await receive_handover(ledger.health_manager, ReceiveHandover(signed.id, "李梅"))
    assert done.is_received_on_paper and done.received_by_name == ledger.health_manager.person_name


async def test_fields_come_under_the_newest_key_and_stay_readable(city: City, runtime: Runtime) -> None:
    person = await make_person("王建国", city.health, login_name="wangjg", password=PASSWORD)
    other = await make_person("李梅", city.health)
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    index = secrets.token_bytes(32)
    phone = sealed_columns()[[column.column for column in sealed_columns()].index("phone_sealed")]
    runtime.cipher = FieldCipher({"k1": old}, index)
    for number, each in enumerate((person, other)):
        wanted = CorrectPerson(person_id=each.id, name=each.name, phone=f"1390000222{number}", reason="换号")
        await correct_person(SYSTEM, wanted)
    runtime.cipher = FieldCipher({"k2": new, "k1": old}, index)
    done = await reencrypt_batch(system_actor("reencrypt"), Batch(*phone))
    assert (done.changed, done.unreadable, done.last) == (2, [], "")
    assert await left_under(phone) == {"k2": 2}
    runtime.cipher = FieldCipher({"k2": new}, index)
    assert (await person_by_id(SYSTEM, person.id)).phone_masked == "139****2220"
    # Without the key that wrote it nothing is lost, and it is named.
    runtime.cipher = FieldCipher({"k3": secrets.token_bytes(32)}, index)
    assert (await reencrypt_batch(system_actor("reencrypt"), Batch(*phone))).unreadable == sorted([person.id, other.id])
    assert await left_under(phone) == {"k2": 2}
