"""A need from the first note over search and proof to the decision, and everything that stands in its way."""

from datetime import timedelta

import msgspec
import pytest

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.assets import handlers
from server.circulation.commands import close_listing, submit_borrowing
from server.circulation.occasions.queries import occasion_view
from server.identity.commands import HandOver, RecordHeadcount, hand_over, record_headcount
from server.identity.models import Unit
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput
from server.kernel.reading import present_day, reading
from server.kernel.runtime import Runtime
from server.kernel.unit_of_work import unit_of_work
from server.policies.commands import change_policy
from server.policies.types import ChangePolicy, ProcurementPolicy
from server.procurement.commands import issue_proof, meet_need, record_need, search_idle, submit_need, withdraw_need
from server.procurement.queries import list_needs, need_view
from server.procurement.states import Refusal
from tests.circulation.test_occasions import make_event
from tests.factories.assets import DESK, LAPTOP, make_card
from tests.factories.circulation import Hall, application, make_listed_projector
from tests.factories.identity import SYSTEM, make_actor
from tests.factories.procurement import UNHEARD, make_need, purchase, refusals_of
from tests.identity.asking import outcomes, refusal_code, refused

# Importing it registers it: cards are handed over too.
REGISTERED = (handlers,)


async def answer(need_id: str, approver: Actor, *, is_approved: bool = True, opinion: str = "同意") -> None:
    task = await waiting_task_for(approver, "purchase_need", need_id)
    assert task is not None
    await decide(approver, Decide(task.id, is_approved, opinion))


async def test_need_is_approved_when_it_is_proven_that_nothing_idle_would_do(hall: Hall) -> None:
    view = await record_need(hall.borrower, purchase())
    assert (view.state, view.number, view.can_search, view.can_issue, view.can_submit) == (
        "draft",
        None,
        True,
        False,
        False,
    )
    assert await refusal_code(submit_need(hall.borrower, view.id)) == "need.proof_missing"
    view = await search_idle(hall.borrower, view.id)
    assert view.search is not None and view.search.query.board_count == 1
    assert [(hit.asset_id, hit.holder_unit_name) for hit in view.search.hits] == [
        (hall.projector.id, hall.projector.holder_unit_name)
    ]
    assert await refusal_code(submit_need(hall.borrower, view.id)) == "need.proof_missing"
    view = await issue_proof(hall.borrower, view.id, refusals_of(view))
    assert view.proof is not None and (view.proof.is_fresh, view.proof.is_intact, view.can_submit) == (True, True, True)
    assert view.proof.document.hits[0].reason_name == "规格性能不符合需要"
    view = await submit_need(hall.borrower, view.id)
    year = present_day().year
    assert (view.state, view.number) == ("submitted", f"区文广旅体局购需〔{year}〕1号")
    assert view.proof is not None and view.proof.document.number == f"区文广旅体局闲证〔{year}〕1号"
    await answer(view.id, hall.approver)
    done = await need_view(hall.borrower, view.id)
    assert (done.state, done.chain and done.chain.state) == ("approved", "approved")


async def test_more_people_agree_when_the_budget_is_high(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="submitted", budget_fen=12_000_000)
    assert view.chain is not None
    assert [step.name for step in view.chain.steps] == ["本单位审核", "主管部门审核", "财政部门审核"]
    finance = await make_actor("蔡峥", hall.ledger.city.district_finance, Role.FINANCE_REVIEWER)
    assert await refusal_code(need_view(finance, view.id)) == "need.not_found"
    await answer(view.id, hall.approver)
    above = await make_actor("方梅", hall.ledger.city.linping, Role.COMPETENT_REVIEWER)
    await answer(view.id, above)
    # Whoever was asked may see what they were asked about.
    assert (await need_view(finance, view.id)).id == view.id
    await answer(view.id, finance, is_approved=False, opinion="预算偏高，先借用")
    ended = await need_view(hall.borrower, view.id)
    assert (ended.state, ended.end_note) == ("rejected", "预算偏高，先借用")


async def test_nobody_approves_their_own_need(hall: Hall) -> None:
    view = await make_need(hall.approver, until="submitted")
    assert await waiting_task_for(hall.approver, "purchase_need", view.id) is None


async def test_proof_is_not_asked_for_when_the_need_is_exempt(hall: Hall) -> None:
    urgent = await record_need(hall.borrower, purchase(is_emergency=True, emergency_reason="台风受灾，安置点急用"))
    assert urgent.exemption_name == "应急购置，免闲置证明"
    assert (await submit_need(hall.borrower, urgent.id)).state == "submitted"
    unset = await record_need(hall.borrower, purchase(category_code=UNHEARD, item="家具"))
    assert unset.exemption_name == "这类资产没有配置标准，免闲置证明"
    assert (await need_view(hall.borrower, unset.id)).warnings == []
    evaded = await record_need(hall.borrower, purchase(category_code=UNHEARD))
    [said] = (await need_view(hall.borrower, evaded.id)).warnings
    assert "名称相符的闲置资产：投影仪 爱普生 CB-X06" in said
    sent = await submit_need(hall.borrower, unset.id)
    assert sent.exemption_name == "这类资产没有配置标准，免闲置证明"
    await answer(sent.id, hall.approver)
    assert (await need_view(hall.borrower, sent.id)).state == "approved"


async def test_proof_runs_out_for_submission_and_for_approval_alike(hall: Hall, go_to_day) -> None:
    proven = await make_need(hall.borrower, until="proven")
    submitted = await make_need(hall.borrower, until="submitted")
    go_to_day(31)
    stale = await refused(submit_need(hall.borrower, proven.id))
    assert stale.code == "need.proof_stale"
    task = await waiting_task_for(hall.approver, "purchase_need", submitted.id)
    assert task is not None
    assert await refusal_code(decide(hall.approver, Decide(task.id, True, "同意"))) == "need.proof_stale"
    shown = await need_view(hall.borrower, submitted.id)
    assert shown.proof is not None and not shown.proof.is_fresh
    # A new search and proof while it waits, and it goes on.
    again = await search_idle(hall.borrower, submitted.id)
    renewed = await issue_proof(hall.borrower, again.id, refusals_of(again))
    assert renewed.proof is not None and renewed.proof.document.number.endswith("3号")
    await decide(hall.approver, Decide(task.id, True, "同意"))
    assert (await need_view(hall.borrower, submitted.id)).state == "approved"


async def test_proof_counts_up_to_its_last_day(hall: Hall, go_to_day) -> None:
    proven = await make_need(hall.borrower, until="proven")
    assert proven.proof is not None and proven.proof.document.valid_until == present_day() + timedelta(days=30)
    go_to_day(30)
    assert (await submit_need(hall.borrower, proven.id)).state == "submitted"


async def test_stale_need_can_still_be_refused(hall: Hall, go_to_day) -> None:
    submitted = await make_need(hall.borrower, until="submitted")
    go_to_day(31)
    await answer(submitted.id, hall.approver, is_approved=False, opinion="证明已过期")
    assert (await need_view(hall.borrower, submitted.id)).state == "rejected"


# The reasons


async def test_every_hit_needs_its_reason_when_a_proof_is_made(hall: Hall) -> None:
    await make_listed_projector(hall.ledger)
    view = await make_need(hall.borrower, until="searched")
    wanted = refusals_of(view)
    assert len(wanted.refusals) == 2
    missing = await refused(
        issue_proof(hall.borrower, view.id, type(wanted)(search_id=wanted.search_id, refusals=wanted.refusals[:1]))
    )
    assert isinstance(missing, InvalidInput) and [(f.field, f.code) for f in missing.fields] == [
        ("refusals.1", "proof.reason_missing")
    ]
    assert (await need_view(hall.borrower, view.id)).proof is None


@pytest.mark.parametrize(
    ("reason", "words", "code"),
    [
        (Refusal.OTHER, "", "proof.reason_words"),
        (Refusal.HOLDER_REFUSED, " ", "proof.reason_words"),
        (Refusal.SPECIFICATION, "长" * 201, "input.too_long"),
        (Refusal.OTHER, "看不见\x00的", "input.control_character"),
    ],
)
async def test_words_are_asked_for_where_a_reason_says_nothing(hall: Hall, reason, words, code) -> None:
    view = await make_need(hall.borrower, until="searched")
    error = await refused(issue_proof(hall.borrower, view.id, refusals_of(view, reason, words)))
    assert isinstance(error, InvalidInput) and error.fields[0].code == code


async def test_proof_is_refused_when_its_search_is_anothers_unknown_or_not_the_latest(hall: Hall) -> None:
    first = await make_need(hall.borrower, until="searched")
    other = await make_need(hall.borrower, until="searched")
    assert await refusal_code(issue_proof(hall.borrower, other.id, refusals_of(first))) == "search.not_found"
    await search_idle(hall.borrower, first.id)
    assert await refusal_code(issue_proof(hall.borrower, first.id, refusals_of(first))) == "proof.search_outdated"
    wanted = refusals_of(other)
    twice = type(wanted)(search_id=wanted.search_id, refusals=wanted.refusals * 2)
    assert await refusal_code(issue_proof(hall.borrower, other.id, twice)) == "proof.hit_unknown"


async def test_proof_is_refused_when_a_listing_appears_while_it_is_made(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="searched")
    _, listing = await make_listed_projector(hall.ledger)
    error = await refused(issue_proof(hall.borrower, view.id, refusals_of(view)))
    assert (error.code, error.data) == ("proof.new_hits", {"number": 1})
    # One that has gone meanwhile is no hindrance: it was there when it was looked for.
    await close_listing(hall.lender, listing.id, "借出")
    await close_listing(hall.lender, hall.listing.id, "借出")
    done = await issue_proof(hall.borrower, view.id, refusals_of(view))
    assert done.proof is not None and len(done.proof.document.hits) == 1


async def test_search_finds_by_category_or_by_name_and_only_within_reach(hall: Hall) -> None:
    # Another category, the same word; and one that only the lender's own district sees is the borrower's district too.
    await make_listed_projector(hall.ledger, category_code=LAPTOP, item_name="投影仪一体电脑")
    await make_listed_projector(hall.ledger, category_code=DESK, item_name="办公桌")
    view = await make_need(hall.borrower, until="searched")
    assert view.search is not None
    assert sorted(hit.category_code for hit in view.search.hits) == sorted(["A02020200", LAPTOP])
    far = await make_actor("叶军", hall.ledger.city.xihu_education, Role.ASSET_MANAGER)
    await make_listed_projector(hall.ledger, reach="district")
    elsewhere = await make_need(far, until="searched")
    assert elsewhere.search is not None and len(elsewhere.search.hits) == 2


async def test_proof_is_refused_when_more_is_idle_than_can_be_judged(hall: Hall) -> None:
    await make_listed_projector(hall.ledger)
    content = {**msgspec.to_builtins(ProcurementPolicy()), "most_hits": 1}
    await change_policy(
        SYSTEM,
        ChangePolicy(
            region_code="330100", kind="procurement", content=content, document_no="临财〔2026〕9号", reason="收紧"
        ),
    )
    view = await make_need(hall.borrower, until="searched")
    assert view.search is not None and (len(view.search.hits), view.search.is_cut, view.can_issue) == (1, True, False)
    assert await refusal_code(issue_proof(hall.borrower, view.id, refusals_of(view))) == "search.too_many_hits"


async def test_nothing_is_recorded_for_a_unit_that_has_ended(hall: Hall) -> None:
    async with unit_of_work(SYSTEM) as uow:
        await uow.change(Unit, {"id": hall.borrower.unit_id}, is_active=False)
    assert await refusal_code(record_need(hall.borrower, purchase())) == "need.unit_inactive"


# Who and when


async def test_need_is_worked_on_by_its_applicant_and_the_units_manager_alone(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="searched")
    colleague = await make_actor("吴芳", hall.ledger.city.culture, Role.BORROWER)
    reviewer = await make_actor("方梅", hall.ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    for actor, code in ((colleague, "need.not_found"), (hall.lender, "need.not_found"), (reviewer, "role.required")):
        assert await refusal_code(search_idle(actor, view.id)) == code
        assert await refusal_code(issue_proof(actor, view.id, refusals_of(view))) == code
        assert await refusal_code(submit_need(actor, view.id)) == code
        assert await refusal_code(withdraw_need(actor, view.id, "不要了")) == code
        assert await refusal_code(meet_need(actor, view.id, "借到了")) == code
    proven = await issue_proof(hall.approver, view.id, refusals_of(view))
    assert proven.proof is not None and proven.proof.document.issued_by_name == "赵国强"
    for actor, is_offered in ((hall.borrower, True), (hall.approver, True), (reviewer, False)):
        seen = await need_view(actor, view.id)
        assert (seen.is_mine, seen.can_search, seen.can_submit, seen.can_withdraw) == (is_offered,) * 4


async def test_decision_is_refused_when_the_need_waits_for_none(hall: Hall, runtime: Runtime) -> None:
    view = await make_need(hall.borrower, until="submitted")
    async with runtime.database.transaction() as transaction:
        assert await transaction.execute("UPDATE purchase_need SET state = 'draft' WHERE id = ?", view.id) == 1
        await transaction.commit()
    assert await refusal_code(answer(view.id, hall.approver)) == "need.wrong_state"


async def test_need_is_recorded_by_those_who_act_for_a_unit(hall: Hall) -> None:
    for role in (Role.UNIT_ACCOUNTANT, Role.COMPETENT_REVIEWER, Role.SYSTEM_ADMIN):
        actor = await make_actor("某人", hall.ledger.city.culture, role)
        assert await refusal_code(record_need(actor, purchase())) == "role.required"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"item": ""}, "item", "input.required"),
        ({"specification": "x"}, "specification", "input.too_short"),
        ({"purpose": "长" * 501}, "purpose", "input.too_long"),
        ({"quantity": 0}, "quantity", "need.quantity"),
        ({"budget_fen": 0}, "budget_fen", "need.budget"),
        ({"budget_fen": 10**13 + 1}, "budget_fen", "need.budget"),
        ({"category_code": "A09999999"}, "category_code", "category.not_found"),
        ({"category_code": "x" * 99}, "category_code", "category.not_found"),
        ({"needed_by": None}, "needed_by", "need.needed_in_past"),
        ({"is_emergency": True}, "emergency_reason", "need.emergency_reason"),
    ],
)
async def test_field_is_named_when_a_need_is_wrong(hall: Hall, changes, field, code) -> None:
    if field == "needed_by":
        changes = {"needed_by": present_day() - timedelta(days=1)}
    error = await refused(record_need(hall.borrower, purchase(**changes)))
    assert isinstance(error, InvalidInput) and [(f.field, f.code) for f in error.fields] == [(field, code)]
    assert (await list_needs(hall.borrower)).items == []


async def test_need_ends_once_and_takes_its_approvals_with_it(hall: Hall) -> None:
    withdrawn = await make_need(hall.borrower, until="submitted")
    ended = await withdraw_need(hall.borrower, withdrawn.id, "改为借用")
    assert (ended.state, ended.chain and ended.chain.state) == ("withdrawn", "cancelled")
    assert await refusal_code(withdraw_need(hall.borrower, ended.id, "改为借用")) == "need.wrong_state"
    assert await refusal_code(search_idle(hall.borrower, ended.id)) == "need.wrong_state"
    assert await refusal_code(submit_need(hall.borrower, ended.id)) == "need.wrong_state"
    met = await make_need(hall.borrower, until="submitted")
    await answer(met.id, hall.approver)
    assert await refusal_code(withdraw_need(hall.borrower, met.id, "改为借用")) == "need.wrong_state"
    done = await meet_need(hall.borrower, met.id, "借用单 1 号")
    assert (done.state, done.end_note, done.can_meet) == ("met", "借用单 1 号", False)


async def test_warnings_are_said_and_hold_nobody_up(hall: Hall) -> None:
    culture = hall.ledger.city.culture
    request = RecordHeadcount(culture.id, 10, 4, present_day(), "编制实名制月报")
    await record_headcount(hall.approver, request)
    await make_card(hall.approver, hall.ledger.culture_room, category_code=LAPTOP)
    view = await make_need(
        hall.borrower, until="submitted", category_code=LAPTOP, item="手提电脑", budget_fen=1_400_001
    )
    assert view.state == "submitted"
    assert [warning.split("：")[0] for warning in view.warnings] == ["预算超过价格上限", "超过数量标准"]
    modest = await make_need(hall.borrower, category_code=LAPTOP, item="手提电脑", quantity=1, budget_fen=700_000)
    assert modest.warnings == []


async def test_lists_show_ones_own_and_the_units(hall: Hall) -> None:
    mine = await make_need(hall.borrower)
    colleague = await make_actor("吴芳", hall.ledger.city.culture, Role.BORROWER)
    await make_need(colleague)
    await make_need(hall.lender)
    assert [row.id for row in (await list_needs(hall.borrower)).items] == [mine.id]
    assert len((await list_needs(hall.approver, "unit")).items) == 2
    accountant = await make_actor("孔静", hall.ledger.city.culture, Role.UNIT_ACCOUNTANT)
    assert len((await list_needs(accountant, "unit")).items) == 2
    above = await make_actor("方梅", hall.ledger.city.linping, Role.COMPETENT_REVIEWER, is_subtree=True)
    assert len((await list_needs(above, "unit", "draft")).items) == 3
    assert (await list_needs(above, "unit", "approved")).items == []
    first = await list_needs(above, "unit", size=2)
    assert len(first.items) == 2 and len((await list_needs(above, "unit", None, first.next_cursor, 2)).items) == 1
    assert await refusal_code(list_needs(hall.borrower, "unit")) == "role.required"
    assert await refusal_code(list_needs(hall.approver, "unit", "sold")) == "input.not_a_choice"


# At once


async def test_need_is_submitted_once_when_two_send_it_at_once(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    told = await outcomes(submit_need(actor, view.id) for actor in (hall.borrower, hall.approver) * 2)
    assert told == {"done": 1, "need.wrong_state": 3}
    assert (await need_view(hall.borrower, view.id)).number == f"区文广旅体局购需〔{present_day().year}〕1号"


async def test_one_proof_is_made_when_several_are_asked_for_at_once(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="searched")
    told = await outcomes(issue_proof(hall.borrower, view.id, refusals_of(view)) for _ in range(4))
    assert told == {"done": 1, "proof.already_issued": 3}
    async with reading() as db:
        rows = await db.fetch_all("SELECT number FROM idle_proof")
    assert len(rows) == 1


async def test_numbers_have_no_gap_when_proofs_are_made_at_once(hall: Hall) -> None:
    views = [await make_need(hall.borrower, until="searched") for _ in range(4)]
    told = await outcomes(issue_proof(hall.borrower, view.id, refusals_of(view)) for view in views)
    assert told == {"done": 4}
    async with reading() as db:
        rows = await db.fetch_all("SELECT number FROM idle_proof")
    assert sorted(row["number"] for row in rows) == [
        f"区文广旅体局闲证〔{present_day().year}〕{number}号" for number in range(1, 5)
    ]


async def test_everything_is_handed_over_at_once_when_somebody_holds_something_of_every_kind(hall: Hall) -> None:
    leaver = hall.borrower
    event = await make_event(hall)
    await make_card(hall.approver, hall.ledger.culture_room, custodian_id=leaver.person_id)
    await submit_borrowing(leaver, application(hall.projector.id))
    draft, sent = await make_need(leaver), await make_need(leaver, until="submitted")
    heir = await make_actor("吴芳", hall.ledger.city.culture, Role.BORROWER)
    assert leaver.person_id is not None and heir.person_id is not None
    signed = await hand_over(hall.approver, HandOver(leaver.person_id, heir.person_id, "调离"))
    assert len(signed.items) == 5
    assert (await occasion_view(heir, event.id)).responsible_name == "吴芳"
    assert {row.id for row in (await list_needs(heir)).items} == {draft.id, sent.id}
    assert (await list_needs(leaver)).items == []
    assert await refusal_code(withdraw_need(leaver, sent.id, "不要了")) == "need.not_found"
    assert (await withdraw_need(heir, sent.id, "不要了")).state == "withdrawn"
