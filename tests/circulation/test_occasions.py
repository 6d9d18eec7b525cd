"""Events and temporary bodies: loans until their end, a list to recall them by, and no end before it is resolved."""

import asyncio

import pytest

from server.circulation.commands import (
    inspect_return,
    issue_by_code,
    renew_borrowing,
    return_by_code,
    submit_basket,
    submit_borrowing,
    withdraw_borrowing,
)
from server.circulation.occasions import handlers, unit_columns
from server.circulation.occasions.commands import close_occasion, create_occasion, prolong_occasion
from server.circulation.occasions.jobs import follow_up_occasions
from server.circulation.occasions.papers import recall_pdf
from server.circulation.occasions.queries import choosable_occasions, list_occasions, occasion_view
from server.circulation.occasions.types import CloseOccasion, CreateOccasion, OccasionView, ProlongOccasion
from server.circulation.queries import borrowing_view
from server.circulation.types import (
    InspectReturn,
    IssueByCode,
    RenewBorrowing,
    ReturnByCode,
    SubmitBasket,
    WantedLine,
    WithdrawBorrowing,
)
from server.circulation.verification import verify_promises
from server.identity.commands import CloseUnit, CreateUnit, HandOver, close_unit, create_unit, hand_over
from server.identity.roles import Role
from server.identity.types import UnitView
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.places.types import PlaceKind
from tests.circulation.refusals import expect_refusal
from tests.circulation.test_race import outcomes
from tests.factories.assets import make_card
from tests.factories.circulation import Hall, application, approve, day, make_chairs, make_listed_projector
from tests.factories.identity import SYSTEM, make_actor
from tests.factories.places import make_place

# Importing them registers them: what people hand over, and what stands in the way of a unit's end.
REGISTERED = (handlers, unit_columns)


async def make_event(hall: Hall, first: int = 0, last: int = 20, **changes: object) -> OccasionView:
    """An event of the culture office."""
    fields: dict[str, object] = {
        "name": "文化艺术节",
        "starts_on": day(first),
        "ends_on": day(last),
        "responsible_id": hall.borrower.person_id,
    }
    return await create_occasion(hall.approver, CreateOccasion(**{**fields, **changes}))  # type: ignore[arg-type]


async def make_body(hall: Hall, last: int = 250) -> UnitView:
    """A temporary body that the culture office leads."""
    culture = hall.ledger.city.culture
    request = CreateUnit(
        code="LS000001",
        name="艺术节组委会",
        short_name="组委会",
        kind="temporary_body",
        region_code=culture.region_code,
        parent_id=culture.id,
        lead_unit_id=culture.id,
        ends_on=day(last),
    )
    return await create_unit(SYSTEM, request)


def closing(unit_id: str) -> CloseUnit:
    return CloseUnit(unit_id=unit_id, document_no="余政办〔2026〕30号", effective_on=day(0), reason="任务完成")


async def loan_for(hall: Hall, occasion_id: str, *, until: str = "issued", last: int = 2):
    view = await submit_borrowing(hall.borrower, application(hall.projector.id, 0, last, occasion_id=occasion_id))
    if until == "submitted":
        return view
    await approve(view.id, hall.approver, hall.lender)
    return await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))


async def bring_back(hall: Hall, view) -> None:
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    await inspect_return(hall.lender, InspectReturn(view.id, hall.projector.id, "intact"))


async def test_loan_lasts_until_the_end_of_the_event_when_it_names_one(hall: Hall):
    long, _ = await make_listed_projector(hall.ledger, longest_days=180)
    event = await make_event(hall, last=200)
    with expect_refusal(InvalidInput, "borrowing.too_long"):
        await submit_borrowing(hall.borrower, application(long.id, 0, 199))
    with expect_refusal(InvalidInput, "borrowing.occasion_ends_before"):
        await submit_borrowing(hall.borrower, application(long.id, 0, 201, occasion_id=event.id))
    view = await submit_borrowing(hall.borrower, application(long.id, 0, 200, occasion_id=event.id))
    assert (view.day_count, view.occasion and view.occasion.name) == (201, "文化艺术节")
    assert (await borrowing_view(hall.borrower, view.id)).occasion == view.occasion
    # What the holder itself lends for a shorter time is lent for no longer.
    with expect_refusal(InvalidInput, "borrowing.too_long"):
        await submit_borrowing(hall.borrower, application(hall.projector.id, 0, 40, occasion_id=event.id))


async def test_loan_is_renewed_until_the_event_ends_and_longer_once_it_is_prolonged(hall: Hall):
    event = await make_event(hall, last=5)
    view = await loan_for(hall, event.id)
    with expect_refusal(InvalidInput, "borrowing.occasion_ends_before"):
        await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(8), "撤展推迟"))
    longer = await prolong_occasion(
        hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(10), reason="因雨顺延")
    )
    assert (longer.ends_on, longer.steps[-1].kind, "因雨顺延" in longer.steps[-1].note) == (day(10), "prolonged", True)
    assert (await borrowing_view(hall.borrower, view.id)).to_day == day(2)
    renewed = await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(8), "撤展推迟"))
    assert renewed.renewals[0].to_day == day(8)


async def test_basket_is_for_the_event_when_it_names_one(hall: Hall):
    event = await make_event(hall)
    chairs = await make_chairs(hall.ledger, 3)
    lines = [WantedLine(chairs[0].id, 3), WantedLine(hall.projector.id)]
    wanted = SubmitBasket(lines, day(0), day(2), "开幕式", occasion_id=event.id)
    await submit_basket(hall.borrower, wanted)
    view = await occasion_view(hall.borrower, event.id)
    assert [item.asset_name for item in view.items].count(chairs[0].name) == 3
    assert (view.unresolved_count, {item.state_name for item in view.items}) == (4, {"审批中"})


async def test_event_ends_when_everything_is_resolved_and_not_before(hall: Hall):
    event = await make_event(hall)
    view = await loan_for(hall, event.id)
    out = await occasion_view(hall.approver, event.id)
    [item] = out.items
    assert (item.with_name, item.state_name, item.is_resolved, out.can_close) == (
        "临平区文化和广电旅游体育局 李晓梅",
        "借用中",
        False,
        False,
    )
    with pytest.raises(StateConflict, match=r"occasion\.unresolved") as caught:
        await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束"))
    assert (caught.value.data["number"], hall.projector.code in caught.value.data["what"]) == (1, True)
    await bring_back(hall, view)
    closed = await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="圆满结束"))
    assert (closed.state, closed.items[0].is_resolved, closed.items[0].way, closed.steps[-1].note) == (
        "closed",
        True,
        "已归还验收",
        "圆满结束",
    )
    assert await verify_promises() == []
    for attempt in (
        close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="再办一次")),
        prolong_occasion(hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(60), reason="再延")),
        submit_borrowing(hall.borrower, application(hall.projector.id, 5, 6, occasion_id=event.id)),
    ):
        with expect_refusal(StateConflict, "occasion.closed"):
            await attempt


async def test_event_ends_when_what_was_asked_for_is_withdrawn_or_not_collected(hall: Hall):
    event = await make_event(hall)
    view = await loan_for(hall, event.id, until="submitted")
    with expect_refusal(StateConflict, "occasion.unresolved"):
        await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束"))
    await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "不办了"))
    closed = await close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="取消"))
    assert (closed.state, closed.items) == ("closed", [])


async def test_event_ends_or_is_borrowed_for_when_both_happen_at_once(hall: Hall):
    event = await make_event(hall)
    found = await outcomes(
        submit_borrowing(hall.borrower, application(hall.projector.id, occasion_id=event.id)),
        close_occasion(hall.approver, CloseOccasion(occasion_id=event.id, note="结束")),
    )
    assert found in ({"done": 1, "occasion.closed": 1}, {"done": 1, "occasion.unresolved": 1})
    assert await verify_promises() == []


async def test_one_prolonging_counts_when_two_happen_at_once(hall: Hall):
    event = await make_event(hall)
    found = await outcomes(
        *(
            prolong_occasion(hall.approver, ProlongOccasion(occasion_id=event.id, ends_on=day(30), reason="顺延"))
            for _ in range(3)
        )
    )
    assert found["done"] == 1 and sum(found.values()) == 3
    assert [step.kind for step in (await occasion_view(hall.approver, event.id)).steps] == ["created", "prolonged"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "input.required"),
        ({"name": "节" * 101}, "input.too_long"),
        ({"first": -9, "last": -1}, "occasion.ends_in_past"),
        ({"first": 2, "last": 1}, "occasion.ends_before_start"),
        ({"last": 900}, "occasion.too_long"),
        ({"responsible_id": "0000000000000000"}, "occasion.responsible_unknown"),
    ],
)
async def test_event_is_refused_when_it_says_something_wrong(hall: Hall, changes, code):
    with expect_refusal(InvalidInput, code):
        await make_event(hall, **changes)


async def test_responsible_person_is_a_colleague_or_the_event_is_refused(hall: Hall):
    with expect_refusal(InvalidInput, "occasion.responsible_unknown"):
        await make_event(hall, responsible_id=hall.lender.person_id)


async def test_only_the_lead_unit_leads_when_others_try(hall: Hall):
    event = await make_event(hall)
    with expect_refusal(Forbidden, "role.required"):
        await create_occasion(
            hall.borrower, CreateOccasion(name="x", starts_on=day(0), ends_on=day(1), responsible_id="")
        )
    with expect_refusal(Forbidden, "role.required"):
        await close_occasion(hall.borrower, CloseOccasion(occasion_id=event.id, note="结束"))
    with expect_refusal(NotFound, "occasion.not_found"):
        await close_occasion(hall.lender, CloseOccasion(occasion_id=event.id, note="结束"))
    with expect_refusal(NotFound, "occasion.not_found"):
        await prolong_occasion(hall.lender, ProlongOccasion(occasion_id=event.id, ends_on=day(40), reason="x"))
    with expect_refusal(NotFound, "occasion.not_found"):
        await occasion_view(hall.lender, event.id)
    stranger = await make_actor("外单位", hall.ledger.city.school, Role.BORROWER)
    for occasion_id in (event.id, "0000000000000000", (await make_body(hall)).id):
        with expect_refusal(InvalidInput, "occasion.unknown"):
            await submit_borrowing(stranger, application(hall.projector.id, occasion_id=occasion_id))
    assert (await list_occasions(hall.lender)).items == []
    # The department above sees what its offices lead, by a grant that reaches down.
    above = await make_actor("区府办", hall.ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    assert {row.name for row in (await list_occasions(above)).items} == {"文化艺术节", "艺术节组委会"}


async def test_list_shows_what_is_left_and_pages_when_there_are_many(hall: Hall):
    body, events = await make_body(hall), [await make_event(hall, name=f"第{n}场") for n in range(3)]
    await loan_for(hall, events[1].id)
    await submit_borrowing(
        hall.borrower, application((await make_listed_projector(hall.ledger))[0].id, occasion_id=body.id)
    )
    first = await list_occasions(hall.approver, size=2)
    rest = await list_occasions(hall.approver, cursor=first.next_cursor, size=5)
    rows = {row.name: row.unresolved_count for row in (*first.items, *rest.items)}
    assert rows == {"第0场": 0, "第1场": 1, "第2场": 0, "艺术节组委会": 1}
    with expect_refusal(InvalidInput, "input.not_a_choice"):
        await list_occasions(hall.approver, "everything")
    assert [choice.name for choice in await choosable_occasions(hall.borrower)][-1] == "艺术节组委会"
    assert await choosable_occasions(hall.lender) == []


async def test_body_borrows_through_its_lead_unit_and_ends_after_its_recall_list(hall: Hall):
    body = await make_body(hall)
    long, _ = await make_listed_projector(hall.ledger, longest_days=180)
    view = await submit_borrowing(hall.borrower, application(long.id, 0, 250, occasion_id=body.id))
    assert (view.occasion and view.occasion.kind, view.day_count) == ("body", 251)
    room = await make_place(PlaceKind.SITE, "组委会办公室", body)
    manager = await make_actor("组委会资产员", body, Role.ASSET_MANAGER)
    card = await make_card(manager, room)
    shown = await occasion_view(hall.approver, body.id)
    assert [(item.asset_code, item.is_resolved) for item in shown.items] == [(long.code, False), (card.code, False)]
    assert (shown.can_close, shown.can_prolong) == (False, False)
    with pytest.raises(StateConflict, match=r"occasion\.unresolved") as caught:
        await close_unit(SYSTEM, closing(body.id))
    assert (caught.value.data["number"], long.code in caught.value.data["what"]) == (2, True)
    assert (await occasion_view(manager, body.id)).unresolved_count == 2


async def test_body_is_made_whichever_of_parent_and_lead_unit_is_older(hall: Hall):
    city = hall.ledger.city
    for number, (parent, lead) in enumerate(((city.culture, city.health), (city.health, city.culture))):
        request = CreateUnit(
            code=f"LS10000{number}",
            name=f"第{number}指挥部",
            short_name="指挥部",
            kind="temporary_body",
            region_code=city.culture.region_code,
            parent_id=parent.id,
            lead_unit_id=lead.id,
            ends_on=day(9),
        )
        assert (await create_unit(SYSTEM, request)).lead_unit_id == lead.id


async def test_body_is_closed_when_its_list_is_empty_and_nobody_borrows_for_it_then(hall: Hall):
    body = await make_body(hall)
    view = await loan_for(hall, body.id)
    await bring_back(hall, view)
    await close_unit(SYSTEM, closing(body.id))
    assert (await occasion_view(hall.approver, body.id)).state == "closed"
    with expect_refusal(StateConflict, "occasion.closed"):
        await submit_borrowing(hall.borrower, application(hall.projector.id, 5, 6, occasion_id=body.id))
    assert await verify_promises() == []


async def test_body_is_closed_or_borrowed_for_when_both_happen_at_once(hall: Hall):
    body = await make_body(hall)
    found = await outcomes(
        submit_borrowing(hall.borrower, application(hall.projector.id, occasion_id=body.id)),
        close_unit(SYSTEM, closing(body.id)),
    )
    assert found["done"] == 1 and sum(found.values()) == 2, found
    assert await verify_promises() == []


async def test_nothing_can_be_borrowed_for_it_when_its_end_has_passed(hall: Hall, go_to_day):
    event = await make_event(hall, last=1)
    go_to_day(2)
    with expect_refusal(StateConflict, "occasion.over"):
        await submit_borrowing(hall.borrower, application(hall.projector.id, occasion_id=event.id))
    assert await choosable_occasions(hall.borrower) == []


async def notices(link_kind: str) -> list[tuple[str, str]]:
    async with reading() as db:
        rows = await db.fetch_all("SELECT person_id, title FROM notice WHERE link_kind = ? ORDER BY id", link_kind)
    return [(row["person_id"], row["title"]) for row in rows]


async def test_lead_unit_and_lenders_are_reminded_once_around_the_end(hall: Hall, go_to_day):
    event = await make_event(hall, last=10)
    await make_body(hall, last=10)
    await loan_for(hall, event.id, last=9)
    await follow_up_occasions()
    assert await notices("occasion") == []
    go_to_day(7)
    await asyncio.gather(follow_up_occasions(), follow_up_occasions())
    told = await notices("occasion")
    of_event = {person for person, title in told if title == "“文化艺术节”还有 3 天结束"}
    assert of_event == {hall.approver.person_id, hall.borrower.person_id}
    assert [title for person, title in told if person == hall.approver.person_id] == [
        "“文化艺术节”还有 3 天结束",
        "“艺术节组委会”还有 3 天结束",
    ]
    lent = [title for person, title in await notices("borrowing") if person == hall.lender.person_id]
    assert lent == ["“文化艺术节”还有 3 天结束"]
    go_to_day(10)
    await follow_up_occasions()
    await follow_up_occasions()
    assert [title for person, title in (await notices("occasion"))[3:] if person == hall.borrower.person_id] == [
        "“文化艺术节”今天结束"
    ]


async def test_event_goes_to_a_colleague_when_the_person_responsible_leaves(hall: Hall):
    event = await make_event(hall)
    culture = hall.ledger.city.culture
    colleague = await make_actor("周小兰", culture, Role.BORROWER)
    done = await hand_over(hall.approver, HandOver(hall.borrower.person_id, colleague.person_id, "调离"))
    assert any("文化艺术节" in item.label for item in done.items)
    view = await occasion_view(hall.approver, event.id)
    assert (view.responsible_name, view.steps[-1].kind) == ("周小兰", "handed_over")


async def test_paper_lists_what_is_out(hall: Hall):
    event = await make_event(hall)
    await loan_for(hall, event.id)
    assert (await recall_pdf(hall.approver, event.id)).startswith(b"%PDF")
    with expect_refusal(NotFound, "occasion.not_found"):
        await recall_pdf(hall.lender, event.id)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE occasion SET state = 'closed'", "活动“文化艺术节”已经办结"),
        ("UPDATE borrowing SET for_unit_id = (SELECT id FROM unit WHERE code = 'LS000001')", ""),
        ("UPDATE unit SET is_active = 0 WHERE code = 'LS000001'", "临时机构“艺术节组委会”已经撤销"),
    ],
)
async def test_verification_finds_what_ended_with_things_out(hall: Hall, statement: str, sentence: str):
    event, body = await make_event(hall), await make_body(hall)
    await loan_for(hall, event.id)
    other, _ = await make_listed_projector(hall.ledger)
    await submit_borrowing(hall.borrower, application(other.id, occasion_id=body.id))
    assert await verify_promises() == []
    async with unit_of_work(SYSTEM) as uow:
        assert await uow.execute(statement) >= 1
    found = await verify_promises()
    assert any(sentence in fault for fault in found) if sentence else found == []
