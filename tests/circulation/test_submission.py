"""Applying: who may, for which days, and what is refused."""

import hashlib

import msgspec
import pytest

from server.assets.commands import freeze_asset
from server.assets.types import FreezeAsset
from server.circulation.commands import close_listing, open_listing, submit_borrowing
from server.circulation.queries import list_listings
from server.circulation.types import OpenListing
from server.identity.commands import CreateUnit, create_unit
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.messages import sentence_for
from server.kernel.reading import reading
from tests.circulation.refusals import expect_refusal
from tests.factories.assets import make_card
from tests.factories.circulation import application, day, make_borrowing, make_listed_projector
from tests.factories.identity import SYSTEM, make_actor


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (-1, 2, "borrowing.from_in_past"),
        (3, 2, "borrowing.to_before_from"),
        (0, 30, "borrowing.too_long"),
        (366, 367, "borrowing.too_far_ahead"),
    ],
)
async def test_application_refused_when_its_days_break_a_rule(hall, first, last, code):
    with expect_refusal(InvalidInput, code):
        await submit_borrowing(hall.borrower, application(hall.projector.id, first, last))


async def test_application_holds_the_longest_loan_exactly(hall):
    view = await submit_borrowing(hall.borrower, application(hall.projector.id, 0, 29))
    assert view.day_count == 30


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": " "}, "input.required"),
        ({"purpose": "长" * 501}, "input.too_long"),
        ({"purpose": "放映\x00"}, "input.control_character"),
        ({"phone": "12345"}, "borrowing.bad_phone"),
    ],
)
async def test_application_refused_when_a_text_is_wrong(hall, changes, code):
    with expect_refusal(InvalidInput, code):
        await submit_borrowing(hall.borrower, application(hall.projector.id, **changes))
    assert (await list_listings(hall.borrower)).items[0].free_from == day(0)


async def test_application_refused_when_the_person_or_unit_may_not_borrow(hall):
    with expect_refusal(Forbidden, "role.required"):
        await submit_borrowing(hall.approver, application(hall.projector.id))
    own = await make_actor("方洁", hall.ledger.city.health, Role.BORROWER)
    with expect_refusal(Forbidden, "borrowing.own_asset"):
        await submit_borrowing(own, application(hall.projector.id))


async def test_temporary_body_borrows_through_its_lead_until_its_end(hall):
    city = hall.ledger.city
    body = await create_unit(
        SYSTEM,
        CreateUnit(
            code="T33011301",
            name="临平区第五次经济普查领导小组办公室",
            short_name="区经普办",
            kind="temporary_body",
            region_code="330113",
            parent_id=city.linping.id,
            lead_unit_id=city.culture.id,
            ends_on=day(200),
        ),
    )
    member = await make_actor("钱进", body, Role.BORROWER)
    asset = await make_card(hall.lender, hall.ledger.health_room)
    await open_listing(hall.lender, OpenListing(asset.id, "自取", 180))
    with expect_refusal(InvalidInput, "borrowing.body_ends_before"):
        await submit_borrowing(member, application(asset.id, 10, 201))
    view = await submit_borrowing(member, application(asset.id, 10, 200))
    assert view.day_count == 191
    assert view.chain.steps[0].unit_name == "临平区文化和广电旅游体育局"


async def test_application_refused_when_the_card_is_not_offered(hall):
    unlisted = await make_card(hall.lender, hall.ledger.health_room)
    for asset_id in (unlisted.id, "0000000000000000"):
        with expect_refusal(NotFound, "listing.not_found"):
            await submit_borrowing(hall.borrower, application(asset_id))
    await close_listing(hall.lender, hall.listing.id, "本单位要用")
    with expect_refusal(StateConflict, "listing.closed"):
        await submit_borrowing(hall.borrower, application(hall.projector.id))


async def test_application_refused_when_the_card_is_sealed(hall):
    await freeze_asset(
        hall.lender, FreezeAsset(asset_id=hall.projector.id, reason="审计封存", document_no="临审〔2026〕7号")
    )
    with expect_refusal(StateConflict, "borrowing.asset_not_lendable"):
        await submit_borrowing(hall.borrower, application(hall.projector.id))


async def test_application_refused_with_the_first_taken_day_when_days_overlap(hall):
    await make_borrowing(hall, 4, 6)
    with pytest.raises(StateConflict) as refused:
        await submit_borrowing(hall.borrower, application(hall.projector.id, 2, 9))
    assert refused.value.code == "asset.not_available"
    assert refused.value.data["first_taken"] == day(4).isoformat()
    assert sentence_for(refused.value) == f"这件资产从 {day(4).isoformat()} 起已被预约，请换个日期或换一件。"
    await make_borrowing(hall, 2, 3)
    await make_borrowing(hall, 7, 9)


async def test_numbers_have_no_gaps_when_applications_fail(hall):
    numbers = [(await make_borrowing(hall, 0, 0)).number]
    with expect_refusal(StateConflict, "asset.not_available"):
        await make_borrowing(hall, 0, 0)
    numbers.append((await make_borrowing(hall, 1, 1)).number)
    stranger = await make_actor("何静", hall.ledger.city.xihu_education, Role.BORROWER)
    other = await submit_borrowing(stranger, application(hall.projector.id, 2, 2))
    year = day(0).year
    assert numbers == [f"区文广旅体局借〔{year}〕{n}号" for n in (1, 2)]
    assert other.number == f"西湖教育局借〔{year}〕1号"


async def test_more_people_are_asked_when_value_or_distance_asks_for_it(hall):
    dear, _ = await make_listed_projector(hall.ledger, value_fen=12_000_000)
    view = await submit_borrowing(hall.borrower, application(dear.id))
    assert [step.name for step in view.chain.steps] == ["本单位审核", "出借方同意", "主管部门审核", "财政部门审核"]
    stranger = await make_actor("何静", hall.ledger.city.xihu_education, Role.BORROWER)
    far = await submit_borrowing(stranger, application(hall.projector.id))
    assert [step.name for step in far.chain.steps] == ["本单位审核", "出借方同意", "主管部门审核"]


async def test_same_key_gives_the_same_answer_and_another_body_is_refused(hall):
    actor = hall.borrower.with_key("tap-20261121-0001")
    first = await submit_borrowing(actor, application(hall.projector.id))
    again = await submit_borrowing(actor, application(hall.projector.id))
    assert again == first
    with expect_refusal(StateConflict, "idempotency.key_reused"):
        await submit_borrowing(actor, application(hall.projector.id, 5, 6))
    async with reading() as db:
        row = await db.fetch_one("SELECT COUNT(*) AS stored FROM borrowing")
    assert row is not None
    assert row["stored"] == 1


async def test_phone_is_nowhere_in_clear_when_the_answer_is_kept_for_a_repeat(hall):
    borrower, wanted = hall.borrower.with_key("apply-once-1"), application(hall.projector.id, phone="13805710001")
    view, again = await submit_borrowing(borrower, wanted), await submit_borrowing(borrower, wanted)
    assert (again.id, again.applicant_phone) == (view.id, "13805710001")
    async with reading() as db:
        for table in ("idempotency_key", "borrowing", "audit_event", "outbox_event"):
            rows = await db.fetch_all(f"SELECT * FROM {table}")
            assert rows and "13805710001" not in str(rows)
        # Nor can the number be found by trying each: what tells bodies apart is keyed.
        body = msgspec.json.encode(["borrowing.submit", (wanted,), {}], order="sorted")
        kept = await db.fetch_all("SELECT request_hash FROM idempotency_key")
    assert hashlib.sha256(body).hexdigest() not in str(kept)


async def test_phone_is_stored_sealed_and_shown_to_the_desk_alone(hall):
    view = await make_borrowing(hall)
    assert view.applicant_phone == "13805710001"
    async with reading() as db:
        row = await db.fetch_one("SELECT applicant_phone_sealed AS sealed FROM borrowing WHERE id = ?", view.id)
    assert row is not None
    assert "13805710001" not in row["sealed"]
