"""Both sides sign for what goes out and comes back; and how the borrower wants to get it."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from server.circulation.commands import (
    choose_collection,
    issue_by_code,
    return_by_code,
    sign_handover,
    submit_borrowing,
)
from server.circulation.queries import borrowing_view, slip_pdf
from server.circulation.types import (
    ChooseCollection,
    Collection,
    IssueByCode,
    ReturnByCode,
    SignHandover,
)
from server.files.queries import file_for_reading
from server.files.types import Visibility
from server.identity.roles import Role
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import (
    Hall,
    application,
    approve,
    day,
    make_borrowing,
    make_chairs,
    make_photograph,
)
from tests.factories.identity import make_actor


def signing(borrowing_id: str, kind: str = "issue", **changes: str | None) -> SignHandover:
    fields = {"other_name": "李晓梅", "keeper_name": "王秀英", **changes}
    return SignHandover(borrowing_id, kind, **fields)


async def test_both_sides_sign_for_what_went_out_and_came_back(hall: Hall):
    made = await make_chairs(hall.ledger, 3)
    view = await submit_borrowing(hall.borrower, application(made[0].id, quantity=3))
    await approve(view.id, hall.approver, hall.lender)
    for card in made[:2]:
        view = await issue_by_code(hall.lender, IssueByCode(view.id, card.code, "李晓梅"))
    assert (view.can_sign_issue, view.can_sign_return) == (True, False)
    pictures = [await make_photograph(hall.lender, Visibility.UNIT) for _ in range(2)]
    signed = await sign_handover(
        hall.lender, signing(view.id, other_signature_id=pictures[0], keeper_signature_id=pictures[1])
    )
    assert [(each.kind_name, each.pieces, each.other_name, each.keeper_name) for each in signed.handovers] == [
        ("领取", 2, "李晓梅", "王秀英")
    ]
    assert not signed.can_sign_issue
    assert signed.events[-1].note == "领取 2 件，李晓梅与王秀英签字"
    # The borrower's side sees what it signed; a unit that has nothing to do with it does not.
    assert (await file_for_reading(hall.borrower, pictures[0])).size > 0
    stranger = await make_actor("外单位借用人", hall.ledger.city.school, Role.BORROWER)
    with expect_refusal(NotFound, "file.not_found"):
        await file_for_reading(stranger, pictures[0])
    # What goes out later is signed for by itself.
    view = await issue_by_code(hall.lender, IssueByCode(view.id, made[2].code, "张志强"))
    view = await sign_handover(hall.lender, signing(view.id, other_name="张志强"))
    assert [each.pieces for each in view.handovers] == [2, 1]
    view = await return_by_code(hall.lender, ReturnByCode(made[0].code))
    view = await sign_handover(hall.lender, signing(view.id, "return", other_name="冯雨"))
    assert [(each.kind_name, each.pieces) for each in view.handovers][-1] == ("归还", 1)
    assert [line.is_return_signed for line in view.lines] == [True, False, False]


async def test_names_and_drawn_signatures_are_printed_on_the_slip(hall: Hall):
    view = await make_borrowing(hall, until="issued")
    blank = PdfReader(BytesIO(await slip_pdf(hall.borrower, view.id))).pages[0]
    picture = await make_photograph(hall.lender)
    await sign_handover(hall.lender, signing(view.id, other_signature_id=picture))
    page = PdfReader(BytesIO(await slip_pdf(hall.borrower, view.id))).pages[0]
    words = page.extract_text().replace(" ", "")
    assert words.count("李晓梅") > blank.extract_text().replace(" ", "").count("李晓梅")
    assert f"{day(0).year}年{day(0).month}月{day(0).day}日" in words
    assert len(page.images) == len(blank.images) + 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"keeper_name": "别人"}, "borrowing.sign_own_name"),
        ({"keeper_name": ""}, "input.required"),
        ({"other_name": "王五"}, "borrowing.signer_not_receiver"),
        ({"other_name": ""}, "input.required"),
        ({"other_signature_id": "0" * 16}, "file.unknown"),
    ],
)
async def test_signing_is_refused_when_a_side_is_not_who_it_says(hall: Hall, changes: dict[str, str], code: str):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(InvalidInput, code):
        await sign_handover(hall.lender, signing(view.id, **changes))


async def test_signing_is_refused_when_there_is_nothing_to_sign_for(hall: Hall):
    view = await make_borrowing(hall, until="approved")
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await sign_handover(hall.lender, signing(view.id))
    await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))
    with expect_refusal(StateConflict, "borrowing.nothing_to_sign"):
        await sign_handover(hall.lender, signing(view.id, "return"))
    with expect_refusal(Forbidden, "role.required"):
        await sign_handover(hall.borrower, signing(view.id, keeper_name="李晓梅"))
    await sign_handover(hall.lender, signing(view.id))
    with expect_refusal(StateConflict, "borrowing.nothing_to_sign"):
        await sign_handover(hall.lender, signing(view.id))


async def test_the_desk_sees_how_it_is_collected_when_the_borrower_said_so(hall: Hall):
    wanted = Collection("delivery", day(1), "morning", "区文化馆一楼")
    view = await submit_borrowing(hall.borrower, application(hall.projector.id, collection=wanted))
    assert view.collection == wanted
    await approve(view.id, hall.approver, hall.lender)
    other = Collection("pickup", day(2), "afternoon")
    changed = await choose_collection(hall.approver, ChooseCollection(view.id, other))
    assert changed.collection == other
    assert (await borrowing_view(hall.lender, view.id)).collection == other
    with expect_refusal(Forbidden, "role.required"):
        await choose_collection(hall.lender, ChooseCollection(view.id, other))
    await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await choose_collection(hall.borrower, ChooseCollection(view.id, other))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (("delivery", 0, "morning"), "input.required"),
        (("pickup", -1, "morning"), "borrowing.collection_outside"),
        (("pickup", 3, "morning"), "borrowing.collection_outside"),
    ],
    ids=["no address", "before", "after"],
)
async def test_collection_is_refused_when_it_cannot_be(hall: Hall, wanted: tuple[str, int, str], code: str):
    way, offset, half = wanted
    collection = Collection(way, day(offset), half)
    with expect_refusal(InvalidInput, code):
        await submit_borrowing(hall.borrower, application(hall.projector.id, collection=collection))
    view = await make_borrowing(hall)
    with expect_refusal(InvalidInput, code):
        await choose_collection(hall.borrower, ChooseCollection(view.id, collection))
