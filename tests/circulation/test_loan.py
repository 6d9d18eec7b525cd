"""One projector goes out and comes back."""

from server.assets.queries import history
from server.circulation.commands import (
    inspect_return,
    issue_by_code,
    mark_ready,
    return_by_code,
    submit_borrowing,
)
from server.circulation.queries import list_listings
from server.circulation.types import InspectReturn, IssueByCode, ReturnByCode
from tests.factories.circulation import application, approve, day, make_borrowing


async def test_projector_comes_home_when_everybody_does_their_part(hall):
    view = await submit_borrowing(hall.borrower, application(hall.projector.id))
    assert (view.number, view.state, view.can_withdraw) == (f"区文广旅体局借〔{day(0).year}〕1号", "submitted", True)
    assert [step.unit_name for step in view.chain.steps] == ["临平区文化和广电旅游体育局", "杭州市临平区卫生健康局"]

    await approve(view.id, hall.approver, hall.lender)
    ready = await mark_ready(hall.lender, view.id)
    assert (ready.state, ready.can_issue, ready.applicant_phone) == ("ready", True, "13805710001")

    issued = await issue_by_code(hall.lender, IssueByCode(None, hall.projector.code.lower(), "李晓梅"))
    assert (issued.state, issued.lines[0].issued_to, issued.can_return) == ("issued", "李晓梅", True)

    returned = await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    assert (returned.state, returned.can_inspect) == ("returned", True)

    closed = await inspect_return(hall.lender, InspectReturn(view.id, hall.projector.id, "intact"))
    assert closed.state == "closed"
    assert [event.name for event in closed.events] == ["提交申请", "审批通过", "备好待领", "领取", "归还", "办结"]
    assert closed.events[0].actor_name == "李晓梅"
    kinds = [event.kind for event in await history(hall.lender, hall.projector.id)]
    assert {"lent", "taken_back", "inspected"} <= set(kinds)


async def test_days_after_return_are_free_when_it_comes_back_early(hall):
    await make_borrowing(hall, 0, 5, until="issued")
    assert (await list_listings(hall.borrower)).items[0].free_from == day(6)
    await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    assert (await list_listings(hall.borrower)).items[0].free_from == day(1)
