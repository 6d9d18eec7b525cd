"""Loans by an office and to it, as things of the matrix."""

from server.approvals.queries import waiting_task_for
from server.assets.types import AssetView
from server.circulation.commands import (
    inspect_return,
    issue_by_code,
    open_listing,
    put_in_basket,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
)
from server.circulation.types import (
    BorrowingView,
    InspectReturn,
    IssueByCode,
    OpenListing,
    RenewBorrowing,
    ReturnByCode,
    WantedLine,
)
from server.identity.roles import Role
from server.kernel.actor import Actor
from tests.access.cards import card_facts, make_a_listing
from tests.access.world import Facts, Maker, Office, World
from tests.factories.assets import make_card
from tests.factories.circulation import application, approve, day, make_photograph
from tests.factories.identity import make_actor

# Loans by the office


async def make_a_loan(world: World, office: Office, until: str) -> tuple[AssetView, BorrowingView]:
    made, _ = await make_a_listing(world, office)
    view = await submit_borrowing(world.borrower, application(made.id))
    if until != "submitted":
        await _approve_all(world, office, view.id)
    if until in {"issued", "returned", "damaged"}:
        view = await issue_by_code(office.manager, IssueByCode(view.id, made.code, "李晓梅"))
    if until in {"returned", "damaged"}:
        view = await return_by_code(office.manager, ReturnByCode(made.code))
    if until == "damaged":
        wanted = InspectReturn(view.id, made.id, "damaged", "镜头碎裂", await make_photograph(office.manager))
        view = await inspect_return(office.manager, wanted)
    return made, view


async def _approve_all(world: World, office: Office, borrowing_id: str) -> None:
    await approve(borrowing_id, world.lender, office.operator)
    if office is world.offices["far"]:
        # Across districts the department above the borrower reviews too.
        await approve(borrowing_id, world.reviewer)


async def to_sign(world: World, office: Office) -> Facts:
    """A loan of the office that was handed out and not signed for."""
    made, view = await make_a_loan(world, office, "issued")
    return {**card_facts(office, made), "borrowing_id": view.id, "kind": "issue"}


def loan(until: str) -> Maker:
    async def make(world: World, office: Office) -> Facts:
        made, view = await make_a_loan(world, office, until)
        return {**card_facts(office, made), "borrowing_id": view.id}

    return make


# Loans to the office


async def make_an_application(world: World, applicant: Actor) -> BorrowingView:
    made = await make_card(world.lender, world.lender_room)
    await open_listing(world.lender, OpenListing(made.id, "自取自还", 30, "city"))
    return await submit_borrowing(applicant, application(made.id))


async def in_basket(world: World, office: Office) -> Facts:
    return await chosen(world, await make_actor("周小兰", office.unit, Role.BORROWER))


async def chosen(world: World, chooser: Actor) -> Facts:
    """Something that lies in the chooser's basket."""
    made = await make_card(world.lender, world.lender_room)
    await open_listing(world.lender, OpenListing(made.id, "自取自还", 30, "city"))
    await put_in_basket(chooser, WantedLine(made.id))
    return {"asset_id": made.id}


async def borrowed(world: World, office: Office) -> Facts:
    applicant = await make_actor("周小兰", office.unit, Role.BORROWER)
    return {"borrowing_id": (await make_an_application(world, applicant)).id}


async def out(world: World, office: Office) -> Facts:
    """What the office's own people have borrowed and collected."""
    return await taken_by(world, office, await make_actor("周小兰", office.unit, Role.BORROWER))


async def taken_by(world: World, office: Office, applicant: Actor) -> Facts:
    """What this person of the office has borrowed and collected."""
    view = await make_an_application(world, applicant)
    await approve(view.id, office.manager, world.lender)
    if office is world.offices["far"]:
        await approve(view.id, world.far_reviewer)
    line = view.lines[0]
    await issue_by_code(world.lender, IssueByCode(view.id, line.asset_code, "周小兰"))
    return {"borrowing_id": view.id, "applicant_id": view.applicant_id, "asset_id": line.asset_id}


async def renewing(world: World, office: Office) -> Facts:
    """The same, with a renewal that waits for its decision."""
    facts = await out(world, office)
    wanted = RenewBorrowing(facts["borrowing_id"], day(4), "展期延长")
    view = await renew_borrowing(office.manager, wanted)
    return {**facts, "renewal_id": view.renewals[0].id}


async def lent_longer(world: World, office: Office) -> Facts:
    """What the office lends, with a renewal that waits for its decision."""
    made, view = await make_a_loan(world, office, "issued")
    view = await renew_borrowing(world.borrower, RenewBorrowing(view.id, day(4), "展期延长"))
    return {**card_facts(office, made), "borrowing_id": view.id, "renewal_id": view.renewals[0].id}


async def task(world: World, office: Office) -> Facts:
    """The first step of an application of the office's own people."""
    facts = await borrowed(world, office)
    found = await waiting_task_for(office.manager, "borrowing", facts["borrowing_id"])
    assert found is not None
    return {"task_id": found.id}


async def consent(world: World, office: Office) -> Facts:
    """The step in which the office consents: what lies in an operator's warehouse is lent by operations."""
    _, view = await make_a_loan(world, office, "submitted")
    await approve(view.id, world.lender)
    found = await waiting_task_for(office.operator, "borrowing", view.id)
    assert found is not None
    return {"task_id": found.id}
